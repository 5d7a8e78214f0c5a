"""Killed with -9 while pages fall due: none is lost, and none leaves after an acknowledgement."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import aiohttp
import pytest

from bot.clock import wall_now
from bot.demo.outside import Outside
from bot.demo.rates import RateLimits
from tests.stories.process import Process, kill_what_is_left
from tests.world import PAYLOADS, alert_body

POLICY = """
Policy: Every minute
Default: true
Steps:
  1: {delay: 2 minutes, type: SMS, target: ON_CALL, message: "one {incident.short_id}"}
  2: {delay: 6 minutes, type: SMS, target: ON_CALL, message: "two {incident.short_id}"}
  3: {delay: 10 minutes, type: SMS, target: USER (lea), message: "three {incident.short_id}"}
"""
STEPS = ("one", "two", "three")
INCIDENTS = 20
WEBHOOK = "/api/v1/webhooks/alertmanager/"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@pytest.fixture(autouse=True)
async def _nothing_is_left() -> AsyncIterator[None]:
    yield
    await kill_what_is_left()


async def test_killed_every_second_while_pages_fall_due(database_url: str, tmp_path: Path) -> None:
    outside = Outside(rates=RateLimits(enabled=False))
    await outside.start()
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    vigie = Process(outside, database_url, CLOCK_SPEED="60", PAGE_LIMITS="off")
    await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    await vigie.start()
    opened = [await _open(vigie, number) for number in range(INCIDENTS)]
    acknowledged: dict[str, datetime] = {}
    for turn in range(7):
        await asyncio.sleep(0.6)
        if turn >= 2:
            with suppress(aiohttp.ClientError):
                name = opened[turn]
                answer = await vigie.post(f"/api/v1/incidents/{name}/acknowledge/", {})
                if answer.get("status") == "ACKNOWLEDGED":
                    acknowledged[name] = wall_now()
        await asyncio.sleep(0.5)
        await vigie.kill()
        await vigie.start(ready=turn % 2 == 0)
    await vigie.wait_alive()
    await _until_all_came(outside, [name for name in opened if name not in acknowledged])
    sent = Counter(sms.text.split("\n")[0] for sms in outside.ovh.inbox.messages)
    told = _told(outside)
    for name in opened:
        if name not in acknowledged:
            for words in STEPS:
                assert f"{words} {name}" in told, f"{words} {name} was lost"
    assert acknowledged
    for sms in outside.ovh.inbox.messages:
        name = sms.text.split("\n")[0].split()[-1]
        assert name not in acknowledged or sms.at <= acknowledged[name], f"{sms.text} after the acknowledgement"
    assert sum(sent.values()) - len(sent) <= 1, f"sent twice: {[text for text in sent if sent[text] > 1]}"
    cards = [one for one in outside.workspace.messages_in("sre-incidents") if not one.is_reply]
    assert len(cards) == INCIDENTS
    assert not outside.workspace.refused
    assert await vigie.stop() == 0
    await outside.stop()


async def _open(vigie: Process, number: int) -> str:
    body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}")
    return str((await vigie.post(WEBHOOK, body))["incident"]["short_id"])


def _told(outside: Outside) -> set[str]:
    """Every step that somebody was told of: by its own message, or by a later one that covers it since nothing ran as
    it fell due."""
    found: set[str] = set()
    for sms in outside.ovh.inbox.messages:
        words, _, name = sms.text.split("\n")[0].partition(" ")
        found.add(f"{words} {name}")
        covered = re.search(r"covers steps? ([\d, ]+)", sms.text)
        found |= {f"{STEPS[int(order) - 1]} {name}" for order in re.findall(r"\d+", covered[1])} if covered else set()
    return found


async def _until_all_came(outside: Outside, names: list[str]) -> None:
    """Wait until everybody has got everything, or until it is clear that they won't."""
    wanted = {f"{words} {name}" for name in names for words in STEPS}
    with suppress(TimeoutError):
        async with asyncio.timeout(60):
            while wanted - _told(outside):
                await asyncio.sleep(0.1)
    async with asyncio.timeout(60):
        while len([one for one in outside.workspace.messages_in("sre-incidents") if not one.is_reply]) < INCIDENTS:
            await asyncio.sleep(0.1)


async def test_steps_missed_while_it_was_down_fire_once_each(sqlite_url: str, tmp_path: Path) -> None:
    outside = Outside(rates=RateLimits(enabled=False))
    await outside.start()
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    vigie = Process(outside, sqlite_url, CLOCK_SPEED="60", PAGE_LIMITS="off")
    await vigie.prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    await vigie.start()
    name = await _open(vigie, 1)
    assert await vigie.stop() == 0
    await asyncio.sleep(11)
    await vigie.start()
    await outside.ovh.inbox.wait_for_count(2, timeout=20)
    await asyncio.sleep(1.5)
    by_phone = Counter(sms.to for sms in outside.ovh.inbox.messages)
    assert by_phone == {"+33600000002": 1, "+33600000003": 1}
    john = next(sms for sms in outside.ovh.inbox.messages if sms.to == "+33600000002")
    assert f"two {name}" in john.text
    assert await vigie.stop() == 0
    await outside.stop()


async def test_two_processes_share_a_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    outside = Outside(rates=RateLimits(enabled=False))
    await outside.start()
    policy = tmp_path / "policy.yaml"
    policy.write_text(POLICY)
    pair = [Process(outside, postgresql_url, CLOCK_SPEED="60", PAGE_LIMITS="off") for _ in range(2)]
    await pair[0].prepare(str(PAYLOADS / "organisation.yaml"), str(policy))
    pair[1].token = pair[0].token
    await asyncio.gather(*(vigie.start() for vigie in pair))
    opened = await asyncio.gather(*(_open(pair[number % 2], number) for number in range(INCIDENTS)))
    twins = await asyncio.gather(*(_open(pair[(number + 1) % 2], number) for number in range(INCIDENTS)))
    assert len(set(opened)) == INCIDENTS
    assert sorted(twins) == sorted(opened)
    await _until_all_came(outside, list(opened))
    await asyncio.sleep(1)
    sent = Counter(sms.text.split("\n")[0] for sms in outside.ovh.inbox.messages)
    assert set(sent.values()) == {1}
    assert len(sent) == 3 * INCIDENTS
    cards = [one for one in outside.workspace.messages_in("sre-incidents") if not one.is_reply]
    assert len(cards) == INCIDENTS
    assert [await vigie.stop() for vigie in pair] == [0, 0]
    await outside.stop()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"PORT": "many"}, "PORT"),
        ({"LOCALE": "de"}, "LOCALE"),
        ({"SLACK_BOT_TOKEN": "xoxb-wrong"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-wrong"}, "SLACK_APP_TOKEN"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"CLOCK_SPEED": "0"}, "CLOCK_SPEED"),
        ({"OVH_ENDPOINT": "nowhere"}, "OVH_ENDPOINT"),
        ({"SMTP_URL": "mail.example.com"}, "SMTP_URL"),
        ({"MAIL_FROM": "not an address"}, "MAIL_FROM"),
        ({"ADMIN_USERS": "ada"}, "ADMIN_USERS"),
    ],
)
async def test_a_wrong_setting_stops_the_start_with_one_line(
    sqlite_url: str, settings: dict[str, str], words: str
) -> None:
    outside = Outside()
    await outside.start()
    code, out, errors = await Process(outside, sqlite_url, **settings).command("run")
    await outside.stop()
    assert code == 1
    assert out == ""
    assert len(errors.strip().splitlines()) == 1, errors
    assert words in errors


async def test_a_terminal_that_closes_stops_it_as_sigterm_does(sqlite_url: str) -> None:
    outside = Outside()
    await outside.start()
    vigie = Process(outside, sqlite_url)
    await vigie.start()
    assert await vigie.stop(signal.SIGHUP) == 0
    await outside.stop()


async def test_under_nohup_it_goes_on_when_the_terminal_closes(sqlite_url: str) -> None:
    outside = Outside()
    await outside.start()
    vigie = Process(outside, sqlite_url)
    vigie.under = ("nohup",)
    await vigie.start()
    vigie.send(signal.SIGHUP)
    await asyncio.sleep(0.5)
    await vigie.wait_alive()
    assert await vigie.stop() == 0
    await outside.stop()


async def test_a_second_process_on_one_file_is_refused(sqlite_url: str) -> None:
    outside = Outside()
    await outside.start()
    first, second = Process(outside, sqlite_url), Process(outside, sqlite_url)
    await first.start()
    code, _, errors = await second.command("run")
    assert code == 1
    assert "another Vigie runs" in errors
    assert await first.stop() == 0
    await outside.stop()
