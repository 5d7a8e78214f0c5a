"""Accents are the same however they are written, and no number of them keeps anybody waiting."""

from __future__ import annotations

import unicodedata
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accents import composed
from domain.alert_rules import glob
from domain.directory import folded

MARKS = 40_000
"""Put in order in the square of their number, these would take some four seconds, and those of a whole body half an
hour."""


@given(st.text())
def test_letters_with_accents_are_one_whatever_their_form(text: str) -> None:
    assert composed(unicodedata.normalize("NFD", text)) == composed(text) == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("marks", ["\u0300\u0323", "\u0f73", "\u0344", "\u3099\u0300"])
def test_a_name_of_many_accents_is_read_in_no_time(marks: str) -> None:
    name = "a" + marks * (MARKS // len(marks))
    began = process_time()
    assert folded(name) == folded(name + marks)
    assert not glob("nightly-*", name)
    assert process_time() - began < 1.0


def test_a_long_text_keeps_its_accents() -> None:
    text = "Équipe à joindre : นี่ก็ดี, नमस्ते. " * 100
    assert composed(unicodedata.normalize("NFD", text)) == unicodedata.normalize("NFC", text)
