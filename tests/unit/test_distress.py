"""What is said when the database stays away, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import distress as looks
from blocks import text
from domain import distress as rules
from domain.directory import Directory
from domain.distress import Count
from domain.people import Person, Role, Team
from domain.policies import Channel

NIGHT = datetime(2026, 11, 26, 3, tzinfo=UTC)


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("hours", [0.1, 5, 999])
def test_an_sms_is_one_part_and_whole(locale: str, hours: float) -> None:
    said = looks.sms(timedelta(hours=hours), locale)
    assert text.is_gsm7(said) and text.gsm7_length(said) <= 160
    assert said.endswith("Vigie.")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_mail_says_what_is_wrong_in_its_subject(locale: str) -> None:
    subject, plain, html = looks.mail(timedelta(minutes=7), locale)
    assert subject.startswith("[Vigie] ") and "7" in subject
    assert "vigie doctor" in plain and "vigie doctor" in html


def test_admins_hear_of_it_who_are_not_on_call_and_nobody_who_is_gone() -> None:
    admin = Person("1", "ada", "Ada", role=Role.ADMIN)
    gone = Person("2", "joe", "Joe", role=Role.ADMIN, is_active=False)
    other = Person("3", "john", "John", slack="U02JOHN")
    directory = Directory(people={one.id: one for one in (admin, gone, other)})
    assert handles(directory) == {"ada": (Channel.SLACK,)}
    assert handles(directory, "U02JOHN", "U09") == dict.fromkeys(("ada", "john", "U09"), (Channel.SLACK,))
    assert handles(Directory()) == {}


def test_where_nobody_is_on_call_the_lead_hears_of_it_else_the_members() -> None:
    people = {one: Person(one, one, one) for one in ("ada", "john", "sam")}
    led, flat = Team("1", "Led", lead="ada", members=("john",)), Team("2", "Flat", members=("sam", "nobody"))
    directory = Directory(people=people, teams={one.id: one for one in (led, flat)})
    assert handles(directory) == dict.fromkeys(("ada", "sam"), (Channel.SLACK, Channel.SMS))


def handles(directory: Directory, *admins: str) -> dict[str, tuple[Channel, ...]]:
    return {one.person.handle: one.ways for one in rules.listeners(directory, admins, NIGHT)}


@given(st.lists(st.booleans(), max_size=200))
def test_it_is_told_after_five_bad_minutes_and_never_after_fewer(looks_: list[bool]) -> None:
    count = Count()
    for number, is_good in enumerate(looks_):
        count = count.after(is_good=is_good)
        assert (count.bad < rules.BAD_LOOKS) or looks_[: number + 1].count(False) >= rules.BAD_LOOKS
    if len(looks_) >= rules.BAD_LOOKS and not any(looks_[-rules.BAD_LOOKS :]):
        assert count.bad == rules.BAD_LOOKS
    if len(looks_) >= 10 and all(looks_[-10:]):
        assert count == Count()


def test_a_database_that_comes_for_a_moment_now_and_then_is_away() -> None:
    count, worst = Count(), 0
    for _ in range(8):
        for is_good in (*[False] * 16, True):
            count = count.after(is_good=is_good)
            worst = max(worst, count.bad)
    assert worst == rules.BAD_LOOKS


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-600, 600))
def test_who_noticed_it_a_moment_sooner_or_later_knows_it_by_the_same_name(since: datetime, apart: int) -> None:
    ada, john = Person("1", "ada", "Ada"), Person("2", "john", "John")
    try:
        other = since + timedelta(seconds=apart)
    except OverflowError:
        return
    assert rules.names(ada, since)[0] in rules.names(ada, other)
    assert not {*rules.names(ada, since)} & {*rules.names(john, since)}
