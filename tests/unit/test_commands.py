"""What people type after a slash command, at night, with a thumb."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.incidents import SHORT_ID_LETTERS, short_id
from domain.people import Permission, Role
from handlers.commands import HELP, Command, Named, Subcommand, Typed, gathered, incident_name, named, split, typed

INCIDENT = Command(
    "/incident",
    "Incidents",
    (
        Subcommand("declare", "[title]", Permission.DECLARE, ("new", "create")),
        Subcommand("list", aliases=("ls",)),
        Subcommand("show", "INC-…"),
        Subcommand("ack", "[INC-…]", Permission.ACKNOWLEDGE, ("acknowledge",)),
        Subcommand("resolve", "[INC-…]", Permission.RESOLVE),
        Subcommand("escalate", "[INC-…]", Permission.ESCALATE),
    ),
)


@pytest.mark.parametrize("text", ["", "  ", "help", "HELP", "?", "help ack", "--help"])
def test_alone_or_with_help_it_is_help(text: str) -> None:
    assert typed(text, INCIDENT).subcommand == HELP


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ack INC-ABC234", "ack"),
        ("ACK", "ack"),
        ("acknowledge INC-ABC234", "ack"),
        ("new Redis is down", "declare"),
        ("create", "declare"),
        ("ls", "list"),
    ],
)
def test_a_subcommand_in_any_case_and_by_its_aliases(text: str, name: str) -> None:
    assert typed(text, INCIDENT).subcommand == name


@pytest.mark.parametrize(
    ("text", "meant"),
    [("akc", "ack"), ("resolv", "resolve"), ("esc", "escalate"), ("lsit", "list"), ("declaer x", "declare")],
)
def test_a_slip_is_suggested_and_not_done(text: str, meant: str) -> None:
    asked = typed(text, INCIDENT)
    assert (asked.subcommand, asked.suggestion) == ("", meant)


@pytest.mark.parametrize("text", ["bananas", "42", "<@U01ADA>", "é"])
def test_what_is_like_nothing_suggests_nothing(text: str) -> None:
    assert typed(text, INCIDENT).suggestion == ""


def test_an_incident_alone_is_shown() -> None:
    for text in ("INC-ABC234", "inc-abc234", "abc234"):
        assert typed(text, INCIDENT) == Typed("show", text, (text,), text)
    assert typed("backup", INCIDENT).subcommand == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('list "SRE Core" SEV1', ("SRE Core", "SEV1")),
        ("list “SRE Core”", ("SRE Core",)),
        ("list « SRE Core »", ("SRE Core",)),
        ('list "SRE Core', ('"SRE', "Core")),
        ("list l'équipe d'astreinte", ("l'équipe", "d'astreinte")),
        ("list a&amp;b &lt;x&gt;", ("a&b", "<x>")),
        ("list &amp;lt;", ("&lt;",)),
        ('list ""', ("",)),
    ],
)
def test_quotes_keep_words_together(text: str, words: tuple[str, ...]) -> None:
    assert typed(text, INCIDENT).arguments == words


def test_the_rest_is_kept_as_it_was_typed() -> None:
    assert typed('declare  Redis "prod" is down', INCIDENT).rest == 'Redis "prod" is down'


@pytest.mark.parametrize(
    "text", ["INC-ABC234", "inc-abc234", "#INC-ABC234", "incabc234", "ABC234", "abc234", "INC-ABC234,"]
)
def test_an_incident_is_known_in_any_case_and_without_its_prefix(text: str) -> None:
    assert incident_name(text) == "INC-ABC234"


@pytest.mark.parametrize("text", ["", "failed", "ABC2345", "ABC-34", "INC-", "x" * 5000, "INC-ABC23é"])
def test_other_words_are_no_incident(text: str) -> None:
    assert incident_name(text) == ""


@given(st.integers(min_value=0, max_value=2**40), st.sampled_from((str.upper, str.lower, str.title)))
def test_every_incident_s_name_is_known(number: int, case: object) -> None:
    name = short_id(number)
    assert callable(case)
    assert incident_name(case(name)) == name
    assert incident_name(case(name.removeprefix("INC-"))) == name
    assert set(name.removeprefix("INC-")) <= set(SHORT_ID_LETTERS)


def test_a_note_begins_with_an_incident_or_with_its_words() -> None:
    assert named("INC-ABC234 disk is full") == Named("INC-ABC234", "disk is full", is_sure=True)
    assert named("abc234\ndisk is full") == Named("INC-ABC234", "disk is full", is_sure=True)
    assert named("backup done") == Named("INC-BACKUP", "done", is_sure=False)
    assert named("disk is full") == Named("", "disk is full")
    assert named("") == Named("", "")


@given(st.text())
def test_nothing_typed_breaks_the_reading(text: str) -> None:
    asked = typed(text, INCIDENT)
    assert asked.subcommand in {HELP, "", *(one.name for one in INCIDENT.subcommands)}
    assert "\0" not in asked.rest
    assert isinstance(named(text), Named)
    assert all(isinstance(word, str) for word in split(text))


def test_the_hint_and_what_a_role_may() -> None:
    assert INCIDENT.hint == "[declare|list|show|ack|resolve|escalate]"
    assert [one.name for one in INCIDENT.allowed(Role.VIEWER)] == ["list", "show"]
    assert [one.name for one in INCIDENT.allowed(Role.RESPONDER)] == ["list", "show", "ack", "escalate"]
    assert len(INCIDENT.allowed(Role.ADMIN)) == len(INCIDENT.subcommands)


def test_the_parts_of_a_command_are_one_command() -> None:
    stats = Command("/incident", "", (Subcommand("stats"),))
    whole = gathered([INCIDENT, stats])["/incident"]
    assert whole.description == "Incidents"
    assert whole.hint.endswith("escalate|stats]")
    with pytest.raises(ValueError, match="two subcommands called new"):
        gathered([INCIDENT, Command("/incident", "", (Subcommand("new"),))])
