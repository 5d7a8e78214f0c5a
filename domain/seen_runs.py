"""Which run a button or a form is about, and the version of its runbook that its reader sees: another may be put in
its place before they click. Pure."""

from __future__ import annotations

from domain.errors import Conflict
from domain.runbooks import Run


def as_seen(run: Run) -> str:
    """What a row of buttons or a form carries of `run`."""
    return f"{run.id}@{run.runbook.version_id}"


def seen(text: str) -> tuple[str, str]:
    """The run's id and the version that such a text names; the version is "" in those of an earlier Vigie."""
    run, _, version = text.partition("@")
    return run, version


def require_seen(run: Run, version: str) -> None:
    """Raises Conflict when somebody saw another version than that of `run`."""
    if version not in ("", run.runbook.version_id):
        raise Conflict("another runbook was put in the place of this one: read its steps in the thread")
