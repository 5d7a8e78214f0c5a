"""Everybody reads their own language: the catalog's word for it first, then what they set in Slack."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.demo.records import User
from tests.stories.test_links import JOHN, KEY
from tests.stories.test_replies import TEXTS
from tests.world import World, read, world_on


def guest(world: World, locale: str) -> User:
    """Somebody whom the catalog does not know."""
    return world.outside.workspace.add_user("gaston", locale=locale)


async def test_a_stranger_reads_what_they_set_in_slack_from_the_first_click_on(world: World) -> None:
    guest(world, "fr-FR")
    answer = await world.command("/incident", "help", as_="gaston")
    assert answer and "voir une liste" not in answer.words and "incidents ouverts" in answer.words
    home = await world.home("gaston")
    assert "Rien ne vous attend" in home.words


async def test_home_is_in_the_reader_s_language_when_it_is_the_first_thing_they_open(world: World) -> None:
    guest(world, "fr-FR")
    assert "Rien ne vous attend" in (await world.home("gaston")).words


async def test_the_catalog_s_word_comes_before_slack_s(world: World) -> None:
    world.outside.workspace.users["U02JOHN"].locale = "fr-FR"
    await world.load([read("organisation.yaml").replace("handle: john,", "handle: john, locale: en,")])
    assert "You are on call" in (await world.home("john")).words


async def test_a_direct_message_is_in_the_reader_s_language_before_they_ever_clicked(database_url: str) -> None:
    async with world_on(database_url) as world:
        world.outside.workspace.users[slack_of(world, "john")].locale = "fr-FR"
        # Asked about as it started, perhaps, and for a day not again.
        world.clock.push(timedelta(days=1, minutes=1))
        await world.app.look_again()
        await world.alert()
        card = world.card()
        world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
        card.step(1)
        assert "Nobody has it yet" in card.words
        await world.advance(minutes=5)
        card.reply("step 2 of 5")
        direct = world.direct("john")
        assert "Acquitter" in direct.buttons
        world.phone("+33600000002").expect_sms("Acquittez")
        world.finish()


async def test_a_slack_that_says_nothing_leaves_the_installation_s_language(world: World) -> None:
    guest(world, "fr-FR")
    world.outside.slack.fail_next("users.info", "internal_error", times=20)
    answer = await world.command("/incident", "help", as_="gaston")
    assert answer and "what is open" in answer.words


def slack_of(world: World, name: str) -> str:
    return next(user.id for user in world.outside.workspace.users.values() if user.name == name)


async def test_an_sms_and_a_calendar_are_answered_in_the_reader_s_language(database_url: str) -> None:
    signed: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": KEY}
    async with world_on(database_url, catalog=[read("organisation.yaml"), TEXTS], ovh_sms_sender="", **signed) as world:
        world.outside.workspace.users["U02JOHN"].locale = "fr-FR"
        shown = await world.command("/oncall", "calendar", as_="john")
        assert shown is not None
        own = next(word for word in shown.words.split() if word.startswith("https://"))
        async with world.http.get(own.removeprefix("https://vigie.example.com")) as answer:
            assert "X-WR-CALNAME:Astreinte" in await answer.text()
        await world.alert()
        phone = world.phone(JOHN)
        phone.expect_sms("Acquitter", "répondre 1a")
        await phone.answer("A")
        phone.expect_sms("est à vous")
        world.expect_what_was_said()
