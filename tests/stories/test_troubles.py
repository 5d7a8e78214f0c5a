"""Channels and accounts that are gone, credit that runs out: another way, an admin told once, shown till it is over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from bot.demo.records import Channel
from tests.stories.test_links import JOHN
from tests.world import World, world_on
from tests.world import read as payload

ELSEWHERE = """
Policy: Elsewhere
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  Step 1: {delay: 0 minutes, type: SLACK, target: "CHANNEL (#billing-incidents)"}
  Step 2: {delay: 10 minutes, type: SLACK, target: ON_CALL}
"""


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A Vigie whose policy tells another channel than the team's, then whoever is on call."""
    async with world_on(database_url, catalog=[payload("organisation.yaml"), ELSEWHERE]) as running:
        yield running
        running.expect_what_was_said()
        running.finish()


def channel(world: World, name: str) -> Channel:
    return next(one for one in world.outside.workspace.channels.values() if one.name == name)


async def ready(world: World) -> str:
    await world.app.auditor.look()  # the clock was pushed past its minute
    async with world.http.get("/readyz") as answer:
        assert answer.status == 200
        return str((await answer.json())["checks"]["targets"]["detail"])


async def test_an_archived_channel_is_the_teams_own_and_an_admin_hears_it_once(world: World) -> None:
    broken = channel(world, "billing-incidents")
    broken.archived = True
    world.refusals.add("is_archived")
    await world.alert("Redis Cluster Down", group="g1", fingerprint="f1")
    card = world.card("Redis Cluster Down")
    assert "Slack refused it: is_archived" in card.reply("#billing-incidents not reached").words
    assert card.reply("Nobody has it yet").words
    told = world.direct("ada").words
    assert "The channel #billing-incidents is archived" in told and "Unarchive it" in told
    await world.alert("Disk full", group="g2", fingerprint="f2")
    assert len(world.outside.slack.member("ada").direct_messages) == 1
    assert "#billing-incidents: archived" in await ready(world)
    async with world.http.get("/metrics") as answer:
        assert 'vigie_troubles{trouble="archived"} 1.0' in await answer.text()
    broken.archived = False
    await world.alert("Disk full again", group="g3", fingerprint="f3")
    assert await ready(world) == "none is known to be broken"


async def test_whoever_left_slack_is_reached_another_way_and_an_admin_hears_it(world: World) -> None:
    world.outside.workspace.users["U02JOHN"].deleted = True
    world.refusals |= {"user_disabled", "is_inactive", "user_not_found", "channel_not_found"}
    await world.alert()
    await world.advance(minutes=10)
    world.phone(JOHN).expect_sms("INC-")
    assert "John Doe has no working Slack account" in world.direct("ada").words
    assert "person: user_gone" in await ready(world)
    _, found = await world.get("/api/v1/coverage/")
    mine = next(one for one in found["results"] if (one["team"], one["severity"]) == ("SRE Core", "SEV1_CRITICAL"))
    assert (mine["cover"], mine["channel"]) == ("one_way", "SMS")


async def test_a_token_that_was_revoked_is_said_by_mail(world: World) -> None:
    slack = world.outside.slack
    world.refusals.add("token_revoked")
    for method in ("chat.postMessage", "conversations.open", "auth.test", "conversations.list"):
        slack.fail_next(method, "token_revoked", times=500)
    await world.alert()
    mail = world.mailbox("ada@example.com").expect_mail("does not accept Vigie's token")
    assert 'lang="en"' in mail.html
    world.phone(JOHN).expect_sms("INC-")


async def test_a_mail_says_which_language_it_is_in(world: World) -> None:
    world.outside.workspace.users["U01ADA"].locale = "fr-FR"
    await world.command("/incident", "list", as_="ada")
    world.refusals.add("token_revoked")
    for method in ("chat.postMessage", "conversations.open", "auth.test", "conversations.list"):
        world.outside.slack.fail_next(method, "token_revoked", times=500)
    await world.alert()
    mail = world.mailbox("ada@example.com").expect_mail("jeton")
    assert 'lang="fr"' in mail.html
    world.phone(JOHN).expect_sms("INC-")


async def test_an_app_that_lost_the_right_to_post_is_said_by_mail_until_it_has_it_again(world: World) -> None:
    backend = world.outside.slack.backend
    scopes, backend.scopes = backend.scopes, {*(backend.scopes or ())} - {"chat:write"}
    world.refusals.add("missing_scope")
    await world.alert()
    mails = [world.mailbox("ada@example.com").expect_mail("lacks a right", "vigie doctor") for _ in range(2)]
    for place in ("#billing-incidents", "#sre-incidents"):
        assert any(f"nothing can be posted in {place}" in mail.text for mail in mails)
    world.phone(JOHN).expect_sms("INC-")
    assert "#billing-incidents: missing_scope" in await ready(world)
    backend.scopes = scopes
    await world.alert("Disk full", group="g2", fingerprint="f2")
    assert await ready(world) == "none is known to be broken"


async def test_an_app_that_may_open_no_direct_message_says_so_once_for_all_people(world: World) -> None:
    backend = world.outside.slack.backend
    backend.scopes = {*(backend.scopes or ())} - {"im:write"}
    world.refusals.add("missing_scope")
    for number in range(3):
        await world.alert(group=f"g{number}", fingerprint=f"f{number}")
        await world.advance(minutes=10)
        world.phone(JOHN).expect_sms("INC-")
    assert "direct messages don't arrive" in world.mailbox("ada@example.com").expect_mail("lacks a right").text


@pytest.mark.parametrize("code", ["ekm_access_denied", "team_access_not_granted", "access_denied", "accesslimited"])
async def test_what_an_organisation_forbids_the_app_is_said_by_mail_until_it_is_let(world: World, code: str) -> None:
    world.refusals.add(code)
    for method in ("chat.postMessage", "conversations.open"):
        world.outside.slack.fail_next(method, code, times=500)
    await world.alert()
    mails = [world.mailbox("ada@example.com").expect_mail("lacks a right", code) for _ in range(2)]
    assert any("nothing can be posted in #sre-incidents" in mail.text for mail in mails)
    world.phone(JOHN).expect_sms("INC-")
    assert "#sre-incidents: missing_scope" in await ready(world)
    for method in ("chat.postMessage", "conversations.open"):
        world.outside.slack.faults.forget(method)
    await world.alert("Disk full", group="g2", fingerprint="f2")
    world.card("Redis Cluster Down")
    assert "#sre-incidents" not in await ready(world)


async def test_a_workspace_that_moves_into_an_organisation_is_away(world: World) -> None:
    world.refusals.add("team_added_to_org")
    for method in ("chat.postMessage", "conversations.open", "auth.test", "conversations.list"):
        world.outside.slack.fail_next(method, "team_added_to_org", times=500)
    await world.alert()
    world.phone(JOHN).expect_sms("INC-")
    await world.advance(seconds=5)
    assert world.app.watch.is_away


async def test_low_credit_is_said_once_until_there_is_more(world: World) -> None:
    credit, ovh = world.app.use_cases.credit, world.outside.ovh
    ovh.credits_left = 12.0
    for _ in range(2):
        await credit.look()
        await world.settle()
    assert "SMS credit is low: 12 left" in world.direct("ada").words
    assert len(world.outside.slack.member("ada").direct_messages) == 1
    async with world.http.get("/metrics") as answer:
        assert "vigie_sms_credits 12.0" in await answer.text()
    ovh.credits_left = 500.0
    await credit.look()
    assert await ready(world) == "none is known to be broken"
    ovh.credits_left = 3.0
    await credit.look()
    await world.settle()
    assert len(world.outside.slack.member("ada").direct_messages) == 2


async def test_keys_that_may_send_and_not_look_at_the_credit_are_no_trouble(world: World) -> None:
    ovh = world.outside.ovh
    ovh.grant = replace(
        ovh.grant, rules=(("POST", "/sms/*/jobs"), ("GET", "/sms/*/jobs*"), ("GET", "/sms/*/outgoing*"))
    )
    await world.app.use_cases.credit.look()
    await world.settle()
    assert await ready(world) == "none is known to be broken"
    assert not world.outside.slack.member("ada").direct_messages


async def test_an_edit_says_nothing_of_whether_a_channel_takes_messages(world: World) -> None:
    await world.alert("Redis Cluster Down")
    own = channel(world, "sre-incidents")
    card, own.is_restricted = world.card("Redis Cluster Down"), True
    world.refusals.add("restricted_action")
    await world.alert("Disk full", group="g2", fingerprint="f2")
    assert "Vigie may not post in the channel #sre-incidents" in world.direct("ada").words
    await card.click("Acknowledge", as_="john")
    assert "<@U02JOHN> has it" in card.words
    assert "#sre-incidents: may_not_post" in await ready(world)
    await world.alert("Queue is long", group="g3", fingerprint="f3")
    assert len(world.outside.slack.member("ada").direct_messages) == 1
    own.is_restricted = False
    await world.alert("Swap is used", group="g4", fingerprint="f4")
    assert await ready(world) == "none is known to be broken"
    assert all(world.card(title).thread() for title in ("Disk full", "Queue is long", "Swap is used"))


@pytest.mark.parametrize("kind", ["read_only_channel", "thread_only_channel"])
async def test_a_channel_for_readers_or_for_threads_alone_takes_no_card_and_an_admin_hears_of_it(
    world: World, kind: str
) -> None:
    own = channel(world, "sre-incidents")
    own.is_restricted, own.restriction = True, f"restricted_action_{kind}"
    world.refusals.add(own.restriction)
    await world.alert("Redis Cluster Down")
    assert "Vigie may not post in the channel #sre-incidents" in world.direct("ada").words
    assert "#sre-incidents: may_not_post" in await ready(world)
    own.is_restricted = False
    await world.alert("Disk full", group="g2", fingerprint="f2")
    assert await ready(world) == "none is known to be broken"
    world.expect_what_was_said()


async def test_what_was_to_be_said_under_a_card_is_said_once_its_channel_takes_it(world: World) -> None:
    await world.alert("Redis Cluster Down")
    own = channel(world, "sre-incidents")
    card, own.is_restricted = world.card("Redis Cluster Down"), True
    world.refusals.add("restricted_action")
    await world.alert("Disk full", group="g2", fingerprint="f2")
    await world.advance(minutes=10)
    said = [line.words for line in card.thread()]
    assert not [words for words in said if "step 2" in words]
    own.is_restricted = False
    for _ in range(3):
        await tried_again(world)
    late = [line.words for line in card.thread()][len(said) :]
    assert "step 2 of 2" in late[0] and "no further step" in late[1] and len(late) == 2
    assert "Disk full" in world.card("Disk full").words


def archived(world: World) -> None:
    channel(world, "sre-incidents").archived = True


def unarchived(world: World) -> None:
    channel(world, "sre-incidents").archived = False


def shut_out(world: World) -> None:
    own = channel(world, "sre-incidents")
    own.kind, own.members = "private", [one for one in own.members if one != world.outside.workspace.bot.id]


def invited(world: World) -> None:
    channel(world, "sre-incidents").members.append(world.outside.workspace.bot.id)


@pytest.mark.parametrize(("broken", "mended"), [(archived, unarchived), (shut_out, invited)])
async def test_a_channel_that_works_again_gets_the_cards_that_it_refused(
    sqlite_url: str, broken: Callable[[World], None], mended: Callable[[World], None]
) -> None:
    async with world_on(sqlite_url) as world:
        world.refusals |= {"is_archived", "channel_not_found", "not_in_channel"}
        broken(world)
        await world.alert("Redis Cluster Down")
        await world.alert("Disk full", group="g2", fingerprint="f2", description="No space left")
        _, over = await world.alert("Over soon", group="g3", fingerprint="f3"), await newest(world)
        assert (await world.post({"note": "It was nothing"}, f"/api/v1/incidents/{over}/resolve/"))[0] == 200
        await world.settle()
        assert world.phone(JOHN).expect_sms("INC-")
        await tried_again(world)
        assert not world.outside.workspace.messages_in("sre-incidents")
        mended(world)
        await tried_again(world)
        card = world.card("Redis Cluster Down")
        assert "Nobody has it yet" in card.words
        assert card.step(1).buttons and card.reply("6 steps")
        assert card.reply("#sre-incidents not reached", "Trying SMS instead")
        assert world.card("Disk full").thread()
        cards = [one for one in world.outside.workspace.messages_in("sre-incidents") if not one.is_reply]
        assert len(cards) == 2
        before = len(world.outside.workspace.calls_to("chat.postMessage"))
        await tried_again(world)
        assert len(world.outside.workspace.calls_to("chat.postMessage")) == before
        assert await ready(world) == "none is known to be broken"


async def newest(world: World) -> str:
    _, found = await world.get("/api/v1/incidents/?ordering=-created_at")
    return str(found["results"][0]["id"])


async def tried_again(world: World) -> None:
    """The two minutes are over."""
    await world.app.use_cases.refused_cards.look()
    await world.settle()


async def test_what_the_catalog_names_no_more_is_no_trouble(world: World) -> None:
    channel(world, "billing-incidents").archived = True
    world.outside.workspace.users["U02JOHN"].deleted = True
    world.refusals |= {"is_archived", "user_disabled"}
    await world.alert()
    await world.advance(minutes=10)
    world.phone(JOHN).expect_sms("INC-")
    for name in ("#billing-incidents: archived", "person: user_gone"):
        assert name in await ready(world)
    await tried_again(world)
    assert "#billing-incidents: archived" in await ready(world), "a policy counts on it"
    people = 'people: [{handle: john, name: John Doe, slack: U0NEWER, phone: "+33600000002", role: responder}]'
    await world.load([ELSEWHERE.replace("#billing-incidents", "#platform-incidents"), people])
    await tried_again(world)
    assert await ready(world) == "none is known to be broken"


async def test_a_channel_that_is_nowhere_is_said_where_slack_takes_long_to_list_those_there_are(
    database_url: str,
) -> None:
    policy = ELSEWHERE.replace("#billing-incidents", "#nowhere")
    async with world_on(database_url, catalog=[payload("organisation.yaml"), policy]) as world:
        world.refusals.add("channel_not_found")
        world.outside.slack.faults.delay("conversations.list", 8.0)
        await world.alert()
        assert "Slack refused it: channel_not_found" in world.card().reply("#nowhere not reached").words
        assert "Slack knows no channel #nowhere" in world.direct("ada").words
        assert not world.phone(JOHN).texts
        assert "#nowhere: gone" in await ready(world)
        world.expect_what_was_said()
        world.finish()


async def test_whoever_joins_slack_is_no_trouble_by_the_address_that_nobody_had_there(world: World) -> None:
    john = world.outside.workspace.users.pop("U02JOHN")
    await world.load(['people: [{handle: john, name: John Doe, slack: "", email: john@example.com}]'])
    world.refusals.add("users_not_found")
    await world.alert()
    await world.advance(minutes=10)
    world.mailbox("john@example.com").expect_mail("INC-")
    await tried_again(world)
    assert "person: user_gone" in await ready(world), "they are paged by it"
    world.outside.workspace.users[john.id] = john
    await world.load(["people: [{handle: john, name: John Doe, slack: U02JOHN, email: john@example.com}]"])
    await tried_again(world)
    assert await ready(world) == "none is known to be broken"
