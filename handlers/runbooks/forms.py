"""Pure: what the runbook editor's modals send, turned into arguments. Nothing in it is taken on trust.

Text is kept as the files keep it, so that what is exported can be loaded again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.drafts import MOST_MINUTES
from domain.incidents import Severity
from domain.runbook_drafts import LONGEST_STEP_TITLE, LONGEST_TEXT, LONGEST_TITLE
from domain.runbooks import RunbookStep
from handlers import fields
from handlers.forms import storable

Body = Mapping[str, Any]
EVERY = "every"
"""The value of "every severity" and of "every service" in their menus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What stands above the steps. `service` is a service's id, "" for every service."""

    title: str
    description: str
    service: str
    severity: Severity | None
    is_active: bool
    four_eyes: bool

    def said(self) -> dict[str, Any]:
        """As the fields of a runbook."""
        return {
            "title": self.title,
            "description": self.description,
            "service": self.service,
            "severity_filter": self.severity,
            "is_active": self.is_active,
            "four_eyes": self.four_eyes,
        }


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a form names it: where Slack keeps it, and what it is called."""

    name: str
    url: str
    size: int


def header(body: Body) -> Header:
    """What stands above the steps."""
    state = fields.state(body)
    boxes = fields.boxes(state, "flags")
    severity = fields.one(state, "severity")
    service = fields.one(state, "service")
    return Header(
        title=_line(state, "title")[:LONGEST_TITLE].strip(),
        description=_lines(state, "description"),
        service="" if service == EVERY else service,
        severity=Severity(severity) if severity in list(Severity) else None,
        is_active="active" in boxes,
        four_eyes="four_eyes" in boxes,
    )


def step(body: Body) -> RunbookStep:
    """What the form of a step says; its number is the editor's to give."""
    state = fields.state(body)
    boxes = fields.boxes(state, "flags")
    items = (" ".join(item.split()) for item in _lines(state, "checklist").split("\n"))
    return RunbookStep(
        order=0,
        title=_line(state, "title")[:LONGEST_STEP_TITLE].strip(),
        description=_lines(state, "description"),
        checklist=tuple(_BOX.sub("", item) for item in items if _BOX.sub("", item)),
        command=_lines(state, "command"),
        expected_duration=fields.number(state, "duration", MOST_MINUTES),
        is_critical="critical" in boxes,
        requires_confirmation="confirmation" in boxes,
        rollback_instructions=_lines(state, "rollback"),
    )


_BOX = re.compile(r"^(?:[-*] )?(?:\[[ xX]?\] ?|☐ ?)|^[-*] ")
"""What people put before the lines of a checklist."""


def pasted(body: Body) -> str:
    """The YAML that was pasted, as it was."""
    return storable(str(fields.state(body).get("text", {}).get("value") or ""))


def upload(body: Body) -> Upload | None:
    """The file that was chosen, when one was."""
    files = fields.state(body).get("file", {}).get("files") or ()
    first = next(iter(files), None)
    if not isinstance(first, Mapping):
        return None
    size = first.get("size")
    url = str(first.get("url_private_download") or first.get("url_private") or "")
    name = " ".join(storable(str(first.get("name") or "file")).split())[:100]
    return Upload(name, url, size if isinstance(size, int) else 0)


def _line(state: fields.State, name: str) -> str:
    return " ".join(_lines(state, name).split())


def _lines(state: fields.State, name: str) -> str:
    said = storable(str(state.get(name, {}).get("value") or ""))
    tidy = said[:LONGEST_TEXT]
    return tidy.strip("\n").rstrip() if tidy.strip() else ""
