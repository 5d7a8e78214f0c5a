"""No secret stands in an error or in a log line; what is none stays readable."""

from __future__ import annotations

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import logs
from bot.settings import Settings
from domain.errors import DeliveryError
from domain.redaction import HIDDEN, redacted, redactor
from domain.timeline import Entry, Event
from handlers import traces
from tests.unit.block_samples import START

LEAKS = [
    ("xoxb-1234-5678-AbCdEf", "AbCdEf"),
    ("token xoxe.xoxp-1-Mi0yLTEx refused", "Mi0yLTEx"),
    ("xapp-1-A01-234-deadbeef", "deadbeef"),
    ("POST https://hooks.slack.com/services/T000/B000/XXsecretXX failed", "XXsecretXX"),
    ("POST https://hooks.slack.com/actions/T000/12/XXsecretXX failed", "XXsecretXX"),
    ("wss://wss-primary.slack.com/link/?ticket=abc-def-123&app_id=1", "abc-def-123"),
    ("https://discord.com/api/webhooks/12345/s3cr3t-token_x: 404", "s3cr3t-token_x"),
    ("https://discordapp.com/api/v10/webhooks/12345/s3cr3t/messages/9", "s3cr3t"),
    ("smtp://vigie:p4ss%40word@mail.example.com:587?tls=starttls", "p4ss%40word"),
    ("postgresql://vigie:hunter2hunter2@db/vigie", "hunter2hunter2"),
    ("redis://:onlypassword@cache", "onlypassword"),
    ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
    ("{'Authorization': 'Token vigie_abcdefghijklmnopqrst'}", "abcdefghijklmnopqrst"),
    ("'authorization': 'Basic dmlnaWU6aHVudGVyMg=='", "dmlnaWU6aHVudGVyMg"),
    ("X-Ovh-Consumer: CKCKCKCKCK", "CKCKCKCKCK"),
    ("{'X-Ovh-Signature': '$1$deadbeef'}", "deadbeef"),
    ("{'X-Ovh-Application': 'AKAKAK'}", "AKAKAK"),
    ("GET /a/AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB failed", "BBBBBBBBBBBBBBBB"),
    ("GET /ical/AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB/", "BBBBBBBBBBBBBBBB"),
    ("SMTP 550 blocked: https://vigie.example.com/s/AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB", "BBBBBBBBBBBBBBBB"),
    ("no answer at /p/AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB", "BBBBBBBBBBBBBBBB"),
    ("no answer at /p/t/AAAAAAAAAAAAAAAAAAAAAA.BBBBBBBBBBBBBBBB", "BBBBBBBBBBBBBBBB"),
    ("https://calendar.google.com/calendar/ical/a/private-0123456789abcdef0123/basic.ics", "0123456789abcdef"),
    ("password=correct-horse", "correct-horse"),
    ('{"client_secret": "s3cr3ts3cr3t", "a": 1}', "s3cr3ts3cr3t"),
    ("api_key='0123456789'", "0123456789"),
    ("-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----", "MIIEvQ"),
]
HARMLESS = [
    "OVH refused the number +33600000001",
    "this token is unknown or revoked; make one with: vigie token create NAME",
    "Slack refused it: channel_not_found",
    "https://grafana.example.com/d/abc?orgId=1&from=now-1h",
    "ada@example.com: mailbox full",
    "INC-K7Q2ZP basic check: see https://wiki.example.com/private-notes/",
    "key 12 of 30 expired",
    "the secret of a good night is a runbook",
]


@pytest.mark.parametrize(("text", "secret"), LEAKS)
def test_what_has_the_form_of_a_secret_is_hidden(text: str, secret: str) -> None:
    assert secret not in redacted(text)
    assert HIDDEN in redacted(text)
    assert secret not in str(DeliveryError(text, permanent=False))


@pytest.mark.parametrize("text", HARMLESS)
def test_other_words_stay(text: str) -> None:
    assert redacted(text) == text


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(LEAKS),
    st.text(st.sampled_from(" \n\t"), min_size=1),
)
def test_a_secret_is_found_wherever_it_stands(before: str, leak: tuple[str, str], space: str) -> None:
    text, secret = leak
    assert secret not in redacted(f"{before}{space}{text}{space}").removeprefix(before)


@given(st.text(max_size=200))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    assert redacted(redacted(text)) == redacted(text)


@pytest.mark.parametrize("piece", ["a-", "a://", "://a:", "token-", "bearer ", "xoxb-", "aaaaaaaaaa", "password"])
def test_no_text_takes_long(piece: str) -> None:
    """A hundred thousand characters chosen to make a bad expression backtrack; a good one needs milliseconds."""
    assert redacted(piece * (100_000 // len(piece)))


def test_named_secrets_are_hidden_in_any_words() -> None:
    hide = redactor(["pa$$phrase", "short", ""])
    assert hide("535 no pa$$phrase here, in short") == f"535 no {HIDDEN} here, in short"


SETTINGS = Settings.model_construct(
    slack_bot_token="plain-bot-token",
    slack_app_token="plain-app-token",
    secret_key="signing-key-of-sixteen",
    ovh_application_key="ovh-key",
    ovh_application_secret="ovh-secret",
    ovh_consumer_key="ovh-consumer",
    smtp_url="smtp://vigie:mail%24word@mail.example.com",
    database_url="postgresql://vigie:databaseword@db/vigie",
    heartbeat_url="https://hc.example.com/0b1c2d3e",
    phone_gateway_url="https://voice:callword@calls.example.com/ring",
    phone_gateway_secret="gateway-signing-secret",
    grafana_hmac_secret=("grafana-secret",),
    sentry_client_secret=("sentry-secret",),
)
OURS = [
    *("plain-bot-token", "plain-app-token", "signing-key-of-sixteen", "ovh-key", "ovh-secret", "ovh-consumer"),
    *("mail%24word", "mail$word", "databaseword", "0b1c2d3e", "grafana-secret", "sentry-secret"),
    *("callword", "gateway-signing-secret"),
]


def test_every_secret_of_the_settings_is_known_as_one() -> None:
    assert set(OURS) <= SETTINGS.secrets
    assert not [one for one in OURS if one in repr(SETTINGS)]
    named = {name for name in Settings.model_fields if any(word in name for word in ("secret", "token", "key"))}
    held = {name for name in named if set(_texts(getattr(SETTINGS, name))) <= SETTINGS.secrets}
    assert named == held


def _texts(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else (str(value),)


@pytest.mark.parametrize("style", ["json", "console"])
def test_no_log_line_shows_a_secret_of_ours(capsys: pytest.CaptureFixture[str], style: str) -> None:
    logs.configure("INFO", style, SETTINGS.secrets)
    log = logging.getLogger("vigie.test")
    for secret in OURS:
        log.warning("refused: %s", secret, extra={"answer": {"said": secret}})
        try:
            raise ValueError(f"no good: {secret}")
        except ValueError:
            log.exception("it failed")
    said = capsys.readouterr().err
    assert "refused" in said and "Traceback" in said
    assert not [secret for secret in OURS if secret in said]


def test_a_json_line_has_its_time_its_level_its_event_and_its_incident(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json")
    logging.getLogger("vigie.test").info("nothing in particular")
    with traces.about("0b1c"):
        logging.getLogger("vigie.test").warning("slow")
    logs.say([Entry(incident="77aa", at=START, event=Event.ACKNOWLEDGED, by="Ada"), "something else"])
    plain, slow, acknowledged = map(json.loads, capsys.readouterr().err.splitlines())
    assert {"time", "level", "event", "message", "logger"} <= plain.keys() and "incident" not in plain
    assert (slow["incident"], slow["level"]) == ("0b1c", "warning")
    assert (acknowledged["incident"], acknowledged["event"], acknowledged["by"]) == ("77aa", "acknowledged", "Ada")
    assert acknowledged["message"] == "incident 77aa: acknowledged by Ada"


def test_what_a_library_warns_of_and_vigie_says_itself_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", "json")
    logging.getLogger("psycopg").warning("error ignored terminating <Pipeline [BAD]>: the connection is lost")
    assert capsys.readouterr().err == ""
