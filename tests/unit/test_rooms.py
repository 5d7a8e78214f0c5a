"""War rooms: names that Slack takes, and the next step from wherever a room stands."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from blocks import room_lines
from blocks import rooms as looks
from blocks.incidents import Card
from blocks.words import words
from bot.demo.methods_conversations import check_name
from bot.demo.outside import Outside
from domain.incidents import Incident, Severity, Status
from domain.responses import Response
from domain.rooms import (
    LONGEST_NAME,
    Room,
    RoomState,
    Step,
    Wish,
    archive_at,
    asked_again,
    channel_name,
    following,
    missing,
    plain_name,
    renamed,
)
from domain.timeline import Entry, Event

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
SLACK = Outside().slack.backend


def incident(title: str = "Redis Cluster Down", **said: object) -> Incident:
    basis = Incident(
        id="i", short_id="INC-ABC234", title=title, severity=Severity.SEV1, detected_at=NOW, created_at=NOW
    )
    return replace(basis, **said)  # type: ignore[arg-type]


def test_a_name_says_which_and_what() -> None:
    assert channel_name(incident()) == "inc-abc234-redis-cluster-down"
    assert channel_name(incident("Élévation à 95 % (prod_1)")) == "inc-abc234-elevation-a-95-prod-1"
    assert channel_name(incident("Кластер Redis упал")) == "inc-abc234-кластер-redis-упал"
    assert channel_name(incident("!!!")) == "inc-abc234"
    assert channel_name(incident(), 1) == "inc-abc234-redis-cluster-down-2"
    assert plain_name(incident()) == "inc-abc234"


@given(st.text(max_size=250), st.integers(0, 12))
def test_every_title_makes_a_name_of_the_right_length(title: str, taken: int) -> None:
    name = channel_name(incident(title), taken)
    assert len(name) <= LONGEST_NAME
    assert name.startswith("inc-abc234")
    assert re.fullmatch(r"[\w-]+", name)
    if name == name.lower():
        assert check_name(SLACK, name) == name


def test_a_topic_fits_and_mentions_nobody() -> None:
    shown = Card(
        incident=incident("<!channel> & " + "x" * 240),
        service="s",
        team="t",
        now=NOW,
        lead="L" * 200,
        communications="C",
    )
    topic = looks.topic(shown)
    assert len(topic) <= looks.TOPIC_LIMIT
    assert "<!channel>" not in topic


WISH = Wish(people=("U1", "U2"), topic="t", bookmarked="b")
DONE = {
    Step.CREATE: {"channel": "C1", "state": RoomState.OPEN},
    Step.TOPIC: {"topic": "t"},
    Step.CARD: {"is_carded": True},
    Step.PIN: {"is_pinned": True},
    Step.INVITE: {"invited": ("U1", "U2", "U9")},
    Step.BOOKMARK: {"bookmarked": "b"},
    Step.SUMMARY: {"is_summed_up": True},
    Step.ARCHIVE: {"state": RoomState.ARCHIVED},
    Step.FORGET: {"state": RoomState.ARCHIVED},
}


def walked(room: Room, wish: Wish) -> tuple[list[Step], Room]:
    """The steps from where a room stands to where nothing is to be done."""
    steps: list[Step] = []
    while (step := following(room, wish, NOW)) is not None:
        steps.append(step)
        assert len(steps) < 12, steps
        room = replace(room, **DONE[step])  # type: ignore[arg-type]
    return steps, room


def test_from_the_wish_to_the_end() -> None:
    room = Room(incident="i", name="n", guests=("U9",))
    steps, room = walked(room, WISH)
    assert steps == [Step.CREATE, Step.TOPIC, Step.CARD, Step.PIN, Step.INVITE, Step.BOOKMARK]
    over = replace(WISH, archive_at=NOW)
    steps, room = walked(room, over)
    assert steps == [Step.SUMMARY, Step.ARCHIVE]
    assert following(room, over, NOW) is None


def test_the_archive_waits_for_its_time() -> None:
    _, room = walked(Room(incident="i", name="n"), WISH)
    later = replace(WISH, archive_at=NOW + timedelta(minutes=1))
    steps, room = walked(room, later)
    assert steps == [Step.SUMMARY]
    assert following(room, later, NOW + timedelta(minutes=1)) is Step.ARCHIVE


def test_over_before_it_began() -> None:
    over = replace(WISH, archive_at=NOW)
    assert walked(Room(incident="i", name="n"), over)[0] == [Step.FORGET]
    assert following(Room(incident="i", name="n", is_begun=True), over, NOW) is Step.CREATE, "it may be there"


@given(st.sets(st.sampled_from(sorted(Step)), max_size=8), st.booleans(), st.booleans(), st.booleans())
def test_whatever_is_refused_the_rest_is_done(refused: set[Step], is_over: bool, is_begun: bool, is_live: bool) -> None:
    """Every walk comes to its end, and no step that was given up is tried again."""
    room = Room(
        incident="i",
        name="n",
        is_begun=is_begun,
        given_up=tuple(sorted(refused - {Step.CREATE, Step.FORGET})),
        state=RoomState.WANTED if is_live else RoomState.FAILED,
    )
    steps, _ = walked(room, replace(WISH, archive_at=NOW if is_over else None))
    assert not set(steps) & set(room.given_up)
    assert len(set(steps)) == len(steps)
    assert is_live or not steps


def test_whoever_was_invited_is_not_invited_again() -> None:
    room = Room(incident="i", guests=("U2", "U3"), invited=("U1",))
    assert missing(room, Wish(people=("U1", "U2"))) == ("U2", "U3")
    assert len(missing(room, Wish(people=tuple(f"U{n}" for n in range(10, 300))))) == 100


def test_asked_for_again() -> None:
    open_one = Room(incident="i", state=RoomState.OPEN, name="n", channel="C1", given_up=(Step.PIN,), guests=("U1",))
    again = asked_again(open_one, incident(), "U2", "Ada")
    assert (again.channel, again.given_up, again.guests) == ("C1", (), ("U1", "U2"))
    gone = replace(open_one, state=RoomState.ARCHIVED, invited=("U5",))
    anew = asked_again(gone, incident(), "", "Ada")
    assert (anew.state, anew.channel, anew.name) == (RoomState.WANTED, "", "inc-abc234-redis-cluster-down-2")
    assert anew.guests == ("U1", "U5")
    failed = replace(open_one, state=RoomState.FAILED, channel="")
    assert asked_again(failed, incident(), "", "Ada").name == "inc-abc234-redis-cluster-down"
    assert renamed(failed, incident()).name == "inc-abc234-redis-cluster-down-2"


def test_when_it_is_archived() -> None:
    over = incident(status=Status.RESOLVED, resolved_at=NOW)
    assert archive_at(over, Response(archive_delay=30)) == NOW + timedelta(minutes=30)
    assert archive_at(incident(), Response()) is None


def test_what_fails_at_the_end_is_not_to_be_tried_by_a_command_that_is_refused_then() -> None:
    for step, is_tried in ((Step.CREATE, True), (Step.PIN, True), (Step.SUMMARY, False), (Step.ARCHIVE, False)):
        details: dict[str, str | int] = {"step": step.value, "code": "restricted_action", "id": "INC-AAAAAA"}
        failed = Entry(incident="i", at=NOW, event=Event.ROOM_FAILED, details=details)
        told = room_lines.LINES[Event.ROOM_FAILED](failed, words("en"))
        assert ("/incident room" in told) is is_tried
