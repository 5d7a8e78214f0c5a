"""What goes to one person about themselves, and belongs to no incident: codes that prove a contact, and tests."""

from __future__ import annotations

from datetime import datetime

from blocks import contacts as code_words
from blocks import replies as reply_words
from blocks import trials as looks
from blocks.notifications import MailWords
from bot.engine.lost_answers import sent_already
from bot.engine.telephone import Telephone
from bot.engine.transports import Transports
from bot.notifiers.base import Email, Sms
from domain.clock import Clock
from domain.contacts import Contact
from domain.errors import DeliveryError
from domain.policies import Channel
from domain.trials import Trial
from handlers.contacts.service import ContactService
from handlers.links.signing import Links
from handlers.replies.service import ReplyService
from handlers.trials.service import TrialService
from storage.outbox import Kind, Parcel

KINDS = (Kind.CODE, Kind.TRIAL, Kind.REPLY)


class Personal:
    """Sends them as things are now. `links` are those of tests; `locale` is for readers who have none of their own;
    `mail_domain` is what Message-IDs end with."""

    def __init__(
        self,
        contacts: ContactService,
        trials: TrialService,
        replies: ReplyService,
        to: Transports,
        telephone: Telephone,
        clock: Clock,
        links: Links,
        locale: str,
        mail_domain: str,
    ) -> None:
        self._contacts = contacts
        self._trials = trials
        self._replies = replies
        self._slack, self._addresses, self._sms, self._email = to.slack, to.addresses, to.sms, to.email
        self._telephone = telephone
        self._clock = clock
        self._links = links
        self._locale = locale
        self._domain = mail_domain

    async def send(self, parcel: Parcel, since: datetime) -> str:
        """Send one; the provider's reference, "" when nobody waits for it any more. Raises DeliveryError.

        `since` is the world's time before which it can't have gone out.
        """
        if parcel.kind is Kind.CODE:
            return await self._code(parcel)
        if parcel.kind is Kind.REPLY:
            return await self._answer(parcel)
        return await self._trial(parcel, since)

    async def _code(self, parcel: Parcel) -> str:
        if sent := await self._went_out(parcel):
            return sent
        minted = await self._contacts.mint(parcel.subject)
        if minted is None:
            return ""
        locale = minted.locale or self._locale
        if minted.contact is Contact.PHONE:
            return await self._text(minted.address, code_words.code_sms(minted.digits, locale), parcel.subject)
        return await self._mail(minted.address, code_words.code_mail(minted.digits, locale), parcel)

    async def _answer(self, parcel: Parcel) -> str:
        """What is said to an SMS that came in."""
        if sent := await self._went_out(parcel, _tag(parcel)):
            return sent
        taken = await self._replies.look(parcel.subject)
        if taken is None:
            return ""
        said = reply_words.answer_sms(taken.answer, taken.details, taken.locale)
        return await self._text(taken.number, said, _tag(parcel))

    async def _trial(self, parcel: Parcel, since: datetime) -> str:
        if sent := await self._went_out(parcel):
            return sent
        seen = await self._trials.wanted(parcel.subject)
        if seen is None:
            return ""
        trial, locale = seen.trial, seen.locale or self._locale
        url = self._links.to(trial.id)
        match trial.channel:
            case Channel.SLACK:
                return await self._direct(parcel, trial, locale, since)
            case Channel.SMS:
                return await self._text(trial.address, looks.sms(url, locale), trial.id)
            case Channel.PHONE:
                return await self._telephone.test(trial.id, trial.address, seen.person.name, locale, self._clock.now())
            case _:
                said = looks.mail(url, seen.person.name, locale, is_monthly=trial.is_monthly)
                return await self._mail(trial.address, said, parcel)

    async def _went_out(self, parcel: Parcel, tag: str = "") -> str:
        """The reference of an SMS whose answer was lost, when it went out all the same."""
        if not parcel.is_ambiguous or self._sms is None:
            return ""
        sent = await sent_already(self._sms, parcel, tag or parcel.subject)
        return sent.reference if sent else ""

    async def _direct(self, parcel: Parcel, trial: Trial, locale: str, since: datetime) -> str:
        key, said = parcel.key, looks.direct_message(trial.id, locale, is_monthly=trial.is_monthly)
        channel = await self._addresses.direct(trial.address)
        posted = await self._slack.find(channel, key, since) if parcel.is_ambiguous else None
        posted = posted or await self._slack.post(channel, said.text, said.blocks, key=key)
        return posted.ts

    async def _text(self, number: str, text: str, tag: str) -> str:
        if self._sms is None:
            raise DeliveryError("SMS is not set up", permanent=True)
        return (await self._sms.send(Sms(number, text, tag))).reference

    async def _mail(self, address: str, said: MailWords, parcel: Parcel) -> str:
        if self._email is None:
            raise DeliveryError("e-mail is not set up", permanent=True)
        # Each attempt of a code is another number: a mailbox must not drop the second as a copy of the first.
        attempt = f".{parcel.attempts}" if parcel.kind is Kind.CODE else ""
        message = Email(
            to=address,
            subject=said.subject,
            text=said.text,
            html=said.html,
            message_id=f"<{parcel.subject}{attempt}@{self._domain}>",
            sent_at=self._clock.now(),
        )
        return (await self._email.send(message)).reference


def _tag(parcel: Parcel) -> str:
    """What OVH knows the answer to an SMS by: its own ids are no names for what we send."""
    return f"reply-{parcel.subject}"
