"""Post-mortems and their actions when time has gone by: people are reminded. And the file in the thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from blocks import postmortems as looks
from blocks.postmortem_document import document
from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.thread_files import ThreadFile, put
from bot.notifiers.base import Chat
from domain import postmortems as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.escalations import address_of
from domain.incidents import Incident
from domain.notices import Notice, NoticeKind
from domain.policies import Channel
from domain.postmortems import Action, Postmortem
from handlers.postmortems.reading import record_of
from storage import catalog, homes, incidents, notices, postmortem_actions, postmortems
from storage.messages import Place
from storage.outbox import Parcel
from storage.store import Store, Transaction, serialise

MOST_AT_ONCE = 100


class Reminders:
    """Reminds on the day, then every week, until it is done. `stir` is called when somebody has to be told."""

    def __init__(self, store: Store, clock: Clock, stir: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._stir = stir

    def next_wake(self, tx: Transaction) -> datetime | None:
        """When somebody is to be reminded next."""
        moments = (postmortems.next_wake(tx), postmortem_actions.next_wake(tx))
        return min((moment for moment in moments if moment is not None), default=None)

    async def fire(self) -> None:
        """Remind of what is due, and say when again, in one transaction: a process that dies leaves neither."""
        await self._store.write(lambda tx: remind(tx, self._clock.now()))
        self._stir()


def remind(tx: Transaction, now: datetime) -> None:
    """Queue the reminders that are due at `now`."""
    serialise(tx, "reminders")
    owed, promised = postmortems.due(tx, now, MOST_AT_ONCE), postmortem_actions.due(tx, now, MOST_AT_ONCE)
    if not owed and not promised:
        return
    directory = catalog.directory(tx)
    found = incidents.by_ids(tx, {*(one.incident for one in owed), *(one.incident for one in promised)})
    said: list[Notice] = []
    for one in owed:
        incident = found[one.incident]
        after = rules.reminded(one, now, _zone(incident, directory))
        postmortems.save(tx, after)
        said += _of_postmortem(after, incident, directory)
    for action in promised:
        incident = found[action.incident]
        nudged = rules.reminded(action, now, _zone(incident, directory))
        postmortem_actions.save(tx, nudged)
        said += _of_action(nudged, incident, directory)
    channels = {team.id: team.channel for team in directory.teams.values()}
    notices.tell(tx, said, now, channels)
    homes.refresh(tx, now)


def _of_postmortem(one: Postmortem, incident: Incident, directory: Directory) -> list[Notice]:
    details = _about(incident) | {"until": one.due_on.isoformat() if one.due_on else ""}
    people = rules.readers(incident, directory)
    return _told(NoticeKind.POSTMORTEM_DUE, f"{incident.id}:{one.reminders}", people, incident, directory, details)


def _of_action(one: Action, incident: Incident, directory: Directory) -> list[Notice]:
    """Its owner; whoever leads the team when the owner is gone."""
    until = one.due_on.isoformat()
    details = _about(incident) | {"action": one.id, "text": one.text, "until": until}
    owner, team = directory.people.get(one.owner), directory.teams.get(incident.team)
    people = (one.owner,) if owner and owner.is_active else (team.lead,) if team and team.lead else ()
    key = f"{one.id}:{until}:{one.reminders}"
    return _told(NoticeKind.ACTION_DUE, key, people, incident, directory, details)


def _about(incident: Incident) -> dict[str, str]:
    return {"incident": incident.id, "short_id": incident.short_id, "title": incident.title[:200]}


def _told(
    kind: NoticeKind,
    key: str,
    people: Sequence[str],
    incident: Incident,
    directory: Directory,
    details: dict[str, str],
) -> list[Notice]:
    """A direct message to each whom Slack knows; when it knows none of them, the team's channel is told."""
    known = [directory.people[one] for one in people if one in directory.people]
    reached = [one.id for one in known if address_of(one, Channel.SLACK)]
    if reached:
        return [notices.notice(kind, f"{key}:{one}", person=one, details=details) for one in reached]
    team = directory.teams.get(incident.team)
    if team is None or not team.channel:
        return []
    return [notices.notice(kind, f"{key}:", team=team.id, details=details)]


def _zone(incident: Incident, directory: Directory) -> str:
    team = directory.teams.get(incident.team)
    return team.on_call.timezone if team else "UTC"


class PostmortemFiles:
    """Puts published post-mortems in their incidents' threads. `locale` is for teams that have none."""

    def __init__(self, store: Store, slack: Chat, clock: Clock, locale: str) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock
        self._locale = locale

    async def take_out(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Put the version that `parcel` names under its incident's card. Raises as `deliver`."""
        return Delivered(await self.deliver(parcel, context.places.get(f"card:{parcel.incident}"), since))

    async def deliver(self, parcel: Parcel, card: Place | None, since: datetime) -> str:
        """Put the version that `parcel` names under `card`; the file's id. Raises DeliveryError, CardMissing.

        `since` is the world's time before which it can't have gone out.
        """
        return await put(self._slack, parcel, card, since, lambda: self._made(parcel))

    async def _made(self, parcel: Parcel) -> ThreadFile:
        number = int(parcel.subject.rpartition(":")[2])
        record = await self._store.read(
            lambda tx: record_of(tx, incidents.look_up(tx, parcel.incident), self._clock.now(), number)
        )
        team = record.directory.teams.get(record.incident.team)
        locale = (team.locale if team else "") or self._locale
        name = f"postmortem-{record.incident.short_id}-v{number}.md"
        return ThreadFile(name, document(record, locale), looks.file_message(record, locale), locale)
