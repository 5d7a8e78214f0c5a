"""A form that Slack does not open: whoever clicked or typed hears of it, where they are."""

from __future__ import annotations

import pytest

from bot.demo.faults import Planned
from bot.demo.visible import words
from tests.stories.modals import Modal
from tests.world import Shown, World

LATE = Planned(error="expired_trigger_id")
TOLD = "Slack was too slow, and the form did not open. Try again."


async def opened(world: World) -> Shown:
    await world.alert()
    world.expect_what_was_said()
    return world.card()


async def test_a_button_under_a_card_says_that_its_form_did_not_open(world: World) -> None:
    card = await opened(world)
    world.outside.slack.faults.plan("views.open", LATE)
    await card.click("Resolve", as_="ada")
    assert world.whispers("ada") == [TOLD]
    await card.click("Resolve", as_="ada")
    assert world.outside.slack.member("ada").view and world.whispers("ada") == [TOLD]


async def test_a_button_in_a_thread_is_answered_there(world: World) -> None:
    card = await opened(world)
    world.outside.slack.faults.plan("views.open", LATE)
    await card.step(1).click("Skip", as_="john")
    (told,) = world.outside.slack.member("john").ephemerals
    assert told.words == TOLD and told.thread_ts == card.message.ts


@pytest.mark.parametrize(("command", "text"), [("/incident", "declare Redis"), ("/oncall", "override")])
async def test_a_command_says_so_too(world: World, command: str, text: str) -> None:
    world.outside.slack.faults.plan("views.open", LATE)
    answer = await world.command(command, text, as_="ada")
    assert answer and answer.words == TOLD


async def test_a_form_whose_fields_slack_loses_says_what_to_do(world: World) -> None:
    card = await opened(world)
    world.outside.slack.faults.plan("views.update", Planned(error="internal_error"))
    await card.click("Resolve", as_="ada")
    ada = world.outside.slack.member("ada")
    assert ada.view and "close this and try again" in words(ada.view.blocks)
    await ada.close(everything=True)
    await card.click("Resolve", as_="ada")
    assert "mended it" in str((await world.form("ada", "Resolve the incident")).body)


async def test_a_button_in_the_home_tab_says_so_in_the_direct_messages(world: World) -> None:
    home = await world.home("ada")
    await home.click("Policies")
    world.outside.slack.faults.plan("views.open", LATE)
    await home.click("➕ New policy")
    ada = world.outside.slack.member("ada")
    assert not ada.view and [message.words for message in ada.direct_messages] == [TOLD]
    world.expect_what_was_said()


async def test_a_button_in_a_form_says_so_in_the_direct_messages(world: World) -> None:
    home, form = await world.home("ada"), Modal(world, "ada")
    await home.click("Policies")
    await home.click("➕ New policy")
    world.outside.slack.faults.plan("views.push", LATE)
    await form.click("➕ Add a step")
    assert [message.words for message in form.member.direct_messages] == [TOLD]
    world.expect_what_was_said()


async def test_a_chart_that_slack_does_not_take_says_so(world: World) -> None:
    await opened(world)
    home = await world.home("ada")
    world.outside.slack.faults.plan("files.getUploadURLExternal", Planned(error="missing_scope"), times=9)
    await home.click("📈 Charts")
    told = [message.words for message in world.outside.slack.member("ada").direct_messages]
    assert told[-1] == "Slack did not take the chart: try again in a moment."
    world.expect_what_was_said()
