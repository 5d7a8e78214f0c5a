"""Datadog's webhook (docs.datadoghq.com, integrations/webhooks): a template whose variables the user picks.

Datadog's own default has no transition and no key: then the title's first brackets say the one, and where it is; that
and the rest of the title are the other. docs/intake.md has the template that says everything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from domain.alerts import Alert, AlertGroup, short
from domain.errors import Invalid
from domain.severity_words import clearest
from handlers.alerts.parsers.reading import LONGEST_TEXT, MOST_LABELS, Reader

SOURCE = "datadog"
_BRACKETS = re.compile(r"\s*\[([^\]\[]+)\]\s*")
_PRIORITY = re.compile(r"p[1-5]|test|monitor test", re.IGNORECASE)
_ENDS = ("recovered", "success", "ok", "resolved")
_TRANSITIONS = (*_ENDS, "triggered", "re-triggered", "warn", "re-warn", "no data", "re-no data", "alert", "renotify")
_PRIORITIES = {"p1": "SEV1", "p2": "SEV2", "p3": "SEV3", "p4": "SEV4", "p5": "SEV4"}
_WORDS = {"warn": "warning", "re-warn": "warning", "no data": "warning", "re-no data": "warning"}
_GONE_BY = ("service", "severity", "team")
_TYPES = {"error": "critical", "warning": "warning", "info": "info"}


def parse(_: Mapping[str, str], body: object) -> AlertGroup:
    """The group of one that `body` is. Raises Invalid with every field that is wrong."""
    sent = Reader(body)
    written = sent.text("title", "alert_title", "event_title", required=True, limit=1000)
    status, where, title = _parted(written)
    kind = sent.text("type", "alert_type").strip().lower()
    transition = (
        _said(sent.text("transition", "alert_transition")) or status or ("success" if kind == "success" else "")
    )
    transition = transition.strip().lower()
    tags = _tags(where) | _tags(sent.texts("tags")) | _tags(sent.texts("scope", "alert_scope"))
    key = _said(sent.key("cycle_key", "alert_cycle_key", "aggreg_key"))
    key = key or "/".join(
        part for part in (_said(sent.text("alert_id")), sent.text("scope", "alert_scope") or where, title) if part
    )
    labels = {**tags, "alertname": title, "host": sent.text("host", "hostname", "host_name") or tags.get("host", "")}
    labels["severity"] = _severity(sent, transition, kind, tags)
    if sent.faults:
        raise Invalid(sent.faults)
    alert = Alert(
        source=SOURCE,
        fingerprint=short(key),
        started_at=sent.moment("date", "last_updated"),
        is_firing=transition not in _ENDS,
        title=title,
        description=sent.text("body", "event_msg", "text", "text_only_msg", "alert_message")
        .removeprefix("%%%")
        .removesuffix("%%%")
        .strip(),
        url=sent.text("link", "url", "event_url", "alert_url"),
        labels={name: value for name, value in labels.items() if value},
    )
    return AlertGroup(source=SOURCE, key=alert.fingerprint, alerts=(alert,), title=title, labels=alert.labels)


def _said(written: str) -> str:
    """What a variable of the template became; of one that has nothing to say its name is left, or `null`."""
    return "" if written.startswith("$") or written.strip().lower() in ("null", "none") else written


def _parted(written: str) -> tuple[str, str, str]:
    """ "Triggered", "host:web-1" and "CPU is high" of "[P1] [Triggered on {host:web-1}] CPU is high". Brackets that say
    something else are the title's own."""
    status, where, rest = "", "", written
    while brackets := _BRACKETS.match(rest):
        said, _, place = brackets[1].partition(" on {")
        said = said.strip()
        if not status and said.lower() in _TRANSITIONS:
            status, where = said, place.strip().removesuffix("}")
        elif not _PRIORITY.fullmatch(said):
            break
        rest = rest[brackets.end() :]
    return status, where, rest.strip() or written


def _severity(sent: Reader, transition: str, kind: str, tags: Mapping[str, str]) -> str:
    priority = sent.text("priority", "alert_priority").strip().lower()
    said = (_said(sent.text("severity")), _said(tags.get("severity", "")))
    return clearest([*said, _PRIORITIES.get(priority, ""), _WORDS.get(transition, ""), _TYPES.get(kind, "")])


def _tags(written: str) -> dict[str, str]:
    """Tags as labels: `env:prod,service:web,monitor`."""
    pairs = [tag.strip().partition(":") for tag in written.split(",")]
    # They come by the alphabet: what Vigie goes by may be behind very many.
    pairs = [*pairs[:MOST_LABELS], *(one for one in pairs[MOST_LABELS:] if one[0] in _GONE_BY)]
    return {name[:200]: value[:LONGEST_TEXT] or "true" for name, _, value in pairs if name}
