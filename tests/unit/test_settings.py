"""Settings: a wrong value stops the start with one line that names the variable."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.settings import BadSetting, Settings, load

EXAMPLE = Path(__file__).parent.parent.parent / ".env.example"


@pytest.fixture(autouse=True)
def mail_that_is_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example.com")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("MAIL_FROM", value) for value in ("not an address", "a b@c.com", "vigie@", "vigie", "vigie@b..c")),
        *(("OVH_SMS_SENDER", value) for value in ("WAYTOOLONGSENDER", "Été", "+", "--", "VIGIE\n")),
        ("OVH_ENDPOINT", "kimsufi-us"),
        ("SMTP_URL", "smtp://[::1]"),
        ("HEARTBEAT_URL", "https://switch.example.com:many/ping"),
        ("SLACK_API_URL", "http://127.0.0.1:80800/api/"),
        *(("SLACK_APP_TOKEN", value) for value in ("xapp-1\n", "xapp-1 xoxb-1", " xapp-1")),
        *((name, "https://vigie.example.com\r") for name in ("HEARTBEAT_URL", "PUBLIC_URL", "SLACK_API_URL")),
        *(("DATABASE_URL", f"sqlite://{file}") for file in ("/vigie.db\r", "/vigie.db ", "data/vigie.db", "/:memory:")),
        *(("DATABASE_URL", f"sqlite:///{file}") for file in ("vigie.db?timeout=soon", "file:vigie.db?uri=true")),
        *((name, "copied\n") for name in ("OVH_APPLICATION_KEY", "OVH_CONSUMER_KEY", "OVH_SMS_SERVICE")),
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refusal:
        load()
    said = str(refusal.value)
    assert said.startswith(f"{'MAIL_FROM' if name == 'SMTP_URL' else name}: ")
    assert "\n" not in said


def test_a_file_that_is_not_ours_to_read_is_said_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").symlink_to("/proc/self/mem")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadSetting, match=r"^\.env: can't be read"):
        load()


def test_an_address_that_is_called_is_called_as_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTBEAT_URL", "https://switch.example.com/ping/")
    monkeypatch.setenv("PHONE_PROVIDER", "gateway")
    monkeypatch.setenv("PHONE_GATEWAY_URL", "https://voice.example.com/calls/")
    monkeypatch.setenv("PHONE_GATEWAY_SECRET", "s" * 16)
    monkeypatch.setenv("PUBLIC_URL", "https://vigie.example.com/")
    found = load()
    assert found.heartbeat_url.endswith("/ping/") and found.phone_gateway_url.endswith("/calls/")
    assert found.public_url == "https://vigie.example.com", "what links begin with"


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///vigie.db", "sqlite+pysqlite:///vigie.db"])
def test_a_driver_that_another_tool_wants_is_not_asked_for(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert load().database_url == "sqlite:///vigie.db"


def test_every_setting_stands_in_the_example() -> None:
    named = {name.lower() for name in re.findall(r"^#? ?([A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE)}
    assert named == set(Settings.model_fields)


@pytest.mark.parametrize("value", ["vigie@example.com", "Vigie <vigie@example.com>", "vigie@münchen.example"])
def test_mails_are_from_an_address_with_or_without_a_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MAIL_FROM", value)
    assert load().sender_address == value


@pytest.mark.parametrize("value", ["VIGIE", "On call", "Vigie-1", "+33700000000", "0033700000000", "38069"])
def test_sms_are_from_a_name_or_a_number(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OVH_SMS_SENDER", value)
    assert load().ovh_sms_sender == value
