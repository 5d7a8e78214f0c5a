"""`vigie doctor` against the doubles: all well, then one thing after another wrong."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from bot.clock import wall_now
from bot.demo.mail import SmtpServer
from bot.demo.outside import Outside
from bot.demo.provider_faults import Fault
from bot.demo.rates import RateLimits
from bot.doctor.database import told_of_clocks
from bot.doctor.findings import Check, Finding, Verdict, examine
from bot.doctor.visit import visit
from bot.scopes import SCOPES
from bot.settings import Settings
from handlers.catalog.service import CatalogService
from storage import schema, sealing
from storage.store import Store, Transaction
from tests.stories.process import ROOT, Process
from tests.world import PAYLOADS, TESTER, PushedClock, read

COMPLETE = {
    "public_url": "https://vigie.example.com",
    "secret_key": "s" * 43,
    "heartbeat_url": "https://heartbeat.example.com/1",
}
ORGANISATION = """
people:
  - {handle: ada, name: Ada Admin, email: ada@example.com, phone: "+33600000001", slack: U01ADA}
  - {handle: john, name: John Doe, email: john.doe@example.com, phone: "+33600000002"}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: ada
    members: [ada, john]
    on_call: {timezone: Europe/Paris, rotations: [{name: first, start: "2026-01-05T09:00", every: 1w, people: [john]}]}
services: [{name: redis-prod, team: SRE Core}]
---
Policy: Everybody
Default: true
Steps:
  1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#general)"}
  2: {delay: 5 minutes, type: SLACK + SMS, target: ON_CALL}
  3: {delay: 15 minutes, type: SMS + EMAIL, target: USER (team_lead)}
"""


@dataclass
class Ward:
    """Everything outside, a database with a catalog in it, and the settings that lead to both."""

    outside: Outside
    settings: dict[str, Any]

    async def findings(self, *, seconds: float = 5.0, **changes: Any) -> list[Finding]:
        """What the doctor finds, with some settings changed."""
        settings = Settings(**{**self.settings, **changes})
        async with aclosing(visit(settings, {}, seconds)) as coming:
            return [finding async for finding in coming]

    async def one(self, *words: str, **changes: Any) -> Finding:
        """The one finding that has these words in it."""
        findings = await self.findings(**changes)
        found = [one for one in findings if all(word in f"{one.area}: {one.what} {one.remedy}" for word in words)]
        assert len(found) == 1, f"{words} in {findings}"
        return found[0]

    async def error(self, *words: str, **changes: Any) -> Finding:
        """The only error, which has these words in it."""
        findings = await self.findings(**changes)
        errors = [finding for finding in findings if finding.verdict is Verdict.ERROR]
        assert len(errors) == 1, errors
        told = f"{errors[0].area}: {errors[0].what} {errors[0].remedy}"
        assert all(word in told for word in words), f"{words} in {told}"
        assert errors[0].remedy
        return errors[0]

    async def load(self, yaml_text: str) -> None:
        store = Store(self.settings["database_url"])
        await CatalogService(store, PushedClock()).load([("1.yaml", yaml_text)], TESTER)
        store.close()


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    running = Outside(rates=RateLimits(enabled=False))
    await running.start()
    yield running
    await running.stop()


def settings_of(outside: Outside, url: str) -> dict[str, Any]:
    return {name.lower(): value for name, value in outside.environment().items()} | COMPLETE | {"database_url": url}


@pytest.fixture
async def ward(outside: Outside, sqlite_url: str) -> Ward:
    made = Ward(outside, settings_of(outside, sqlite_url))
    await made.load(ORGANISATION)
    return made


@pytest.fixture
def silent() -> Any:
    """The port of a host that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def set_revision(url: str, revision: str) -> None:
    store = Store(url)
    store.write_now(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": revision}))
    store.close()


def verdicts(findings: list[Finding]) -> set[Verdict]:
    return {finding.verdict for finding in findings}


# -- all well ------------------------------------------------------------------------------------------


async def test_all_is_well_and_nothing_is_sent_or_kept(outside: Outside, database_url: str) -> None:
    ward = Ward(outside, settings_of(outside, database_url))
    await ward.load(ORGANISATION)
    findings = await ward.findings()
    off = [finding.area for finding in findings if finding.verdict is Verdict.OFF]
    assert (verdicts(findings), off) == ({Verdict.OK, Verdict.OFF}, ["telephone"]), findings
    areas = {"Vigie", "database", "people", "Slack", "SMS", "telephone", "e-mail"}
    assert {finding.area for finding in findings} == areas
    assert not outside.workspace.refused
    assert not outside.workspace.messages
    assert len(outside.ovh.inbox) == len(outside.mail.inbox) == 0
    store = Store(database_url)
    assert store.read_now(lambda tx: tx.execute(text("SELECT count(*) FROM channels")).scalar()) == 0
    store.close()


async def test_the_guides_catalog_is_looked_at(outside: Outside, sqlite_url: str) -> None:
    ward = Ward(outside, settings_of(outside, sqlite_url))
    for name in ("organisation.yaml", "guide.yaml"):
        await ward.load(read(name))
    findings = await ward.findings()
    errors = {finding.what: finding.remedy for finding in findings if finding.verdict is Verdict.ERROR}
    assert errors.keys() == {"incidents that no policy pages anybody for"}
    assert "Platform: SEV1_CRITICAL, SEV2_HIGH, SEV3_MEDIUM, SEV4_LOW" in str(errors)


def test_the_scopes_are_those_of_the_manifest() -> None:
    manifest = yaml.safe_load((ROOT / "docs/slack.md").read_text("utf-8").split("```yaml")[1].split("```")[0])
    assert sorted(SCOPES) == sorted(manifest["oauth_config"]["scopes"]["bot"])


# -- Slack ---------------------------------------------------------------------------------------------


async def test_a_bot_token_that_slack_does_not_know(ward: Ward) -> None:
    error = await ward.error("SLACK_BOT_TOKEN", "invalid_auth", "OAuth & Permissions", slack_bot_token="xoxb-other")
    assert "xoxb-other" not in error.what + error.remedy


async def test_an_app_token_that_slack_does_not_know(ward: Ward) -> None:
    await ward.error("SLACK_APP_TOKEN", "invalid_auth", "App-Level Tokens", slack_app_token="xapp-other")


async def test_tokens_of_two_apps_are_said_to_be(ward: Ward) -> None:
    ward.outside.slack.app_token = other = "xapp-1-A02OTHER-1-ab"
    await ward.error("SLACK_APP_TOKEN is of the app A02OTHER", "Take both from one app", slack_app_token=other)
    ward.outside.slack.app_token = own = f"xapp-1-{ward.outside.workspace.app_id}-1-ab"
    findings = await ward.findings(slack_app_token=own)
    assert not any(finding.verdict is Verdict.ERROR for finding in findings)


async def test_swapped_tokens_are_said_to_be_swapped(ward: Ward) -> None:
    keys = {"slack_bot_token": "xapp-double", "slack_app_token": "xoxb-double"}
    await ward.error("SLACK_BOT_TOKEN and SLACK_APP_TOKEN are swapped", **keys)
    assert not ward.outside.workspace.calls


async def test_one_token_in_both_places(ward: Ward) -> None:
    await ward.error("SLACK_APP_TOKEN holds the bot token", slack_app_token="xoxb-double")
    await ward.error("SLACK_BOT_TOKEN holds the app-level token", slack_bot_token="xapp-double")


@pytest.mark.parametrize("token", ["xoxb-double\n", "xoxb-double xapp-double", " xoxb-double"])
async def test_a_token_with_a_blank_in_it(ward: Ward, token: str) -> None:
    await ward.error("SLACK_BOT_TOKEN has a blank or a line break", slack_bot_token=token)


async def test_missing_tokens_do_not_stop_the_doctor(ward: Ward) -> None:
    findings = await ward.findings(slack_bot_token="", slack_app_token="")
    errors = {finding.what for finding in findings if finding.verdict is Verdict.ERROR}
    assert errors == {"SLACK_BOT_TOKEN is not set", "SLACK_APP_TOKEN is not set"}
    assert any("credits left" in finding.what for finding in findings)


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_missing_scope_is_named_with_what_is_lost_and_how_to_add_it(ward: Ward, scope: str) -> None:
    ward.outside.slack.backend.scopes = [granted for granted in SCOPES if granted != scope]
    error = await ward.error("lacks", scope, SCOPES[scope], "Bot Token Scopes", "Reinstall to Workspace")
    assert error.what == f"the bot token lacks {scope}"


async def test_a_slack_that_does_not_say_its_scopes_is_a_warning(ward: Ward) -> None:
    ward.outside.slack.backend.scopes = None
    assert (await ward.one("does not say which scopes")).verdict is Verdict.WARNING


async def test_a_revoked_token_and_a_busy_slack(ward: Ward) -> None:
    ward.outside.slack.fail_next("auth.test", "token_revoked")
    await ward.error("token_revoked", "Reinstall to Workspace")
    ward.outside.slack.rate_limit_next("auth.test", 30)
    assert (await ward.one("could not be tried", "try again")).verdict is Verdict.WARNING


async def test_a_slack_that_breaks_down(ward: Ward) -> None:
    await ward.outside.slack.go_down("http500")
    findings = [finding for finding in await ward.findings() if finding.area == "Slack"]
    assert verdicts(findings) == {Verdict.ERROR}
    assert all("HTTP 500" in finding.what for finding in findings)


async def test_an_archived_channel(ward: Ward) -> None:
    ward.outside.workspace.channel("sre-incidents").archived = True
    await ward.error("1 of 2 channels", "#sre-incidents: is archived")


async def test_an_unknown_channel(ward: Ward) -> None:
    ward.outside.workspace.channel("general").name = "everybody"
    await ward.error("1 of 2 channels", "#general: no such channel", "/invite @Vigie")


async def test_a_private_channel_without_the_bot_looks_unknown(ward: Ward) -> None:
    channel = ward.outside.workspace.channel("general")
    channel.kind, channel.members = "private", ["U01ADA"]
    await ward.error("#general", "/invite @Vigie")


async def test_a_public_channel_is_joined_later(ward: Ward) -> None:
    ward.outside.workspace.channel("general").members.remove(ward.outside.workspace.bot.id)
    assert (await ward.one("joins 1 of them")).verdict is Verdict.OK
    assert not ward.outside.workspace.calls_to("conversations.join")


async def test_a_channel_named_by_its_id(ward: Ward) -> None:
    channel = ward.outside.workspace.channel("general")
    await ward.load(ORGANISATION.replace("#general", channel.id))
    assert (await ward.one("all 2 channels can be posted in")).verdict is Verdict.OK
    channel.archived = True
    await ward.error(f"{channel.id}: is archived")


async def test_a_channel_whose_kept_id_is_another_now(ward: Ward) -> None:
    channel = ward.outside.workspace.channel("general")
    kept = f"INSERT INTO channels (name, channel) VALUES ('general', '{channel.id}')"
    store = Store(ward.settings["database_url"])
    store.write_now(lambda tx: tx.execute(text(kept)))
    store.close()
    assert (await ward.one("all 2 channels can be posted in")).verdict is Verdict.OK
    channel.name = "before"
    ward.outside.workspace.add_channel("general").archived = True
    await ward.error("#general: is archived")


async def test_somebody_paged_whose_account_is_deactivated(ward: Ward) -> None:
    ward.outside.workspace.user("U01ADA").deleted = True
    await ward.error("1 of 2 people", "Ada Admin (U01ADA)", "deactivated")


async def test_somebody_paged_whom_slack_does_not_know(ward: Ward) -> None:
    ward.outside.workspace.user("U02JOHN").email = "john@elsewhere.example"
    await ward.error("John Doe", "nobody here has the address john.doe@example.com")


async def test_somebody_nobody_pages_is_a_warning(ward: Ward) -> None:
    await ward.load("people: [{handle: eve, name: Eve, slack: U0NOBODY}]")
    finding = await ward.one("nobody here has the id U0NOBODY")
    assert finding.verdict is Verdict.WARNING


async def test_how_many_people_are_looked_at_is_bounded_and_said(ward: Ward) -> None:
    crowd = "\n".join(f"  - {{handle: p{n}, name: P {n}, slack: U01ADA{n}}}" for n in range(60))
    await ward.load(f"people:\n{crowd}")
    finding = await ward.one("looked at 40 of 62")
    assert finding.verdict is Verdict.WARNING
    assert len(ward.outside.workspace.calls_to("users.info")) < 40


# -- SMS -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("ovh_application_key", "OVH_APPLICATION_KEY is wrong"),
        ("ovh_application_secret", "OVH_APPLICATION_SECRET is wrong"),
        ("ovh_consumer_key", "OVH_CONSUMER_KEY is wrong"),
        ("ovh_sms_service", "OVH knows no SMS account other"),
        ("ovh_sms_sender", "the account has no sender other"),
    ],
)
async def test_a_wrong_ovh_setting_is_named(ward: Ward, setting: str, words: str) -> None:
    changes: dict[str, Any] = {setting: "other"}
    if setting == "ovh_sms_service":
        ward.outside.ovh.senders = ()
        changes["ovh_sms_sender"] = ""
    await ward.error(words, **changes)


async def test_half_of_ovhs_settings(ward: Ward) -> None:
    await ward.error("OVH_APPLICATION_SECRET not set", "all four", ovh_application_secret="")


async def test_no_credit_and_little_credit(ward: Ward) -> None:
    ward.outside.ovh.credits_left = 0
    await ward.error("0 credits left", "Buy credits")
    ward.outside.ovh.credits_left = 19.5
    assert (await ward.one("19.5 credits left")).verdict is Verdict.WARNING


@pytest.mark.parametrize("status", ["disable", "refused", "waitingValidation"])
async def test_a_sender_that_is_not_enabled(ward: Ward, status: str) -> None:
    ward.outside.ovh.sender_status["VIGIE"] = status
    await ward.error("sender VIGIE", status, "OVH_SMS_SENDER")


async def test_without_a_sender_a_short_number_sends(ward: Ward) -> None:
    assert (await ward.one("short number", ovh_sms_sender="")).verdict is Verdict.OK


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_an_ovh_that_fails_has_refused_nothing(ward: Ward, status: int) -> None:
    ward.outside.ovh.outage = Fault(status=status, code="", message="Internal")
    error = await ward.error(f"OVH fails, asked about the keys: OVH {status}: Internal", "status page")
    assert "refuses" not in error.what


async def test_keys_that_may_not_send(ward: Ward) -> None:
    ovh = ward.outside.ovh
    ovh.grant = replace(ovh.grant, rules=(("GET", "/sms/*"), ("POST", "/sms/sms-other-1/*")))
    error = await ward.error("may not POST /sms/sms-demo-1/jobs", "no SMS can be sent", "createToken")
    assert "GET" not in error.what


async def test_keys_that_may_only_send_and_look_up(ward: Ward) -> None:
    rules = (("POST", "/sms/*/jobs"), ("GET", "/sms/*/jobs*"), ("GET", "/sms/*/outgoing*"))
    ward.outside.ovh.grant = replace(ward.outside.ovh.grant, rules=rules)
    findings = [finding for finding in await ward.findings() if finding.area == "SMS"]
    assert verdicts(findings) == {Verdict.OK, Verdict.WARNING}
    assert sum("has not been granted" in finding.what for finding in findings) == 2


async def test_keys_that_nobody_has_validated(ward: Ward) -> None:
    ward.outside.ovh.grant = replace(ward.outside.ovh.grant, status="pendingValidation")
    await ward.error("pendingValidation", "validation link")


async def test_keys_that_end_soon(ward: Ward) -> None:
    for days, verdict in ((3, Verdict.WARNING), (90, Verdict.OK)):
        expiration = (wall_now() + timedelta(days=days)).isoformat()
        ward.outside.ovh.grant = replace(ward.outside.ovh.grant, expiration=expiration)
        assert (await ward.one("the keys are good")).verdict is verdict


@pytest.mark.parametrize(("skew", "words"), [(3600, "behind OVH's"), (-3600, "ahead of OVH's")])
async def test_a_clock_that_is_off(ward: Ward, skew: int, words: str) -> None:
    ward.outside.ovh.clock_skew = skew
    assert (await ward.one("this machine's clock is", words)).verdict is Verdict.WARNING


async def test_channels_that_are_off_are_an_error_when_policies_count_on_them(ward: Ward, tmp_path: Path) -> None:
    off: dict[str, Any] = {name: "" for name in ward.settings if name.startswith("ovh_") and name != "ovh_endpoint"}
    await ward.error("SMS: not set up, and 2 policy steps count on it", "OVH_APPLICATION_KEY", **off)
    await ward.error("e-mail: not set up, and 1 policy step counts on it", "SMTP_URL", smtp_url="")
    empty: dict[str, Any] = {"database_url": f"sqlite:///{tmp_path}/none.db"}
    findings = await ward.findings(**off, **empty, smtp_url="")
    assert [finding.area for finding in findings if finding.verdict is Verdict.OFF] == ["SMS", "telephone", "e-mail"]


# -- e-mail --------------------------------------------------------------------------------------------


async def test_a_wrong_smtp_password_is_not_told(ward: Ward) -> None:
    async with SmtpServer(wall_now, credentials=("ada", "secret")) as server:
        assert (await ward.one("takes the login and mail", smtp_url=server.url)).verdict is Verdict.OK
        error = await ward.error("refuses the login of ada", "535", smtp_url=server.url.replace("secret", "guess"))
        assert "guess" not in error.what + error.remedy
        await ward.error("wants a login", smtp_url=server.url.replace("ada:secret@", ""))


@pytest.mark.parametrize(("tls", "words"), [("starttls", "STARTTLS is offered"), ("tls", "TLS does not come about")])
async def test_a_plain_server_where_tls_is_asked(ward: Ward, tls: str, words: str) -> None:
    url = ward.outside.mail.url.replace("tls=none", f"tls={tls}")
    await ward.error("e-mail", words, "?tls=none", smtp_url=url)
    assert len(ward.outside.mail.inbox) == 0


async def test_a_certificate_that_nobody_trusts_is_named(ward: Ward) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PAYLOADS / "self-signed.pem")
    async with SmtpServer(wall_now, tls_context=context) as server:
        await ward.error("certificate is not trusted: self-signed certificate", smtp_url=server.url)


async def test_a_sender_that_the_mail_server_refuses(ward: Ward) -> None:
    ward.outside.mail.sender_answers["vigie@example.com"] = "553 5.7.1 not your address"
    await ward.error("takes no mail from vigie@example.com", "553", "MAIL_FROM")


async def test_a_mail_server_whose_name_makes_no_address(ward: Ward) -> None:
    url = ward.outside.mail.url.replace("127.0.0.1", "[::ffff:127.0.0.1]")
    await ward.error("MAIL_FROM 'vigie@::ffff:127.0.0.1' is not one e-mail address", smtp_url=url, mail_from="")


async def test_unencrypted_mail_to_another_machine_is_a_warning(ward: Ward) -> None:
    url = "smtp://ada:secret@mail.invalid?tls=none"
    assert (await ward.one("the password and mails", "unencrypted", smtp_url=url)).verdict is Verdict.WARNING


# -- away, old, broken ---------------------------------------------------------------------------------


async def test_hosts_that_never_answer_cost_no_more_than_the_time_out(ward: Ward, silent: int) -> None:
    addresses = {
        "slack_api_url": f"http://127.0.0.1:{silent}/api/",
        "ovh_endpoint": f"http://127.0.0.1:{silent}",
        "smtp_url": f"smtp://127.0.0.1:{silent}?tls=none",
    }
    seconds = asyncio.get_running_loop().time
    started = seconds()
    findings = await ward.findings(seconds=0.5, **addresses)
    assert seconds() - started < 2.5
    for area in ("Slack", "SMS", "e-mail"):
        said = {finding.what for finding in findings if finding.area == area}
        assert "no answer within 0.5 s" in said
    assert verdicts([finding for finding in findings if finding.area in ("Vigie", "database")]) == {Verdict.OK}


async def test_hosts_where_nobody_listens(ward: Ward) -> None:
    await ward.outside.stop()
    findings = await ward.findings()
    wrong = {finding.area for finding in findings if finding.verdict is Verdict.ERROR}
    assert wrong == {"Slack", "SMS", "e-mail"}
    assert all(finding.remedy for finding in findings if finding.verdict is Verdict.ERROR)


async def test_a_database_without_tables(outside: Outside, empty_database_url: str) -> None:
    store = Store(empty_database_url)
    store.read_now(schema.state)
    store.close()
    ward = Ward(outside, settings_of(outside, empty_database_url))
    await ward.error("database", "no tables yet", "vigie db upgrade")


@pytest.mark.parametrize("revision", schema.REVISIONS[:-1])
async def test_a_database_of_an_older_vigie(outside: Outside, database_url: str, revision: str) -> None:
    set_revision(database_url, revision)
    ward = Ward(outside, settings_of(outside, database_url))
    await ward.error("database", f"revision {revision}, older than", "vigie db upgrade")


async def test_a_database_of_another_vigie(outside: Outside, database_url: str) -> None:
    set_revision(database_url, "9999")
    ward = Ward(outside, settings_of(outside, database_url))
    await ward.error("database", "written by a newer Vigie")


async def test_a_database_that_is_not_there(ward: Ward, tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    finding = await ward.one("does not exist yet", database_url=f"sqlite:///{path}")
    assert finding.verdict is Verdict.WARNING
    assert not path.exists()
    url = "postgresql://ada:secret@127.0.0.1:1/vigie"
    error = await ward.error("nothing listens for PostgreSQL at 127.0.0.1:1", "Start it", database_url=url)
    assert "secret" not in error.what
    assert "connect_timeout" not in error.what


async def test_on_postgresql_what_is_gone_and_can_t_be_cleared_away_is_counted(
    outside: Outside, postgresql_url: str
) -> None:
    ward = Ward(outside, settings_of(outside, postgresql_url))
    with closing(Store(postgresql_url)) as store, store.engine.connect() as somebody:
        somebody.execute(text("SELECT pg_current_snapshot()"))
        store.write_now(lambda tx: tx.execute(text(_SIXTY_THOUSAND)))
        store.write_now(lambda tx: tx.execute(text("DELETE FROM outbox")))
        store.read_now(lambda tx: tx.execute(text("SELECT pg_stat_force_next_flush()")))
        found = await ward.one("60,000 rows of the outbox are gone and not cleared away")
    assert found.verdict is Verdict.WARNING and "idle_in_transaction_session_timeout" in found.remedy


_SIXTY_THOUSAND = """
INSERT INTO outbox (kind, waiting_key, lane, priority, incident, subject, state, due_at, attempts, is_ambiguous, holder)
SELECT 'notice', 'gone ' || n, 'mails', 3, '', '', 'waiting', now() + interval '1 day', 0, false, ''
FROM generate_series(1, 60000) AS n
"""


def alter(store: Store, *changes: str) -> None:
    """What somebody does to the table of incidents by hand."""
    store.write_now(lambda tx: [tx.execute(text(f"ALTER TABLE incidents {change}")) for change in changes])


async def test_rules_that_somebody_put_on_vigies_tables_are_named(outside: Outside, postgresql_url: str) -> None:
    with closing(Store(postgresql_url)) as store:
        alter(store, "ADD COLUMN cost integer", "ADD COLUMN region text DEFAULT '' NOT NULL")
        ward = Ward(outside, settings_of(outside, postgresql_url))
        assert not any("may refuse" in one.what for one in await ward.findings())
        alter(store, "ADD CHECK (title <> '')")
        assert (await ward.one("may refuse alerts and pages", "incidents CHECK title")).verdict is Verdict.WARNING
        alter(store, "ALTER COLUMN cost SET NOT NULL")
        found = await ward.error("database", "may refuse alerts and pages", "DROP NOT NULL")
        assert "incidents.cost NOT NULL" in found.what


async def test_a_trigger_that_somebody_put_on_a_table_is_named(outside: Outside, database_url: str) -> None:
    with closing(Store(database_url)) as store:
        for statement in TRIGGER[store.url.get_backend_name()]:
            store.write_now(partial(run, statement=statement))
        found = await Ward(outside, settings_of(outside, database_url)).one("may refuse alerts and pages")
    assert found.verdict is Verdict.WARNING and "incidents TRIGGER careful" in found.what


def run(tx: Transaction, statement: str) -> None:
    tx.execute(text(statement))


TRIGGER = {
    "sqlite": [
        "CREATE TRIGGER careful BEFORE INSERT ON incidents WHEN NEW.title = '' BEGIN SELECT RAISE(ABORT, ''); END"
    ],
    "postgresql": [
        "CREATE FUNCTION careful() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TRIGGER careful BEFORE INSERT ON incidents FOR EACH ROW EXECUTE FUNCTION careful()",
    ],
}


async def test_on_postgresql_the_clock_is_the_server_s(outside: Outside, postgresql_url: str) -> None:
    ward = Ward(outside, settings_of(outside, postgresql_url))
    assert (await ward.one("its clock is this machine's")).verdict is Verdict.OK
    for seconds, words in ((600, "600 s ahead of"), (-90, "90 s behind")):
        told = told_of_clocks(timedelta(seconds=seconds))
        assert told.verdict is Verdict.WARNING and words in told.what and "NTP" in told.remedy


@pytest.mark.parametrize("name", ["password", "sslpassword"])
async def test_a_password_behind_the_question_mark_is_not_shown(
    outside: Outside, postgresql_url: str, name: str
) -> None:
    address = f"{postgresql_url}{'&' if '?' in postgresql_url else '?'}{name}=of-the-database"
    found = await Ward(outside, settings_of(outside, address)).one(" answers; ")
    assert "of-the-database" not in found.what and f"{name}=***" in found.what


async def test_a_file_that_is_no_database(ward: Ward, tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("not a database " * 100)
    await ward.error("notes.db is no SQLite database", "Name another file", database_url=f"sqlite:///{path}")


def _damage(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"x" * (len(whole) - 4096))


async def test_a_damaged_file_is_one_finding(ward: Ward) -> None:
    path = Path(ward.settings["database_url"].removeprefix("sqlite:///"))
    await asyncio.to_thread(_damage, path)
    error = await ward.error("database", "is damaged")
    assert "copy that `vigie db backup` made" in error.remedy


async def test_a_folder_that_is_not_there(ward: Ward, tmp_path: Path) -> None:
    await ward.error(
        "nowhere does not exist", "Make it (mkdir -p", database_url=f"sqlite:///{tmp_path}/nowhere/vigie.db"
    )


async def test_a_database_that_somebody_else_is_writing(ward: Ward) -> None:
    other = Store(ward.settings["database_url"])
    with other.engine.begin():
        error = await ward.error("no answer within 0.5 s", "another process in the middle of a long write", seconds=0.5)
    other.close()
    assert error.area == "database"


async def test_a_check_that_breaks_or_hangs_stops_no_other() -> None:
    async def breaks() -> Finding:
        raise ZeroDivisionError("by zero")

    async def hangs() -> Finding:
        await asyncio.sleep(60)
        raise AssertionError

    async def finds() -> Finding:
        return Finding("a", Verdict.OK, "well")

    found = [one async for one in examine([Check("a", breaks), Check("b", hangs), Check("a", finds)], 0.1)]
    assert [finding.verdict for finding in found] == [Verdict.ERROR, Verdict.OK, Verdict.ERROR]
    assert "ZeroDivisionError: by zero" in found[0].what
    assert found[2].what == "no answer within 0.1 s"


# -- people and house ----------------------------------------------------------------------------------


async def test_people_whom_a_page_may_not_reach(ward: Ward) -> None:
    await ward.load("people: [{handle: john, name: John Doe, email: john.doe@example.com}]")
    assert (await ward.one("John Doe has no phone number")).verdict is Verdict.WARNING
    await ward.load("people: [{handle: john, name: John Doe}]")
    await ward.error("John Doe has nothing that a message could go to")


async def test_people_whose_channels_are_off_are_told_by_the_setting(ward: Ward) -> None:
    off: dict[str, Any] = dict.fromkeys(("slack_bot_token", "slack_app_token", "ovh_application_key", "smtp_url"), "")
    found = [one for one in await ward.findings(**off) if one.area == "people"]
    assert [one.verdict for one in found] == [Verdict.OK, Verdict.ERROR], found
    assert found[1].what == "2 of the 2 people who are paged can't be reached: no channel is set up"
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN for Slack.\nThe four OVH_… keys for SMS.\nSMTP_URL" in found[1].remedy
    assert "nothing that a message could go to" not in found[0].remedy


async def test_a_team_without_anybody_on_call(ward: Ward) -> None:
    await ward.load("teams: [{name: Platform, channel: '#general', lead: ada, members: [ada]}]")
    await ward.error("nobody is ever on call for Platform")


async def test_incidents_that_page_nobody(ward: Ward) -> None:
    await ward.load(ORGANISATION.replace("Default: true", "Team: SRE Core\nSeverity: SEV1_CRITICAL"))
    finding = await ward.one("no policy pages anybody for", "SRE Core: SEV2_HIGH, SEV3_MEDIUM, SEV4_LOW")
    assert finding.verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"public_url": ""}, "PUBLIC_URL is not set"),
        ({"public_url": "http://vigie.example.com"}, "not encrypted"),
        ({"secret_key": ""}, "SECRET_KEY is not set"),
        ({"heartbeat_url": ""}, "nobody notices if Vigie itself dies"),
    ],
)
async def test_what_is_missing_for_a_good_night(ward: Ward, changes: dict[str, Any], words: str) -> None:
    assert (await ward.one(words, **changes)).verdict is Verdict.WARNING


async def test_a_key_that_opens_nothing_is_an_error(ward: Ward) -> None:
    store = Store(ward.settings["database_url"], ["the-key-of-before-this"])
    sealing.begin(store)
    store.close()
    await ward.error("can't be read: SECRET_KEY", "SECRET_KEY_FALLBACKS")


async def test_what_a_former_key_sealed_is_an_error_under_the_key_of_today_too(ward: Ward) -> None:
    store = Store(ward.settings["database_url"], ["the-key-of-before-this"])
    sealing.begin(store)
    await CatalogService(store, PushedClock()).load([("abroad.yaml", _SEALED)], TESTER)
    store.close()
    today = Store(ward.settings["database_url"], [COMPLETE["secret_key"]])
    assert sealing.begin(today), "all that is written from now on is sealed with it"
    today.close()
    found = await ward.one("can't be read (policy Out loud, the calendar of Abroad): SECRET_KEY")
    assert found.verdict is Verdict.ERROR and "SECRET_KEY_FALLBACKS" in found.remedy


_SEALED = """
teams: [{name: Abroad, lead: ada, members: [ada], on_call: {ical: "https://calendars.example.com/hidden/team.ics"}}]
---
Policy: Out loud
Team: Abroad
Steps: {1: {delay: 0 minutes, type: SLACK, target: CHANNEL (https://discord.com/api/webhooks/42/of-the-webhook)}}
"""


@pytest.mark.parametrize(("speed", "words"), [(60, "60 times too fast"), (0.5, "2 times too slow")])
async def test_a_clock_at_another_speed_is_an_error(ward: Ward, speed: float, words: str) -> None:
    await ward.error(f"time runs {words}", "CLOCK_SPEED", clock_speed=speed)


# -- the command ---------------------------------------------------------------------------------------


def process(ward: Ward, **settings: str) -> Process:
    complete = {name.upper(): value for name, value in COMPLETE.items()} | settings
    return Process(ward.outside, ward.settings["database_url"], **complete)


async def test_the_command_says_all_is_well_and_exits_0(ward: Ward) -> None:
    code, out, errors = await process(ward).command("doctor")
    assert (code, errors) == (0, "")
    lines = out.splitlines()
    assert "✓ Slack     SLACK_BOT_TOKEN is @vigie in the workspace vigie" in lines
    assert lines[-1] == "All is well."


async def test_the_command_says_how_to_mend_and_exits_1(ward: Ward) -> None:
    code, out, _ = await process(ward, HEARTBEAT_URL="", SLACK_BOT_TOKEN="").command("doctor")
    assert code == 1
    lines = out.splitlines()
    place = lines.index("✗ Slack     SLACK_BOT_TOKEN is not set")
    assert lines[place + 1].startswith("            It is on the app's")
    assert "! Vigie     HEARTBEAT_URL is not set: nobody notices if Vigie itself dies" in lines
    assert lines[-1] == "1 error, 1 warning"


async def test_wrong_settings_are_all_named_and_the_rest_is_looked_at(ward: Ward) -> None:
    wrong = {"SMTP_URL": "mail.example.com", "DATABASE_URL": "oracle://x", "CLOCK_SPEED": "fast"}
    code, out, errors = await Process(ward.outside, wrong.pop("DATABASE_URL"), **wrong).command("doctor")
    assert (code, errors) == (1, "")
    assert "✗ Vigie     3 wrong settings: Vigie does not start" in out
    assert all(f"            {name}: " in out for name in ("SMTP_URL", "DATABASE_URL", "CLOCK_SPEED"))
    assert "credits left" in out
    assert not any(line.startswith(("✓ database", "✗ database", "– e-mail")) for line in out.splitlines())


async def test_the_command_prints_json(ward: Ward) -> None:
    ward.outside.ovh.credits_left = 0
    code, out, _ = await process(ward).command("doctor", "--json")
    assert code == 1
    findings = json.loads(out)
    assert {"area", "verdict", "what", "remedy"} == findings[0].keys()
    assert [one["area"] for one in findings if one["verdict"] == "error"] == ["SMS"]
