"""`vigie demo --once` plays its night to the end, in both languages, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from bot import settings
from bot.demo import show
from bot.demo.stage import stage


@pytest.mark.parametrize(("language", "words"), [("en", "is resolved"), ("fr", "est résolu")])
async def test_the_night_is_played_to_its_end(language: str, words: str) -> None:
    said: list[str] = []
    await show.show(settings.for_demo(600, language), said.append, port=None, once=True)
    night = "\n".join(said)
    for heard in ("phone", "SEV1", "4/6", "6/6", "cto@company.com  [Vigie]", words):
        assert heard in night, night


async def test_nothing_stays_behind() -> None:
    async with stage(settings.for_demo(60, "en").model_copy(update={"port": 0}), lambda _: None) as shown:
        folder = Path(shown.app.settings.database_url.removeprefix("sqlite:///")).parent
        ports = (shown.app.port, shown.outside.slack.port, shown.outside.ovh.port)
        assert folder.is_dir()
    assert not folder.exists()
    async with aiohttp.ClientSession() as http:
        for port in ports:
            with pytest.raises(aiohttp.ClientConnectionError):
                await http.get(f"http://127.0.0.1:{port}/")
