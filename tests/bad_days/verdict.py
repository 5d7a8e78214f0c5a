"""What a bad day must not have done: read from what people got, and from what Vigie says of itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.demo.records import Message
from tests.bad_days.catalog import STEPS
from tests.bad_days.day import Day

SHOWN = {"TRIGGERED": "Nobody has it yet", "ACKNOWLEDGED": "has it", "RESOLVED": "is resolved"}
OF_THE_DATABASE = "the database"
"""What Vigie says as an error of its own when it is away."""


@dataclass(frozen=True, slots=True)
class Known:
    """What Vigie says of an incident."""

    incident: dict[str, Any]
    receipts: list[dict[str, Any]]
    timeline: list[dict[str, Any]]

    @property
    def name(self) -> str:
        return str(self.incident["short_id"])

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [one for one in self.receipts if one["sent_at"]]


class Verdict:
    """Judges a day that is over; `look` again as long as something is only late."""

    def __init__(self, day: Day) -> None:
        self._day = day
        self.known: list[Known] = []

    async def look(self) -> list[str]:
        """What is lacking, and may come yet."""
        self.known = [await self._ask(name) for name in set(self._day.told.opened.values())]
        return [fault for one in self.known for fault in self._lacking(one)]

    def wrong(self) -> list[str]:
        """What is wrong, and stays wrong."""
        found = [fault for one in self.known for fault in self._wrong(one)]
        return [*found, *self._doubles(), *self._from_nowhere(), *self._of_the_processes()]

    async def _ask(self, name: str) -> Known:
        at = f"/api/v1/incidents/{name}/"
        incident, receipts = await self._day.get(at), await self._day.get(f"{at}notifications/")
        return Known(incident, receipts["results"], (await self._day.get(f"{at}timeline/"))["results"])

    # What is lacking.

    def _lacking(self, one: Known) -> Iterator[str]:
        told = self._day.told
        wanted = "RESOLVED" if one.name in told.resolved else "ACKNOWLEDGED" if one.name in told.acknowledged else ""
        if wanted and one.incident["status"] != wanted:
            yield f"{one.name} is {one.incident['status']} and was told to be {wanted}"
        if one.incident["status"] == "TRIGGERED" and STEPS - _told(one):
            pages = [(page["step"], page["channel"], page["state"], page["failure"]) for page in one.receipts]
            yield f"{one.name}: nobody was told of steps {sorted(STEPS - _told(one))}: {pages}"
        if waiting := [(page["step"], page["channel"]) for page in one.receipts if page["state"] == "waiting"]:
            yield f"{one.name}: pages wait: {waiting}"
        yield from self._of_the_card(one)

    def _of_the_card(self, one: Known) -> Iterator[str]:
        card = self._card(one)
        if card is None:
            yield f"{one.name} has no card"
            return
        if SHOWN[one.incident["status"]] not in card.text:
            yield f"the card of {one.name}, which is {one.incident['status']}, says {card.text!r}"
        keys = [_key(message) for message in self._day.outside.workspace.thread(card)]
        if one.incident["status"] != "RESOLVED" and not any(key.startswith("step:") for key in keys):
            yield f"the thread of {one.name} has no step of its runbook: {keys}"
        events = {entry["event"] for entry in one.timeline}
        for entry in events & {"acknowledged", "resolved"}:
            if not any(_says(message, entry) for message in self._day.outside.workspace.thread(card)):
                yield f"the thread of {one.name} does not say that it is {entry}"

    def _card(self, one: Known) -> Message | None:
        found = [message for message in self._posted() if _key(message) == f"card:{one.incident['id']}"]
        return found[0] if found else None

    def _posted(self) -> list[Message]:
        return [message for message in self._day.outside.workspace.messages if not message.deleted]

    # What is wrong.

    def _wrong(self, one: Known) -> Iterator[str]:
        moments = [entry["at"] for entry in one.timeline]
        if moments != sorted(moments):
            yield f"the timeline of {one.name} is out of order"
        events = Counter(entry["event"] for entry in one.timeline)
        for event in ("created", "acknowledged", "resolved"):
            if events[event] > 1:
                yield f"{one.name} was {event} {events[event]} times"
        if events["notification_sent"] != len(one.sent):
            yield f"{one.name}: {len(one.sent)} pages were sent, its timeline has {events['notification_sent']}"
        yield from self._after_acknowledgement(one)

    def _after_acknowledgement(self, one: Known) -> Iterator[str]:
        at = self._day.told.acknowledged.get(one.name)
        if at is None:
            return
        outside = self._day.outside
        for sms in outside.ovh.inbox.messages:
            if one.name in sms.text and sms.at > at:
                yield f"an SMS of {one.name} {(sms.at - at).total_seconds():.2f} s after the acknowledgement"
        for mail in outside.mail.inbox.messages:
            if one.name in mail.subject and mail.at > at:
                yield f"a mail of {one.name} {(mail.at - at).total_seconds():.2f} s after the acknowledgement"
        for page in one.sent:
            tried = [attempt["started_at"] for attempt in page["attempts"] if attempt["outcome"] == "sent"]
            if tried and _moment(tried[-1]) > _moment(one.incident["acknowledged_at"]) + timedelta(seconds=60):
                yield f"{page['channel']} of {one.name} was sent at {tried[-1]}, after the acknowledgement"

    def _doubles(self) -> list[str]:
        """What came twice and no kill, nor an answer that was cut off, excuses: a mail can't be looked up, an SMS and a
        message in Slack can."""
        outside, struck = self._day.outside, self._day.struck
        sms = _more_than_once([one.tag for one in outside.ovh.inbox.messages])
        mails = _more_than_once([str(one.message["Message-ID"]) for one in outside.mail.inbox.messages])
        posted = _more_than_once([f"{one.channel} {_key(one)}" for one in self._posted() if _key(one)])
        kills = struck["kill"]
        found = [f"SMS that came twice: {sms}"] if sum(sms.values()) > kills else []
        found += [f"Slack messages that came twice: {posted}"] if posted else []
        excused = kills + struck["mail in doubt"] + struck["crash"]
        return found + ([f"mails that came twice: {mails}"] if sum(mails.values()) > excused else [])

    def doubles(self) -> dict[str, int]:
        """How many came twice, excused or not."""
        outside = self._day.outside
        return {
            "SMS": sum(_more_than_once([one.tag for one in outside.ovh.inbox.messages]).values()),
            "mails": sum(_more_than_once([str(m.message["Message-ID"]) for m in outside.mail.inbox.messages]).values()),
        }

    def _from_nowhere(self) -> list[str]:
        """What came and has no receipt, and receipts of what never came."""
        sent = {page["id"] for one in self.known for page in one.sent if page["channel"] == "SMS"}
        came = {one.tag for one in self._day.outside.ovh.inbox.messages}
        mailed = {page["id"] for one in self.known for page in one.sent if page["channel"] == "EMAIL"}
        letters = {str(m.message["Message-ID"])[1:].split("@")[0] for m in self._day.outside.mail.inbox.messages}
        return [
            *(f"an SMS that is said to be sent and never came: {one}" for one in sent - came),
            *(f"a mail that is said to be sent and never came: {one}" for one in mailed - letters),
        ]

    def _of_the_processes(self) -> Iterator[str]:
        told, struck = self._day.told, self._day.struck
        cards = [message for message in self._posted() if _key(message).startswith("card:")]
        if len(cards) > len(set(told.opened.values())):
            yield f"{len(cards)} cards of {len(told.opened)} incidents"
        if len(set(told.opened.values())) < len(told.opened):
            yield "two alerts' groups are one incident"
        yield from (f"nonsense broke it: {one}" for one in told.nonsense)
        yield from (f"Slack refused {call.method}: {call.error}" for call in self._day.outside.workspace.refused)
        if struck["bad exit"]:
            yield "a process that was told to stop did not end well"
        log = self._day.log.read_text(errors="replace")
        if "Traceback" in log:
            yield f"a traceback in {self._day.log}"
        said = [line for line in log.splitlines() if re.search(r"overlooked:|\bERROR\b", line)]
        yield from (line for line in said if not (OF_THE_DATABASE in line and (struck["crash"] or struck["cut"])))


def _told(one: Known) -> set[int]:
    return {step for page in one.sent for step in (page["step"], *page["stands_for"])}


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _key(message: Message) -> str:
    """What Vigie knows a message by."""
    return str(message.blocks[0].get("block_id", "")) if message.blocks and message.bot_id else ""


def _says(message: Message, event: str) -> bool:
    return {"acknowledged": "The escalation has stopped", "resolved": "is resolved"}[event] in message.words


def _more_than_once(keys: list[str]) -> dict[str, int]:
    return {key: times - 1 for key, times in Counter(keys).items() if times > 1}
