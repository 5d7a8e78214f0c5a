"""Our own words in several sections: nothing of them is lost, and nothing is cut inside a date or a mention."""

from __future__ import annotations

import pytest

from blocks import kit
from blocks.sections import sections

DATE = "<!date^1795798543^{date_short_pretty} {time}|27 Nov 2026, 16:55 UTC>"


@pytest.mark.parametrize(
    "text", ["One line", "\n".join("abcd"[one] * 1490 for one in range(4)), "word " * 2000, f"{DATE} " * 200]
)
def test_the_end_is_said_too(text: str) -> None:
    made = [block["text"]["text"] for block in sections(text)]
    assert all(len(one) <= kit.TEXT_LIMIT and one.count("<") == one.count(">") for one in made)
    assert "".join("".join(made).split()) == "".join(text.split())


def test_lines_stay_together() -> None:
    made = sections("\n".join(["a" * 1490, "b" * 1490, "c" * 1490]))
    assert [block["text"]["text"] for block in made] == [f"{'a' * 1490}\n{'b' * 1490}", "c" * 1490]


def test_what_has_no_gap_is_cut() -> None:
    assert [block["text"]["text"] for block in sections("")] == ["…"]
    assert [block["text"]["text"][-1] for block in sections("<" * 4000)] == ["…"]
    assert [block["text"]["text"][-1] for block in sections("a" * 4000)] == ["…"]
