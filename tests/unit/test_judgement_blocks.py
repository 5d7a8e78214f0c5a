"""Findings and forecasts as people read them: in their language, within Slack's limits, with nothing of theirs read as
markup."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from blocks.findings import findings, place_of, sentence
from blocks.forecasts import foretold, simulation, simulation_text
from blocks.kit import Message
from blocks.words import words
from domain.differences import difference
from domain.directory import Directory
from domain.forecasts import Forecast, forecast
from domain.incidents import Severity
from domain.lint import WHOLE, Finding, Level, Where
from domain.oncall import OnCall
from domain.people import Team
from domain.policies import Channel, Policy, TargetType
from domain.policy_lint import lint_policy
from domain.reach import EVERYTHING, Reach
from domain.runbook_lint import lint_runbook
from tests.unit.block_samples import hostile, sound
from tests.unit.test_lint import BOOK, FAIL_OVER, GOOD, LOOK, TELL, VERIFY, changed
from tests.unit.test_simulation import GUIDE, night, organisations, policy_with, step

THREE = datetime.fromisoformat("2026-12-01 03:00")
NOTHING_ON = Reach(frozenset(), frozenset({"elsewhere"}))


def of_redis(directory: Directory = GUIDE, reach: Reach = EVERYTHING) -> Forecast:
    return forecast("redis-prod", Severity.SEV1, THREE, directory, reach)


def bad_books() -> list[Finding]:
    """Something of every rule for runbooks."""
    odd = [
        replace(
            LOOK, title="Cluster", command="kubectl get pods\nredis-cli info\nsystemctl status x", expected_duration=0
        ),
        replace(LOOK, title="Stop it and restart it", expected_duration=99),
        replace(LOOK, title="Wait", command="rm -rf /x; rm -rf /y", expected_duration=99),
        replace(LOOK, expected_duration=99),
        replace(VERIFY, expected_duration=99),
        replace(FAIL_OVER, expected_duration=1, rollback_instructions=""),
        replace(FAIL_OVER, expected_duration=99),
        replace(LOOK, title="Wait", command="systemctl restart x", expected_duration=1),
        replace(LOOK, title="Wait", command="systemctl restart x", expected_duration=99),
    ]
    books = [replace(BOOK, steps=()), replace(BOOK, steps=tuple(odd)), replace(BOOK, steps=(FAIL_OVER, TELL))]
    return [finding for book in books for finding in lint_runbook(book)]


def bad_policies() -> list[Finding]:
    """Something of every rule for policies."""
    team = GUIDE.team_by_name("SRE Core")
    assert team is not None
    bare = replace(GUIDE, teams={team.id: replace(team, on_call=OnCall(), members=(), lead="")})
    meant = [
        step(1, 3, "SMS", TargetType.CHANNEL, "#sre-incidents"),
        step(2, 1, "SLACK", TargetType.ON_CALL),
        step(3, 2, "PHONE SLACK EMAIL", TargetType.TEAM),
        step(4, 20, "EMAIL", TargetType.USER, "team_lead"),
        step(5, 30, "EMAIL SMS", TargetType.EMAIL, "boss@company.com"),
        step(6, 40, "EMAIL", TargetType.USER, "zoe"),
    ]
    long = replace(GOOD, description="", team=team.id, steps=(*meant, replace(meant[3], order=7, message="{x}")))
    gone = changed("lea", is_active=False)
    poor = changed("lea", phone="", slack="", email="")
    short = replace(GOOD, severity_filter=None, steps=(step(1, 0, "SLACK SMS EMAIL", TargetType.USER, "lea"),))
    quiet = replace(GOOD, steps=(step(1, 0, "SLACK", TargetType.CHANNEL, "#x"),))
    judged: list[tuple[Policy, Directory, Reach]] = [
        (long, bare, NOTHING_ON),
        (short, gone, NOTHING_ON),
        (short, poor, EVERYTHING),
        (quiet, GUIDE, NOTHING_ON),
        (replace(quiet, severity_filter=Severity.SEV2), GUIDE, EVERYTHING),
        (replace(GOOD, severity_filter=Severity.SEV4), GUIDE, EVERYTHING),
        (replace(GOOD, steps=()), GUIDE, EVERYTHING),
    ]
    return [finding for one in judged for finding in lint_policy(*one)]


def differences() -> list[Finding]:
    before, silent = night(), replace(night(), policy=None, steps=())
    quiet = night(policy_with(step(1, 0, "SLACK", TargetType.CHANNEL, "#sre-incidents")))
    later = night(policy_with(step(1, 4, "SLACK", TargetType.CHANNEL, "#sre-incidents")))
    return [
        *difference(before, quiet),
        *difference(before, silent),
        *difference(silent, before),
        *difference(quiet, later),
    ]


EVERY = [*bad_books(), *bad_policies(), *differences()]
RULES = """has-steps final-verification communication-step verb-first one-action-per-step rollback command-context
duration-set duration-realistic first-step-at-zero delays-rise delays-apart number-of-steps description never-chosen
channel-fits-severity last-step-rings placeholder channel-set-up target-reachable page-added page-removed page-moved
nobody-paged nobody-rung""".split()  # noqa: SIM905


def test_the_samples_show_every_rule() -> None:
    assert {one.rule for one in EVERY} == set(RULES)


@pytest.mark.parametrize("finding", EVERY, ids=lambda one: one.message)
def test_every_finding_is_said_in_french(finding: Finding) -> None:
    french = words("fr")
    assert sentence(finding.message, french) != finding.message
    assert sentence(finding.fix, french) != finding.fix
    assert sentence(finding.message, words("en")) == finding.message


def test_every_field_has_a_name_in_an_editor() -> None:
    for field in {one.where.field for one in EVERY} - {""}:
        assert place_of(Where(2, field), words("en")).startswith("Step 2, ")
    assert place_of(Where(4, "rollback"), words("fr")) == "Étape 4, retour arrière"
    assert place_of(WHOLE, words("en")) == ""


def test_a_finding_is_a_line_of_what_and_a_line_of_how() -> None:
    [block] = findings([Finding("rollback", Level.ERROR, Where(4, "rollback"), *_ROLLBACK)], "en")
    assert block["text"]["text"].splitlines() == [
        "❌ Step 4, rollback: a critical step has no rollback",
        "→ Write how to undo it, or whom to call when it can't be undone",
    ]
    [nothing] = findings([], "fr")
    assert nothing["elements"][0]["text"] == "✅ Rien à corriger."


_ROLLBACK = ("a critical step has no rollback", "write how to undo it, or whom to call when it can't be undone")


def test_a_long_list_ends_with_how_many_more() -> None:
    many = [Finding("rollback", Level.ERROR, Where(n), *_ROLLBACK) for n in range(1, 31)]
    said = findings(many, "en")
    assert len(said) == 21 and "and 10 more" in str(said[-1])


@settings(max_examples=60)
@given(hostile(), some.sampled_from(["en", "fr"]))
def test_no_finding_breaks_whatever_is_quoted(text: str, locale: str) -> None:
    odd = replace(BOOK, steps=tuple(replace(LOOK, order=n, title=text, command=text) for n in range(1, 9)))
    sound(Message("x", findings(lint_runbook(odd), locale)))


@settings(max_examples=60)
@given(organisations(), hostile(), some.sampled_from(["en", "fr"]), some.sets(some.sampled_from(list(Channel))))
def test_no_forecast_breaks_whatever_things_are_called(
    directory: Directory, text: str, locale: str, channels: set[Channel]
) -> None:
    called = text or "x"
    hostile_team = replace(directory.teams["team"], name=called, channel=called)
    odd = replace(
        directory,
        people={one.id: replace(one, name=called) for one in directory.people.values()},
        teams={"team": hostile_team},
        policies={"policy": replace(directory.policies["policy"], name=called)},
    )
    told = forecast("redis-prod", Severity.SEV2, THREE, odd, Reach(frozenset(channels)))
    sound(Message("x", simulation(told, locale)))
    assert len(simulation_text(told, locale).splitlines()) >= 5


def test_what_is_read_out_of_an_answer_mentions_nobody() -> None:
    odd = replace(GUIDE, teams={one.id: replace(one, name="<!channel>") for one in GUIDE.teams.values()})
    told = foretold(of_redis(odd), "en")
    assert "&lt;!channel&gt;" in told.text and "<!" not in told.text


def test_the_time_line_is_in_the_reader_s_language() -> None:
    said = simulation_text(of_redis(reach=Reach(frozenset({Channel.SLACK}))), "fr")
    assert "SEV1 de redis-prod, 1 déc. 2026, 03:00 (Europe/Paris), si personne n'acquitte" in said
    assert "d'astreinte pour SRE Core, rotation primary jusqu'à lun. 09:00" in said
    assert "\u00a0: message direct à la place pour Léa Lead" in said


def test_it_says_what_happens_where_nobody_is_reached() -> None:
    team = GUIDE.team_by_name("SRE Core")
    assert team is not None
    directory = replace(GUIDE, teams={team.id: Team(team.id, "SRE Core", "#sre-incidents")})
    lines = simulation_text(of_redis(directory), "en").splitlines()
    at = lines.index("T+5 · 03:05 · step 2")
    assert lines[at + 1 : at + 4] == [
        "    ⚠️ nobody is on call",
        "    ⚠️ reaches nobody",
        "    ↪ the next step fires at once",
    ]
    assert "step 3 (at once, instead of T+15)" in lines[at + 4]


def test_two_hundred_people_are_a_few_lines() -> None:
    team = GUIDE.team_by_name("SRE Core")
    john = GUIDE.person_by_handle("john")
    assert team is not None and john is not None
    crowd = {f"p{n}": replace(john, id=f"p{n}", name=f"Person {n}", slack=f"U{n:05}") for n in range(200)}
    everybody = policy_with(step(1, 0, "SLACK SMS", TargetType.TEAM))
    large = replace(everybody, people=crowd, teams={team.id: replace(team, members=tuple(crowd))})
    said = simulation_text(of_redis(large), "en")
    assert "and 189 more lines" in said
    sound(Message("x", simulation(of_redis(large), "en")))


def test_a_shift_that_ends_later_has_its_date() -> None:
    team = GUIDE.team_by_name("SRE Core")
    assert team is not None
    [rotation] = team.on_call.rotations
    slow = replace(rotation, every=56, start=rotation.start + timedelta(days=280))
    directory = replace(GUIDE, teams={team.id: replace(team, on_call=OnCall("Europe/Paris", (slow,)))})
    november = datetime.fromisoformat("2026-11-01 03:00")
    told = forecast("redis", Severity.SEV1, november, directory, EVERYTHING)
    assert "until 7 Dec 2026, 09:00" in simulation_text(told, "en")
