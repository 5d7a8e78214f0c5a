"""Tokens that expire, and what is known of when they were used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event
from typer.testing import CliRunner

from bot.cli import cli
from domain.errors import Invalid, TooMany, Unauthorized
from handlers.tokens.limits import Allowance, Allowances, Limits
from handlers.tokens.service import TokenService, lifetime
from storage.store import Store
from tests.world import TESTER, PushedClock


async def test_a_token_ends_when_it_was_said_to(store: Store) -> None:
    clock = PushedClock()
    tokens = TokenService(store, clock)
    secret = await tokens.create("short", ["ingest"], TESTER, lifetime("90d"))
    assert (await tokens.check(secret)).name == "short"
    clock.push(timedelta(days=90, minutes=-1))
    assert (await tokens.check(secret)).name == "short"
    clock.push(timedelta(minutes=2))
    with pytest.raises(Unauthorized, match="expired on"):
        await tokens.check(secret)
    again = await tokens.create("short", ["read"], TESTER)
    assert (await tokens.check(again)).expires_at is None


@pytest.mark.parametrize(
    ("written", "span"),
    [("", None), ("90d", timedelta(days=90)), ("12H", timedelta(hours=12)), ("100y", timedelta(days=36_500))],
)
def test_lengths(written: str, span: timedelta | None) -> None:
    assert lifetime(written) == span


@pytest.mark.parametrize("written", ["0d", "tomorrow", "-1d", "90", "1.5d", "99999d", "101y", "9999y"])
def test_no_lengths(written: str) -> None:
    with pytest.raises(Invalid, match="expires"):
        lifetime(written)


async def test_a_use_is_written_once_a_minute_and_not_in_the_request(store: Store) -> None:
    clock = PushedClock()
    tokens = TokenService(store, clock)
    secret = await tokens.create("busy", ["ingest"], TESTER)
    await tokens.create("idle", ["ingest"], TESTER)
    written: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *said: written.append(said[2]))
    for _ in range(50):
        await tokens.check(secret)
    assert not [statement for statement in written if statement.startswith("UPDATE")]
    await tokens.note_uses()
    await tokens.note_uses()
    assert len([statement for statement in written if statement.startswith("UPDATE")]) == 1
    used = {token.name: token.last_used_at is not None for token in await tokens.list()}
    assert used == {"busy": True, "idle": False}


def test_a_bucket_fills_again() -> None:
    seconds = [0.0]
    limits = Limits(Allowances(ingest=Allowance(2, 3)), lambda: seconds[0])
    for _ in range(3):
        limits.take("a", "ingest")
    with pytest.raises(TooMany) as refused:
        limits.take("a", "ingest")
    assert refused.value.retry_after == 0.5
    limits.take("b", "ingest")
    limits.take("a", "read")
    seconds[0] += 0.5
    limits.take("a", "ingest")
    with pytest.raises(TooMany):
        limits.take("a", "ingest")


def test_on_the_command_line(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("LOG_LEVEL", "ERROR")
    runner = CliRunner()
    made = runner.invoke(cli, ["token", "create", "ci", "--scope", "ingest,read", "--expires", "4w"])
    assert made.output.splitlines()[0] == "Token ci may ingest, read, for 4w. It is shown this once:"
    assert made.output.splitlines()[-1].startswith("vigie_")
    listed = runner.invoke(cli, ["token", "list"]).output
    assert listed.startswith("ci\tingest,read\tgood until 2")
    assert listed.endswith("never used\n")
    assert isinstance(runner.invoke(cli, ["token", "create", "x", "--expires", "soon"]).exception, Invalid)
