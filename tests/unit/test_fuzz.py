"""Whatever is sent to a reader, it answers or refuses: the same bent input each time, and more by `make fuzz`."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.bending import bent
from tests.fuzz.targets import TARGETS, seeds, tried


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_well_formed_is_taken(name: str) -> None:
    for seed in seeds(name):
        TARGETS[name](seed) if name != "typed" else tried(name, seed)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=25)
@given(st.binary(max_size=200) | st.integers(0, 2**32))
def test_any_input_is_answered_or_refused(name: str, data: bytes | int) -> None:
    tried(name, data if isinstance(data, bytes) else bent(random.Random(data), seeds(name)))
