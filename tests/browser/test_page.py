"""The page itself: several tabs, hostile text, dialogs, broken things, keyboards, narrow screens."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import expect

from bot.demo.stage import SOMEBODY
from handlers.catalog.service import CatalogService
from tests.browser.screen import Screen, Show

NONSENSE: list[Any] = [
    {"do": "fly"},
    {"do": "clock", "speed": "x"},
    {"do": "clock", "advance": -1},
    {"do": "click", "as": "U0"},
    {"do": "submit", "as": "U01ADA", "view": "V0", "state": 7},
    [],
    7,
]
HOSTILE = (
    "<img src=x onerror=alert(1)> <script>alert(2)</script> <!channel> <@U01ADA> *bold* `code` & <https://x.example|y>"
)


async def test_two_tabs_see_the_same(show: Show) -> None:
    john = await show.screen("#/john/sre-incidents")
    lea = await show.screen("#/lea/sre-incidents")
    await john.fire("redis")
    await expect(lea.card()).to_contain_text("Redis cluster down")
    await lea.card().get_by_role("button", name="Acknowledge").click()
    await expect(john.card()).to_contain_text("@Léa Lead has it")
    await expect(john.card().get_by_role("button", name="Acknowledge")).to_have_count(0)


async def test_a_hostile_title_is_text(show: Show) -> None:
    screen = await show.screen()
    await show.alert(HOSTILE)
    card = screen.card("onerror")
    await expect(card).to_contain_text("<script>alert(2)</script>")
    assert await card.locator("img:not(.avatar), script, .mention, .content b >> text=bold").count() == 0
    await screen.turn("5 minutes later")
    await expect(screen.texts.first).to_contain_text("<img")
    await screen.open("Vigie")
    await expect(screen.card("onerror")).to_be_visible()
    assert await screen.page.locator("img[src=x], a[href*='x.example']").count() == 0


async def test_slack_goes_down_and_comes_back(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("slack_down")
    await expect(screen.texts).to_have_count(1)
    banner = screen.page.locator("#banner")
    await expect(banner).to_contain_text("Slack is broken")
    await screen.page.get_by_label("Message #sre-incidents").fill("Is anybody there?")
    await screen.page.keyboard.press("Enter")
    await expect(screen.page.locator(".toast").last).to_contain_text("Slack is down")
    await banner.get_by_role("button", name="Mend it").click()
    await expect(banner).to_be_hidden()
    for _ in range(3):
        await screen.turn("5 minutes later")
    await expect(screen.card()).to_contain_text("Redis cluster down", timeout=30_000)


async def test_text_messages_fail(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("sms_fails")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.turn("5 minutes later")
    await screen.open_thread()
    await expect(screen.reply("SMS")).to_contain_text("John Doe")
    for _ in range(2):
        await screen.turn("5 minutes later")
    await expect(screen.page.get_by_label("Léa Lead's mailbox").locator("summary").first).to_contain_text("Redis")
    await expect(screen.texts).to_have_count(0)


async def test_a_text_message_is_answered(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.turn("5 minutes later")
    await expect(screen.texts).to_have_count(1)
    field = screen.page.get_by_label("Answer this text message")
    await field.fill("what?")
    await field.press("Enter")
    await expect(screen.texts.first).to_contain_text("Not understood")
    await field.fill("a")
    await field.press("Enter")
    await expect(screen.card()).to_contain_text("John Doe has it")
    await expect(screen.page.locator(".phone .written")).to_have_count(2)
    await expect(field).to_have_value("")


DISCORD = """
Policy: Platform, SEV2
Team: Platform
Severity: SEV2_HIGH
Steps:
  1: {{delay: 0 minutes, type: SLACK, target: "CHANNEL ({webhook})"}}
"""


async def test_what_goes_to_discord_is_seen_there_as_it_stands(show: Show) -> None:
    screen = await show.screen("#/ada/platform-incidents")
    channel = screen.page.get_by_label("Discord channel")
    address = await channel.locator("code").inner_text()
    store, clock = show.stage.app.store, show.stage.clock
    await CatalogService(store, clock).load([("discord.yaml", DISCORD.format(webhook=address))], SOMEBODY)
    await screen.fire("gateway")
    await expect(channel.locator("article b").last).to_have_text("🟠 SEV2, high · API gateway is slow")
    await expect(channel.locator("article")).not_to_contain_text("<t:")
    await screen.card().get_by_role("button", name="Acknowledge").click()
    await expect(channel.locator("article")).to_contain_text("Ada Admin")
    await expect(channel.locator("article")).to_have_count(1)


async def test_text_messages_that_never_arrive_go_another_way(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("sms_lost")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.turn("5 minutes later")
    await screen.open_thread()
    await expect(screen.reply("Escalation, step 2")).to_be_visible()
    await screen.turn("5 minutes later")
    await expect(screen.reply("no sign that it arrived within 2 min")).to_be_visible()
    await expect(screen.texts).to_have_count(0)
    banner = screen.page.locator("#banner")
    await expect(banner).to_contain_text("never arrive")
    await banner.get_by_role("button", name="Mend it").click()
    await expect(banner).to_be_hidden()


async def test_nobody_is_on_call(show: Show) -> None:
    screen = await show.screen("#/mona/billing-incidents")
    await screen.fire("nobody")
    await expect(screen.card()).to_contain_text("Invoices are not sent")
    await expect(screen.page.get_by_label("Mona Manager's phone").locator(".sms")).to_have_count(1)
    await screen.open_thread()
    await expect(screen.page.locator("#thread")).to_contain_text("nobody", ignore_case=True)


async def test_the_gateway_goes_to_another_team(show: Show) -> None:
    screen = await show.screen("#/john/sre-incidents")
    await screen.fire("gateway")
    await expect(screen.card("API gateway is slow")).to_contain_text("SEV2")
    await screen.open("general")
    await show.alert("Another one", service="api-gateway", severity="high")
    await expect(screen.page.locator("#sidebar button", has_text="platform-incidents")).to_have_class("unread")


async def test_a_storm_has_a_digest_that_takes_all_of_it(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("storm")
    # It may be over by now.
    digest = screen.page.locator("#channel article.message", has_text=re.compile("torm.* more incidents|storm is over"))
    await expect(digest.first).to_be_visible(timeout=50_000)
    await digest.first.get_by_role("button", name="Acknowledge all").click(timeout=50_000)
    await screen.question.get_by_role("button", name="Acknowledge all").click()
    taken = screen.page.locator("#channel article.message", has_text="incidents are yours")
    await expect(taken).to_be_visible(timeout=50_000)


async def test_time_stands_still_and_goes_on(show: Show) -> None:
    screen = await show.screen()
    await screen.turn("Pause")
    await expect(screen.page.get_by_role("button", name="Go on")).to_be_visible()
    face = screen.page.locator(".face")
    stood = await face.text_content()
    await screen.page.wait_for_timeout(1300)
    assert await face.text_content() == stood
    await screen.turn("60 times as fast")
    await expect(face).not_to_have_text(stood or "")
    assert show.stage.clock.speed == 60


async def test_by_keyboard_alone(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    acknowledge = screen.card().get_by_role("button", name="Acknowledge")
    await acknowledge.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.card()).to_contain_text("has it")
    resolve = screen.card().get_by_role("button", name="Resolve")
    await resolve.focus()
    await screen.page.keyboard.press("Enter")
    await expect(screen.modal.get_by_label("What mended it?")).to_be_focused()
    await screen.page.keyboard.press("Escape")
    await expect(screen.modal).to_have_count(0)


async def test_an_edit_keeps_the_focus(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    await screen.card().get_by_role("button", name="Resolve").focus()
    await screen.turn_by_wire(5)
    await expect(screen.card()).to_contain_text("Léa Lead")
    await expect(screen.card().get_by_role("button", name="Resolve")).to_be_focused()


async def test_the_demo_that_was_cut_off_comes_back_by_itself(show: Show) -> None:
    screen = await show.screen()
    await show.page.drop_tabs()
    await expect(screen.page.locator("#banner")).to_contain_text("does not answer")
    await expect(screen.page.locator("#banner")).to_be_hidden()
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
async def test_it_is_readable(show: Show, scheme: Any, width: int) -> None:
    screen = await show.screen(viewport={"width": width, "height": 844}, color_scheme=scheme)
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.turn("5 minutes later")
    await expect(screen.card()).to_contain_text("Léa Lead")
    await _check(screen)
    await screen.open_thread()
    await expect(screen.reply("Step 1/6")).to_be_visible()
    await _check(screen)
    if width == 390:
        await screen.page.locator("#panes").get_by_role("button", name="Phones").click()
        await expect(screen.texts.first).to_be_visible()
        await _check(screen)
        await screen.page.locator("#panes").get_by_role("button", name="Conversation").click()
    await screen.card().get_by_role("button", name="Resolve").click()
    await expect(screen.modal.get_by_label("What mended it?")).to_be_visible()
    await _check(screen)


async def _check(screen: Screen) -> None:
    """Nothing sticks out sideways, and nothing that a screen reader or weak eyes stumble over (WCAG 2.1 AA by axe)."""
    assert await screen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await screen.page.evaluate(f"() => {{ {AXE_FILE_PATH.read_text()} }}")
    found = await screen.page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] })")
    told = [
        f"{one['id']}: {one['nodes'][0]['html']} {one['nodes'][0]['failureSummary']}" for one in found["violations"]
    ]
    assert not told, "\n".join(told)


async def test_another_site_can_not_drive_it(show: Show) -> None:
    async with show.http() as http:
        answer = await http.get(show.page.address, headers={"Host": "evil.example"})
        assert answer.status == 403
        refused = await http.get(f"{show.page.address}/live", headers={"Origin": "https://evil.example"})
        assert refused.status == 403
        async with http.ws_connect(f"{show.page.address}/live") as socket:
            await socket.receive()
            for wish in NONSENSE:
                await socket.send_str(json.dumps(wish))
                answer_to = json.loads((await socket.receive()).data)
                assert answer_to[0]["refused"] in ("unknown", "gone"), (wish, answer_to)


async def test_a_command_is_completed_and_a_form_declares(show: Show) -> None:
    screen = await show.screen()
    composer = screen.page.get_by_label("Message #sre-incidents")
    await composer.press_sequentially("/in")
    await expect(screen.page.locator(".suggestions li")).to_have_count(1)
    await composer.press("Tab")
    await expect(composer).to_have_value("/incident ")
    await composer.press_sequentially("dec")
    await composer.press("Tab")
    await composer.press_sequentially("The disk is full")
    await composer.press("Enter")
    await expect(screen.modal.get_by_label("What is wrong?")).to_have_value("The disk is full")
    await screen.modal.get_by_label("How bad is it?").select_option(label="🔴 SEV1, critical")
    service = screen.modal.get_by_label("Service")
    await service.select_option(label=await service.locator("option", has_text="redis-prod").text_content())
    await expect(screen.modal).to_contain_text("Redis cluster recovery")
    await screen.modal.get_by_label("What is wrong?").fill("")
    await screen.modal.get_by_role("button", name="Declare").click()
    await expect(screen.modal.locator(".error")).to_be_visible()
    await screen.modal.get_by_label("What is wrong?").fill("The disk is full")
    await screen.modal.get_by_role("button", name="Declare").click()
    await expect(screen.modal).to_contain_text("INC-")
    await screen.modal.get_by_role("button", name="Close").last.click()
    await expect(screen.modal).to_have_count(0)
    await expect(screen.card("The disk is full")).to_contain_text("Nobody has it yet")
    await composer.fill("/incident list")
    await composer.press("Enter")
    await expect(screen.card("Only visible to you")).to_contain_text("The disk is full")
    await composer.fill("/weather")
    await composer.press("Enter")
    await expect(screen.page.locator(".toast").last).to_contain_text("/weather is not a command")


async def test_a_file_of_runbooks_is_imported(show: Show) -> None:
    screen = await show.screen()
    await screen.open("Vigie")
    await screen.page.get_by_role("tab", name="Home").click()
    await screen.page.get_by_role("button", name="Runbooks", exact=True).click()
    await screen.page.get_by_role("button", name="Import YAML").click()
    text = b"Title: From a file\nSteps: [{title: Look at it, duration: 2}]\n"
    file = screen.modal.locator("input[type=file]")
    await file.set_input_files({"name": "new.yaml", "mimeType": "application/yaml", "buffer": text})
    await screen.modal.get_by_role("button", name="Look at it").click()
    await expect(screen.modal).to_contain_text("From a file: new, 1 step")
    await screen.modal.get_by_role("button", name="Import").click()
    await expect(screen.modal).to_contain_text("From a file is saved: it is v1 now.")
