"""The guide's night, by clicking."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from tests.browser.screen import Show, show_on


async def test_the_redis_story(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    card = screen.card("Redis cluster down")
    await expect(card).to_contain_text("Nobody has it yet")
    await expect(screen.texts).to_have_count(0)

    await screen.turn("5 minutes later")
    await expect(screen.texts).to_have_count(1)
    await expect(screen.page.get_by_label("John Doe's phone")).to_contain_text("Redis cluster down")
    await screen.open("Vigie")
    await expect(screen.card()).to_contain_text("Nobody has it for 5 min")
    await screen.card().get_by_role("button", name="Acknowledge").click()
    await expect(screen.card()).to_contain_text("has it, after 5 min")

    await screen.open("sre-incidents")
    await expect(card).to_contain_text("@John Doe has it")
    await screen.open_thread("Redis cluster down")
    for number in (1, 2, 3):
        await screen.reply(f"Step {number}/6").get_by_role("button", name="Done").click()
    critical = screen.reply("Step 4/6").get_by_role("button", name="Done")
    await critical.click()
    await screen.question.get_by_role("button").first.click()
    await expect(screen.question).to_have_count(0)
    await expect(critical).to_be_visible()
    await critical.click()
    await screen.question.get_by_role("button").last.click()
    for number in (5, 6):
        await screen.reply(f"Step {number}/6").get_by_role("button", name="Done").click()
    await expect(card).to_contain_text("6/6")

    await card.get_by_role("button", name="Resolve").click()
    await screen.modal.get_by_role("button", name="Resolve").click()
    await expect(screen.modal.locator(".error")).to_contain_text("Please complete this required field")
    note = screen.modal.get_by_label("What mended it?")
    await expect(note).to_be_focused()
    await note.fill("Promoted replica 0")
    await screen.modal.get_by_role("button", name="Resolve").click()
    await expect(screen.modal).to_have_count(0)
    await expect(card).to_contain_text("Resolved by")
    await expect(screen.reply("MTTA")).to_contain_text("MTTR")
    await expect(screen.reply("Promoted replica 0")).to_be_visible()


async def test_a_call_is_answered_by_a_key(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    for _ in range(3):
        await screen.turn("5 minutes later")
    await screen.pick_phone("Léa Lead")
    call = screen.page.get_by_label("Léa Lead's phone").locator(".call")
    await expect(call).to_contain_text("Vigie is calling")
    await expect(call).to_contain_text("Redis cluster down")
    await call.get_by_role("button", name="Acknowledge").click()
    await expect(call).to_contain_text("Acquitté")
    await expect(screen.card()).to_contain_text("Léa Lead has it")


async def test_the_phone_rings_at_five_minutes_and_stops_after_the_acknowledgement(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.turn("5 minutes later")
    await expect(screen.texts).to_have_count(1)
    await expect(screen.page.locator("#announcer")).to_contain_text("John Doe's phone")
    await screen.card().get_by_role("button", name="Acknowledge").click()
    await expect(screen.card()).to_contain_text("has it")
    for _ in range(12):
        await screen.turn("5 minutes later")
    await expect(screen.texts).to_have_count(1)
    assert len(show.stage.outside.ovh.inbox.messages) == 1
    # Stakeholders are told of an incident; they are not paged.
    assert not [mail for mail in show.stage.outside.mail.inbox.messages if "cto@company.com" not in mail.to]


async def test_a_page_climbs_to_the_top_when_nobody_answers(show: Show) -> None:
    screen = await show.screen()
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    for _ in range(12):
        await screen.turn("5 minutes later")
    await screen.pick_phone("Cora Chief")
    await expect(screen.texts).to_contain_text("Nobody has it for 6")
    mailbox = screen.page.get_by_label("Cora Chief's mailbox")
    await mailbox.locator("summary").first.click()
    await expect(mailbox).to_contain_text("Redis cluster down")
    await mailbox.get_by_text("HTML version").first.click()
    await expect(mailbox.frame_locator("iframe").locator("h1")).to_contain_text("Redis cluster down")


async def test_the_tour_ticks_off_what_has_happened(show: Show) -> None:
    screen = await show.screen("#/ada/general")
    await screen.page.get_by_role("button", name="Tour").click()
    tour = screen.page.locator("#tour")
    for stop in ("Fire", "five minutes", "Acknowledge as John"):
        here = tour.locator("[aria-current=step]")
        await expect(here).to_contain_text(stop)
        await here.get_by_role("button", name="Show me").click()
    await expect(screen.page.get_by_label("You are")).to_have_value("U02JOHN")
    await screen.card().get_by_role("button", name="Acknowledge").click()
    await expect(tour.locator("[aria-current=step]")).to_contain_text("Work the runbook")
    await expect(tour.locator("li.done")).to_have_count(3)


async def test_the_french_page_speaks_french(launched: Browser) -> None:
    async with show_on(launched, language="fr") as show:
        screen = await show.screen()
        await expect(screen.page.get_by_label("Vous êtes")).to_be_visible()
        await screen.page.locator("summary", has_text="Scénarios").click()
        await screen.page.locator("[data-scenario=redis]").click()
        await expect(screen.card()).to_contain_text("Cluster Redis en panne")
        await expect(screen.card().get_by_role("button", name="Acquitter")).to_be_visible()
        await screen.page.get_by_role("button", name="5 minutes plus tard").click()
        await expect(screen.texts).to_contain_text("Personne depuis 5 min")
        await screen.card().get_by_role("button", name="Résoudre").click()
        await expect(screen.modal).to_be_visible()
        show.finish()
