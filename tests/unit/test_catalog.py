"""Files into the catalog: the guide's examples as they are written, and every way to write the same."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from textwrap import dedent

import pytest

from domain.directory import Directory
from domain.errors import Fault
from domain.incidents import Severity
from domain.oncall import Rotation
from domain.people import Person, Role, Service, Team
from domain.policies import Channel, Policy, Target, TargetType
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog.catalog import Catalog, read, resolve

PAYLOADS = Path(__file__).parents[1] / "payloads"
GUIDE, ORGANISATION = ((name, (PAYLOADS / name).read_text("utf-8")) for name in ("guide.yaml", "organisation.yaml"))
ADA = Person("ada-id", "ada", "Ada", email="ada@example.com", slack="U01ADA")
BEFORE = Directory(
    people={ADA.id: ADA},
    teams={"core-id": Team("core-id", "SRE Core", lead="ada-id"), "lone-id": Team("lone-id", "Lone")},
    services={"redis-id": Service("redis-id", "redis-prod", "core-id", ("redis",))},
)


def loaded(files: Sequence[tuple[str, str]], before: Directory = BEFORE) -> tuple[Catalog, list[Fault]]:
    found: list[Fault] = []
    numbers = itertools.count(1)
    catalog = resolve(read(files, found), before, lambda: f"new{next(numbers)}")
    return catalog, found


def good(text: str, before: Directory = BEFORE) -> Catalog:
    catalog, found = loaded([("a.yaml", dedent(text))], before)
    assert not found, [str(fault) for fault in found]
    return catalog


def runbook(text: str) -> Runbook:
    [one] = good(text).runbooks
    return one


def policy(text: str) -> Policy:
    [one] = good(text).policies
    return one


def test_the_guide_loads_as_it_is_written() -> None:
    catalog, found = loaded([GUIDE, ORGANISATION], Directory())
    assert not found, [str(fault) for fault in found]
    redis, gateway = catalog.runbooks
    assert [len(redis.steps), len(gateway.steps)] == [6, 5]
    assert (redis.title, redis.severity_filter) == ("Redis Cluster Recovery", Severity.SEV1)
    assert {service.name: service.id for service in catalog.services}["redis-prod"] == redis.service
    assert [one.expected_duration for one in redis.steps] == [2, 2, 3, 5, 3, 5]
    assert [one.order for one in redis.steps if one.is_critical and one.requires_confirmation] == [4]
    assert redis.steps[3].rollback_instructions.splitlines()[0] == "redis-cli cluster failover abort"
    assert redis.steps[0].command.startswith("# État global\nredis-cli -h redis-master cluster info\n")
    assert "- [ ] Cause root documentée" in redis.steps[5].description


def test_the_guides_policy_loads_as_it_is_written() -> None:
    catalog, _ = loaded([ORGANISATION, GUIDE], Directory())
    [climb] = catalog.policies
    assert climb.team == next(team.id for team in catalog.teams if team.name == "SRE Core")
    assert [one.delay_minutes for one in climb.steps] == [0, 5, 15, 30, 60]
    assert [set(one.channels) for one in climb.steps] == [
        {Channel.SLACK},
        {Channel.SLACK, Channel.SMS},
        {Channel.SMS, Channel.EMAIL},
        {Channel.EMAIL, Channel.SLACK},
        {Channel.EMAIL, Channel.SMS},
    ]
    assert [one.target for one in climb.steps] == [
        Target(TargetType.CHANNEL, "#sre-incidents"),
        Target(TargetType.ON_CALL),
        Target(TargetType.USER, "team_lead"),
        Target(TargetType.EMAIL, "engineering-manager@company.com"),
        Target(TargetType.EMAIL, "cto@company.com"),
    ]
    assert climb.steps[0].message.splitlines()[1] == "Titre: {incident.title}"


def test_the_organisation() -> None:
    catalog = good("""\
        people:
          - {handle: "@bob", name: Bob B., email: bob@example.com, phone: +33 6 00 00 00 01, slack: U02BOB, locale: FR}
          - {handle: zoe, role: Admin, active: no}
        teams:
          - name: Night
            channel: night-shift
            lead: BOB
            members: [bob, Ada, bob]
            on_call:
              timezone: Europe/Paris
              rotations:
                - {name: primary, start: 2026-01-05 09:00:00, every: 2 weeks, people: [bob, ada, bob]}
                - {name: second, start: "2026-01-05T21:00", every: 3d, people: zoe}
        services:
          - {name: db, team: night, aliases: [postgres, pg], auto_resolve: false}
        """)
    bob, zoe = catalog.people
    assert bob == Person("new1", "bob", "Bob B.", "bob@example.com", "+33600000001", "U02BOB", Role.OPERATOR, "fr")
    assert (zoe.name, zoe.role, zoe.is_active) == ("zoe", Role.ADMIN, False)
    [night] = catalog.teams
    assert (night.channel, night.lead, night.members) == ("#night-shift", "new1", ("new1", "ada-id"))
    primary, second = night.on_call.rotations
    assert primary == Rotation("primary", datetime(2026, 1, 5, 9), 14, ("new1", "ada-id", "new1"))  # noqa: DTZ001
    assert (second.every, second.people, night.on_call.timezone) == (3, ("new2",), "Europe/Paris")
    assert catalog.services == [Service("new4", "db", night.id, ("postgres", "pg"), auto_resolve=False)]


def test_what_is_there_keeps_its_id_and_the_slack_id_that_was_found_for_it() -> None:
    catalog = good("""\
        people: [{handle: ADA, email: ada@example.com}]
        teams: [{name: sre core}]
        services: [{name: Redis-Prod, team: sre core}]
        """)
    assert [(one.id, one.handle, one.slack) for one in catalog.people] == [("ada-id", "ADA", "U01ADA")]
    assert [one.id for one in catalog.teams] == ["core-id"]
    assert [one.id for one in catalog.services] == ["redis-id"]


def test_a_slack_id_goes_to_the_one_who_names_it() -> None:
    text = "people: [{handle: ada, email: ada@example.com}, {handle: bob, slack: U01ADA}]"
    assert [one.slack for one in good(text).people] == ["", "U01ADA"]


def test_runbook_steps_by_the_names_of_the_api() -> None:
    one = runbook("""\
        title: T
        severity_filter: SEV2
        is_active: true
        four_eyes: yes
        steps:
          - {order: 2, title: Second, expected_duration: 5 min, Rollback Instructions: Undo it}
          - order: 1
            title: First
            is_critical: true
            is_active: true
        """)
    assert (one.severity_filter, one.four_eyes, one.service) == (Severity.SEV2, True, "")
    assert one.steps == (
        RunbookStep(order=1, title="First", is_critical=True),
        RunbookStep(order=2, title="Second", expected_duration=5, rollback_instructions="Undo it"),
    )


def test_policies_by_the_names_of_the_api() -> None:
    one = policy("""\
        name: P
        team: sre CORE
        is_default: true
        ack_timeout: 1 hour
        steps:
          - {step_order: 1, delay_minutes: 0, notification_type: [SLACK, EMAIL], target_type: USER, target_user: ada}
          - {step_order: 2, delay_minutes: 5, notification_type: "sms, phone", target_type: TEAM, postmortem: true}
          - {delay_minutes: 9, notification_type: EMAIL, target_type: EMAIL, target_email: boss@example.com}
          - {delay_minutes: 9, notification_type: SLACK, target_type: CHANNEL, target_channel: ops, is_active: false}
        """)
    assert (one.team, one.is_default, one.ack_timeout_minutes, one.severity_filter) == ("core-id", True, 60, None)
    assert [one.target.value for one in one.steps] == ["ada", "", "boss@example.com", "#ops"]
    assert one.steps[1].channels == (Channel.SMS, Channel.PHONE)
    assert [one.requires_postmortem for one in one.steps] == [False, True, False, False]
    assert [one.is_active for one in one.steps] == [True, True, True, False]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("CHANNEL (#sre-incidents)", "#sre-incidents"),
        ("channel(2024)", "#2024"),
        ("CHANNEL (C0123ABCD)", "C0123ABCD"),
        ("CHANNEL (https://discord.com/api/webhooks/1/aB_c)", "https://discord.com/api/webhooks/1/aB_c"),
        ("USER (@ada)", "ada"),
        ("User (Team-Lead)", "team_lead"),
        ("on-call", ""),
        ("ON CALL", ""),
    ],
)
def test_targets(written: str, value: str) -> None:
    one = policy(f"Policy: P\nTeam: SRE Core\nSteps: {{1: {{delay: 0, type: SLACK, target: '{written}'}}}}")
    assert one.steps[0].target.value == value


@pytest.mark.parametrize("start", ["2026-01-05T09:00", "2026-01-05 09:00", "2026-01-05T09:00:00"])
def test_a_start_is_a_time_of_the_zones_clock(start: str) -> None:
    [night] = good(f"teams: [{{name: T, on_call: {{rotations: [{{start: {start}, people: [ada]}}]}}}}]").teams
    [rotation] = night.on_call.rotations
    assert (rotation.start, rotation.every) == (datetime(2026, 1, 5, 9), 7)  # noqa: DTZ001


def test_a_file_that_dumps_everything_in_one_document() -> None:
    catalog = good("""\
        runbooks: [{title: T, service: redis, steps: [{title: Look}]}]
        policies: [{name: P, team: SRE Core, steps: [{delay: 0, type: SMS, target: ON_CALL}]}]
        """)
    assert [one.service for one in catalog.runbooks] == ["redis-id"]
    assert [one.name for one in catalog.policies] == ["P"]


def test_yes_and_no_are_known_as_the_guide_s_tables_write_them() -> None:
    steps = "".join(
        f"  - {{Title: Vérifier, Is Critical: {yes}, Requires Confirmation: {no}}}\n"
        for yes, no in (("✅", "❌"), ("Oui", "Non"), ("true", "false"))
    )
    found = runbook(f"Title: Redis\nIs Active: ✅\nSteps:\n{steps}").steps
    assert [(one.is_critical, one.requires_confirmation) for one in found] == [(True, False)] * 3
