"""What a person does at the page, in the page's words."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from playwright.async_api import Browser, Locator, Page, expect

from bot import settings
from bot.demo.page import Page as DemoPage
from bot.demo.scenarios import send
from bot.demo.show import page_of
from bot.demo.stage import Stage, stage

SRE = "sre-incidents"
PATIENCE_MS = 15_000


@dataclass
class Screen:
    """One browser tab."""

    page: Page
    faults: list[str]

    async def act_as(self, name: str) -> None:
        await self.page.get_by_label("You are").select_option(label=name)

    async def turn(self, name: str) -> None:
        """Press a button of the demo's clock."""
        await self.page.get_by_role("group", name="The demo's clock").get_by_role("button", name=name).click()

    async def turn_by_wire(self, minutes: float) -> None:
        """Push the clock from another tab: this one's focus stays where it is."""
        assert self.page.context.browser
        other = await self.page.context.browser.new_page()
        await other.goto(self.page.url)
        await other.get_by_role("button", name=f"{minutes:g} minutes later").click()
        await other.close()

    async def fire(self, scenario: str) -> None:
        await self.page.locator("summary", has_text="Scenarios").click()
        await self.page.locator(f"[data-scenario={scenario}]").click()

    async def open(self, channel: str) -> None:
        await self.page.locator("#sidebar").get_by_role("button", name=channel).first.click()

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    def card(self, words: str = "") -> Locator:
        """The channel's newest message with these words."""
        return self.page.locator("#channel article.message", has_text=words).last

    async def open_thread(self, words: str = "") -> None:
        await self.card(words).locator("button.replies").click()

    def reply(self, words: str) -> Locator:
        """The thread's newest message with these words."""
        return self.page.locator("#thread article.message", has_text=words).last

    @property
    def modal(self) -> Locator:
        return self.page.locator("dialog.modal[open]")

    @property
    def question(self) -> Locator:
        return self.page.locator("dialog.confirm[open]")

    @property
    def texts(self) -> Locator:
        """The text messages on the phone that is shown."""
        return self.page.locator(".phone .sms")

    async def pick_phone(self, name: str) -> None:
        await self.page.locator("#devices .chips").get_by_role("button", name=name).click()


@dataclass
class Show:
    """A running demo and the browser that looks at it."""

    stage: Stage
    page: DemoPage
    browser: Browser
    faults: list[str] = field(default_factory=list)

    async def screen(self, place: str = "#/john/sre-incidents", **how: Any) -> Screen:
        """A new tab there; what the browser complains of makes the test fail."""
        how.setdefault("viewport", {"width": 1280, "height": 800})
        page = await self.browser.new_page(**how)
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda asked: self._check_is_near(asked.url))
        await page.goto(f"{self.page.address}/{place}")
        await page.locator("#bar .clock").wait_for()
        return Screen(page, self.faults)

    def _check_is_near(self, url: str) -> None:
        if not url.startswith((self.page.address, "data:", "about:")):
            self.faults.append(f"asked for {url}")

    async def alert(self, title: str, **said: str) -> None:
        """Any alert, over HTTP."""
        alert = {"title": title, "description": "3 of 6", "service": "redis-prod", "severity": "critical", **said}
        await send(self.stage, alert, title)

    @asynccontextmanager
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        """A client that is no browser."""
        async with aiohttp.ClientSession() as session:
            yield session

    def finish(self) -> None:
        """Fail on what the browser complained of and on what Slack refused."""
        assert not self.faults, self.faults
        assert not self.stage.outside.workspace.refused, self.stage.outside.workspace.refused
        assert not self.stage.outside.slack.sockets.unacked or self.stage.outside.slack.faults.outage


@asynccontextmanager
async def show_on(browser: Browser, *, speed: float = 1, language: str = "en") -> AsyncIterator[Show]:
    """A demo at the world's own speed: time passes when somebody pushes it."""
    expect.set_options(timeout=PATIENCE_MS)
    configured = settings.for_demo(speed, language).model_copy(update={"port": 0})
    async with stage(configured, lambda _: None) as played:
        page = page_of(played)
        await page.start(0)
        try:
            yield Show(played, page, browser)
        finally:
            await page.stop()
