"""The Slack double, held to its word by a real slack_bolt app over real HTTP and real websockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.demo.errors import ClientTrouble, ConfirmDialog, FormIncomplete, Unacknowledged
from tests.integration.bolt_stage import DONE_VIEW, JSON, Stage, button, staged


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as open_stage:
        yield open_stage


async def test_the_whole_way_from_command_to_home(stage: Stage) -> None:
    workspace, ada = stage.workspace, stage.ada
    await ada.command("/incident", "declare", "#sre-incidents")
    [card] = await workspace.wait_for(lambda: workspace.messages_in("#sre-incidents"))
    assert card.buttons == ["Acknowledge", "Resolve"]

    await ada.click(card, "Acknowledge")
    await workspace.wait_for(lambda: card.text == "Acknowledged by Ada")
    assert card.buttons == []
    [told] = await workspace.wait_for(lambda: ada.ephemerals)
    assert told.text == "You have it"

    fresh = await stage.card()
    await ada.click(fresh, "Resolve", confirm=True)
    form = await ada.see_view("Resolve")
    refused = await ada.submit(form, {"What fixed it?": "bad"})
    assert (refused.outcome, refused.errors) == ("errors", {"note": "Say more"})
    still_open = ada.view
    assert still_open is form
    assert (await ada.submit(form, {"text": "restart", "Cause": "Disk"})).closed
    home = await workspace.wait_for(lambda: ada.home)
    assert home.words == "restart"
    assert ada.view is None
    values = stage.seen[-1]["view"]["state"]["values"]
    assert values["cause"]["pick"]["selected_option"]["value"] == "disk"

    await ada.open_home()
    await workspace.wait_for(lambda: home.words == "Nothing burns")
    assert stage.seen[-1]["view"]["blocks"][0]["text"]["text"] == "restart"
    assert not workspace.refused
    assert not stage.server.sockets.unacked


async def test_an_answer_in_the_ack_is_an_ephemeral_message(stage: Stage) -> None:
    answer = await stage.ada.command("/incident", "list", stage.channel)
    assert answer is not None
    assert (answer.text, answer.ephemeral_for) == ("Working on it", stage.ada_id)
    assert stage.ada.ephemerals == [answer]
    assert stage.workspace.messages_in("#sre-incidents") == []


# -- the clock ---------------------------------------------------------------------------------------


async def test_what_is_not_acked_in_time_is_told_and_kept() -> None:
    async with staged(ack_timeout=0.2) as stage:
        answer = await stage.client.chat_postMessage(
            channel="#sre-incidents",
            text="silent",
            blocks=[{"type": "actions", "elements": [button("Silent", "silent")]}],
        )
        card = stage.workspace.find_message(stage.channel.id, answer["ts"])
        assert card is not None
        with pytest.raises(Unacknowledged, match=r"operation_timeout.*block_actions \['silent'\]"):
            await stage.ada.click(card, "Silent")
        with pytest.raises(Unacknowledged, match="/unheard"):
            await stage.ada.command("/unheard")
        assert [envelope.type for envelope in stage.server.sockets.unacked] == [
            "interactive",
            "slash_commands",
        ]


async def test_an_event_nobody_acks_is_sent_again_with_its_attempt() -> None:
    options: JSON = {"ack_timeout": 0.05, "retry_delays": (0.01, 0.02), "events": ["app_mention"]}
    async with staged(**options) as stage:
        await stage.ada.say("#sre-incidents", f"<@{stage.workspace.bot.id}> hello")
        hub = stage.server.sockets
        async with asyncio.timeout(15):
            while len(hub.unacked) < 3:
                await asyncio.sleep(0.01)
        assert [envelope.attempt for envelope in hub.unacked] == [0, 1, 2]
        assert len({envelope.payload["event_id"] for envelope in hub.unacked}) == 1


async def test_an_event_raised_while_nobody_listens_arrives_by_retry() -> None:
    async with staged(connections=0, retry_delays=(0.2, 1.0, 2.0)) as stage:
        await stage.ada.open_home()
        handler = AsyncSocketModeHandler(stage.app, stage.server.app_token, ping_interval=1)
        stage.handlers.append(handler)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        await stage.workspace.wait_for(lambda: stage.ada.home)


async def test_without_a_socket_an_interaction_fails_at_once() -> None:
    async with staged(connections=0) as stage:
        with pytest.raises(Unacknowledged, match="dispatch_failed"):
            await stage.ada.command("/incident", "list")


async def test_acks_are_timed(stage: Stage) -> None:
    await stage.ada.command("/incident", "list")
    [latency] = stage.server.sockets.ack_latencies
    assert 0 < latency < 3


# -- sockets -----------------------------------------------------------------------------------------


async def test_one_envelope_goes_to_one_socket(stage: Stage) -> None:
    for _ in range(4):
        await stage.ada.command("/incident", "list")
    assert [len(link.delivered) for link in stage.server.sockets.links] == [2, 2]
    assert len(stage.seen) == 4


async def test_a_ticket_is_good_for_one_socket(stage: Stage) -> None:
    url = (await stage.client.apps_connections_open(app_token=stage.server.app_token))["url"]
    session = stage.handlers[0].client.aiohttp_client_session
    async with session.ws_connect(url) as socket:
        hello = await socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 3)
    async with session.get(url.replace("ws", "http", 1)) as answer:
        assert answer.status == 404


async def test_ten_connections_and_no_more(stage: Stage) -> None:
    session = stage.handlers[0].client.aiohttp_client_session
    async with AsyncExitStack() as sockets:
        for number in range(3, 12):
            url = (await stage.client.apps_connections_open(app_token=stage.server.app_token))["url"]
            socket = await sockets.enter_async_context(session.ws_connect(url))
            frame = await socket.receive_json()
            assert frame["type"] == ("hello" if number <= 10 else "disconnect")
        assert len(stage.server.sockets.links) == 10


async def test_recycling_a_connection_loses_nothing(stage: Stage) -> None:
    hub = stage.server.sockets
    first = hub.links[0]
    recycling = asyncio.create_task(hub.recycle(first))
    for _ in range(10):
        await stage.ada.command("/incident", "list")
    await recycling
    await hub.wait_connected(2)
    assert first not in hub.links
    assert len(stage.seen) == 10
    assert not hub.unacked


async def test_a_cut_connection_comes_back() -> None:
    async with staged(connections=1) as stage:
        stage.server.sockets.drop()
        async with asyncio.timeout(15):
            while not stage.server.sockets.links or stage.server.sockets.links[0].draining:
                await asyncio.sleep(0.01)
        await stage.ada.command("/incident", "list")


# -- fingers and eyes --------------------------------------------------------------------------------


async def test_a_confirm_dialog_stands_in_the_way(stage: Stage) -> None:
    card = await stage.card()
    with pytest.raises(ConfirmDialog, match="Resolve"):
        await stage.ada.click(card, "Resolve")
    assert await stage.ada.click(card, "Resolve", confirm=False) is False
    assert stage.server.sockets.envelopes == []
    with pytest.raises(LookupError, match="no confirm dialog"):
        await stage.ada.click(card, "Acknowledge", confirm=True)
    with pytest.raises(LookupError, match="on screen"):
        await stage.ada.click(card, "Escalate now")


async def test_the_client_holds_back_an_incomplete_form(stage: Stage) -> None:
    await stage.ada.shortcut("declare")
    form = await stage.ada.see_view("note")
    with pytest.raises(FormIncomplete, match="required"):
        await stage.ada.submit(form)
    with pytest.raises(FormIncomplete, match="at least 3"):
        await stage.ada.submit(form, {"note": "no"})
    with pytest.raises(LookupError, match="Deploy"):
        await stage.ada.submit(form, {"note": "fine", "Cause": "Moon"})
    assert len(stage.server.sockets.envelopes) == 1


@pytest.mark.parametrize(
    ("typed", "outcome", "left"),
    [("more", "updated", ["Done"]), ("deeper", "pushed", ["Resolve", "Done"]), ("leave", "cleared", [])],
)
async def test_the_ack_of_a_submission_decides(stage: Stage, typed: str, outcome: str, left: list[str]) -> None:
    await stage.ada.message_shortcut("resolve", await stage.card())
    form = await stage.ada.see_view("Resolve")
    assert (await stage.ada.submit(form, {"note": typed})).outcome == outcome
    assert [view.title for view in stage.workspace.modals[stage.ada_id]] == left


@pytest.mark.parametrize("typed", ["wrong", "huge"])
async def test_an_ack_slack_would_refuse_is_a_refusal(stage: Stage, typed: str) -> None:
    await stage.ada.shortcut("declare")
    form = await stage.ada.see_view("Resolve")
    if typed == "huge":
        DONE_VIEW["blocks"][0]["text"]["text"] = "A title of more than 24 characters"
    try:
        with pytest.raises(ClientTrouble):
            await stage.ada.submit(form, {"note": typed})
    finally:
        DONE_VIEW["blocks"][0]["text"]["text"] = "Thank you"
    assert [call.method for call in stage.workspace.refused] == ["ack view_submission note"]


async def test_closing_a_modal_is_told_when_asked_for(stage: Stage) -> None:
    await stage.ada.shortcut("declare")
    await stage.ada.see_view("Resolve")
    await stage.ada.close()
    assert stage.ada.view is None
    assert (stage.seen[-1]["type"], stage.seen[-1]["is_cleared"]) == ("view_closed", False)


MENU: list[JSON] = [
    {
        "type": "actions",
        "block_id": "menus",
        "elements": [
            {
                "type": "static_select",
                "action_id": "pick-severity",
                "placeholder": {"type": "plain_text", "text": "Severity"},
                "options": [{"text": {"type": "plain_text", "text": t}, "value": t[:4]} for t in ("SEV1 !", "SEV2")],
            },
            {"type": "users_select", "action_id": "pick-lead"},
            {
                "type": "overflow",
                "action_id": "pick-more",
                "options": [{"text": {"type": "plain_text", "text": "Snooze"}, "value": "snooze"}],
            },
            {"type": "datepicker", "action_id": "pick-day", "initial_date": "2026-01-05"},
        ],
    }
]


async def test_menus_say_what_was_chosen(stage: Stage) -> None:
    posted = await stage.client.chat_postMessage(channel="#sre-incidents", text="menus", blocks=MENU)
    message = stage.workspace.find_message(stage.channel.id, posted["ts"])
    assert message is not None
    await stage.ada.select(message, "Severity", "SEV1 !")
    body = stage.seen[-1]
    assert body["actions"][0]["selected_option"]["value"] == "SEV1"
    assert body["state"]["values"]["menus"]["pick-severity"]["selected_option"]["value"] == "SEV1"
    assert body["state"]["values"]["menus"]["pick-day"]["selected_date"] == "2026-01-05"
    await stage.ada.select(message, "pick-lead", stage.ada)
    assert stage.seen[-1]["actions"][0]["selected_user"] == stage.ada_id
    await stage.ada.select(message, "pick-more", "Snooze")
    assert stage.seen[-1]["actions"][0]["selected_option"]["value"] == "snooze"
    assert "pick-more" not in stage.seen[-1]["state"]["values"]["menus"]
    with pytest.raises(LookupError, match="SEV2"):
        await stage.ada.select(message, "Severity", "SEV9")


async def test_a_button_of_the_home_tab(stage: Stage) -> None:
    view: JSON = {"type": "home", "blocks": [{"type": "actions", "elements": [button("Runbooks", "pick")]}]}
    await stage.client.views_publish(user_id=stage.ada_id, view=view)
    home = stage.ada.home
    assert home is not None
    await stage.ada.click(home, "Runbooks")
    body = stage.seen[-1]
    assert body["container"] == {"type": "view", "view_id": home.id}
    assert body["view"]["hash"] == home.hash
    assert "response_url" not in body


async def test_an_ephemeral_message_is_not_sent_along(stage: Stage) -> None:
    blocks = [{"type": "actions", "elements": [button("Mine", "pick")]}]
    await stage.client.chat_postEphemeral(channel=stage.channel.id, user=stage.ada_id, text="psst", blocks=blocks)
    [whisper] = stage.ada.ephemerals
    await stage.ada.click(whisper, "Mine")
    assert stage.seen[-1]["container"]["is_ephemeral"] is True
    assert "message" not in stage.seen[-1]
    bob = stage.workspace.add_user("bob")
    with pytest.raises(LookupError, match="does not see"):
        await stage.server.member(bob.id).click(whisper, "Mine")


async def test_a_click_carries_what_slack_sends(stage: Stage) -> None:
    card = await stage.card()
    await stage.ada.click(card, "Acknowledge")
    body = stage.seen[-1]
    assert body["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": stage.channel.id,
        "is_ephemeral": False,
    }
    assert body["user"] == {"id": stage.ada_id, "username": "ada", "name": "ada", "team_id": "T01VIGIE"}
    assert body["channel"] == {"id": stage.channel.id, "name": "sre-incidents"}
    [action] = body["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("ack", "do", "INC-1")
    assert body["response_url"].startswith("http://127.0.0.1")
    assert body["state"] == {"values": {}}
