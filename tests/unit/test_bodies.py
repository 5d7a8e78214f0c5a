"""What is refused in a body is refused where it is, whatever its texts hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.bodies import DEEPEST, BadBody, parse_object

LEAVES = st.sampled_from(["[[{{", '"]', "\\", '\\"[', "é]漢{", "1e999", "NaN", "", 1, None])
NAMES = st.sampled_from(["", "[", '}"', "\\"])
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner))


@given(st.lists(VALUES, max_size=5), st.sampled_from(["[", '{"a": ']), st.booleans())
def test_the_place_where_a_body_is_too_deep(before: list[object], opening: str, is_ascii: bool) -> None:
    head = json.dumps(["[" * DEEPEST, *before, 0], ensure_ascii=is_ascii)[:-2]
    assert parse_object(f"{head}0]".encode()) == ["[" * DEEPEST, *before, 0]
    place = len(head) + len(opening) * (DEEPEST - 1)
    with pytest.raises(BadBody, match=rf"more than {DEEPEST}: line 1 column {place + 1} \(char {place}\)"):
        parse_object((head + opening * 1000).encode())


@given(st.lists(VALUES, max_size=5), st.sampled_from(["NaN", "-Infinity", "1e999", "-1e999"]), st.booleans())
def test_the_place_of_what_is_no_number(before: list[object], written: str, is_ascii: bool) -> None:
    head = json.dumps([*before, 0], ensure_ascii=is_ascii)[:-2]
    with pytest.raises(BadBody, match=rf"line 1 column {len(head) + 1} \(char {len(head)}\)"):
        parse_object(f"{head}{written}]".encode())
