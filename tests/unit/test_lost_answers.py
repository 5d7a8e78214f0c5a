"""An SMS whose answer was lost, and a provider that does not say whether it has it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from bot.engine.lost_answers import sent_already
from bot.notifiers.base import Receipt, SmsNotifier
from domain.errors import DeliveryError
from storage.outbox import Kind, Parcel

PARCEL = Parcel(
    kind=Kind.PAGE, incident="i1", subject="n1", due_at=datetime(2026, 11, 27, tzinfo=UTC), is_ambiguous=True
)


class Provider:
    """Answers `lookup` with `said`; never, when that is None."""

    def __init__(self, said: Receipt | DeliveryError | None) -> None:
        self.said = said

    async def lookup(self, tag: str) -> Receipt | None:
        assert tag == "n1"
        if isinstance(self.said, DeliveryError):
            raise self.said
        if self.said is None:
            await asyncio.Event().wait()
        return self.said


async def look(said: Receipt | DeliveryError | None, attempts: int = 2) -> Receipt | None:
    parcel = replace(PARCEL, attempts=attempts)
    return await sent_already(cast(SmsNotifier, Provider(said)), parcel, "n1", seconds=0.01)


async def test_what_the_provider_has_is_not_sent_again() -> None:
    assert await look(Receipt("42"), attempts=9) == Receipt("42")


async def test_a_provider_that_is_away_is_asked_once_more_before_it_is_sent_again() -> None:
    away = DeliveryError("OVH 503", permanent=False)
    with pytest.raises(DeliveryError):
        await look(away)
    assert await look(away, attempts=3) is None


async def test_keys_that_may_send_and_not_look_send() -> None:
    assert await look(DeliveryError("OVH 403: this call has not been granted", permanent=True)) is None


async def test_a_provider_that_does_not_answer_leaves_time_to_send() -> None:
    with pytest.raises(DeliveryError):
        await look(None)
    assert await look(None, attempts=3) is None
