"""A name, however it is written."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.directory import Directory, folded
from domain.people import Service, Team

CORE = Team(id="t1", name="Équipe cœur", channel="#core")
CAFE = Service(id="s1", name="Café-prod", team="t1", aliases=("thé",))
DIRECTORY = Directory(teams={"t1": CORE}, services={"s1": CAFE})


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
@pytest.mark.parametrize("name", ["Café-prod", "CAFÉ-PROD", " café-prod ", "Thé"])
def test_a_service_is_found_however_its_accents_are_written(form: str, name: str) -> None:
    written = unicodedata.normalize(form, name)  # type: ignore[arg-type]
    assert DIRECTORY.service_by_name(written) is CAFE
    assert DIRECTORY.team_by_name(unicodedata.normalize(form, "équipe CŒUR")) is CORE  # type: ignore[arg-type]


@given(st.text())
def test_folding_twice_changes_nothing_that_once_did_not(name: str) -> None:
    assert folded(unicodedata.normalize("NFD", name)) == folded(name)
