"""The Slack double's Web API, asked by the real slack_sdk client: what it grants, and every way it says no."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.demo.rates import RateLimits
from bot.demo.records import Message
from tests.integration.bolt_stage import CARD, DONE_VIEW, JSON, NOTE_FORM, Stage, error_of, home_view, staged

NO_LIMITS = RateLimits(enabled=False)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged(connections=0, rates=NO_LIMITS) as open_stage:
        workspace = open_stage.workspace
        workspace.add_user("bob", user_id="UBOB", email="bob@example.com", locale="fr-FR")
        workspace.add_user("eve", user_id="UGONE", email="eve@example.com", deleted=True)
        workspace.add_channel("elsewhere", channel_id="CELSE")
        workspace.add_channel("secret", channel_id="CSECRET", kind="private", members=["UBOB"])
        bot = workspace.bot.id
        workspace.add_channel("old", channel_id="COLD", members=[bot]).archived = True
        workspace.add_channel("here", channel_id="CHERE", members=[bot, "UBOB"])
        workspace.add_message(Message("CHERE", "1600000000.000100", "UBOB", "I see smoke"))
        yield open_stage


POST = "chat.postMessage"
HERE = {"channel": "CHERE"}
THERE = {**HERE, "ts": "1600000000.000100"}
REFUSALS: list[tuple[str, JSON, str]] = [
    (POST, {"channel": "CNONE", "text": "x"}, "channel_not_found"),
    (POST, {"channel": "#nowhere", "text": "x"}, "channel_not_found"),
    (POST, {"channel": "CSECRET", "text": "x"}, "channel_not_found"),
    (POST, {"channel": "COLD", "text": "x"}, "is_archived"),
    (POST, {"channel": "UVIGIE", "text": "x"}, "cannot_dm_bot"),
    (POST, {**HERE}, "no_text"),
    (POST, {**HERE, "text": "x" * 40_001}, "msg_too_long"),
    (POST, {**HERE, "text": "x", "blocks": "[oops"}, "invalid_blocks_format"),
    (POST, {**HERE, "text": "x", "blocks": [{"type": "balloon"}]}, "invalid_blocks"),
    (POST, {**HERE, "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
    (POST, {**HERE, "text": "x", "metadata": {"event_type": "x"}}, "invalid_metadata_format"),
    ("chat.update", {**THERE, "text": "x"}, "cant_update_message"),
    ("chat.update", {**HERE, "ts": "1.0", "text": "x"}, "message_not_found"),
    ("chat.delete", THERE, "cant_delete_message"),
    ("chat.postEphemeral", {"channel": "CELSE", "user": "UBOB", "text": "x"}, "not_in_channel"),
    ("chat.postEphemeral", {**HERE, "user": "UGONE", "text": "x"}, "user_not_in_channel"),
    ("chat.getPermalink", {**HERE, "message_ts": "1.0"}, "message_not_found"),
    ("conversations.create", {"name": ""}, "invalid_name_required"),
    ("conversations.create", {"name": "x" * 81}, "invalid_name_maxlength"),
    ("conversations.create", {"name": "Inc"}, "invalid_name_specials"),
    ("conversations.create", {"name": "two words"}, "invalid_name_specials"),
    ("conversations.create", {"name": "---"}, "invalid_name_punctuation"),
    ("conversations.create", {"name": "old"}, "name_taken"),
    ("conversations.rename", {**HERE, "name": "old"}, "name_taken"),
    ("conversations.archive", {"channel": "COLD"}, "already_archived"),
    ("conversations.archive", {"channel": "CELSE"}, "not_in_channel"),
    ("conversations.unarchive", HERE, "not_archived"),
    ("conversations.setTopic", {**HERE, "topic": "x" * 251}, "too_long"),
    ("conversations.setPurpose", {**HERE, "purpose": "x" * 251}, "too_long"),
    ("conversations.setTopic", {"channel": "COLD", "topic": "x"}, "is_archived"),
    ("conversations.invite", {**HERE, "users": "UBOB"}, "already_in_channel"),
    ("conversations.invite", {**HERE, "users": "UNONE"}, "user_not_found"),
    ("conversations.invite", {**HERE, "users": "UVIGIE"}, "cant_invite_self"),
    ("conversations.invite", {**HERE, "users": "UGONE"}, "cant_invite"),
    ("conversations.invite", {**HERE, "users": ""}, "no_user"),
    ("conversations.join", {"channel": "CSECRET"}, "channel_not_found"),
    ("conversations.join", {"channel": "COLD"}, "is_archived"),
    ("conversations.open", {"users": "UVIGIE"}, "cannot_dm_bot"),
    ("conversations.open", {"users": "UGONE"}, "user_disabled"),
    ("conversations.open", {}, "users_list_not_supplied"),
    ("conversations.history", {"channel": "CELSE"}, "not_in_channel"),
    ("conversations.history", {**HERE, "limit": 1000}, "invalid_limit"),
    ("conversations.list", {"cursor": "what"}, "invalid_cursor"),
    ("conversations.list", {"types": "private"}, "invalid_types"),
    ("conversations.replies", {**HERE, "ts": "1.0"}, "thread_not_found"),
    ("users.info", {"user": "UNONE"}, "user_not_found"),
    ("users.lookupByEmail", {"email": "eve@example.com"}, "users_not_found"),
    ("usergroups.users.update", {"usergroup": "SNONE", "users": "UBOB"}, "no_such_subteam"),
    ("views.open", {"trigger_id": "1.2.3", "view": NOTE_FORM}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "1.2.3", "view": {**NOTE_FORM, "submit": None}}, "invalid_arguments"),
    ("views.update", {"view_id": "VNONE", "view": NOTE_FORM}, "not_found"),
    ("views.publish", {"user_id": "UBOB", "view": NOTE_FORM}, "invalid_arguments"),
    ("views.publish", {"user_id": "UNONE", "view": home_view("x")}, "user_not_found"),
    ("views.publish", {"user_id": "UBOB", "view": home_view("x"), "hash": ""}, "hash_conflict"),
    ("pins.add", {**HERE, "timestamp": "1.0"}, "message_not_found"),
    ("pins.add", HERE, "no_item_specified"),
    ("bookmarks.add", {"channel_id": "CHERE", "type": "folder", "title": "x"}, "invalid_bookmark_type"),
    ("bookmarks.edit", {"channel_id": "CHERE", "bookmark_id": "Bk0"}, "not_found"),
    ("reactions.add", {**HERE, "timestamp": "1600000000.000100", "name": ":eyes:"}, "invalid_name"),
    ("files.getUploadURLExternal", {"filename": "a.png", "length": 0}, "invalid_arguments"),
    ("files.completeUploadExternal", {"files": [{"id": "F0"}]}, "file_not_found"),
]


@pytest.mark.parametrize(("method", "arguments", "error"), REFUSALS)
async def test_refusals(stage: Stage, method: str, arguments: JSON, error: str) -> None:
    assert await error_of(stage.client.api_call(method, json=arguments)) == error
    [call] = stage.workspace.calls
    assert (call.method, call.error) == (method, error)


async def test_refused_blocks_say_where(stage: Stage) -> None:
    with pytest.raises(SlackApiError) as caught:
        await stage.client.chat_postMessage(channel="CHERE", text="x", blocks=[{"type": "header"}])
    messages = caught.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] missing required field: text [json-pointer:/blocks/0]"]
    assert stage.workspace.refused == stage.workspace.calls


async def test_posting_editing_removing(stage: Stage) -> None:
    client = stage.client
    posted = await client.chat_postMessage(
        channel="#here",
        text="x",
        blocks=CARD,
        metadata={"event_type": "incident", "event_payload": {"id": "INC-1"}},
    )
    ts = posted["ts"]
    await client.chat_postMessage(channel="CHERE", text="reply", thread_ts=ts)
    loud = await client.chat_postMessage(channel="CHERE", text="loud", thread_ts=ts, reply_broadcast=True)
    again = client.chat_postMessage(channel="CHERE", text="x", thread_ts=loud["ts"])
    assert await error_of(again) == "cannot_reply_to_message"
    await client.chat_update(channel="CHERE", ts=ts, text="y")
    [card] = (await client.conversations_replies(channel="CHERE", ts=ts, limit=1))["messages"]
    assert (card["text"], card.get("blocks"), card["reply_count"]) == ("y", None, 2)
    history = await client.conversations_history(channel="CHERE", include_all_metadata=True)
    assert [message["text"] for message in history["messages"]] == ["loud", "y", "I see smoke"]
    assert history["messages"][1]["metadata"]["event_payload"] == {"id": "INC-1"}
    await client.chat_delete(channel="CHERE", ts=loud["ts"])
    assert await error_of(client.chat_delete(channel="CHERE", ts=loud["ts"])) == "message_not_found"
    link = await client.chat_getPermalink(channel="CHERE", message_ts=ts)
    assert link["permalink"].endswith(f"/archives/CHERE/p{ts.replace('.', '')}")


async def test_direct_messages(stage: Stage) -> None:
    opened = await stage.client.conversations_open(users=["UBOB"])
    posted = await stage.client.chat_postMessage(channel="UBOB", text="wake up")
    assert posted["channel"] == opened["channel"]["id"]
    assert [message.text for message in stage.server.member("bob").direct_messages] == ["wake up"]


async def test_pages(stage: Stage) -> None:
    names = []
    async for page in await stage.client.conversations_list(limit=2, exclude_archived=True):
        names += [channel["name"] for channel in page["channels"]]
    assert names == ["sre-incidents", "elsewhere", "here"]
    mine = await stage.client.users_conversations(types="public_channel,private_channel")
    assert [channel["name"] for channel in mine["channels"]] == ["sre-incidents", "old", "here"]


async def test_a_war_room(stage: Stage) -> None:
    client = stage.client
    room = (await client.conversations_create(name="inc-abc123-redis"))["channel"]
    await client.conversations_setTopic(channel=room["id"], topic="x" * 250)
    partly = await client.conversations_invite(channel=room["id"], users=["UBOB", "UNONE"], force=True)
    assert partly["errors"][0]["error"] == "user_not_found"
    members = (await client.conversations_members(channel=room["id"]))["members"]
    assert members == ["UVIGIE", "UBOB"]
    await client.conversations_archive(channel=room["id"])
    assert await error_of(client.chat_postMessage(channel=room["id"], text="x")) == "is_archived"
    assert (await client.conversations_info(channel=room["id"]))["channel"]["is_archived"]
    joined = await client.conversations_join(channel="CELSE")
    assert joined["channel"]["is_member"]


async def test_people(stage: Stage) -> None:
    found = await stage.client.users_lookupByEmail(email="Bob@example.com")
    assert found["user"]["id"] == "UBOB"
    assert "locale" not in found["user"]
    assert (await stage.client.users_info(user="UBOB", include_locale=True))["user"]["locale"] == "fr-FR"
    assert len((await stage.client.users_list())["members"]) == 4
    group = stage.workspace.add_group("sre").id
    empty = stage.client.usergroups_users_update(usergroup=group, users=[])
    assert await error_of(empty) == "no_users_provided"
    await stage.client.usergroups_users_update(usergroup=group, users=["UBOB", stage.ada_id])
    assert (await stage.client.usergroups_users_list(usergroup=group))["users"] == ["UBOB", stage.ada_id]


async def test_views_and_their_hash(stage: Stage) -> None:
    client, triggers = stage.client, stage.server.backend.triggers
    first = (await client.views_publish(user_id="UBOB", view=home_view("one")))["view"]
    second = (await client.views_publish(user_id="UBOB", view=home_view("two"), hash=first["hash"]))["view"]
    assert first["id"] == second["id"]
    stale = client.views_publish(user_id="UBOB", view=home_view("three"), hash=first["hash"])
    assert await error_of(stale) == "hash_conflict"
    assert stage.workspace.refused == []
    root = (await client.views_open(trigger_id=triggers.issue("UBOB"), view=NOTE_FORM))["view"]
    for _ in range(2):
        await client.views_push(trigger_id=triggers.issue("UBOB", from_modal=True), view=DONE_VIEW)
    deeper = client.views_push(trigger_id=triggers.issue("UBOB", from_modal=True), view=DONE_VIEW)
    assert await error_of(deeper) == "push_limit_reached"
    updated = (await client.views_update(view_id=root["id"], view=DONE_VIEW, hash=root["hash"]))["view"]
    assert updated["title"]["text"] == "Done"


async def test_pins_bookmarks_reactions(stage: Stage) -> None:
    client, ts = stage.client, "1600000000.000100"
    await client.pins_add(channel="CHERE", timestamp=ts)
    assert await error_of(client.pins_add(channel="CHERE", timestamp=ts)) == "already_pinned"
    await client.reactions_add(channel="CHERE", timestamp=ts, name="eyes")
    assert await error_of(client.reactions_add(channel="CHERE", timestamp=ts, name="eyes")) == "already_reacted"
    added = await client.bookmarks_add(channel_id="CHERE", type="link", title="Runbook", link="https://example.com/1")
    bookmark = added["bookmark"]["id"]
    await client.bookmarks_edit(channel_id="CHERE", bookmark_id=bookmark, title="Report")
    [listed] = (await client.bookmarks_list(channel_id="CHERE"))["bookmarks"]
    assert (listed["title"], listed["link"]) == ("Report", "https://example.com/1")


async def test_a_file_goes_up_in_three_steps(stage: Stage) -> None:
    client = stage.client
    await client.files_upload_v2(
        channel="CHERE", content=b"png", filename="chart.png", title="MTTR", initial_comment="This month"
    )
    message = stage.workspace.messages_in("here")[-1]
    assert (message.text, message.files[0]["title"]) == ("This month", "MTTR")
    assert stage.workspace.files[message.files[0]["id"]]["content"] == b"png"


async def test_a_response_url_five_times(stage: Stage) -> None:
    key = stage.server.backend.response_urls.issue(stage.ada_id, "CELSE")
    respond = AsyncWebhookClient(f"{stage.server.base_url}/response/{key}")
    for _ in range(4):
        assert (await respond.send(text="just for you")).status_code == 200
    await respond.send(text="for all", response_type="in_channel")
    assert (await respond.send(text="too often")).status_code == 404
    assert [message.text for message in stage.workspace.messages_in("elsewhere")] == ["for all"]
    assert [message.text for message in stage.ada.ephemerals] == ["just for you"] * 4
    assert [call.error for call in stage.workspace.refused] == ["used_url"]


async def test_a_response_url_edits_what_was_clicked(stage: Stage) -> None:
    posted = await stage.client.chat_postMessage(channel="CHERE", text="x", blocks=CARD)
    key = stage.server.backend.response_urls.issue(stage.ada_id, "CHERE", posted["ts"])
    respond = AsyncWebhookClient(f"{stage.server.base_url}/response/{key}")
    await respond.send(text="done", replace_original=True)
    message = stage.workspace.messages_in("here")[-1]
    assert (message.text, message.blocks) == ("done", [])
    await respond.send(delete_original=True)
    assert [message.text for message in stage.workspace.messages_in("here")] == ["I see smoke"]
