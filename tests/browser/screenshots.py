"""`make screenshots`: the README's pictures, taken of the demo's page while the guide's night is played in it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from playwright.async_api import expect

from tests.browser.chromium import browser, chromium
from tests.browser.screen import Show, show_on

PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"


async def take() -> None:
    """Write every picture."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with browser() as launched, show_on(launched) as show:
        await _the_night(show)
        show.finish()


async def _the_night(show: Show) -> None:
    """T+5: the card, the runbook's critical step in its thread, the phone that rang."""
    screen = await show.screen(viewport={"width": 1280, "height": 860})
    await screen.fire("redis")
    await expect(screen.card()).to_contain_text("Redis")
    await screen.open_thread()
    await expect(screen.reply("Escalation, step 1")).to_be_visible()
    await screen.turn("5 minutes later")
    await expect(screen.texts).to_have_count(1)
    await expect(screen.reply("Escalation, step 2")).to_be_visible()
    for number in (1, 2, 3):
        await screen.reply(f"Step {number}/6").get_by_role("button", name="Done").click()
    await expect(screen.reply("Step 4/6").get_by_role("button", name="Done")).to_be_visible()
    await expect(screen.card()).to_contain_text("4/6")
    await expect(screen.page.locator(".toast")).to_have_count(0)
    await screen.page.mouse.move(640, 20)
    await screen.page.screenshot(path=PICTURES / "night.png")
    phone = await show.screen(viewport={"width": 390, "height": 844}, device_scale_factor=2, color_scheme="dark")
    await expect(phone.card()).to_contain_text("4/6")
    await phone.page.screenshot(path=PICTURES / "phone.png")


if __name__ == "__main__":
    if chromium() is None:
        sys.exit("There is no Chromium on this machine (Debian: apt-get install chromium fonts-noto-color-emoji).")
    asyncio.run(take())
