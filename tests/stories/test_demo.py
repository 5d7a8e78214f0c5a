"""`vigie demo --once` plays its night to the end, in both languages, and leaves nothing behind."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest

from bot import settings
from bot.demo import show
from bot.demo.stage import stage

HEARD = {
    "en": (
        "An alert comes in",
        "John Doe's phone │ ! INC-",
        "mail to Cora Chief │ [Vigie]",
        "John Doe has it",
        "is over:",
    ),
    "fr": ("Une alerte arrive", "téléphone de John Doe │ ! INC-", "Acquitté par John Doe", "résolu\u00a0:", "fini"),
}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_night_is_played_to_its_end(language: str) -> None:
    said: list[str] = []
    await show.show(settings.for_demo(600, language), said.append, port=None, once=True)
    night = "\n".join(said)
    for heard in ("SEV1", "4/6", "6/6", "`vigie demo`", *HEARD[language]):
        assert heard in night, night
    assert not re.search(r"<[@#!]|\*\w|:[a-z_]+:", night), night
    assert max(map(len, said)) <= 110, night


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
