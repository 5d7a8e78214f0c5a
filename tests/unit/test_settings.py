"""Settings: a wrong value stops the start with one line that names the variable."""

from __future__ import annotations

import pytest

from bot.settings import BadSetting, load


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
    ],
)
def test_a_wrong_value_is_one_line_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting) as refusal:
        load()
    said = str(refusal.value)
    assert said.startswith(f"{'MAIL_FROM' if name == 'SMTP_URL' else name}: ")
    assert "\n" not in said


@pytest.mark.parametrize("value", ["vigie@example.com", "Vigie <vigie@example.com>", "vigie@münchen.example"])
def test_mails_are_from_an_address_with_or_without_a_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MAIL_FROM", value)
    assert load().sender_address == value


@pytest.mark.parametrize("value", ["VIGIE", "On call", "Vigie-1", "+33700000000", "0033700000000", "38069"])
def test_sms_are_from_a_name_or_a_number(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("OVH_SMS_SENDER", value)
    assert load().ovh_sms_sender == value
