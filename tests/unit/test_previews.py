"""Whom a policy pages at another time: Slack takes the form whatever the policy holds, and however many services."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from blocks import previews as looks
from blocks.previews import DRAFT, SAVED, Asked, Place
from blocks.text import one_line
from bot.demo.blockkit import check_view
from domain.directory import Directory
from domain.incidents import Severity
from domain.people import Service
from domain.policies import Channel, Policy
from domain.previews import preview
from domain.reach import Reach
from tests.unit.test_policy_editor import PEOPLE, TEAM, policies

REACH = Reach(frozenset(Channel), None)


@given(
    policies(),
    st.sampled_from([1, 99, 101, 300]),
    st.integers(1_000_000_000, 9_999_999_999),
    st.sampled_from(Severity),
    st.sampled_from(["en", "fr"]),
)
def test_slack_always_takes_the_form(
    policy: Policy, services: int, moment: int, severity: Severity, locale: str
) -> None:
    many = {f"s{n}": Service(f"s{n}", one_line(f"{n}{policy.name}"), team="team") for n in range(services)}
    directory = Directory(
        people=PEOPLE, teams={"team": replace(TEAM, name=policy.name)}, services=many, policies={policy.id: policy}
    )
    at = datetime.fromtimestamp(moment, UTC)
    asked = Asked("s0", severity, at)
    for place in (Place(DRAFT, policy.id), Place(SAVED, policy.id)):
        assert Place.of(str(place)) == place
        seen = preview(policy, directory, at, REACH, (many["s0"], severity))
        view = looks.form(seen, place, directory, locale, asked=asked, at=at)
        assert check_view(view) == []
        assert check_view(looks.form(seen, place, directory, locale, at=at)) == []
    assert check_view(looks.no_service(locale)) == []
