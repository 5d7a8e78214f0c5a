"""`vigie demo` plays its night to the end and leaves nothing behind."""

from __future__ import annotations

from bot.demo import headless
from bot.settings import Settings


async def test_the_night_is_played_to_its_end() -> None:
    said: list[str] = []
    await headless.play(Settings(port=0, clock_speed=600), said.append, stay=False)
    night = "\n".join(said)
    for words in ("phone", "SEV1", "Step 6/6", "is resolved", "stopping"):
        assert words in night, night
