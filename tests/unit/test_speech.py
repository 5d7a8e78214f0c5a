"""What a voice says of foreign words: nothing that it can't."""

from __future__ import annotations

import pytest

from blocks.telephone import speakable


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("⚠️ INC-SHUMKC SEV1: Redis", "INC-SHUMKC SEV1: Redis"),
        ("👩‍💻 on it", "on it"),
        ("press 1️⃣ now", "press 1 now"),
        ("Relancez *vite* <https://x.example|ici>", "Relancez vite"),
    ],
)
def test_only_what_can_be_said(written: str, said: str) -> None:
    assert speakable(written, 200) == said
