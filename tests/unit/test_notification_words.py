"""Pages outside Slack's cards, and refusals: short, whole, and in the reader's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import errors
from blocks import notifications as looks
from blocks.notifications import Page
from blocks.text import gsm7_length, is_gsm7
from domain.drills import marked
from domain.errors import Conflict, Fault, Forbidden, Invalid, NotFound, VigieError
from domain.incidents import already
from tests.unit.block_samples import ACKNOWLEDGED, CARD, INCIDENT, RESOLVED, hostile, sound

PAGE = Page(
    incident=INCIDENT, service="redis-prod", message="", step=2, minutes=5, name="Ada Admin", zone="Europe/Paris"
)
LINK = "https://vigie.example.com/a/c2lnbmVk"


def page(**changes: object) -> Page:
    return replace(PAGE, **changes)  # type: ignore[arg-type]


@settings(max_examples=80)
@given(hostile(), hostile(), st.sampled_from(["en", "fr"]), st.sampled_from(["", LINK]))
def test_no_page_breaks_whatever_it_says(text: str, message: str, locale: str, url: str) -> None:
    incident = replace(INCIDENT, title=text, description=text, url=text)
    hard = page(incident=incident, service=text, message=message, missed=(1, 2), locale=locale, url=url, why=text)
    assert len(looks.heading(hard)) < 2200
    tail = url or INCIDENT.short_id
    assert tail in looks.sms(hard).splitlines()[-1]
    sound(looks.announcement(hard))
    letter = looks.mail(hard, replace(CARD, incident=incident, locale=locale))
    assert "\n" not in letter.subject and len(letter.subject) <= 180
    letter.subject.encode() and letter.text.encode() and letter.html.encode()
    assert "<!channel>" not in letter.html and "<https" not in letter.html


def test_the_policy_s_message_is_filled_in_once() -> None:
    message = "{incident.severity} {incident.short_id} on {incident.service}: {incident.title}, {minutes} min {other}"
    tricky = replace(INCIDENT, title="{minutes} {incident.url}")
    said = looks.heading(page(message=message, incident=tricky))
    assert said == "SEV1 INC-ABC234 on redis-prod: {minutes} {incident.url}, 5 min {other}"


@pytest.mark.parametrize("message", ["DIRECTION\nIncident critique depuis 1 heure", "{incident.short_id} waits"])
def test_an_sms_whose_message_names_nothing_says_then_what_is_broken_and_how_bad(message: str) -> None:
    *said, what, tail = looks.sms(page(message=message, url=LINK)).splitlines()
    assert said == message.replace("{incident.short_id}", "INC-ABC234").splitlines()
    assert what in ("SEV1: Redis Cluster Down", "SEV1 INC-ABC234: Redis Cluster Down") and LINK in tail
    assert "INC-ABC234" in "\n".join([*said, what])
    long = looks.sms(page(message="Woken " * 100, url=LINK)).splitlines()
    assert long[-2] == "SEV1 INC-ABC234: Redis Cluster Down" and len("\n".join(long)) <= 160
    assert "SEV1" not in looks.heading(page(message=message)), "what stands beside the facts need not say them"


def test_an_sms_says_what_is_broken_and_how_bad_where_its_message_is_cut_or_silent() -> None:
    link, message = (
        f"{LINK}.{'x' * 30}",
        "Incident SEV1 non acquitté depuis 5 min\n{incident.short_id}: {incident.title}",
    )
    cut = looks.sms(page(message=message, url=link, reply="12a", locale="fr"))
    assert "SEV1 INC-ABC234 : Redis Cluster Down\nAcquitter" in cut and len(cut) <= 160
    assert "Down. Nobody.\nSEV1\nAck" in looks.sms(page(message="{incident.title}. Nobody.", url=LINK))
    accents = page(message="{incident.title} SEV1", incident=replace(INCIDENT, title="Le maître a lâché"), url=LINK)
    assert looks.sms(accents).splitlines()[0] == "Le maitre a laché SEV1"


@pytest.mark.parametrize(
    ("minutes", "locale", "said"),
    [
        (0, "en", "SEV1 INC-ABC234: Redis Cluster Down. Nobody has it yet."),
        (5, "en", "SEV1 INC-ABC234: Redis Cluster Down. Nobody has acknowledged it for 5 min."),
        (65, "fr", "SEV1 INC-ABC234\u00a0: Redis Cluster Down. Non acquitté depuis 1\u202fh 5\u00a0min."),
    ],
)
def test_a_step_without_a_message_says_what_matters(minutes: int, locale: str, said: str) -> None:
    assert looks.heading(page(minutes=minutes, locale=locale)) == said


@pytest.mark.parametrize(
    ("missed", "said"),
    [((1,), "Also covers step 1, missed while Vigie was down."), ((1, 2), "Also covers steps 1, 2, missed")],
)
def test_a_page_that_stands_for_several_steps_says_so(missed: tuple[int, ...], said: str) -> None:
    assert f"Wake up\n{said}" in looks.heading(page(message="Wake up", missed=missed))
    assert "Also covers" not in looks.heading(page(message="Wake up"))


def test_an_sms_ends_with_how_to_acknowledge() -> None:
    assert looks.sms(page()).endswith("\nAcknowledge INC-ABC234 in Slack")
    assert looks.sms(page(locale="fr")).endswith("\nAcquittez INC-ABC234 dans Slack")
    assert looks.sms(page(url=LINK)).endswith(f"\nAck: {LINK}")


@given(st.text(st.sampled_from("abc éàù€[]{}\n"), max_size=300), st.sampled_from(["en", "fr"]), st.booleans())
def test_a_drill_s_sms_is_one_part_with_one_mark(title: str, locale: str, has_message: bool) -> None:
    drill = replace(INCIDENT, is_drill=True, title=marked(title))
    message = "look at {incident.title}" if has_message else ""
    stands = page(incident=drill, message=message, would_be="SMS to Léa Lead", url=LINK, reply="12a", locale=locale)
    said = marked(looks.sms(stands))
    assert said.startswith("DRILL: ") and said.count("DRILL") == 1
    assert is_gsm7(said) and gsm7_length(said) <= 160


@pytest.mark.parametrize("locale", ["en", "fr"])
@pytest.mark.parametrize("url", ["", LINK])
def test_an_sms_is_one_part(locale: str, url: str) -> None:
    said = looks.sms(page(locale=locale, url=url, missed=(1,), incident=replace(INCIDENT, title="Panne " * 60)))
    assert is_gsm7(said) and gsm7_length(said) <= 160


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("SRE Core v1, step 2 at 5 min, ON_CALL", "SRE Core v1, étape 2 à 5 min, pour l'astreinte"),
        (
            "SRE, step 9 v1, step 3 at 15 min, USER; instead of SMS to Léa; Lead",
            "SRE, step 9 v1, étape 3 à 15 min, pour une personne nommée dans l'étape\u202f; au lieu de SMS à Léa; Lead",
        ),
        ("because", "because"),
        ("SRE v1, step 2 at 5 min, PIGEON", "SRE v1, step 2 at 5 min, PIGEON"),
    ],
)
def test_a_mail_s_reason_is_in_the_reader_s_language(why: str, said: str) -> None:
    assert said in looks.mail(page(why=why, locale="fr"), CARD).text


def test_a_mail_says_what_how_bad_what_next_and_why() -> None:
    letter = looks.mail(page(url=LINK, why="SRE Core v1, step 2"), CARD)
    assert letter.subject == "[Vigie] SEV1 INC-ABC234: Redis Cluster Down"
    for expected in (
        *("SEV1, critical", "Service: redis-prod", "Opened: 23 Nov 2026, 04:08 (Europe/Paris)", INCIDENT.url),
        *("Next: SMS and direct message to Ada Admin at 04:13", "redis_up == 0", "SRE Core v1, step 2"),
        *("Nobody has acknowledged it for 5 min.", f"Acknowledge: {LINK}", "press the button"),
    ):
        assert expected in letter.text
    assert f'href="{LINK}"' in letter.html


def test_a_mail_says_on_which_day_a_step_comes_that_is_not_due_today() -> None:
    assert CARD.next is not None
    card = replace(CARD, next=replace(CARD.next, due_at=CARD.now + timedelta(days=2)), zone="Europe/Paris")
    assert "Admin at 04:09 (25 Nov)" in looks.mail(page(), card).text


def test_a_mail_without_a_link_says_where_to_acknowledge() -> None:
    letter = looks.mail(page(locale="fr"), replace(CARD, next=None, locale="fr"))
    assert "appuyez sur Acquitter sous INC-ABC234 dans Slack" in letter.text
    assert "Ensuite" not in letter.text and "href" not in letter.html


def test_an_announcement_is_the_policy_s_words() -> None:
    message = looks.announcement(page(message="🚨 {incident.title}\n→ <!channel> now"))
    assert message.text == "🚨 Redis Cluster Down → &lt;!channel&gt; now"
    assert message.blocks[0]["text"] == {
        "type": "plain_text",
        "text": "🚨 Redis Cluster Down\n→ <!channel> now",
        "emoji": False,
    }


@pytest.mark.parametrize(
    ("error", "english", "french"),
    [
        (
            Conflict(already(ACKNOWLEDGED)),
            "INC-ABC234 is already acknowledged by Ada Admin.",
            "INC-ABC234 est déjà acquitté par Ada Admin.",
        ),
        (
            Conflict(already(RESOLVED)),
            "INC-ABC234 is already resolved by Ada Admin.",
            "INC-ABC234 est déjà résolu par Ada Admin.",
        ),
        (
            Conflict("step 4 is already skipped by Bob"),
            "Step 4 is already skipped by Bob.",
            "L'étape 4 a déjà été passée par Bob.",
        ),
        (Conflict("it is step 2's turn"), "It is step 2's turn.", "C'est le tour de l'étape 2."),
        (NotFound("there is no incident INC-X"), "There is no incident INC-X.", "L'incident INC-X n'existe pas."),
        (
            Forbidden("this takes the role operator; yours is responder: ask an admin"),
            "This takes the role operator; yours is responder: ask an admin.",
            "Cela demande le rôle opérateur\u00a0; le vôtre est intervenant\u00a0: demandez à un administrateur.",
        ),
        (
            Invalid([Fault("note", "say in a line what mended it"), Fault("x", "too long")]),
            "Say in a line what mended it. Too long.",
            "Dites en une ligne ce qui a réglé le problème. Too long.",
        ),
        (
            Invalid([Fault("steps", "step 2: choose a person")]),
            "Step 2: choose a person.",
            "Étape 2\u00a0: choisissez une personne.",
        ),
        (Conflict("something nobody foresaw!"), "Something nobody foresaw!", "Something nobody foresaw!"),
    ],
)
def test_a_refusal_is_a_sentence_in_the_reader_s_language(error: VigieError, english: str, french: str) -> None:
    assert errors.sentence(error, "en") == english
    assert errors.sentence(error, "fr").replace(" ;", "\u00a0;") == french


@given(hostile())
def test_no_refusal_is_markup(text: str) -> None:
    for error in (Conflict(text), NotFound(f"there is no incident {text}"), Invalid([Fault("note", text)] * 3)):
        said = errors.sentence(error, "fr")
        assert not set(said) & set("<>\n\0\u202e")
        assert 0 < len(said) <= 2000
    assert not set(errors.no_command(text, "fr")) & set("<>\n")


def test_what_is_wrong_is_said_at_its_field() -> None:
    faults = [Fault("note", "say in a line what mended it"), Fault("note", "too long"), Fault("other", "why")]
    said = errors.field_errors(Invalid(faults), {"cause": "cause_block", "note": "note_block"}, "en")
    assert said == {"note_block": "Say in a line what mended it. Too long.", "cause_block": "Why."}


def test_answers_to_what_is_out_of_date() -> None:
    assert "earlier version" in errors.outdated("en")
    assert errors.done("fr") == "C'est fait."
    assert errors.no_command("/oncall", "en") == "Vigie does not know /oncall yet."


def test_no_sms_ends_in_the_stump_of_a_line() -> None:
    for locale in ("en", "fr"):
        said = looks.sms(
            page(
                incident=replace(INCIDENT, title="Redis Cluster Down " * 2),
                missed=(1, 2),
                url=LINK * 2,
                reply="12a",
                locale=locale,
            )
        )
        *body, tail = said.split("\n")
        assert LINK in tail and all(len(line) > 20 for line in body)
