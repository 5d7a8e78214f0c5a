"""The demo's page in a real browser, where there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import browser, chromium
from tests.browser.screen import Show, show_on


@pytest.fixture
async def launched() -> AsyncIterator[Browser]:
    """A browser of the test's own."""
    async with browser() as started:
        yield started


@pytest.fixture
async def show(launched: Browser) -> AsyncIterator[Show]:
    """A demo with a browser beside it; at the end nothing may have been refused or complained of."""
    async with show_on(launched) as shown:
        yield shown
        shown.finish()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"))
