"""A start with a token that Slack refuses: one that never worked stops it, one that has worked was revoked, and pages
have to go out."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.app import App
from bot.credentials import Tokens
from bot.sockets import TokenRefused
from tests.stories.test_links import JOHN
from tests.world import UNLIMITED, World, client, world_on


async def again(world: World, **settings: str) -> None:
    """Vigie is stopped and started with the same database."""
    await world.http.close()
    await world.app.stop()
    world.app = App(world.app.settings.model_copy(update=settings), world.clock, UNLIMITED)
    await world.app.start()
    world.http = client(world.app.port)


async def no_socket() -> int:
    return 0


async def checks(world: World) -> tuple[int, dict[str, Any]]:
    """What /readyz says."""
    await world.app.auditor.look()
    async with world.http.get("/readyz") as answer:
        return answer.status, (await answer.json())["checks"]


async def test_a_bot_token_that_was_revoked_stops_no_start(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.outside.slack.bot_token = "xoxb-new"
    world.refusals.add("invalid_auth")
    await again(world)
    assert "SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)" in caplog.text
    await world.settle()
    world.mailbox("ada@example.com").expect_mail("does not accept Vigie's token", "SLACK_BOT_TOKEN")
    await world.alert()
    await world.advance(minutes=5)
    for _ in ("for the channel", "of his own step"):
        world.phone(JOHN).expect_sms("INC-")
    status, found = await checks(world)
    assert status == 503
    assert "Slack is away" in found["slack"]["detail"]
    assert "slack: unauthorized since" in found["targets"]["detail"]
    await again(world, slack_bot_token="xoxb-new")
    await world.outside.slack.sockets.wait_connected(2)
    await world.slack_returns()
    status, found = await checks(world)
    assert (status, found["targets"]["detail"]) == (200, "none is known to be broken")
    world.expect_what_was_said()


async def test_an_app_token_that_was_revoked_stops_no_start(world: World) -> None:
    world.outside.slack.app_token = "xapp-new"
    world.refusals.add("invalid_auth")
    await again(world)
    await world.app.watch.look()
    await world.settle()
    assert "does not accept Vigie's app-level token" in world.direct("ada").words
    await world.alert()
    await world.advance(minutes=5)
    for _ in ("for the channel", "of his own step"):
        world.phone(JOHN).expect_sms("INC-")
    status, found = await checks(world)
    assert status == 503
    assert "slack: no_sockets since" in found["targets"]["detail"]
    await again(world, slack_app_token="xapp-new")
    await world.outside.slack.sockets.wait_connected(2)
    await world.slack_returns()
    assert (await checks(world))[1]["targets"]["detail"] == "none is known to be broken"
    world.expect_what_was_said()


async def test_a_bot_token_that_is_revoked_while_nothing_is_posted_is_said_until_slack_takes_it_again(
    world: World,
) -> None:
    world.outside.slack.bot_token = "xoxb-new"
    world.refusals.add("invalid_auth")
    await world.app.tokens.look()
    await world.settle()
    world.mailbox("ada@example.com").expect_mail("does not accept Vigie's token", "SLACK_BOT_TOKEN")
    assert "slack: unauthorized since" in (await checks(world))[1]["targets"]["detail"]
    await world.app.tokens.look()
    world.outside.slack.bot_token = world.app.settings.slack_bot_token
    await world.app.tokens.look()
    await world.slack_returns()
    assert (await checks(world))[1]["targets"]["detail"] == "none is known to be broken"
    world.expect_what_was_said()


async def test_an_app_token_that_is_revoked_while_vigie_runs_is_said_until_a_socket_is_open(world: World) -> None:
    slack = world.outside.slack
    slack.app_token = "xapp-new"
    world.refusals.add("invalid_auth")
    slack.sockets.drop()
    while (await checks(world))[1]["socket"]["ok"]:
        await asyncio.sleep(0.1)
    await world.app.tokens.look()
    await world.settle()
    assert "does not accept Vigie's app-level token" in world.direct("ada").words
    assert "slack: no_sockets since" in (await checks(world))[1]["targets"]["detail"]
    slack.app_token = world.app.settings.slack_app_token
    await slack.sockets.wait_connected(1)
    while not (await checks(world))[1]["socket"]["ok"]:
        await asyncio.sleep(0.1)
    await world.app.tokens.look()
    assert (await checks(world))[1]["targets"]["detail"] == "none is known to be broken"


async def test_an_app_that_was_made_anew_writes_to_those_whom_the_former_wrote_to(world: World) -> None:
    slack, workspace = world.outside.slack, world.outside.workspace
    await world.alert()
    await world.advance(minutes=5)
    world.direct("john")
    slack.bot_token, slack.app_token = "xoxb-new", "xapp-new"
    workspace.bot, workspace.bot_id = workspace.add_user("vigie2", real_name="Vigie", is_bot=True), "B02VIGIE"
    world.refusals.add("not_in_channel")
    await again(world, slack_bot_token="xoxb-new", slack_app_token="xapp-new")
    await slack.sockets.wait_connected(2)
    await world.alert("Disk full", group="g2", fingerprint="f2")
    await world.advance(minutes=5)
    assert "Disk full" in world.direct("john").words
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    assert (await checks(world))[1]["targets"]["detail"] == "none is known to be broken"
    world.expect_what_was_said()


@pytest.mark.parametrize("setting", ["slack_bot_token", "slack_app_token"])
async def test_a_token_that_never_worked_stops_the_start(world: World, setting: str, tmp_path: Path) -> None:
    world.refusals.add("invalid_auth")
    wrong = {setting: "a-slip-of-the-pen", "database_url": f"sqlite:///{tmp_path}/v.db"}
    app = App(world.app.settings.model_copy(update=wrong), world.clock, UNLIMITED)
    with pytest.raises(TokenRefused, match=f"^{setting.upper()}: Slack refuses it"):
        await app.start()
    app.close()


async def test_another_token_than_the_one_that_worked_stops_the_start(database_url: str) -> None:
    async with world_on(database_url) as world:
        settings = world.app.settings.model_copy(update={"slack_bot_token": "a-slip-of-the-pen"})
        slack = AsyncWebClient(token="a-slip-of-the-pen", base_url=settings.slack_api_url, retry_handlers=[])
        with pytest.raises(TokenRefused, match=r"^SLACK_BOT_TOKEN: Slack refuses it"):
            await Tokens(world.app.store, world.clock, slack, settings, no_socket, world.app.worker.wake).admit()


async def test_the_token_that_a_forgotten_process_still_has_is_no_trouble_once_another_works(world: World) -> None:
    slack, settings = world.outside.slack, world.app.settings
    stale = AsyncWebClient(token=settings.slack_bot_token, base_url=settings.slack_api_url, retry_handlers=[])
    slack.bot_token = "xoxb-new"
    world.refusals.add("invalid_auth")
    await again(world, slack_bot_token="xoxb-new")
    await slack.sockets.wait_connected(2)
    forgotten = Tokens(world.app.store, world.clock, stale, settings, no_socket, world.app.worker.wake)
    for _ in range(2):
        await forgotten.look()
        await world.app.tokens.look()
        await world.settle()
    assert not slack.member("ada").direct_messages
    world.expect_what_was_said()
