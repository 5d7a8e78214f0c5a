"""Good practice for people, teams, services and schedules: what it sees, what it leaves alone, and in two languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time

from blocks.findings import sentence
from blocks.words import words
from domain.directory import Directory
from domain.incidents import Severity
from domain.lint import Finding, Level
from domain.oncall import Hours, OnCall, Rotation
from domain.organisation_lint import lint_person, lint_service, lint_team
from domain.people import Person, Service, Team
from domain.policies import Channel
from domain.reach import EVERYTHING, Reach
from domain.responses import Response
from tests.unit.test_simulation import GUIDE

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
ADA = Person("ada", "ada", "Ada", email="ada@example.com", phone="+33600000001", slack="U01ADA")
BOB = replace(ADA, id="bob", handle="bob", name="Bob")
DAILY = Rotation(name="primary", people=("ada",), start=datetime.fromisoformat("2026-01-05T09:00"), every=7)
TEAM = Team("sre", "SRE", channel="#sre", lead="ada", members=("ada", "bob"), on_call=OnCall(rotations=(DAILY,)))
SERVICE = Service("redis", "redis", team="sre")
[POLICY] = GUIDE.policies.values()
DEFAULT = replace(POLICY, id="default", team="", severity_filter=None, is_default=True)


def known(*people: Person, team: Team = TEAM, service: Service | None = SERVICE, has_policy: bool = True) -> Directory:
    return Directory(
        people={one.id: one for one in people or (ADA, BOB)},
        teams={team.id: team},
        services={service.id: service} if service else {},
        policies={DEFAULT.id: DEFAULT} if has_policy else {},
    )


def rules(found: Sequence[Finding]) -> dict[str, Level]:
    for one in found:
        for text in (one.message, one.fix):
            assert sentence(text, words("fr")) != text, f"{text} has no French"
    return {one.rule: one.severity for one in found}


def of_team(team: Team, *people: Person, reach: Reach = EVERYTHING) -> dict[str, Level]:
    return rules(lint_team(team, known(*people, team=team), reach, NOW))


def test_what_is_in_order_is_left_alone() -> None:
    whole = known()
    assert [*lint_person(ADA, whole, EVERYTHING), *lint_team(TEAM, whole, EVERYTHING, NOW)] == []
    assert lint_service(SERVICE, whole) == ()


def test_stakeholders_need_e_mail() -> None:
    told = replace(TEAM, response=Response(stakeholders=("chief@example.com",)))
    without = Reach(frozenset({Channel.SLACK, Channel.SMS}))
    assert of_team(told, reach=without) == {"stakeholders-reachable": Level.WARNING}
    assert of_team(told) == of_team(TEAM, reach=without) == {}


def test_whoever_may_be_paged_can_be_reached() -> None:
    mute = replace(ADA, email="", phone="", slack="")
    assert rules(lint_person(mute, known(mute), EVERYTHING)) == {"person-reachable": Level.ERROR}
    stranger = replace(mute, id="eve")
    assert rules(lint_person(stranger, known(stranger), EVERYTHING)) == {"person-reachable": Level.WARNING}
    assert lint_person(replace(mute, is_active=False), known(mute), EVERYTHING) == ()
    silent = replace(ADA, phone="")
    assert rules(lint_person(silent, known(silent), EVERYTHING)) == {"person-rings": Level.WARNING}
    assert lint_person(silent, known(silent), Reach(frozenset({Channel.SLACK}))) == ()
    proved = replace(known(), verified=frozenset({("ada", ADA.email)}))
    [unproved] = lint_person(ADA, proved, EVERYTHING)
    assert (unproved.rule, unproved.where.field, unproved.severity) == ("contact-verified", "phone", Level.WARNING)


def test_a_team_has_a_channel_and_people() -> None:
    assert of_team(replace(TEAM, channel="")) == {"team-channel": Level.WARNING}
    assert of_team(TEAM, reach=Reach(slack_channels=frozenset({"other"}))) == {"team-channel": Level.WARNING}
    assert of_team(replace(TEAM, lead="")) == {"team-lead": Level.INFO}
    empty = replace(TEAM, lead="", members=(), on_call=OnCall())
    assert of_team(empty) == {"team-people": Level.ERROR, "on-call-somebody": Level.WARNING}


def test_a_schedule_has_somebody_at_every_hour() -> None:
    by_day = replace(DAILY, hours=(Hours(start=time(9), end=time(17)),))
    assert of_team(replace(TEAM, on_call=OnCall(rotations=(by_day,)))) == {"on-call-gap": Level.WARNING}
    gone = replace(ADA, is_active=False)
    assert of_team(TEAM, gone, BOB) == {"rotation-active": Level.WARNING, "on-call-somebody": Level.ERROR}
    elsewhere = replace(TEAM, on_call=OnCall(calendar="https://example.com/team.ics"))
    assert of_team(elsewhere) == {}


def test_every_severity_of_a_service_pages_somebody() -> None:
    assert rules(lint_service(replace(SERVICE, team=""), known())) == {"service-team": Level.ERROR}
    lost = replace(known(), policies={POLICY.id: replace(POLICY, team="sre", severity_filter=Severity.SEV1)})
    [finding] = lint_service(SERVICE, lost)
    assert (finding.rule, finding.message) == (
        "service-policy",
        "no policy pages anybody for redis at SEV2, SEV3, SEV4",
    )
    unused = known(service=None, has_policy=False)
    assert rules(lint_team(TEAM, unused, EVERYTHING, NOW)) == {"team-policy": Level.WARNING}
