"""How an incident opens, whoever opens it: an alert or a person. The policy is frozen, the runbook attached, the card
queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain import escalations as climbs
from domain import rooms as war_rooms
from domain import runbooks
from domain.directory import Directory
from domain.drills import marked
from domain.escalations import Escalation
from domain.incidents import Incident, Severity
from domain.people import TRIAGE, VIGIE, Service, Team
from domain.policies import Policy
from domain.rooms import Room
from domain.runbooks import Run
from domain.timeline import Entry, Event
from domain.updates import Occasion, hear_of_the_beginning
from handlers.rooms import wishes
from handlers.storms import cards, letters
from handlers.storms.letters import News
from storage import audit, catalog, escalations, incidents, outbox, runs, timeline
from storage.identifiers import new_id, new_short_id
from storage.outbox import HELD, Kind, Parcel, posts
from storage.store import Transaction

LONGEST_TITLE = 250
LONGEST_DESCRIPTION = 9000


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What whoever opens an incident says of it. `by` is a name for people; (`source`, `key`) name it for good: of
    two with one key, one is open. `received_at` is when its first alert came in. A drill takes place in `channel`, and
    its time passes `speed` times faster."""

    title: str
    description: str
    severity: Severity
    service: Service
    source: str
    by: str
    key: str = ""
    url: str = ""
    detected_at: datetime
    received_at: datetime | None = None
    is_drill: bool = False
    channel: str = ""
    speed: int = 1


@dataclass(frozen=True, slots=True)
class Opening:
    """A new incident with everything that must be kept with it."""

    incident: Incident
    entries: tuple[Entry, ...]
    climb: Escalation | None
    run: Run | None
    room: Room | None = None
    told: tuple[str, ...] = ()
    """Who hears of it by e-mail."""


def opening(draft: Draft, directory: Directory, now: datetime, said: Mapping[str, str | int]) -> Opening:
    """The incident that `draft` opens; `said` is what the record keeps of where it comes from."""
    team = directory.teams.get(draft.service.team)
    policy = directory.policy_for(draft.service.team, draft.severity)
    incident = _incident(draft, team, policy, now)
    fitting = directory.runbooks_for(incident.service, incident.severity)
    run = runbooks.start(new_id(), incident.id, fitting[0], now, draft.speed) if len(fitting) == 1 else None
    details = dict(said)
    entries = []
    if policy:
        details |= {"policy": policy.name, "policy_version": policy.version}
    else:
        entries.append(_entry(incident, Event.POLICY_MISSING, draft.by, {"team": team.name if team else ""}))
    if run:
        details |= {"runbook": run.runbook.title, "runbook_version": run.runbook.version}
    elif fitting:
        titles = ", ".join(book.title for book in fitting)
        entries.append(_entry(incident, Event.RUNBOOK_CHOICE, draft.by, {"runbooks": titles}))
    entries.append(_entry(incident, Event.CREATED, draft.by, details))
    climb = climbs.begin(incident, policy, draft.speed) if policy else None
    room = war_rooms.wanted(incident) if war_rooms.is_wanted(incident, directory) else None
    return Opening(incident, tuple(entries), climb, run, room, hear_of_the_beginning(incident, directory))


def _incident(draft: Draft, team: Team | None, policy: Policy | None, now: datetime) -> Incident:
    return Incident(
        id=new_id(),
        short_id=new_short_id(),
        title=(marked(draft.title) if draft.is_drill else draft.title)[:LONGEST_TITLE],
        description=draft.description[:LONGEST_DESCRIPTION],
        severity=draft.severity,
        service=draft.service.id,
        team=draft.service.team,
        source=draft.source,
        group_key=draft.key,
        url=draft.url,
        channel=draft.channel or (team.channel if team else ""),
        policy_version=policy.version_id if policy else "",
        detected_at=draft.detected_at,
        created_at=now,
        received_at=draft.received_at,
        is_drill=draft.is_drill,
    )


def _entry(incident: Incident, event: Event, by: str, details: dict[str, str | int]) -> Entry:
    return Entry(incident=incident.id, at=incident.created_at, event=event, by=by, details=details)


def keep(tx: Transaction, openings: Sequence[Opening]) -> None:
    """Keep new incidents with all that belongs to them, and queue their cards."""
    incidents.add(tx, [opened.incident for opened in openings])
    escalations.add(tx, [opened.climb for opened in openings if opened.climb])
    runs.add(tx, [opened.run for opened in openings if opened.run])
    said = [(opened.incident, entry) for opened in openings for entry in opened.entries]
    ids = timeline.add(tx, [entry for _, entry in said])
    now = max((opened.incident.created_at for opened in openings), default=None)
    held = cards.hold(tx, [opened.incident for opened in openings], now) if now else set()
    parcels = [cards.card(opened.incident, opened.incident.id in held) for opened in openings]
    parcels += [
        _loud_line(incident, name)
        for (incident, entry), name in zip(said, ids, strict=True)
        if entry.event is Event.POLICY_MISSING
    ]
    outbox.put_new(tx, parcels)
    if now:
        wishes.add(tx, [(one.incident, one.room) for one in openings if one.room], now)
        letters.write(tx, [News(one.incident, Occasion.OPENING, one.told) for one in openings], now)


def _loud_line(incident: Incident, entry: str) -> Parcel:
    """What the thread must say aloud as soon as there is a card: that nobody will be paged."""
    return Parcel(kind=Kind.LINE, incident=incident.id, subject=entry, due_at=HELD, lane=posts(incident.channel))


def with_triage(tx: Transaction, now: datetime) -> Directory:
    """The catalog, with a service for what nobody declared: the first team's, so that somebody sees it."""
    directory = catalog.directory(tx)
    if directory.service_by_name(TRIAGE) is None:
        made = Service(id=new_id(), name=TRIAGE, team=min(directory.teams, default=""))
        catalog.put_service(tx, made)
        audit.record(tx, VIGIE, "service.add", f"service {TRIAGE}", None, {"name": TRIAGE, "team": made.team}, now)
        catalog.touch(tx)
        directory = catalog.directory(tx)
    return directory


def triage(directory: Directory, team: Team | None = None) -> Service:
    """The triage service of a catalog that has one, in the hands of `team`, else of its own.

    Made before there was any team, it belongs to the first that came.
    """
    found = directory.service_by_name(TRIAGE)
    assert found is not None
    owner = team or directory.teams.get(found.team)
    return replace(found, team=owner.id if owner else min(directory.teams, default=""))
