"""What is said when the database stays away, and to whom."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from blocks import distress as looks
from blocks import text
from domain import distress as rules
from domain.directory import Directory
from domain.people import Person, Role
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
    other = Person("3", "john", "John")
    found = rules.listeners(Directory(people={one.id: one for one in (admin, gone, other)}), NIGHT)
    assert [(one.person.handle, one.ways) for one in found] == [("ada", (Channel.SLACK,))]
    assert rules.listeners(Directory(), NIGHT) == ()
