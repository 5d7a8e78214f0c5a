"""What people are told outside incidents, sent as things are now; edited in place when it says something else."""

from __future__ import annotations

from datetime import datetime

from blocks import mail as letters
from blocks import notices as looks
from blocks import troubles
from blocks.kit import Message
from blocks.notices import Told, teams_of
from blocks.words import words
from bot.engine.transports import Transports
from bot.notifiers.base import Email, MessageGone, Posted, Sms
from domain.clock import Clock
from domain.digests import Week, last_week, week
from domain.directory import Directory
from domain.errors import DeliveryError
from domain.escalations import address_of
from domain.incidents import OPEN
from domain.notices import Notice, NoticeKind, as_is
from domain.people import Person
from domain.policies import Channel
from domain.reports import Window
from storage import catalog, incidents, messages, notices, overrides, postmortem_actions, postmortems, reports
from storage.incidents import Query
from storage.messages import Place
from storage.outbox import Parcel
from storage.store import Store, Transaction

_MOST = 50


class Notices:
    """Sends one notice. `locale` is for readers, and channels, that have none of their own."""

    def __init__(self, store: Store, to: Transports, clock: Clock, locale: str, mail_domain: str) -> None:
        """`mail_domain` is what Message-IDs end with."""
        self._store = store
        self._slack, self._addresses, self._email, self._sms = to.slack, to.addresses, to.email, to.sms
        self._domain = mail_domain
        self._clock = clock
        self._locale = locale

    async def deliver(self, parcel: Parcel, since: datetime) -> Place | None:
        """Tell it, or tell it anew where it was told; where it is, None when nobody is left to be told.

        `since` is the world's time before which it can't have gone out. Raises DeliveryError.
        """
        told, place = await self._store.read(lambda tx: self._read(tx, parcel.subject))
        if told is None or (told.notice.kind is NoticeKind.DIGEST and told.notice.team not in told.directory.teams):
            return None
        said, key = looks.notice(told), f"notice:{told.notice.id}"
        if place:
            return await self._edit(place, said)
        try:
            return await self._post(parcel, told, said, key, since)
        except DeliveryError as error:
            if told.notice.kind is not NoticeKind.TROUBLE or not (error.permanent or error.is_outage):
                raise
            await self._otherwise(told, error)
            return None

    async def _otherwise(self, told: Told, error: DeliveryError) -> None:
        """What Slack does not take, when it is about what keeps pages from arriving: by mail, else by SMS. Raises the
        last that refused it, `error` without a way."""
        person = told.directory.people.get(told.notice.person)
        if person is None:
            raise error
        for way in (self._mail, self._text):
            try:
                if await way(told, person):
                    return
            except DeliveryError as refused:
                error = refused
        raise error

    async def _text(self, told: Told, person: Person) -> bool:
        if not person.phone or self._sms is None:
            return False
        await self._sms.send(Sms(person.phone, troubles.sms(told.details, told.locale), told.notice.id))
        return True

    async def _mail(self, told: Told, person: Person) -> bool:
        if not person.email or self._email is None:
            return False
        subject, text = troubles.plain(told.details, told.locale)
        plain, html = letters.render(heading=subject, body=text, language=words(told.locale).language)
        name = f"<{told.notice.id}@{self._domain}>"
        await self._email.send(Email(person.email, subject, plain, html, name, self._clock.now()))
        return True

    async def _post(self, parcel: Parcel, told: Told, said: Message, key: str, since: datetime) -> Place:
        channel = await self._channel(told.notice, told.directory)
        posted = await self._slack.find(channel, key, since) if parcel.is_ambiguous else None
        posted = posted or await self._slack.post(channel, said.text, said.blocks, key=key)
        return Place(key, "", posted.channel, posted.ts)

    async def _edit(self, place: Place, said: Message) -> Place | None:
        try:
            await self._slack.update(Posted(place.channel, place.ts), said.text, said.blocks, key=place.key)
        except MessageGone:
            return None
        return place

    async def _channel(self, notice: Notice, directory: Directory) -> str:
        if not notice.person:
            team = directory.teams.get(notice.team)
            if team is None or not team.channel:
                raise DeliveryError("the team has no channel", permanent=True)
            return await self._addresses.channel(team.channel)
        person = directory.people.get(notice.person)
        address = address_of(person, Channel.SLACK) if person else ""
        if not address:
            raise DeliveryError(f"{person.name if person else 'somebody'} has no Slack account", permanent=True)
        return await self._addresses.direct(address)

    def _read(self, tx: Transaction, identity: str) -> tuple[Told | None, Place | None]:
        found, directory = notices.find(tx, identity), catalog.directory(tx)
        notice = as_is(found, directory, self._clock.now()) if found else None
        if notice is None:
            return None, None
        teams = teams_of(notice)
        wanted = "teams" in notice.details and bool(teams)
        query = Query(statuses=OPEN, teams=teams, ordering="created_at", limit=_MOST)
        swap, owed = notice.details.get("swap", ""), notice.details.get("incident", "")
        promised = notice.details.get("action", "")
        told = Told(
            notice=notice,
            directory=directory,
            now=self._clock.now(),
            locale=self._locale_of(notice, directory),
            incidents=incidents.listed(tx, query)[1] if wanted else (),
            swap=overrides.swap(tx, swap) if swap else None,
            postmortem=postmortems.look_up(tx, owed) if owed else None,
            action=postmortem_actions.look_up(tx, promised) if promised else None,
            week=_week(tx, notice) if notice.kind is NoticeKind.DIGEST else None,
        )
        return told, messages.place(tx, f"notice:{identity}")

    def _locale_of(self, notice: Notice, directory: Directory) -> str:
        person, team = directory.people.get(notice.person), directory.teams.get(notice.team)
        if notice.person:
            return (directory.language_of(person) if person else "") or self._locale
        return (team.locale if team else "") or self._locale


def _week(tx: Transaction, notice: Notice) -> Week:
    """The figures of a digest, as they are now: what was resolved since it was queued counts."""
    start, end, zone = (notice.details[name] for name in ("start", "end", "zone"))
    here = Window(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end), teams=(notice.team,))
    first, _ = last_week(here.start, zone)
    before = Window(start=first, end=here.start, teams=(notice.team,))
    return week(reports.cases(tx, here), reports.cases(tx, before), here.start, zone)
