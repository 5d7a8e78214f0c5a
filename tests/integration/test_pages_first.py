"""While many pages leave at once, what edits cards lets them pass; those that wait for room hold up nothing else."""

from __future__ import annotations

import pytest

from bot.clock import SystemClock, wall_now
from bot.engine.claims import A_FEW, PAGES_FIRST_SECONDS, Claims
from bot.engine.lanes import Lanes, Rate, Rates
from domain.notifications import Notification, Recipient
from domain.policies import Channel
from storage import incidents, notifications, outbox
from storage.outbox import EDITS, Kind, Parcel
from storage.store import Store, Transaction
from tests.integration.test_storage import incident

PEOPLE = A_FEW + 2


def put(tx: Transaction) -> None:
    """A direct message to each, and a change of their incident's card."""
    kept, now = incident(), wall_now()
    pages = [
        Notification(
            id=f"n{place}", incident=kept.id, step=1, channel=Channel.SLACK, message="", why="", decided_at=now,
            recipient=Recipient(f"p{place}", "Ada", f"U{place}"),
        )
        for place in range(PEOPLE)
    ]  # fmt: skip
    incidents.add(tx, [kept])
    notifications.add(tx, [(page, page.id) for page in pages])
    parcels = [
        Parcel(kind=Kind.PAGE, incident=kept.id, subject=page.id, due_at=now, lane=outbox.lane_of(page))
        for page in pages
    ]
    outbox.put(tx, [*parcels, Parcel(kind=Kind.CARD, incident=kept.id, due_at=now, lane=EDITS)])


@pytest.mark.parametrize(("room", "waits"), [(PEOPLE, True), (1, False)])
def test_a_card_lets_pages_pass_that_leave_and_none_that_wait_for_room(store: Store, room: int, waits: bool) -> None:
    store.write_now(put)
    rates = Rates(posts=Rate(per_second=0.001, burst=room))
    claims = Claims(Lanes(rates), SystemClock(), "me", lambda: False)
    first = store.write_now(lambda tx: claims.take(tx, 0.0)).parcels
    kinds = [parcel.kind for parcel in first]
    assert kinds.count(Kind.PAGE) == room and (Kind.CARD not in kinds) is waits
    then = store.write_now(lambda tx: claims.take(tx, PAGES_FIRST_SECONDS)).parcels
    assert [parcel.kind for parcel in then] == ([Kind.CARD] if waits else [])
