"""What people do to messages, channels and accounts meanwhile: nothing is lost by it, and nobody is paged twice."""

from __future__ import annotations

import asyncio

from bot.demo.records import Change, Message
from tests.world import CHANNEL, Shown, World

JOHN = "+33600000002"


def delete(world: World, message: Message) -> None:
    """Somebody who may deletes it by hand."""
    world.refusals |= {"message_not_found", "thread_not_found"}
    message.deleted = True
    world.outside.workspace.tell(Change("delete", message))


async def opened(world: World) -> Shown:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    return card


async def test_a_card_deleted_by_hand_is_posted_again(world: World) -> None:
    old = await opened(world)
    delete(world, old.message)
    await world.command("/incident", "ack", as_="john")
    card = world.card("<@U02JOHN> has it")
    assert card.message.ts != old.message.ts
    await card.step(1).click("Done", as_="john")
    assert "Done by John Doe" in card.step(1).words
    card.step(2)
    await card.click("Resolve", as_="john")
    await world.submit("john", "Resolve the incident", {"note": "Failover"})
    assert "Failover" in world.card().words
    world.expect_what_was_said()


async def test_a_card_deleted_with_its_thread_takes_the_steps_along(world: World) -> None:
    old = await opened(world)
    for message in (*old.thread(), old.message):
        delete(world, message)
    await world.command("/incident", "note Seen", as_="john")
    card = world.card()
    card.reply("Seen")
    await card.step(1).click("Done", as_="ada")
    card.step(2)
    await world.command("/incident", "ack", as_="john")
    assert "<@U02JOHN> has it" in world.card().words
    world.expect_what_was_said()


async def test_a_card_that_may_not_be_edited_is_posted_again_when_somebody_has_it(world: World) -> None:
    await opened(world)
    world.refusals.add("edit_window_closed")
    world.outside.slack.fail_next("chat.update", "edit_window_closed", times=500)

    async def cards() -> int:
        for number in range(3):
            await world.alert(fingerprint=f"further {len(shown())} {number}")
            await world.advance(seconds=2)
        return len(shown())

    def shown() -> list[Message]:
        return [one for one in world.outside.workspace.messages_in("sre-incidents") if not one.is_reply]

    assert await cards() == 1
    await world.command("/incident", "ack", as_="john")
    now = world.card("<@U02JOHN> has it")
    assert now.step(1).buttons
    assert await cards() == 2
    await now.click("Give it back", as_="john")
    assert "Nobody has it yet" in shown()[-1].words
    assert await cards() == 3
    world.expect_what_was_said()


async def test_a_deleted_step_comes_back_with_the_next_change(world: World) -> None:
    card = await opened(world)
    step = card.step(1)
    await step.click("Problem", as_="john")
    form = await world.form("john", "A problem")
    delete(world, step.message)
    await world.outside.slack.member("john").submit(form, {"words": "It hangs"})
    await world.settle()
    fresh = [one for one in card.thread() if not one.deleted and "Step 1/" in one.words]
    assert len(fresh) == 1
    assert "It hangs" in fresh[0].words
    world.expect_what_was_said()


async def test_a_page_deleted_by_its_reader_does_not_come_back(world: World) -> None:
    card = await opened(world)
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    delete(world, world.direct("john").message)
    await card.click("Acknowledge", as_="ada")
    assert not world.outside.slack.member("john").direct_messages
    world.expect_what_was_said()


async def test_a_channel_archived_before_the_alert(world: World) -> None:
    world.refusals |= {"is_archived"}
    world.outside.workspace.channel(CHANNEL).archived = True
    await world.alert()
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    world.expect_what_was_said()


async def test_a_channel_put_away_under_another_name_and_made_again(world: World) -> None:
    workspace = world.outside.workspace
    old = workspace.channel(CHANNEL)
    old.name, old.archived = "sre-incidents-2025", True
    workspace.add_channel(CHANNEL, members=list(workspace.users))
    world.refusals.add("is_archived")
    await world.alert()
    assert "Acknowledge" in world.card().buttons
    world.expect_what_was_said()
    assert not world.outside.slack.member("ada").direct_messages, "the name leads somewhere"


async def test_a_channel_archived_after_the_card(world: World) -> None:
    world.refusals |= {"is_archived", "is_inactive"}
    await opened(world)
    world.outside.workspace.channel(CHANNEL).archived = True
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    await world.direct("john").click("Acknowledge", as_="john")
    assert "has it" in world.direct("john").words
    await world.advance(minutes=60)
    world.expect_what_was_said()
    (incident,) = (await world.get("/api/v1/incidents/"))[1]["results"]
    assert incident["status"] == "ACKNOWLEDGED"


async def test_somebody_paged_whose_account_is_deactivated(world: World) -> None:
    world.refusals |= {"user_disabled"}
    await opened(world)
    world.outside.workspace.users["U02JOHN"].deleted = True
    await world.advance(minutes=5)
    world.phone(JOHN).expect_sms("Redis Cluster Down")
    assert not world.outside.slack.member("john").direct_messages
    world.expect_what_was_said()


async def test_two_people_acknowledge_at_once(world: World) -> None:
    card = await opened(world)
    ada, john = (world.outside.slack.member(name) for name in ("ada", "john"))
    await asyncio.gather(ada.click(card.message, "Acknowledge"), john.click(card.message, "Acknowledge"))
    await world.settle()
    told = world.whispers("ada") + world.whispers("john")
    assert len(told) == 1
    assert "already" in told[0].lower()
    assert len([one for one in card.thread() if "acknowledged" in one.words.lower()]) <= 1
    world.expect_what_was_said()


async def test_a_finger_that_clicks_twice(world: World) -> None:
    card = await opened(world)
    john, step = world.outside.slack.member("john"), card.step(1).message
    await asyncio.gather(*(john.click(step, "Done") for _ in range(3)))
    await world.settle()
    assert "Done by John Doe" in card.step(1).words
    card.step(2)
    assert not [one for one in card.thread() if "Step 3/" in one.words]
    await asyncio.gather(*(john.click(card.message, "Acknowledge") for _ in range(3)))
    await world.settle()
    assert "<@U02JOHN> has it" in card.words
    world.expect_what_was_said()
