"""What other tools exported becomes files that load, and what could not come along is said with why."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from bot.cli import cli
from domain.directory import Directory
from domain.errors import Fault, Invalid, VigieError
from domain.incidents import Severity
from domain.oncall import Unit
from domain.people import Role
from handlers.catalog.catalog import Catalog, read, resolve
from handlers.imports import oncall, opsgenie
from handlers.imports.house import House

FOLDER = Path(__file__).parents[1] / "payloads" / "imports"
NOW = datetime(2026, 11, 26, 3, tzinfo=UTC)
Carry = Callable[[Sequence[tuple[str, bytes]], datetime], House]
TOOLS: list[tuple[str, Carry]] = [("oncall", oncall.carried), ("opsgenie", opsgenie.carried)]


def export(tool: str) -> list[tuple[str, bytes]]:
    return [(str(file.relative_to(FOLDER)), file.read_bytes()) for file in sorted((FOLDER / tool).rglob("*.json"))]


def loaded(house: House) -> Catalog:
    """What `load` makes of the files."""
    found: list[Fault] = []
    numbers = count()
    catalog = resolve(read(list(house.files().items()), found), Directory(), lambda: str(next(numbers)))
    assert not found, [str(fault) for fault in found]
    return catalog


def directory(catalog: Catalog) -> Directory:
    return Directory(
        people={one.id: one for one in catalog.people},
        teams={one.id: one for one in catalog.teams},
        services={one.id: one for one in catalog.services},
        policies={one.id: one for one in catalog.policies},
    )


def reasons(house: House) -> dict[str, str]:
    return {one.subject: one.reason for one in house.left}


def names(found: Directory, team: str, at: datetime) -> list[str]:
    known = found.team_by_name(team)
    assert known is not None
    return [person.handle for person in found.on_call(known.id, at)]


def test_grafana_oncall_moves_in() -> None:
    house = oncall.carried(export("oncall"), NOW)
    catalog = loaded(house)
    assert [(one.handle, one.role, one.slack) for one in catalog.people] == [
        ("alice", Role.ADMIN, "U01ALICE"),
        ("bob", Role.OPERATOR, "U01BOB"),
        ("chloé", Role.VIEWER, ""),
    ]
    assert [(one.name, one.channel) for one in catalog.teams] == [
        ("Payments", "#payments-incidents"),
        ("Payments second line", ""),
        ("Search", "#search-incidents"),
    ]
    found = directory(catalog)
    # The weeks begin with the second list; office hours are a layer above, two at once in turns.
    assert names(found, "Payments", datetime(2026, 1, 6, 20, tzinfo=UTC)) == ["bob"]
    assert names(found, "Payments", datetime(2026, 1, 13, 20, tzinfo=UTC)) == ["chloé"]
    assert names(found, "Payments", datetime(2026, 1, 7, 10, tzinfo=UTC)) == ["alice", "chloé"]
    assert names(found, "Payments", datetime(2026, 1, 14, 10, tzinfo=UTC)) == ["bob"]
    assert names(found, "Payments second line", datetime(2026, 1, 7, 18, tzinfo=UTC)) == ["chloé"]
    # Her shift is from noon on in New York, in summer too.
    assert names(found, "Payments second line", datetime(2026, 7, 7, 16, 30, tzinfo=UTC)) == ["chloé"]
    critical, ordinary = catalog.policies
    said = [(s.delay_minutes, "+".join(s.channels), f"{s.target.type}:{s.target.value}") for s in critical.steps]
    assert said == [
        (0, "SLACK+SMS", "ON_CALL:"),
        (5, "SLACK", "USER:chloé"),
        (20, "SLACK+SMS", "USER:alice"),
        (20, "SLACK", "CHANNEL:#payments-incidents"),
    ]
    assert (critical.is_default, critical.is_active, ordinary.is_default, ordinary.is_active) == (
        True,
        True,
        False,
        False,
    )
    assert [one.name for one in catalog.services] == ["Payments Alertmanager"]
    assert [(rule.match, rule.service) for rule in catalog.alert_rules] == [
        ((("token", ("payments-alertmanager",)),), "Payments Alertmanager")
    ]
    (holidays,) = catalog.overrides
    assert (holidays.start, holidays.reason) == (datetime(2026, 12, 24, 9, tzinfo=UTC), "Holidays")


def test_grafana_oncall_says_what_stays_behind() -> None:
    said = reasons(oncall.carried(export("oncall"), NOW))
    assert said["schedule Payments primary, shift first of the month"].startswith("monthly:")
    assert "schedule Payments second line, shift nights" not in said, "the team is on its clock"
    assert "labels" in said["integration Payments Alertmanager, route us-(east|west)"]
    assert "everybody in the rotations" in said["chain Payments critical, step 3 (notify_on_call_from_schedule)"]
    assert "?page=2" in said["oncall/routes.json"]
    assert said["chain Webhook only"] == "no step of it pages anybody here"
    assert "integration Cron" in said


def test_opsgenie_moves_in() -> None:
    house = opsgenie.carried(export("opsgenie"), NOW)
    catalog = loaded(house)
    assert [(one.handle, one.phone, one.locale, one.is_active) for one in catalog.people] == [
        ("alice", "+33600000011", "fr", True),
        ("bob", "+12025550143", "en", True),
        ("carla", "", "", False),
    ]
    found = directory(catalog)
    platform = found.team_by_name("Platform")
    assert platform is not None
    assert found.people[platform.lead].handle == "alice"
    hours, weekend, nights = platform.on_call.rotations
    assert [one.unit for one in (hours, weekend, nights)] == [Unit.DAY] * 3
    assert (weekend.every, nights.every, hours.start) == (14, 1, datetime(2024, 2, 5, 9))  # noqa: DTZ001
    assert names(found, "Platform", datetime(2024, 2, 5, 10, tzinfo=UTC)) == ["alice"]
    assert names(found, "Platform", datetime(2024, 2, 13, 10, tzinfo=UTC)) == ["bob"]
    assert "bob" in names(found, "Platform", datetime(2024, 2, 10, 12, tzinfo=UTC))
    policies = {one.name: one for one in catalog.policies}
    urgent = policies["Platform_urgent SEV1"]
    assert (urgent.severity_filter, urgent.description) == (Severity.SEV1, "Somebody within five minutes")
    said = [(step.delay_minutes, step.target.type.value, step.target.value) for step in urgent.steps]
    assert said == [(0, "ON_CALL", ""), (5, "ON_CALL", ""), (10, "USER", "team_lead"), (60, "USER", "alice")]
    assert policies["Platform_escalation"].is_default
    assert not policies["Old"].is_active
    (override,) = catalog.overrides
    assert override.start == datetime(2026, 12, 24, 8, tzinfo=UTC)


def people(number: int) -> list[dict[str, str]]:
    return [{"id": f"U{one}", "username": f"user{one}", "fullName": f"User {one}"} for one in range(number)]


def carried(carry: Carry, **files: Any) -> House:
    return carry([(f"{name}.json", json.dumps(said).encode()) for name, said in files.items()], NOW)


def test_a_policy_that_would_have_too_many_steps_loads_with_those_it_takes() -> None:
    persons = [f"U{one}" for one in range(60)]
    step = {"id": "S", "escalation_chain_id": "C", "type": "notify_persons", "persons_to_notify": persons}
    chains = [{"id": "C", "name": "All", "team_id": None}]
    grafana = carried(oncall.carried, users=people(60), escalation_chains=chains, escalation_policies=[step])
    members = [{"user": {"id": one}} for one in persons]
    teams = [{"id": "T1", "name": "All", "members": members}, {"id": "T2", "name": "Ops", "members": members[:1]}]
    rules = [{"recipient": {"type": "team", "id": "T1"}, "delay": {"timeAmount": 0}}]
    escalations = [{"id": "E", "name": "All", "ownerTeam": {"id": "T2"}, "rules": rules}]
    atlassian = carried(opsgenie.carried, users=people(60), teams=teams, escalations=escalations)
    for house, subject in ((grafana, "chain All"), (atlassian, "escalation All")):
        assert len(loaded(house).policies[0].steps) == 50
        assert "60 times" in reasons(house)[subject]


def test_turns_that_change_on_some_days_alone_are_told() -> None:
    shift = {"id": "H", "name": "Days", "type": "rolling_users", "start": "2026-01-05T09:00:00", "duration": 86_400}
    turns = {"frequency": "daily", "by_day": ["MO", "TU"], "rolling_users": [["U0"], ["U1"]]}
    schedule = {"id": "S", "name": "Ops", "shifts": ["H"], "on_call_now": []}
    house = carried(oncall.carried, users=people(2), schedules=[schedule], on_call_shifts=[shift | turns])
    assert "every day here" in reasons(house)["schedule Ops, shift Days"]


def opsgenie_team(rules: list[dict[str, Any]]) -> House:
    turns = {"name": "weeks", "type": "weekly", "startDate": "2026-01-05T09:00:00Z"}
    rotations = [turns | {"participants": [{"type": "user", "id": "U0"}]}]
    return carried(
        opsgenie.carried,
        users=people(1),
        teams=[{"id": "T", "name": "Ops", "members": [{"user": {"id": "U0"}}], "teamRoutingRules": rules}],
        schedules=[{"id": "S", "name": "Ops schedule", "ownerTeam": {"id": "T"}, "rotations": rotations}],
        integrations=[{"id": "I", "name": "Prometheus", "type": "Prometheus", "ownerTeam": {"id": "T"}}],
    )


def test_a_schedule_that_opsgenie_pages_without_an_escalation_is_paged() -> None:
    house = opsgenie_team([{"isDefault": True, "notify": {"type": "schedule", "id": "S", "name": "Ops schedule"}}])
    (policy,) = loaded(house).policies
    assert (policy.is_default, policy.is_active) == (True, True)
    assert [(step.delay_minutes, step.target.type.value) for step in policy.steps] == [(0, "ON_CALL")]
    assert not [subject for subject in reasons(house) if not subject.startswith("person")]


def test_the_default_rule_makes_the_default_whatever_is_so_in_office_hours() -> None:
    office = {"type": "weekday-and-time-of-day", "restrictions": [{"startDay": "monday", "startHour": 9}]}
    every = {"criteria": {"type": "match-all"}}
    rules = [
        every | {"name": "Office", "order": 0, "timeRestriction": office, "notify": {"type": "escalation", "id": "E1"}},
        every | {"name": "Default", "order": 1, "isDefault": True, "notify": {"type": "escalation", "id": "E2"}},
    ]
    pages = [{"recipient": {"type": "user", "id": "U0"}, "delay": {"timeAmount": 0}}]
    owner = {"ownerTeam": {"id": "T"}, "rules": pages}
    house = carried(
        opsgenie.carried,
        users=people(1),
        teams=[{"id": "T", "name": "Ops", "members": [], "teamRoutingRules": rules}],
        escalations=[{"id": "E1", "name": "By day"} | owner, {"id": "E2", "name": "Always"} | owner],
    )
    assert {one.name: (one.is_default, one.is_active) for one in loaded(house).policies} == {
        "By day": (False, False),
        "Always": (True, True),
    }
    assert "that one's escalation" in " ".join(one.reason for one in house.left if "Office" in one.subject)


def test_whose_alerts_would_page_nobody_is_told() -> None:
    house = opsgenie_team([{"isDefault": True, "notify": {"type": "none"}}])
    assert "pages nobody" in reasons(house)["team Ops"]
    route = {"id": "R", "integration_id": "I", "is_the_last_route": True, "escalation_chain_id": None}
    integrations = [{"id": "I", "name": "Prometheus", "team_id": "T", "default_route": None}]
    teams = [{"id": "T", "name": "Ops"}]
    grafana = carried(oncall.carried, users=people(1), teams=teams, integrations=integrations, routes=[route])
    assert "pages nobody" in reasons(grafana)["team Ops"]


def test_a_calendar_at_no_address_is_left_and_the_rest_loads() -> None:
    address = "https://in.house/the nights.ics"
    schedule = {"id": "S", "name": "Nights", "team_id": "T", "type": "ical", "ical_url_primary": address}
    house = carried(oncall.carried, teams=[{"id": "T", "name": "Ops"}], schedules=[schedule])
    loaded(house)
    assert "schedule Nights, calendar" in reasons(house)


@pytest.mark.parametrize("called", [("Prometheus (EU)", "Prometheus [EU]"), ("監視 A", "通知 A"), ("x" * 90, "x" * 91)])
def test_each_source_has_a_token_and_so_a_team_of_its_own(called: tuple[str, str]) -> None:
    teams = [{"id": f"T{one}", "name": f"Team {one}"} for one in (1, 2)]
    owned = [{"id": f"I{one}", "name": name, "team_id": f"T{one}"} for one, name in enumerate(called, 1)]
    grafana = carried(oncall.carried, teams=teams, integrations=owned)
    genie = carried(
        opsgenie.carried, teams=teams, integrations=[one | {"ownerTeam": {"id": one["team_id"]}} for one in owned]
    )
    for house in (grafana, genie):
        assert len({str(rule["match"]) for rule in house.rules}) == 2
        assert len([line for line in house.to_do if "vigie token create" in line]) == 2
        loaded(house)


def test_opsgenie_says_what_stays_behind() -> None:
    house = opsgenie.carried(export("opsgenie"), NOW)
    said = reasons(house)
    assert "name a person" in said["schedule Platform_schedule, rotation Weekend, a turn of nobody"]
    assert "alert rule" in said["team Platform, routing rule Noise"]
    assert "whoever is next" in said["escalation Platform_urgent, rule 2"]
    assert {"heartbeat backup", "forwarding alice@example.com", "integration Default API"} <= said.keys()
    assert any("Slack channel" in line for line in house.to_do)


@pytest.mark.parametrize("tool", [name for name, _ in TOOLS])
def test_the_command_writes_files_and_tells_by_its_exit_code(tool: str, tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["import", tool, str(FOLDER / tool), "--out", str(tmp_path)])
    assert answer.exit_code == 3, answer.output
    assert "Not carried over as it was" in answer.output
    assert sorted(one.name for one in tmp_path.iterdir()) == ["alerts.yaml", "organisation.yaml", "policies.yaml"]
    printed = CliRunner().invoke(cli, ["import", tool, str(FOLDER / tool)])
    found: list[Fault] = []
    read([("printed.yaml", printed.output)], found)
    assert found == []


def test_nothing_left_behind_is_exit_code_0(tmp_path: Path) -> None:
    users = [{"id": "1", "username": "ada", "email": "ada@example.com"}]
    (tmp_path / "users.json").write_text(json.dumps({"results": users}), "utf-8")
    assert CliRunner().invoke(cli, ["import", "oncall", str(tmp_path)]).exit_code == 0
    (tmp_path / "users.json").write_text("{", "utf-8")
    answer = CliRunner().invoke(cli, ["import", "oncall", str(tmp_path)])
    assert isinstance(answer.exception, Invalid)


IDS = st.sampled_from(["a", "b", "c", 1, None, "", "ä ö", "team_lead", "x" * 300])
TEXTS = (
    st.text(max_size=8) | IDS | st.sampled_from(["P1", "2026-01-05T09:00:00", "Europe/Paris", "weekly", "daily", "\0"])
)
NAMES = [
    "id",
    "name",
    "username",
    "email",
    "fullName",
    "team_id",
    "type",
    "start",
    "duration",
    "frequency",
    "interval",
    "users",
    "rolling_users",
    "by_day",
    "level",
    "until",
    "time_zone",
    "slack",
    "user_id",
    "channel_id",
    "slack_id",
    "shifts",
    "ical_url_primary",
    "escalation_chain_id",
    "position",
    "important",
    "notify_on_call_from_schedule",
    "persons_to_notify",
    "team_to_notify",
    "integration_id",
    "routing_regex",
    "default_route",
    "is_the_last_route",
    "members",
    "user",
    "role",
    "ownerTeam",
    "rules",
    "recipient",
    "delay",
    "timeAmount",
    "timeUnit",
    "notifyType",
    "condition",
    "rotations",
    "participants",
    "startDate",
    "endDate",
    "length",
    "timeRestriction",
    "restriction",
    "restrictions",
    "startDay",
    "startHour",
    "startMin",
    "endDay",
    "endHour",
    "endMin",
    "timezone",
    "enabled",
    "teamRoutingRules",
    "criteria",
    "conditions",
    "field",
    "operation",
    "expectedValue",
    "notify",
    "isDefault",
    "userContacts",
    "contactMethod",
    "to",
    "locale",
    "blocked",
    "scheduleOverrideList",
    "week_start",
    "teams",
]
TYPES = st.sampled_from(
    [
        "wait",
        "notify_persons",
        "notify_on_call_from_schedule",
        "notify_team_members",
        "notify_whole_channel",
        "rolling_users",
        "single_event",
        "recurrent_event",
        "user",
        "schedule",
        "team",
        "none",
        "time-of-day",
        "weekday-and-time-of-day",
        "escalation",
        "priority",
        "equals",
    ]
)
DAYS = st.sampled_from(["MO", "SU", "monday", "friday", "sms", "P2"])
LEAVES = (
    TEXTS
    | TYPES
    | DAYS
    | st.none()
    | st.booleans()
    | st.integers(-5, 10**7)
    | st.floats(allow_nan=False, allow_infinity=False)
)
SAID: st.SearchStrategy[Any] = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
THINGS = st.dictionaries(st.sampled_from(NAMES), SAID, max_size=8)
EXPORTS = st.dictionaries(
    st.sampled_from(sorted({*oncall.KINDS, *opsgenie.KINDS})), st.lists(THINGS, max_size=3), max_size=6
)


@pytest.mark.parametrize(("tool", "carry"), TOOLS)
@given(said=EXPORTS)
def test_whatever_was_exported_is_carried_into_files_that_load(tool: str, carry: Carry, said: dict[str, Any]) -> None:
    files = [(f"{tool}/{name}.json", json.dumps(things).encode()) for name, things in said.items()]
    loaded(carry(files, NOW))


def test_files_that_can_not_be_written_are_refused_in_a_line(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    answer = CliRunner().invoke(cli, ["import", "oncall", str(FOLDER / "oncall"), "--out", str(taken)])
    assert isinstance(answer.exception, VigieError)
    assert str(answer.exception) == f"{taken} can't be written: --out takes a folder, and this is a file"
