"""War rooms brought in step with their incidents, one call of Slack's after the other. Each is written down before the
next, and each may be done again: a process that dies between any two leaves the rest to the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from blocks import rooms as looks
from blocks import timeline as lines
from blocks.kit import Message
from bot.engine import room_records as records
from bot.engine.context import Context, load
from bot.engine.delivered import CardMissing, Delivered
from bot.engine.rendering import Renderer
from bot.engine.transports import Transports
from bot.notifiers.base import MessageGone, MessageLocked, Posted
from domain import rooms as rules
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.responses import Response
from domain.rooms import Room, RoomState, Step, Wish
from storage import rooms
from storage.messages import Place
from storage.outbox import Parcel
from storage.store import Store, Transaction

MOST_STEPS = 25
PATIENT_ATTEMPTS = 3
"""A channel that Slack has just made may not be in its lists yet: so often it is looked for again."""
_PASSING = frozenset({"team_added_to_org", "message_limit_exceeded"})
"""Refusals that may be none in a moment."""
_GONE = frozenset({"is_archived", "channel_not_found", "is_inactive"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A room as it is, how it is to be, and the parcel that had it looked at."""

    room: Room
    wish: Wish
    incident: Incident
    context: Context
    parcel: Parcel


class WarRooms:
    """Makes, furnishes, fills, archives."""

    def __init__(self, store: Store, to: Transports, renderer: Renderer, clock: Clock) -> None:
        self._store = store
        self._slack, self._channels, self._addresses = to.slack, to.rooms, to.addresses
        self._words = renderer
        self._clock = clock
        self._steps: dict[Step, Callable[[Seen], Awaitable[None]]] = {
            Step.CREATE: self._create,
            Step.TOPIC: self._topic,
            Step.CARD: self._card,
            Step.PIN: self._pin,
            Step.INVITE: self._invite,
            Step.BOOKMARK: self._bookmark,
            Step.SUMMARY: self._summary,
            Step.ARCHIVE: self._archive,
            Step.FORGET: self._forget,
        }

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Do for a room all that is to be done now. Raises DeliveryError when Slack can't do it for the moment; what it
        refuses for good is said in the thread, and the rest goes on."""
        came_back = False
        for _ in range(MOST_STEPS):
            seen = await self._store.read(lambda tx: self._look(tx, parcel))
            step = rules.following(seen.room, seen.wish, self._clock.now()) if seen else None
            if seen is None or step is None:
                if seen:
                    await self._rest(seen)
                return Delivered()
            try:
                await self._steps[step](seen)
            except DeliveryError as error:
                if not error.code or error.is_outage or error.code in _PASSING:
                    raise
                came_back = await self._refused(step, seen, error, came_back)
        return Delivered(is_partial=True)

    async def refresh(self, context: Context, incident: Incident) -> Delivered:
        """Bring the card in the room up to date; that of an incident that is over is brought to its last state before
        the room is archived."""
        place, room = context.places.get(f"room:{incident.id}"), context.rooms.get(incident.id)
        if place is None or room is None or place.channel != room.channel or not (room.is_live and incident.is_open):
            return Delivered()
        await self._update(place, self._words.room_card(context, incident, self._clock.now()))
        return Delivered(place.ts)

    async def say(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Say in the room what the timeline's entry says; it waits for a room that is being made."""
        incident = context.incidents[parcel.incident]
        room, entry = context.rooms.get(incident.id), context.entries.get(parcel.subject)
        said = lines.thread_line(entry, self._words.locale(context, incident)) if entry else None
        if room is None or not room.is_live or said is None:
            return Delivered()
        if not room.channel:
            raise CardMissing
        try:
            posted = await self._post_once(room.channel, parcel.key, said, since)
        except DeliveryError as error:
            if error.code in _GONE:
                return Delivered()
            raise
        return Delivered(posted.ts)

    def _look(self, tx: Transaction, parcel: Parcel) -> Seen | None:
        room = rooms.look_up(tx, parcel.incident)
        if room is None:
            return None
        context = load(tx, [parcel], self._clock.now())
        incident = context.incidents[parcel.incident]
        if incident.duplicate_of:
            context.rooms.update(rooms.by_incidents(tx, [incident.duplicate_of]))
        return Seen(room, self._wish(context, incident), incident, context, parcel)

    def _wish(self, context: Context, incident: Incident) -> Wish:
        now, directory = self._clock.now(), context.directory
        team = directory.teams.get(incident.team)
        drill = context.drills.get(incident.id)
        cast = tuple(directory.people[one] for one in drill.participants if one in directory.people) if drill else None
        people, slack = (cast, "") if cast is not None else rules.belonging(incident, directory, now)
        target = _bookmarked(context, incident)
        return Wish(
            people=rules.addresses(people, slack),
            topic=self._words.topic(context, incident, now),
            bookmarked=f"{target.channel} {target.ts} {_runbook(context, incident)}" if target else "",
            archive_at=rules.archive_at(incident, team.response if team else Response()),
        )

    async def _rest(self, seen: Seen) -> None:
        """Look again when it is to be archived."""
        at, now = seen.wish.archive_at, self._clock.now()
        if seen.room.is_live and at is not None and at > now and seen.room.wake_at != at:
            await self._keep(replace(seen.room, wake_at=at), "wake_at")

    async def _refused(self, step: Step, seen: Seen, error: DeliveryError, came_back: bool) -> bool:
        """Somebody took Vigie out of the room: it comes back, once. Somebody archived it: it is left. Anything else is
        not tried again unless somebody asks. Answers whether it has come back."""
        room = seen.room
        if error.code == "not_in_channel" and room.channel and not came_back:
            with suppress(DeliveryError):
                await self._channels.join(room.channel)
                return True
        now = self._clock.now()
        if room.channel and error.code in _GONE:
            await self._store.write(lambda tx: records.lost(tx, room, seen.incident, now))
        else:
            await self._store.write(lambda tx: records.refused(tx, room, step, seen.incident, error, now))
        return came_back

    async def _keep(self, room: Room, *names: str) -> None:
        await self._store.write(lambda tx: rooms.save(tx, room, *names))

    async def _create(self, seen: Seen) -> None:
        room, found = seen.room, ""
        if room.is_begun:
            # Slack was asked before: whoever asked may have died with the answer.
            found = await self._channels.own(room.name)
        else:
            await self._keep(replace(room, is_begun=True), "is_begun")
        if not found and seen.wish.archive_at is not None:
            await self._forget(seen)
            return
        try:
            found = found or await self._channels.create(room.name)
        except DeliveryError as error:
            await self._rename(seen, error)
            return
        now = self._clock.now()
        await self._store.write(lambda tx: records.opened(tx, room, found, seen.incident, now))

    async def _rename(self, seen: Seen, error: DeliveryError) -> None:
        """Another name, when it is the name that Slack refuses."""
        room, plain = seen.room, rules.plain_name(seen.incident)
        if error.code.startswith("invalid_name") and room.name != plain:
            other = replace(room, name=plain, is_begun=False)
        elif error.code == "name_taken":
            if room.is_begun and seen.parcel.attempts <= PATIENT_ATTEMPTS:
                raise DeliveryError("Slack does not list the new channel yet", permanent=False)
            other = rules.renamed(room, seen.incident)
        else:
            raise error
        await self._keep(other, "name", "taken", "is_begun")

    async def _topic(self, seen: Seen) -> None:
        await self._channels.set_topic(seen.room.channel, seen.wish.topic)
        await self._keep(replace(seen.room, topic=seen.wish.topic), "topic")

    async def _card(self, seen: Seen) -> None:
        key, said = _key(seen.incident), self._words.room_card(seen.context, seen.incident, self._clock.now())
        posted = await self._post_once(seen.room.channel, key, said, self._since(seen.room))
        place = Place(key, seen.incident.id, posted.channel, posted.ts)
        await self._store.write(lambda tx: records.carded(tx, seen.room, place))

    async def _pin(self, seen: Seen) -> None:
        place = seen.context.places[_key(seen.incident)]
        await self._channels.pin(Posted(place.channel, place.ts))
        await self._keep(replace(seen.room, is_pinned=True), "is_pinned")

    async def _invite(self, seen: Seen) -> None:
        wanted = rules.missing(seen.room, seen.wish)
        users: dict[str, None] = {}
        refused: dict[str, str] = {}
        for address in wanted:
            try:
                users[await self._addresses.user(address)] = None
            except DeliveryError as error:
                if not error.permanent:
                    raise
                # Without Slack's word for it, it is a drill's gate that keeps them out.
                refused |= {address: error.code} if error.code else {}
        refused |= await self._channels.invite(seen.room.channel, list(users)) if users else {}
        now = self._clock.now()
        room = replace(seen.room, invited=(*seen.room.invited, *wanted))
        await self._store.write(
            lambda tx: records.invited(tx, room, refused, seen.incident, seen.context.directory, now)
        )

    async def _bookmark(self, seen: Seen) -> None:
        target = _bookmarked(seen.context, seen.incident)
        assert target is not None
        link = await self._channels.permalink(Posted(target.channel, target.ts))
        title = looks.bookmark(_runbook(seen.context, seen.incident), self._words.locale(seen.context, seen.incident))
        known = await self._channels.bookmark(seen.room.channel, title, link, seen.room.bookmark)
        room = replace(seen.room, bookmark=known, bookmarked=seen.wish.bookmarked)
        await self._keep(room, "bookmark", "bookmarked")

    async def _summary(self, seen: Seen) -> None:
        now, key = self._clock.now(), _key(seen.incident)
        place = seen.context.places.get(key)
        if place and place.channel == seen.room.channel:
            await self._update(place, self._words.room_card(seen.context, seen.incident, now))
        said = self._words.room_ending(seen.context, seen.incident, now)
        await self._post_once(seen.room.channel, f"{key}:end", said, self._since(seen.room))
        await self._keep(replace(seen.room, is_summed_up=True), "is_summed_up")

    async def _archive(self, seen: Seen) -> None:
        await self._channels.archive(seen.room.channel)
        now = self._clock.now()
        await self._store.write(lambda tx: records.archived(tx, seen.room, seen.incident, now))

    async def _forget(self, seen: Seen) -> None:
        await self._keep(replace(seen.room, state=RoomState.ARCHIVED), "state")

    async def _post_once(self, channel: str, key: str, said: Message, since: datetime) -> Posted:
        """A message that is there at most once: whoever posted it before may have died with the answer."""
        found = await self._slack.find(channel, key, since)
        return found or await self._slack.post(channel, said.text, said.blocks, key=key)

    async def _update(self, place: Place, said: Message) -> None:
        with suppress(MessageGone, MessageLocked):
            await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=place.key)

    def _since(self, room: Room) -> datetime:
        """The world's time before which nothing can have been posted in a room."""
        return self._clock.to_wall(room.opened_at or self._clock.now()) - timedelta(minutes=1)


def _key(incident: Incident) -> str:
    return f"room:{incident.id}"


def _bookmarked(context: Context, incident: Incident) -> Place | None:
    """The message that the bookmark leads to: the runbook's, else the card; None while it is not there yet."""
    run = context.runs.get(incident.id)
    return context.places.get(f"run:{run.id}" if run else f"card:{incident.id}")


def _runbook(context: Context, incident: Incident) -> str:
    run = context.runs.get(incident.id)
    return run.runbook.title if run else ""
