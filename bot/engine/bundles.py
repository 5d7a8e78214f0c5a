"""One message for many pages on its way out: rendered from what still waits as it leaves. One that stands for a single
page is that page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from blocks import storms as looks
from blocks.kit import Message
from blocks.storms import Told
from bot.engine.context import Context, load
from bot.engine.delivered import Delivered, NoLongerWanted
from bot.engine.lost_answers import posted_already, sent_already
from bot.engine.private_pages import found_in_time
from bot.engine.stage import Delivers
from bot.engine.transports import Transports
from bot.notifiers.base import Email, MessageGone, MessageLocked, Posted, Sms
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.notifications import Notification
from domain.policies import Channel
from domain.storms import Bundle
from handlers.links.signing import Links
from handlers.storms.service import locale_of, tally_of
from storage import catalog, messages, storms
from storage.messages import Place
from storage.outbox import Kind, Parcel
from storage.store import Store, Transaction

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Ready:
    """What is to be said now. `waiting` are the pages that it stands for, that of the worst incident first."""

    told: Told
    waiting: tuple[Notification, ...]
    place: Place | None


class Bundles:
    """Sends messages for many, and leaves everything else to `others`. `links` are those of storms."""

    def __init__(
        self, others: Delivers, store: Store, to: Transports, clock: Clock, links: Links, locale: str, mail_domain: str
    ) -> None:
        self._others = others
        self._store = store
        self._to = to
        self._clock = clock
        self._links = links
        self._locale = locale
        self._domain = mail_domain

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Send one parcel as things are now. Raises as `Deliveries`."""
        if parcel.kind is not Kind.BUNDLE:
            return await self._others.deliver(parcel, context, since)
        ready = await self._store.read(lambda tx: self._read(tx, parcel))
        if ready is None:
            return Delivered()
        bundle, waiting = ready.told.bundle, ready.waiting
        if ready.place is None and not bundle.is_digest:
            if not waiting:
                return Delivered()
            if there := await self._there(parcel, ready, since):
                return replace(there, stands_for=_ids(waiting), channel=bundle.channel)
            if len(waiting) == 1 or bundle.channel is Channel.PHONE:
                alone = await self._single(waiting[0], parcel, context, since)
                return replace(alone, stands_for=_ids(waiting), channel=bundle.channel)
        went = await self._send(parcel, context, ready, since)
        return replace(went, stands_for=_ids(waiting), rendered_at=self._clock.now(), channel=bundle.channel)

    async def _there(self, parcel: Parcel, ready: Ready, since: datetime) -> Delivered | None:
        """The message for many that may have gone out before, of which one page is left, if it has."""
        bundle = ready.told.bundle
        if not parcel.is_ambiguous or len(ready.waiting) != 1:
            return None
        if bundle.channel is Channel.SMS and self._to.sms:
            sent = await sent_already(self._to.sms, parcel, bundle.id)
            return Delivered(sent.reference) if sent else None
        if bundle.channel is Channel.SLACK:
            key = f"bundle:{bundle.id}"
            posted = await self._to.slack.find(await self._channel(bundle), key, since)
            return Delivered(posted.ts, (Place(key, "", posted.channel, posted.ts),)) if posted else None
        return None

    async def _single(self, page: Notification, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """The page itself, as it leaves when nothing else is with it."""
        alone = replace(parcel, kind=Kind.PAGE, incident=page.incident, subject=page.id)
        its = await self._store.write(lambda tx: load(tx, [alone], self._clock.now()))
        its = replace(its, is_wanted=context.is_wanted, is_still_due=context.is_still_due)
        return await self._others.deliver(alone, its, since)

    def _read(self, tx: Transaction, parcel: Parcel) -> Ready | None:
        bundle, at = storms.find(tx, parcel.subject), self._clock.now()
        if bundle is None:
            return None
        directory = catalog.directory(tx)
        waiting = tuple(storms.wanted(tx, bundle.id))
        tally = tally_of(tx, bundle, directory, 0, _SHOWN)
        worst = {one.id: rank for rank, one in enumerate(tally.shown)}
        waiting = tuple(sorted(waiting, key=lambda page: worst.get(page.incident, _SHOWN)))
        is_private = bundle.channel in (Channel.SMS, Channel.EMAIL)
        url = self._links.to(bundle.id) if is_private else ""
        told = Told(bundle=bundle, tally=tally, locale=locale_of(bundle, directory) or self._locale, url=url, at=at)
        return Ready(told, waiting, messages.place(tx, f"bundle:{bundle.id}"))

    async def _send(self, parcel: Parcel, context: Context, ready: Ready, since: datetime) -> Delivered:
        match ready.told.bundle.channel:
            case Channel.SMS:
                return await self._sms(parcel, ready)
            case Channel.EMAIL:
                return await self._mail(ready)
            case _:
                said = looks.digest(ready.told) if ready.told.bundle.is_digest else looks.direct(ready.told)
                return await self._slack(parcel, context, ready, said, since)

    async def _sms(self, parcel: Parcel, ready: Ready) -> Delivered:
        if self._to.sms is None:
            raise DeliveryError("SMS is not set up", permanent=True)
        bundle = ready.told.bundle
        if parcel.is_ambiguous:
            if sent := await sent_already(self._to.sms, parcel, bundle.id):
                return Delivered(sent.reference)
            await self._require_wanted(bundle)
        text = looks.sms(ready.told)
        message = Sms(bundle.address, text, bundle.id)
        receipt = await self._to.sms.send(message, lambda: self._require_wanted(bundle))
        return Delivered(receipt.reference, said=looks.sms(replace(ready.told, url="")))

    async def _mail(self, ready: Ready) -> Delivered:
        if self._to.email is None:
            raise DeliveryError("e-mail is not set up", permanent=True)
        bundle, said = ready.told.bundle, looks.mail(ready.told)
        message = Email(
            to=bundle.address,
            subject=said.subject,
            text=said.text,
            html=said.html,
            message_id=f"<{bundle.id}@{self._domain}>",
            sent_at=self._clock.now(),
        )
        receipt = await self._to.email.send(message, lambda: self._require_wanted(bundle))
        return Delivered(receipt.reference, said=said.subject)

    async def _require_any(self, bundle: Bundle) -> None:
        """A digest is there for the channel, whoever has what is in it. Raises NoLongerWanted."""
        if not bundle.is_digest:
            await self._require_wanted(bundle)

    async def _require_wanted(self, bundle: Bundle) -> None:
        """Asked as late as can be. Raises NoLongerWanted when somebody has all that it is about."""
        if not await self._store.read(lambda tx: storms.wanted(tx, bundle.id)):
            raise NoLongerWanted

    async def _slack(self, parcel: Parcel, context: Context, ready: Ready, said: Message, since: datetime) -> Delivered:
        slack, bundle, place = self._to.slack, ready.told.bundle, ready.place
        key = f"bundle:{bundle.id}"
        if place:
            try:
                await slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=key)
                return Delivered(place.ts, said=said.text)
            except (MessageGone, MessageLocked):
                if not ready.waiting:
                    return Delivered()
        channel = await found_in_time(self._channel(bundle), lambda: self._require_any(bundle))
        posted = await posted_already(slack, parcel, context, channel, key, since)
        if posted is None and parcel.is_ambiguous:
            await self._require_any(bundle)
        posted = posted or await self._posted(channel, said, key)
        return Delivered(posted.ts, (Place(key, "", posted.channel, posted.ts),), said=said.text)

    async def _posted(self, channel: str, said: Message, key: str) -> Posted:
        try:
            return await self._to.slack.post(channel, said.text, said.blocks, key=key)
        except DeliveryError as error:
            if "not_in_channel" not in error.reason:
                raise
        await self._to.slack.join(channel)
        return await self._to.slack.post(channel, said.text, said.blocks, key=key)

    async def _channel(self, bundle: Bundle) -> str:
        addresses = self._to.addresses
        return await (addresses.channel if bundle.is_digest else addresses.direct)(bundle.address)


def _ids(pages: Sequence[Notification]) -> tuple[str, ...]:
    return tuple(page.id for page in pages)
