"""`vigie lint` and `vigie simulate`, and the service that editors ask the same of."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import cli
from domain.errors import NotFound, VigieError
from domain.incidents import Severity
from domain.people import Actor, Role
from domain.policies import Channel, Choice
from handlers.catalog.service import CatalogService
from handlers.policies.judgement import JudgementService
from storage import catalog, messages
from storage.store import Store
from tests.world import PushedClock

PAYLOADS = Path(__file__).parents[1] / "payloads"
SAMPLE = Path(__file__).parents[2] / "bot" / "demo" / "sample"
GUIDE, ORGANISATION = str(PAYLOADS / "guide.yaml"), str(PAYLOADS / "organisation.yaml")
OPERATOR = Actor(key="cli", name="the command line", role=Role.ADMIN)
SETTINGS = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "OVH_APPLICATION_KEY", "SMTP_URL", "LOCALE", "CLOCK_SPEED")


@pytest.fixture(autouse=True)
def nothing_set_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without a `.env`, as one that only checks files."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


def vigie(*arguments: str) -> Result:
    """A command in this process."""
    return CliRunner().invoke(cli, arguments)


def written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "a.yaml"
    file.write_text(text, "utf-8")
    return str(file)


def test_the_guide_passes(tmp_path: Path) -> None:
    for files in ([GUIDE], [GUIDE, ORGANISATION]):
        answer = vigie("lint", *files)
        assert answer.exit_code == 0, answer.output
        assert "\n0 errors, " in answer.output
    assert not list(tmp_path.glob("*.db"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_sample_has_nothing_but_its_team_without_a_shift(language: str) -> None:
    """Somebody nobody is on call for is a scenario of the demo's, and a fault that lint finds."""
    files = [str(one) for one in sorted((SAMPLE / language).glob("*.yaml"))]
    lines = vigie("lint", *files).output.splitlines()
    found = [line for line in lines if "[" in line]
    assert len(found) == 3 and all("nobody is ever on call in" in line for line in found), "\n".join(lines)


def test_a_finding_has_its_line_its_rule_and_its_fix() -> None:
    out = vigie("lint", GUIDE).output
    assert (
        f"{GUIDE}:33: warning: runbook Redis Cluster Recovery, step 3, command: kubectl does not say in which "
        "namespace. Add -n and the namespace. [command-context]\n"
    ) in out
    assert "in 2 runbooks and 1 policy\nPeople and teams are not in these files" in out


def test_an_error_is_exit_one(tmp_path: Path) -> None:
    text = "Title: T\nSteps:\n  1:\n    title: Fail over\n    duration: 10\n    critical: true\n"
    answer = vigie("lint", written(tmp_path, text))
    assert answer.exit_code == 1
    assert "a.yaml:4: error: runbook T, step 1, rollback: a critical step has no rollback." in answer.output


def test_what_can_t_be_loaded_is_an_error_with_its_place(tmp_path: Path) -> None:
    answer = vigie("lint", written(tmp_path, "Policy: P\nSteps:\n  1: {delay: soon, type: SLACK, target: ON_CALL}\n"))
    assert answer.exit_code == 1
    assert "a.yaml:3: error: Steps[1].delay: must be a length" in answer.output
    assert "1 error, 0 warnings, 0 infos in 0 runbooks and 1 policy" in answer.output


def test_with_people_in_the_files_targets_are_checked(tmp_path: Path) -> None:
    text = Path(ORGANISATION).read_text("utf-8").replace(', phone: "+33600000002", slack: U02JOHN', "")
    assert "John Doe has no phone number" in vigie("lint", GUIDE, written(tmp_path, text)).output


def test_a_channel_that_is_off_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://localhost:25?tls=none")
    answer = vigie("lint", GUIDE)
    assert answer.exit_code == 1
    assert "step 2, type: SMS is not set up." in answer.output and "e-mail is not set up" not in answer.output


def test_a_file_that_can_t_be_read_is_said(tmp_path: Path) -> None:
    assert isinstance(vigie("lint", "nowhere.yaml").exception, VigieError)
    assert "is a folder; name the files in it" in str(vigie("lint", str(tmp_path)).exception)


@pytest.fixture
def loaded(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The guide's catalog in the database that the commands read."""
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    assert vigie("load", GUIDE, ORGANISATION).exit_code == 0


@pytest.mark.usefixtures("loaded")
def test_the_redis_sev1_at_three_in_the_morning() -> None:
    answer = vigie("simulate", "--service", "redis", "--severity", "SEV1_CRITICAL", "--at", "2026-12-01 03:00")
    assert answer.exit_code == 0
    assert answer.output.splitlines() == [
        "SEV1 of redis-prod, 1 Dec 2026, 03:00 (Europe/Paris), if nobody acknowledges",
        "Policy SRE Core - SEV1 v1: SRE Core's for this severity",
        "Runbook Redis Cluster Recovery",
        "Card at once in #sre-incidents",
        "",
        "T+0 · 03:00 · step 1",
        "    message to #sre-incidents",
        "T+5 · 03:05 · step 2",
        "    direct message and SMS to John Doe (on call in SRE Core, rotation primary until Mon 09:00)",
        "T+15 · 03:15 · step 3",
        "    SMS and e-mail to Léa Lead (leads SRE Core)",
        "T+30 · 03:30 · step 4",
        "    e-mail and direct message to engineering-manager@company.com (address in the step)",
        "T+60 · 04:00 · step 5",
        "    e-mail and SMS to Chloé Tech (address in the step)",
        "After T+60 nobody else is paged.",
        "No channel is set up here: this is what happens where all of them are.",
    ]


@pytest.mark.usefixtures("loaded")
def test_the_same_as_json() -> None:
    answer = vigie("simulate", "--service", "redis", "--severity", "sev1", "--at", "2026-12-01T02:00:00Z", "--json")
    told = json.loads(answer.output)
    assert (told["at"], told["chosen_by"]) == ("2026-12-01T02:00:00+00:00", "team and severity")
    assert told["policy"] == {"name": "SRE Core - SEV1", "version": 1}
    assert [step["minute"] for step in told["steps"]] == [0, 5, 15, 30, 60]
    [first, _] = told["steps"][1]["pages"]
    assert first["why"]["until"] == "2026-12-07T08:00:00+00:00"


@pytest.mark.usefixtures("loaded")
def test_that_no_policy_fits_is_said() -> None:
    answer = vigie("simulate", "--service", "gateway", "--severity", "SEV4")
    assert "No policy fits: nobody is paged" in answer.output and "No runbook fits" in answer.output
    assert answer.exit_code == 3 and answer.output.endswith("vigie: this pages nobody\n")


POSTED = "Policy: Posted\nDefault: true\nSteps:\n  1: {delay: 0 minutes, type: SLACK, target: 'CHANNEL (#general)'}\n"


def test_a_channel_alone_pages_nobody_who_must_be_woken(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    ask = ("simulate", "--service", "redis-prod", "--json", "--severity")
    assert str(vigie(*ask, "SEV1").exception).startswith("there is no service yet: `vigie load FILE…`")
    vigie("load", ORGANISATION)
    answer = vigie(*ask, "SEV1")
    assert answer.exit_code == 3 and "there is no policy yet: `vigie load FILE…`" in answer.stderr
    vigie("load", written(tmp_path, POSTED))
    assert [vigie(*ask, severity).exit_code for severity in ("SEV1", "SEV4")] == [3, 0]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--service", "rediz", "--severity", "SEV1"), "there is no service rediz; did you mean redis?"),
        (("--service", "redis", "--severity", "high"), "--severity: must be one of SEV1_CRITICAL"),
        (("--service", "redis", "--severity", "SEV1", "--at", "3 am"), "--at: '3 am' is no time such as"),
    ],
)
def test_a_wrong_question_is_answered_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    answer = vigie("simulate", *arguments)
    assert isinstance(answer.exception, VigieError)
    assert str(answer.exception).startswith(said)


FILES = [(name, Path(name).read_text("utf-8")) for name in (GUIDE, ORGANISATION)]


@pytest.fixture
async def service(store: Store) -> JudgementService:
    clock = PushedClock()
    await CatalogService(store, clock).load(FILES, OPERATOR)
    return JudgementService(store, clock, frozenset({Channel.SLACK, Channel.EMAIL, Channel.SMS}))


async def test_the_service_foretells_now_or_a_wall_clock_time(store: Store, service: JudgementService) -> None:
    before, earliest = store.read_now(catalog.revision), PushedClock().now()
    now = await service.simulate("redis-prod", Severity.SEV1)
    assert now.choice is Choice.TEAM_SEVERITY
    assert abs(now.at - earliest) < timedelta(minutes=5)
    night = await service.simulate("redis-prod", Severity.SEV1, datetime.fromisoformat("2026-07-01T03:00"))
    assert night.at.astimezone(UTC) == datetime(2026, 7, 1, 1, 0, tzinfo=UTC)
    with pytest.raises(NotFound):
        await service.simulate("nothing like it", Severity.SEV1)
    assert store.read_now(catalog.revision) == before


async def test_the_service_judges_a_draft_with_the_channels_that_slack_has(
    store: Store, service: JudgementService
) -> None:
    [policy] = store.read_now(catalog.directory).policies.values()
    assert {one.rule for one in await service.lint_policy(policy)} == {
        "contact-verified",
        "description",
        "target-reachable",
    }
    store.write_now(lambda tx: messages.put_channel(tx, "general", "C0GENERAL"))
    said = [one.message for one in await service.lint_policy(policy)]
    assert "Slack has no channel #sre-incidents that Vigie has seen" in said
    store.write_now(lambda tx: messages.put_channel(tx, "sre-incidents", "C0SRE"))
    assert "Slack has no channel #sre-incidents that Vigie has seen" not in [
        one.message for one in await service.lint_policy(policy)
    ]


async def test_the_service_says_what_a_draft_changes(store: Store, service: JudgementService) -> None:
    [policy] = store.read_now(catalog.directory).policies.values()
    assert await service.compare(policy, "redis", Severity.SEV1) == ()
    quiet = replace(policy, steps=policy.steps[:1])
    assert (await service.compare(quiet, "redis", Severity.SEV1))[0].rule == "nobody-rung"
    runbook = next(iter(store.read_now(catalog.directory).runbooks.values()))
    assert {one.rule for one in service.lint_runbook(replace(runbook, steps=()))} == {"has-steps"}
