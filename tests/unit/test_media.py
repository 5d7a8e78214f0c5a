"""What a caller takes, by its `Accept`."""

from __future__ import annotations

import pytest

from handlers.media import liking

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "json", "markdown"),
    [
        ("", 1.0, 1.0),
        ("*/*", 1.0, 1.0),
        ("application/json", 1.0, 0.0),
        ("APPLICATION/JSON ; Q=0.3", 0.3, 0.0),
        ("application/*", 1.0, 0.0),
        ("text/markdown", 0.0, 1.0),
        ("text/markdown, */*;q=0.1", 0.1, 1.0),
        ("application/json;q=0, */*", 0.0, 1.0),
        ("application/json;version=1;q=0.5, text/plain", 0.5, 0.0),
        (BROWSER, 0.8, 0.8),
        ("text/html", 0.0, 0.0),
        ("nonsense", 1.0, 1.0),
        (";;;,,,", 1.0, 1.0),
    ],
)
def test_the_narrowest_range_decides(accept: str, json: float, markdown: float) -> None:
    assert (liking(accept, "application/json"), liking(accept, "text/markdown")) == (json, markdown)
