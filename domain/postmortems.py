"""What was learned from an incident: due when a step of the policy says so, drafted from what is known, kept in
versions. Pure; `now` is an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from domain.errors import Conflict, Fault, Invalid, Outdated
from domain.incidents import Incident
from domain.people import Actor
from domain.policies import Policy
from domain.timeline import Entry, Event

SECTIONS = ("summary", "impact", "root_cause", "went_well", "to_change")
"""What people write; the rest is known."""
LONGEST = 3000
"""Characters of a section: what one field of a Slack modal takes."""


class PostmortemState(StrEnum):
    """How far a post-mortem has come."""

    DUE = "due"
    DRAFT = "draft"
    PUBLISHED = "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class Postmortem:
    """One incident's, as it was last saved. `version` counts from 1; 0 is what nobody has written yet."""

    incident: str
    state: PostmortemState = PostmortemState.DUE
    version: int = 0
    summary: str = ""
    impact: str = ""
    root_cause: str = ""
    went_well: str = ""
    to_change: str = ""
    by: str = ""
    at: datetime | None = None

    @property
    def sections(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in SECTIONS}


def is_called_for(policy: Policy | None, entries: Iterable[Entry]) -> bool:
    """Whether a step marked `requires_postmortem` has fired (the guide's rule)."""
    marked = {step.order for step in policy.live_steps if step.requires_postmortem} if policy else set()
    fired = {int(entry.details.get("step", 0)) for entry in entries if entry.event is Event.ESCALATED}
    return bool(marked & fired)


def drafted(incident: Incident) -> Postmortem:
    """What can be said before anybody has written a word."""
    told = "\n\n".join(part for part in (incident.title, incident.description, incident.resolution_note) if part)
    return Postmortem(incident=incident.id, summary=told[:LONGEST], root_cause=incident.root_cause[:LONGEST])


def saved(
    before: Postmortem, seen: int, said: Mapping[str, str], actor: Actor, now: datetime, *, is_published: bool
) -> Postmortem:
    """The next version. Raises Outdated when `seen` is not the last one, Invalid by field."""
    if seen != before.version:
        raise Outdated(f"{before.by or 'somebody'} changed this post-mortem meanwhile: it is v{before.version} now")
    faults = [
        Fault(name, f"is longer than {LONGEST} characters") for name in SECTIONS if len(said.get(name, "")) > LONGEST
    ]
    if is_published and not said.get("summary", "").strip():
        faults.append(Fault("summary", "say what happened before it is published"))
    if faults:
        raise Invalid(faults)
    state = PostmortemState.PUBLISHED if is_published else PostmortemState.DRAFT
    written = {name: said.get(name, "").strip() for name in SECTIONS}
    return replace(before, state=state, version=before.version + 1, by=actor.name, at=now, **written)


def require_over(incident: Incident) -> None:
    """Raises Conflict while the incident goes on: nobody writes about a fire that burns."""
    if incident.is_open:
        raise Conflict(f"{incident.short_id} is still open: resolve it first")
