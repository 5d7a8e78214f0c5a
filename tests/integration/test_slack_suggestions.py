"""The Slack double's external menus: options asked of a real slack_bolt app as somebody types."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.errors import ClientTrouble
from bot.demo.records import View
from tests.integration.bolt_stage import JSON, NOTE_FORM, Stage, staged

FORM: JSON = {
    **NOTE_FORM,
    "callback_id": "search",
    "notify_on_close": False,
    "blocks": [
        {
            "type": "input",
            "block_id": "service",
            "label": {"type": "plain_text", "text": "Service"},
            "element": {"type": "external_select", "action_id": "search", "min_query_length": 2},
        },
        *NOTE_FORM["blocks"],
    ],
}


def option(name: str) -> JSON:
    return {"text": {"type": "plain_text", "text": name}, "value": name}


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as open_stage:

        @open_stage.app.command("/search")
        async def on_command(ack: Any, body: JSON, client: AsyncWebClient) -> None:
            await ack()
            await client.views_open(trigger_id=body["trigger_id"], view=FORM)

        @open_stage.app.options("search")
        async def on_options(ack: Any, body: JSON) -> None:
            open_stage.seen.append(body)
            typed = body["value"]
            group = {"label": {"type": "plain_text", "text": "A"}, "options": [option("a"), option("b")]}
            answers: dict[str, JSON] = {
                "many": {"options": [option(f"service-{n}") for n in range(101)]},
                "long": {"options": [option("x" * 76)]},
                "group": {"option_groups": [group]},
                "none": {"options": []},
            }
            await ack(**answers.get(typed, {"options": [option(f"{typed}-prod"), option(f"{typed}-test")]}))

        @open_stage.app.view("search")
        async def on_submission(ack: Any, body: JSON) -> None:
            open_stage.seen.append(body)
            await ack()

        yield open_stage


async def opened(stage: Stage) -> View:
    await stage.ada.command("/search")
    return await stage.ada.see_view("search")


async def test_what_is_suggested_can_be_chosen(stage: Stage) -> None:
    view = await opened(stage)
    found = await stage.ada.suggest(view, "Service", "redis")
    assert [one["value"] for one in found] == ["redis-prod", "redis-test"]
    asked = stage.seen[-1]
    assert (asked["type"], asked["action_id"], asked["block_id"], asked["value"]) == (
        "block_suggestion",
        "search",
        "service",
        "redis",
    )
    assert asked["view"]["id"] == view.id
    assert "trigger_id" not in asked
    assert "response_url" not in asked
    assert (await stage.ada.submit(view, {"Service": found[1], "What fixed it?": "restart"})).closed
    assert stage.seen[-1]["view"]["state"]["values"]["service"]["search"]["selected_option"] == found[1]


async def test_groups_and_nothing_are_answers_too(stage: Stage) -> None:
    view = await opened(stage)
    assert [one["value"] for one in await stage.ada.suggest(view, "Service", "group")] == ["a", "b"]
    assert await stage.ada.suggest(view, "Service", "none") == []


@pytest.mark.parametrize("typed", ["many", "long"])
async def test_options_that_slack_would_not_take_are_a_refusal(stage: Stage, typed: str) -> None:
    view = await opened(stage)
    with pytest.raises(ClientTrouble, match="refuses the options"):
        await stage.ada.suggest(view, "Service", typed)
    assert stage.workspace.refused


async def test_nothing_else_can_be_typed_into_it(stage: Stage) -> None:
    view = await opened(stage)
    with pytest.raises(LookupError, match="that the app suggested"):
        await stage.ada.submit(view, {"Service": "redis-prod", "What fixed it?": "leave"})
    with pytest.raises(LookupError, match="so short a query"):
        await stage.ada.suggest(view, "Service", "r")
    with pytest.raises(LookupError, match="options are there already"):
        await stage.ada.suggest(view, "Cause", "disk")
