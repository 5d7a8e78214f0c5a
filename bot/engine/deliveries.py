"""One parcel out: which transport, which place, which words. What fails raises DeliveryError; nothing retries here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from blocks import incidents as looks
from blocks import timeline
from blocks.kit import Message
from bot.engine import locked_cards, run_messages
from bot.engine.context import Context
from bot.engine.delivered import CardMissing, Delivered
from bot.engine.discord import Discord
from bot.engine.homes import Homes
from bot.engine.lost_answers import posted_already
from bot.engine.notices import Notices
from bot.engine.personal import Personal
from bot.engine.private_pages import PrivatePages, found_in_time, require_wanted
from bot.engine.rendering import Renderer
from bot.engine.rooms import WarRooms
from bot.engine.telephone import Telephone
from bot.engine.threads import is_in_another_thread, is_own_channel
from bot.engine.transports import Transports
from bot.notifiers.base import MessageGone, MessageLocked, Posted
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.incidents import Incident
from domain.notifications import Notification
from domain.policies import Channel
from domain.webhooks import is_webhook
from storage.messages import Place
from storage.outbox import Kind, Parcel

Delivery = Callable[[Parcel, Context, datetime], Awaitable[Delivered]]


class Deliveries:
    """Sends parcels; those of some kinds are `others`'. `mail_domain` is what Message-IDs end with."""

    def __init__(
        self,
        transports: Transports,
        renderer: Renderer,
        homes: Homes,
        notices: Notices,
        personal: Personal,
        rooms: WarRooms,
        telephone: Telephone,
        others: Mapping[Kind, Delivery],
        clock: Clock,
        mail_domain: str,
    ) -> None:
        self._homes = homes
        self._notices = notices
        self._personal = personal
        self._telephone = telephone
        self._rooms = rooms
        self._others = others
        self._slack = transports.slack
        self._addresses = transports.addresses
        self._words = renderer
        self._private = PrivatePages(transports, renderer, clock, mail_domain)
        self._discord = Discord(transports.discord, renderer)
        self._clock = clock

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one parcel as things are now. `since` is the world's time before which it can't have gone out.

        Raises DeliveryError, CardMissing when there is no card yet to hang it under, or NoLongerWanted.
        """
        if parcel.kind is Kind.HOME:
            place = await self._homes.publish(parcel.subject, parcel.attempts)
            return Delivered(place.ts, (place,))
        if parcel.kind is Kind.NOTICE:
            told = await self._notices.deliver(parcel, since)
            return Delivered(told.ts, (told,)) if told else Delivered()
        if parcel.kind is Kind.CODE or parcel.kind is Kind.TRIAL or parcel.kind is Kind.REPLY:
            return Delivered(await self._personal.send(parcel, since))
        if other := self._others.get(parcel.kind):
            return await other(parcel, context, since)
        incident = context.incidents[parcel.incident]
        match parcel.kind:
            case Kind.CARD:
                return await self._card(parcel, context, incident, since)
            case Kind.PAGE:
                return await self._page(parcel, context, incident, since)
            case Kind.COPY:
                return await self._copy(parcel, context, incident)
            case Kind.RUN | Kind.STEP | Kind.APPROVAL | Kind.ROLLBACK | Kind.OVERDUE:
                return await self._of_run(parcel, context, incident, since)
            case Kind.LINE:
                return await self._line(parcel, context, incident, since)
            case Kind.SUMMARY:
                said = self._words.summary(context, incident, self._clock.now())
                return await self._reply(parcel, context, incident, said, since, broadcast=True)
            case _:
                return await self._word(parcel, context, incident, since)

    async def _card(self, parcel: Parcel, context: Context, incident: Incident, since: datetime) -> Delivered:
        key = f"card:{incident.id}"
        said = looks.card(self._words.card(context, incident, self._clock.now()))
        place = context.places.get(key)
        if place:
            try:
                await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=key)
                return Delivered(place.ts)
            except MessageLocked:
                if not locked_cards.is_out_of_date(context, incident):
                    return Delivered(place.ts)
                return await locked_cards.post_again(self._slack, parcel, context, incident, place, said, since)
            except MessageGone:
                pass
        return await self._post(parcel, context, incident, key, said, since)

    async def _post(
        self,
        parcel: Parcel,
        context: Context,
        incident: Incident,
        key: str,
        said: Message,
        since: datetime,
        channel: str = "",
    ) -> Delivered:
        """A message of its own in a channel, the incident's unless another is given. One that was there already is
        partial: it says what was so when it was posted, and is to be brought up to date."""
        name = channel or incident.channel
        if not name:
            raise DeliveryError("the incident's team has no channel", permanent=True)
        found = await self._addresses.channel(name)
        posted = await posted_already(self._slack, parcel, context, found, key, since)
        is_older = posted is not None
        posted = posted or await self._post_as_member(name, found, key, said)
        place = Place(key, incident.id, posted.channel, posted.ts)
        return Delivered(posted.ts, (place,), is_partial=is_older)

    async def _post_as_member(self, name: str, channel: str, key: str, said: Message) -> Posted:
        try:
            return await self._slack.post(channel, said.text, said.blocks, key=key)
        except DeliveryError as error:
            elsewhere = await self._addresses.elsewhere(name, channel, error.code)
            if elsewhere:
                return await self._post_as_member(name, elsewhere, key, said)
            if "not_in_channel" not in error.reason:
                raise
        await self._slack.join(channel)
        return await self._slack.post(channel, said.text, said.blocks, key=key)

    async def _reply(
        self,
        parcel: Parcel,
        context: Context,
        incident: Incident,
        said: Message,
        since: datetime,
        *,
        key: str = "",
        broadcast: bool = False,
        kept: bool = False,
    ) -> Delivered:
        """A message in the card's thread; with `kept`, its place is remembered for edits, and one that was there
        already is partial."""
        card = context.places.get(f"card:{incident.id}")
        if card is None:
            raise CardMissing
        key = key or parcel.key
        posted = await posted_already(self._slack, parcel, context, card.channel, key, since, card.ts)
        is_older = posted is not None
        if posted is None:
            try:
                posted = await self._slack.post(
                    card.channel, said.text, said.blocks, key=key, thread=card.ts, broadcast=broadcast
                )
            except MessageGone:
                # The card was deleted, and its thread with it: a new one first, and this under it.
                again = looks.card(self._words.card(context, incident, self._clock.now()))
                return replace(await self._post(parcel, context, incident, card.key, again, since), is_partial=True)
        places = (Place(key, incident.id, posted.channel, posted.ts),) if kept else ()
        return Delivered(posted.ts, places, is_partial=kept and is_older)

    async def _edit_or_reply(
        self,
        parcel: Parcel,
        context: Context,
        incident: Incident,
        key: str,
        said: Message,
        since: datetime,
        *,
        broadcast: bool = False,
    ) -> Delivered:
        place = context.places.get(key)
        if place and not is_in_another_thread(place, context.places.get(f"card:{incident.id}")):
            try:
                await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=key)
                return Delivered(place.ts)
            except MessageGone:
                pass
        return await self._reply(parcel, context, incident, said, since, key=key, kept=True, broadcast=broadcast)

    async def _of_run(self, parcel: Parcel, context: Context, incident: Incident, since: datetime) -> Delivered:
        locale, zone = self._words.locale(context, incident), self._words.zone(context, incident)
        said = run_messages.said(parcel, context, incident, locale, zone)
        if said is None:
            return Delivered()
        loud = parcel.kind in run_messages.LOUD
        return await self._edit_or_reply(parcel, context, incident, said.key, said.message, since, broadcast=loud)

    async def _line(self, parcel: Parcel, context: Context, incident: Incident, since: datetime) -> Delivered:
        entry = context.entries.get(parcel.subject)
        locale = self._words.locale(context, incident)
        said = timeline.thread_line(entry, locale) if entry else None
        if said is None:
            return Delivered()
        broadcast = timeline.is_loud(entry) if entry else False
        return await self._reply(parcel, context, incident, said, since, broadcast=broadcast)

    async def _word(self, parcel: Parcel, context: Context, incident: Incident, since: datetime) -> Delivered:
        """A direct message, once; later it is brought up to date."""
        entry, key = context.entries.get(parcel.subject), f"word:{parcel.subject}"
        said = self._words.word(context, incident, entry, self._clock.now()) if entry else None
        if entry is None or said is None:
            return Delivered()
        place = context.places.get(key)
        if place:
            with suppress(MessageGone):
                await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=key)
            return Delivered(place.ts)
        channel = await self._addresses.direct(str(entry.details["slack"]))
        posted = await posted_already(self._slack, parcel, context, channel, key, since)
        is_older = posted is not None
        posted = posted or await self._slack.post(channel, said.text, said.blocks, key=key)
        place = Place(key, incident.id, posted.channel, posted.ts)
        return Delivered(posted.ts, (place,), is_partial=is_older)

    async def _copy(self, parcel: Parcel, context: Context, incident: Incident) -> Delivered:
        if parcel.subject.startswith("room:"):
            return await self._rooms.refresh(context, incident)
        page = context.notifications.get(parcel.subject)
        place = context.places.get(f"page:{parcel.subject}")
        if page and is_webhook(page.recipient.address):
            return await self._discord.edit(context, incident, page, self._clock.now())
        if page is None or place is None:
            return Delivered()
        said = self._words.direct(context, incident, page, self._clock.now())
        with suppress(MessageGone):
            await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=place.key)
        return Delivered(place.ts)

    async def _page(self, parcel: Parcel, context: Context, incident: Incident, since: datetime) -> Delivered:
        page = context.notifications[parcel.subject]
        match page.channel:
            case Channel.SLACK:
                return await self._slack_page(parcel, context, incident, page, since)
            case Channel.SMS:
                return await self._private.sms(parcel, context, incident, page)
            case Channel.EMAIL:
                return await self._private.mail(context, incident, page)
            case Channel.PHONE:
                return await self._telephone.page(self._words, context, incident, page, self._clock.now())

    async def _slack_page(
        self, parcel: Parcel, context: Context, incident: Incident, page: Notification, since: datetime
    ) -> Delivered:
        address, now = page.recipient.address, self._clock.now()
        key = f"page:{page.id}"
        if is_webhook(address):
            return await self._discord.post(context, incident, page, now)
        if is_own_channel(page, incident, context, self._addresses.lane):
            return await self._announce(parcel, context, incident, page, since)
        said = self._words.direct(context, incident, page, now)
        if page.is_to_a_channel:
            await found_in_time(self._addresses.channel(address), lambda: require_wanted(context, page))
            there = await self._post(parcel, context, incident, key, said, since, address)
            # Who has taken the incident since is edited in by what is written down of the page.
            return replace(there, said=said.text, rendered_at=now, is_partial=False)
        channel = await found_in_time(self._addresses.direct(address), lambda: require_wanted(context, page))
        posted = await posted_already(self._slack, parcel, context, channel, key, since)
        if posted is None:
            posted = await self._slack.post(channel, said.text, said.blocks, key=key)
        place = Place(key, incident.id, posted.channel, posted.ts)
        return Delivered(posted.ts, (place,), said=said.text, rendered_at=now)

    async def _announce(
        self, parcel: Parcel, context: Context, incident: Incident, page: Notification, since: datetime
    ) -> Delivered:
        """The policy's words under the card that the channel has already; later ones are shown in the channel too."""
        key = f"card:{incident.id}"
        if key not in context.places:
            # This page is what the channel is to get first, and must not wait for a parcel that may be late.
            card = looks.card(self._words.card(context, incident, self._clock.now()))
            return replace(await self._post(parcel, context, incident, key, card, since), is_partial=True)
        now = self._clock.now()
        said = self._words.announcement(context, incident, page, now)
        is_first = page.decided_at - incident.created_at < timedelta(minutes=1)
        under = await self._reply(parcel, context, incident, said, since, broadcast=not is_first)
        return replace(under, said=said.text, rendered_at=now)
