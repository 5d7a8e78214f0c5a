"""Slack is cut at every moment of the guide's story: no page is lost, none comes twice, none after the
acknowledgement, and afterwards Slack shows how things are."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from bot.demo.faults import OutageMode, Planned
from bot.demo.sockets import MAX_CONNECTIONS
from tests.world import CHANNEL, Shown, World, alert_body, world_on

JOHN, LEA, ADA = "+33600000002", "+33600000003", "+33600000001"
KEY = "a-secret-of-the-tests-only"
Act = Callable[[World], Awaitable[None]]


async def _alert(world: World) -> None:
    assert (await world.post(alert_body()))[0] == 202
    await world.settle()


async def _five_minutes(world: World) -> None:
    await world.advance(minutes=5)


async def _john_acknowledges(world: World) -> None:
    """By the link in the SMS, which needs no Slack; twice, since fingers do that."""
    url = next(word for word in world.phone(JOHN).texts[-1].text.split() if "/a/" in word)
    path = "/a/" + url.partition("/a/")[2]
    for _ in range(2):
        async with world.http.post(path, data={}) as answer:
            assert answer.status in (200, 409)
    await world.settle()


async def _an_hour(world: World) -> None:
    for _ in range(4):
        await world.advance(minutes=15)


async def _resolve(world: World) -> None:
    incident = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
    status, _ = await world.post({"note": "Failover"}, f"/api/v1/incidents/{incident}/resolve/")
    assert status == 200
    await world.settle()


STORY: tuple[Act, ...] = (_alert, _five_minutes, _john_acknowledges, _an_hour, _resolve)
"""What happens, in order; Slack goes before one act and is back before another."""


TELLING = ((0, 1), (0, 5), (1, 3), (2, 3), (4, 5))
"""What is played each time; the other moments with what is slow."""


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        pytest.param(gone, back, marks=() if (gone, back) in TELLING else pytest.mark.slow)
        for back in range(1, 6)
        for gone in range(back)
    ],
)
async def test_slack_cut_at_every_moment(sqlite_url: str, gone: int, back: int) -> None:
    await _play(sqlite_url, gone, back, "http500")


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["refuse", "hang"])
@pytest.mark.parametrize(("gone", "back"), [(0, 5), (1, 2), (2, 4)])
async def test_whatever_way_it_goes(database_url: str, gone: int, back: int, mode: OutageMode) -> None:
    await _play(database_url, gone, back, mode)


async def _play(url: str, gone: int, back: int, mode: OutageMode) -> None:
    async with world_on(url, public_url="https://vigie.example.com", secret_key=KEY) as world:
        for number, act in enumerate(STORY):
            if number == gone:
                await world.slack_goes(mode)
            if number == back:
                await world.slack_returns()
            await act(world)
        if back == len(STORY):
            await world.slack_returns()
        _check(world, is_first_step_cut=gone == 0, is_cut_short=back - gone == 1)


def _check(world: World, *, is_first_step_cut: bool, is_cut_short: bool) -> None:
    told = Counter(sms.text.split("\n")[0] for sms in world.phone(JOHN).texts)
    assert set(told.values()) == {1}, told
    assert len([text for text in told if "non acquitt" in text]) == 1, told
    assert len([text for text in told if "Nouvel incident" in text]) == is_first_step_cut
    assert not world.phone(LEA).texts
    assert not world.mailbox("lea@example.com").mails
    assert len(world.outside.slack.member("john").direct_messages) <= 1
    card = world.card("Redis Cluster Down", "Resolved by")
    assert not card.buttons
    _check_thread(card)


def _check_thread(card: Shown) -> None:
    lines = Counter(message.words for message in card.thread())
    assert set(lines.values()) == {1}, lines
    away = [words for words in lines if "Slack was away" in words]
    assert len(away) == 1, lines
    assert card.reply("is resolved", "Failover")


async def test_sockets_alone_are_cut(world: World) -> None:
    """What is posted is seen, but nobody's click is heard: a page that can't be answered goes another way."""
    slack, watch = world.outside.slack, world.app.watch
    world.refusals.add("internal_error")
    slack.fail_next("apps.connections.open", "internal_error", times=10_000)
    slack.sockets.drop()
    async with asyncio.timeout(30):
        while not watch.is_away:
            await world.advance(seconds=5)
            await watch.look()
    assert not watch.is_silent
    await _alert(world)
    world.phone(JOHN).expect_sms("Nouvel incident")
    card = world.card("Redis Cluster Down")
    _, ready = await world.get("/readyz")
    assert not ready["checks"]["slack"]["ok"]
    slack.faults.forget("apps.connections.open")
    await world.slack_returns()
    world.expect_what_was_said()
    card.reply("no click", "SMS to John Doe")
    assert "no click" not in (await world.home("john")).words
    assert "Slack was away" in (await world.home("john")).words


@pytest.mark.parametrize("is_mute", [True, False], ids=["never greeted", "turned away"])
async def test_sockets_that_slack_takes_and_does_not_use(world: World, is_mute: bool) -> None:
    """A connection on which Slack says nothing, or that it ends at once, is none: nobody's click is heard on it."""
    sockets, watch = world.outside.slack.sockets, world.app.watch
    sockets.is_mute, sockets.most = is_mute, 2 if is_mute else 0
    asked = sockets.tickets
    sockets.drop()
    async with asyncio.timeout(30):
        while not watch.is_away or sockets.tickets < asked + 4 - 2 * is_mute:
            await world.advance(seconds=5)
            await watch.look()
            await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    assert sockets.tickets - asked < 20, "Slack is not asked for one after another"
    assert not watch.is_silent
    await _alert(world)
    world.phone(JOHN).expect_sms("Nouvel incident")
    _, ready = await world.get("/readyz")
    assert not ready["checks"]["socket"]["ok"]
    sockets.is_mute, sockets.most = False, MAX_CONNECTIONS
    sockets.drop()
    await world.slack_returns()
    world.expect_what_was_said()


async def test_a_card_that_may_be_there_is_not_posted_by_the_page_under_it(world: World) -> None:
    world.outside.slack.lose_answer_next("chat.postMessage")
    await _alert(world)
    await world.advance(seconds=2)
    lines = Counter(message.words for message in world.card().thread())
    assert len([words for words in lines if "Nouvel incident" in words]) == 1
    assert set(lines.values()) == {1}, lines
    world.expect_what_was_said()


@pytest.mark.parametrize("error", ["internal_error", "fatal_error"])
async def test_what_slack_did_and_calls_a_failure_is_not_there_twice(world: World, error: str) -> None:
    """Slack says of both that some of what was asked may have been done."""
    world.refusals.add(error)
    world.outside.slack.faults.plan("chat.postMessage", Planned(error=error, accept=True))
    await _alert(world)
    await world.advance(seconds=2)
    shown = Counter(message.words for message in world.outside.workspace.messages_in(CHANNEL))
    assert set(shown.values()) == {1}, shown
    world.expect_what_was_said()


async def test_a_page_that_may_be_there_is_not_sent_again_after_an_outage(world: World) -> None:
    """The card is answered, the answer to the page under it is lost; then Slack is away for a while."""
    workspace = world.outside.workspace
    world.outside.slack.faults.plan("chat.postMessage", Planned())
    world.outside.slack.lose_answer_next("chat.postMessage")
    assert (await world.post(alert_body()))[0] == 202
    # Before it is tried again, a second later.
    await workspace.wait_for(lambda: len(workspace.messages_in(CHANNEL)) == 2, what="the page")
    await world.slack_goes()
    await world.advance(seconds=20)
    await world.slack_returns()
    lines = Counter(message.words for message in world.card().thread())
    assert set(lines.values()) == {1}, lines
    assert len([words for words in lines if "Nouvel incident" in words]) == 1
    assert len([words for words in lines if "Slack was away" in words]) == 1
    world.phone(JOHN).expect_sms("Nouvel incident")
    world.expect_what_was_said()


async def test_a_card_that_may_be_there_is_found_after_a_long_outage(world: World) -> None:
    workspace = world.outside.workspace
    world.outside.slack.lose_answer_next("chat.postMessage")
    assert (await world.post(alert_body()))[0] == 202
    card = await workspace.wait_for(lambda: next(iter(workspace.messages_in(CHANNEL)), None), what="the card")
    await world.slack_goes()
    await world.advance(minutes=50)
    # Slack's clock is not pushed with Vigie's.
    card.ts = f"{float(card.ts) - 50 * 60:.6f}"
    await world.slack_returns()
    assert [one for one in workspace.messages_in(CHANNEL) if not one.is_reply] == [card]
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}
    world.expect_what_was_said()


async def test_a_card_that_was_there_already_shows_who_has_it(world: World) -> None:
    """Its answer is lost, Slack is away, somebody acknowledges meanwhile: what is found then is older than that."""
    world.refusals.add("internal_error")
    world.outside.slack.lose_answer_next("chat.postMessage", times=2)
    world.outside.slack.fail_next("conversations.history", "internal_error", times=2)
    await _alert(world)
    await world.slack_goes()
    world.outside.slack.faults.forget("conversations.history")
    incident = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
    assert (await world.post({}, f"/api/v1/incidents/{incident}/acknowledge/"))[0] == 200
    await world.slack_returns()
    card = world.card("Redis Cluster Down")
    assert "Nobody has it yet" not in card.words
    assert "Acknowledge" not in card.buttons and "Resolve" in card.buttons
    world.phone(JOHN).expect_sms("Nouvel incident")
    lines = Counter(message.words for message in card.thread())
    assert set(lines.values()) == {1}, lines
    world.expect_what_was_said()


async def test_steps_that_were_there_already_show_that_it_is_over(world: World) -> None:
    """The card is answered, the answers to what hangs under it are lost."""
    world.outside.slack.faults.plan("chat.postMessage", Planned())
    world.outside.slack.lose_answer_next("chat.postMessage", times=3)
    await _alert(world)
    await world.slack_goes()
    await _resolve(world)
    await world.slack_returns()
    card = world.card("Redis Cluster Down", "Resolved by")
    assert not card.step(1).buttons
    world.expected |= {sms.tag for sms in world.phone(JOHN).texts}
    lines = Counter(message.words for message in card.thread())
    assert set(lines.values()) == {1}, lines
    world.expect_what_was_said()


async def test_what_waited_tells_of_the_outage_even_if_it_left_before_the_sockets_opened(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        slack, watch = world.outside.slack, world.app.watch
        await _alert(world)
        await world.slack_goes()
        incident = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
        assert (await world.post({}, f"/api/v1/incidents/{incident}/acknowledge/"))[0] == 200
        await world.settle()
        slack.fail_next("apps.connections.open", "internal_error", times=10_000)
        await slack.come_back()
        async with asyncio.timeout(30):
            while not watch.is_away or watch.is_silent:
                await watch.look()
        await world.advance(seconds=30)
        world.card().reply("has it")
        slack.faults.forget("apps.connections.open")
        await world.slack_returns()
        told = [message for message in world.card().thread() if "Slack was away" in message.words]
        assert len(told) == 1


@pytest.mark.parametrize("mode", ["refuse", "hang"])
async def test_the_first_click_counts_while_nothing_but_the_sockets_is_there(
    database_url: str, mode: OutageMode
) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        card = world.card("Redis Cluster Down").message
        await world.outside.slack.go_down(mode, sockets=False)
        await world.outside.slack.member("john").click(card, "Acknowledge")
        async with asyncio.timeout(5):
            while (await world.get("/api/v1/incidents/"))[1]["results"][0]["status"] != "ACKNOWLEDGED":
                await asyncio.sleep(0.02)
        await world.slack_returns()
        await world.advance(minutes=10)
        assert not world.phone(JOHN).texts, "no page after the acknowledgement"
        world.expect_what_was_said()
