"""What may have gone out is looked for first, and that takes a while: nobody gets it who has acknowledged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from bot.clock import SystemClock
from bot.engine.context import Context
from bot.engine.delivered import Delivered, NoLongerWanted
from bot.engine.lost_answers import posted_already
from bot.engine.private_pages import PrivatePages
from bot.engine.transports import Transports
from bot.notifiers.base import Chat, Posted, Receipt, Sms, SmsNotifier
from domain.incidents import Incident
from domain.notifications import Notification, Recipient
from domain.policies import Channel
from storage.outbox import Kind, Parcel

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
PAGE = Notification(
    id="n1",
    incident="i1",
    step=1,
    channel=Channel.SMS,
    recipient=Recipient("p1", "Ada", "+33600000001"),
    message="wake up",
    why="",
    decided_at=NOW,
)
PARCEL = Parcel(kind=Kind.PAGE, incident="i1", subject="n1", due_at=NOW, is_ambiguous=True)
INCIDENT = cast(Incident, None)


class Provider:
    """Knows `sent`, and takes nothing."""

    def __init__(self, sent: Receipt | None) -> None:
        self.sent = sent

    async def lookup(self, tag: str) -> Receipt | None:
        return self.sent

    async def send(self, message: Sms, ready: object = None) -> Receipt:
        raise AssertionError("it must not go")


async def not_wanted(page: str) -> bool:
    return False


def pages(sent: Receipt | None) -> PrivatePages:
    nothing = cast(Any, None)
    to = Transports(slack=nothing, addresses=nothing, rooms=nothing, sms=cast(SmsNotifier, Provider(sent)))
    return PrivatePages(to, nothing, SystemClock(), "vigie.example.com")


async def test_what_did_not_go_out_does_not_go_once_somebody_has_it() -> None:
    with pytest.raises(NoLongerWanted):
        await pages(None).sms(PARCEL, Context(is_wanted=not_wanted), INCIDENT, PAGE)


async def test_what_did_go_out_is_known_whatever_happened_since() -> None:
    told = await pages(Receipt("42")).sms(PARCEL, Context(is_wanted=not_wanted), INCIDENT, PAGE)
    assert told == Delivered("42")


class Workspace:
    """Has `posted`, wherever it is looked for."""

    def __init__(self, posted: Posted | None) -> None:
        self.posted = posted

    async def find(self, channel: str, key: str, since: datetime, thread: str = "") -> Posted | None:
        return self.posted


async def a_card(parcel: Parcel) -> bool:
    return parcel.kind is Kind.CARD


async def look(posted: Posted | None, parcel: Parcel) -> Posted | None:
    context = Context(is_still_due=a_card)
    return await posted_already(cast(Chat, Workspace(posted)), parcel, context, "C1", "page:n1", NOW)


async def test_what_is_not_in_slack_is_not_posted_there_once_somebody_has_it() -> None:
    with pytest.raises(NoLongerWanted):
        await look(None, PARCEL)
    posted = Posted("C1", "1.0")
    assert await look(posted, PARCEL) == posted
    assert await look(None, replace(PARCEL, kind=Kind.CARD)) is None, "a card is there whoever has it"
    assert await look(posted, replace(PARCEL, is_ambiguous=False)) is None, "it was never tried"
