"""Our words in each language: complete, filled in once, and never read as a template."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from blocks.errors import sentence
from blocks.timeline import REASONS
from blocks.words import LANGUAGES, LOCALES, Phrasebook, words
from domain.errors import Unavailable
from storage.faults import Fault

BLOCKS = Path(__file__).parents[2] / "blocks"
Key = str | tuple[str, str]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")


def extracted() -> set[Key]:
    """The messages of blocks/, as translators' tools find them."""
    found: set[Key] = set()
    for path in sorted(BLOCKS.glob("*.py")):
        with path.open("rb") as file:
            for _, message, _, _ in extract("python", file, keywords={"say": None, "count": (1, 2)}):
                found.add(message if isinstance(message, str) else (message[0], message[1]))
    return found


def written() -> Iterator[Key]:
    """The messages of blocks/, as Python reads them."""
    for path in sorted(BLOCKS.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in KINDS:
                texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
                if len(texts) > (node.func.attr == "count"):
                    yield (texts[0], texts[1]) if node.func.attr == "count" else texts[0]


KINDS = ("say", "count")
MESSAGES = extracted()


def catalog(language: str) -> Catalog:
    with (LOCALES / language / "LC_MESSAGES" / "vigie.po").open("rb") as file:
        return read_po(file, locale=language)


def translations(language: str) -> dict[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for message in catalog(language):
        key = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
        said = message.string
        found[key] = (said,) if isinstance(said, str) else tuple(said or ())
    found.pop("", None)
    return found


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_translators_find_every_message() -> None:
    assert len(MESSAGES) > 100
    assert set(written()) == MESSAGES


def test_every_placeholder_is_one_that_is_filled_in() -> None:
    texts = (text for key in MESSAGES for text in ((key,) if isinstance(key, str) else key))
    assert [text for text in texts if re.search(r"\{[a-z_]*[0-9A-Z][^ {}]*\}", text)] == []


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_catalog_has_every_message_and_no_other(language: str) -> None:
    assert set(translations(language)) == MESSAGES


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_keeps_the_placeholders(language: str) -> None:
    for key, said in translations(language).items():
        originals = (key,) if isinstance(key, str) else key
        assert len(said) == len(originals), key
        for original, translation in zip(originals, said, strict=True):
            assert translation.strip(), key
            assert placeholders(translation) == placeholders(original), key


def test_french_has_its_spaces() -> None:
    for said in translations("fr").values():
        for text in said:
            assert not re.search(r" [:;?!»]|« ", text), text


@pytest.mark.parametrize(
    ("locale", "language"),
    [("fr", "fr"), ("fr-FR", "fr"), ("fr_CA", "fr"), ("FR", "fr"), ("en_US", "en"), ("de", "en"), ("", "en")],
)
def test_a_locale_is_a_language_or_english(locale: str, language: str) -> None:
    assert words(locale).language == language
    assert words(locale) is words(locale)


def test_french_contracts_what_comes_together() -> None:
    say, lead = words("fr"), "le responsable de l'équipe"
    paged = say.say("{channels} to {names}", channels="SMS", names=lead)
    assert paged == "SMS au responsable de l'équipe"
    assert say.say("{channels} to {names}", channels="SMS", names="Le Goff") == "SMS à Le Goff"
    assert say.say("{channels} to {names}", channels="SMS", names="{channels}") == "SMS à {channels}"
    timeline = "Timeline of {id}"
    assert say.say(timeline, id="INC-ABC234") == "Chronologie d'INC-ABC234"
    assert say.say(timeline, id="*Élodie*") == "Chronologie d'*Élodie*"
    assert say.say(timeline, id="<@U01ADA>") == "Chronologie de <@U01ADA>"
    assert words("en").say(timeline, id="INC-ABC234") == "Timeline of INC-ABC234"
    agreed = "👀 {name} agreed that {asker} may {what}."
    assert "approuvé qu'Ada puisse" in say.say(agreed, name="Bob", asker="Ada", what="passer")
    assert "que le responsable" in say.say(agreed, name="Bob", asker=lead, what="passer")


def test_french_says_it_in_french() -> None:
    assert words("fr").say("Acknowledge") == "Acquitter"
    assert words("en").say("Acknowledge") == "Acknowledge"
    assert words("fr").say("no such words {n}", n=2) == "no such words 2"


@given(st.text() | st.sampled_from(["{id}", "{name}", "{0}", "{name.__class__}", "%(name)s"]))
def test_values_are_never_templates(name: str) -> None:
    said = words("en").say("{id} is already acknowledged by {name}", id="INC-ABC234", name=name)
    assert said == f"INC-ABC234 is already acknowledged by {name}"


@pytest.mark.parametrize(
    ("locale", "n", "said"),
    [("en", 0, "0 steps"), ("en", 1, "1 step"), ("en", 2, "2 steps"), ("fr", 0, "0 étape"), ("fr", 2, "2 étapes")],
)
def test_counts_have_the_language_s_plural(locale: str, n: int, said: str) -> None:
    assert words(locale).count("{n} step", "{n} steps", n) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-5, "0 sec"), (0, "0 sec"), (59.9, "59 sec"), (60, "1 min"), (90, "2 min"), (3900, "1 hr 5 min"), (7200, "2 hr")],
)
def test_lengths_are_short(seconds: float, said: str) -> None:
    assert words("en").span(timedelta(seconds=seconds)) == said


def test_times_are_in_the_zone() -> None:
    summer = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    assert words("fr").clock(summer, "Europe/Paris") == "00:05"
    assert words("en").date(summer, "Europe/Paris") == "2 Jul 2026, 00:05"


def test_names_are_listed_as_people_do() -> None:
    assert words("en").listed(()) == ""
    assert words("en").listed(("Ada",)) == "Ada"
    assert words("en").listed(("Ada", "Bob", "Carol")) == "Ada, Bob and Carol"
    assert words("fr").listed(("Ada", "Bob")) == "Ada et Bob"


@pytest.mark.parametrize("fault", Fault)
def test_why_a_click_is_not_taken_is_said_in_the_reader_s_language(fault: Fault) -> None:
    assert "réessayez dans un instant" in sentence(Unavailable(fault.value), "fr")


def test_a_sentence_of_the_domain_is_known_by_its_shape() -> None:
    book = Phrasebook.of(["{id} is already resolved by {name}"])
    assert book.translate("INC-A is already resolved by Bob", words("fr")) == "INC-A est déjà résolu par Bob"
    assert book.translate("something else", words("fr")) == "something else"


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("Slack is rate limiting", "Slack limite le nombre d'envois"),
        ("OVH took the request but sent no SMS", "OVH a pris la demande mais n'a envoyé aucun SMS"),
        ("OVH's answer can't be read", "la réponse d'OVH est illisible"),
        ("OVH answered 200 without JSON", "OVH a répondu 200 sans JSON"),
        ("Discord unreachable: TimeoutError", "Discord est injoignable\u00a0: TimeoutError"),
        ("the incident's team has no channel", "l'équipe de l'incident n'a pas de canal"),
        ("the provider did not say in time whether it has it", "le fournisseur n'a pas dit à temps s'il l'a"),
    ],
)
def test_why_a_page_did_not_arrive_is_said_in_the_reader_s_language(reason: str, said: str) -> None:
    assert REASONS.translate(reason, words("fr")) == said
