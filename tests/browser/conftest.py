"""The demo's page in a real browser, where there is one."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.browser.chromium import browser, chromium
from tests.browser.screen import Show, show_on


@pytest.fixture
async def show() -> AsyncIterator[Show]:
    """A demo with a browser beside it; at the end nothing may have been refused or complained of."""
    async with browser() as launched, show_on(launched) as shown:
        yield shown
        shown.finish()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"))
