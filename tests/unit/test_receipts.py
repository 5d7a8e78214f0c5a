"""What a provider's word, or its silence, means for a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.notifications import Notification, NotificationState, Recipient
from domain.policies import Channel
from domain.receipts import NOTHING, PATIENCE, Stage, Word, first_look, judge, latencies, stage

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PAGE = Notification(
    id="n", incident="i", step=1, channel=Channel.SMS, recipient=Recipient("john", "John", "+336"), message="",
    why="", state=NotificationState.SENT, decided_at=NOW, sent_at=NOW + timedelta(seconds=1),
)  # fmt: skip


def real(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_only_who_tells_is_asked() -> None:
    assert first_look(Channel.SMS, NOW, real) == NOW + timedelta(seconds=10)
    for channel in (Channel.SLACK, Channel.EMAIL):
        assert first_look(channel, NOW, real) is None


def test_a_drill_leaves_the_provider_the_time_it_needs() -> None:
    look = first_look(Channel.SMS, NOW, lambda seconds: timedelta(minutes=seconds))
    assert look is not None and look >= NOW + timedelta(minutes=2)


def test_a_moment_that_cannot_be_is_put_between_the_yes_and_now() -> None:
    sent_at, now = NOW + timedelta(seconds=1), NOW + timedelta(seconds=20)
    for told in (NOW - timedelta(days=1), NOW + timedelta(days=1), NOW + timedelta(seconds=9)):
        found = judge(PAGE, Word(delivered_at=told), now, real)
        assert found.delivered_at and sent_at <= found.delivered_at <= now
        assert (found.look_at, found.is_lost, found.failure) == (None, False, "")


@given(
    words=st.lists(st.sampled_from([NOTHING, NOTHING, NOTHING, Word(failure="absent"), Word(delivered_at=NOW)])),
    late=st.lists(st.integers(0, 400), min_size=40, max_size=40),
)
def test_every_page_goes_another_way_at_most_once_and_is_asked_about_a_bounded_number_of_times(
    words: list[Word], late: list[int]
) -> None:
    page, look, lost, asked = PAGE, first_look(Channel.SMS, PAGE.sent_at or NOW, real), 0, 0
    said = iter([*words, *[NOTHING] * 40])
    while look is not None:
        now = look + timedelta(seconds=late[asked])
        found = judge(page, next(said), now, real)
        lost += found.is_lost
        assert found.look_at is None or found.look_at > now
        state = NotificationState.FAILED if found.is_refused else page.state
        page = replace(page, failure=found.failure, delivered_at=found.delivered_at, state=state)
        look, asked = found.look_at, asked + 1
    assert lost <= 1 and asked <= 10
    assert page.delivered_at or page.failure
    if page.delivered_at and asked and page.failure:
        raise AssertionError("what arrived has nothing against it")


@given(st.integers(0, 110))
def test_nothing_is_lost_while_there_is_patience(seconds: int) -> None:
    found = judge(PAGE, NOTHING, NOW + timedelta(seconds=1 + seconds), real)
    assert not found.is_lost and not found.failure
    assert found.look_at and found.look_at <= NOW + timedelta(seconds=1) + PATIENCE


def test_stages_and_their_seconds() -> None:
    assert stage(PAGE) is Stage.ACCEPTED
    assert stage(replace(PAGE, state=NotificationState.WAITING)) is Stage.DECIDED
    delivered = replace(PAGE, delivered_at=NOW + timedelta(seconds=4), rendered_at=NOW)
    assert stage(delivered) is Stage.DELIVERED
    assert stage(replace(delivered, opened_at=NOW)) is Stage.OPENED
    assert stage(replace(delivered, acknowledged_at=NOW)) is Stage.ACKNOWLEDGED
    took = latencies(delivered)
    assert (took.rendered, took.accepted, took.delivered, took.opened, took.acknowledged) == (0, 1, 4, None, None)
