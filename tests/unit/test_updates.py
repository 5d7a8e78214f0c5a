"""Status updates: when the next one is due, who tells it, who hears of it; and that all of it fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import responses as settings
from blocks import update_forms as looks
from blocks.incidents import Card
from blocks.timeline import history_line, thread_line
from blocks.words import words
from bot.demo.blockkit import check_view, refuse_message
from domain import updates as rules
from domain.directory import Directory
from domain.errors import Invalid
from domain.incidents import Incident, Severity, Status
from domain.people import Person, Service, Team
from domain.responses import GRAVE, Response
from domain.timeline import Entry, Event
from domain.updates import Occasion, Watch
from handlers.teams.responses import ResponseForm

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
BASE = Incident(
    id="i",
    short_id="INC-ABC234",
    title="Redis",
    severity=Severity.SEV1,
    detected_at=NOW,
    created_at=NOW,
    team="t",
    service="s",
)
ADA, BOB = (Person(id=one, handle=one, name=one.title(), slack=f"U0{one.upper()}") for one in ("ada", "bob"))


def directory(response: Response, *stakeholders: str) -> Directory:
    team = Team(id="t", name="T", response=response)
    service = Service(id="s", name="s", team="t", stakeholders=stakeholders)
    return Directory(people={"ada": ADA, "bob": BOB}, teams={"t": team}, services={"s": service})


ROOMS = Response(war_room=GRAVE)


def test_the_usual_lengths() -> None:
    assert ROOMS.between_updates(Severity.SEV1) == timedelta(minutes=30)
    assert ROOMS.between_updates(Severity.SEV2) == timedelta(minutes=60)
    assert ROOMS.between_updates(Severity.SEV3) is None
    assert Response().between_updates(Severity.SEV1) is None
    said = Response(updates=((Severity.SEV3, 120),))
    assert said.between_updates(Severity.SEV3) == timedelta(hours=2)
    assert said.between_updates(Severity.SEV1) is None


def test_it_begins_with_somebody_to_remind() -> None:
    catalog = directory(ROOMS)
    assert rules.watched(None, BASE, catalog, NOW) is None
    watch = rules.watched(None, replace(BASE, owner="ada"), catalog, NOW)
    assert watch == Watch(incident="i", minutes=30, wake_at=NOW + timedelta(minutes=30))


def test_a_worse_severity_brings_it_forward() -> None:
    catalog, watch = directory(ROOMS), Watch(incident="i", minutes=60, wake_at=NOW + timedelta(minutes=50))
    worse = rules.watched(watch, replace(BASE, owner="ada"), catalog, NOW)
    assert worse and worse.wake_at == NOW + timedelta(minutes=30)
    gone = rules.dismissed(watch)
    still = rules.watched(gone, replace(BASE, owner="ada"), catalog, NOW)
    assert still and still.wake_at is None


def test_it_ends() -> None:
    catalog, watch = directory(ROOMS), Watch(incident="i", minutes=30, wake_at=NOW)
    over = replace(BASE, owner="ada", status=Status.RESOLVED)
    assert rules.watched(watch, over, catalog, NOW) is None
    assert rules.watched(watch, replace(BASE, owner="ada", is_drill=True), catalog, NOW) is None
    assert rules.watched(watch, replace(BASE, owner="ada", severity=Severity.SEV4), catalog, NOW) is None


def test_what_was_promised_is_kept_where_nobody_is_reminded_otherwise() -> None:
    catalog, watch = directory(Response()), Watch(incident="i", minutes=0, wake_at=None)
    promised = rules.told(watch, rules.checked("x", "", "", NOW + timedelta(minutes=10)), NOW)
    assert promised.wake_at == NOW + timedelta(minutes=10)
    assert rules.watched(promised, replace(BASE, owner="ada"), catalog, NOW) == promised
    assert rules.reminded(promised, NOW).wake_at is None
    assert rules.told(watch, rules.checked("x", "", "", None), NOW).wake_at is None


def test_who_tells_the_others() -> None:
    catalog = directory(ROOMS)
    assert rules.teller(replace(BASE, owner="ada", lead="ada", communications="bob"), catalog) == BOB
    assert rules.teller(replace(BASE, owner="ada", lead="bob"), catalog) == BOB
    assert rules.teller(replace(BASE, owner="ada"), catalog) == ADA
    assert rules.teller(BASE, catalog) is None


def test_who_hears_of_it() -> None:
    catalog = directory(Response(stakeholders=("a@x.io", "b@x.io")), "B@x.io", "c@x.io")
    assert rules.stakeholders(BASE, catalog) == ("a@x.io", "B@x.io", "c@x.io")
    assert rules.hear_of_the_beginning(replace(BASE, severity=Severity.SEV3), catalog) == ()
    assert rules.stakeholders(replace(BASE, is_drill=True), catalog) == ()


def test_an_update_says_something() -> None:
    with pytest.raises(Invalid):
        rules.checked(" ", "", "\n", None)
    assert rules.checked("", "Carts", "", None).details() == {"impact": "Carts"}


@given(st.text(min_size=1, max_size=3000), st.text(max_size=3000), st.sampled_from(["en", "fr"]))
def test_every_update_fits(said: str, more: str, locale: str) -> None:
    card = Card(incident=BASE, service=said[:90], team="t", now=NOW, locale=locale)
    assert check_view(looks.form(replace(BASE, title=said[:250]), 45, locale)) == []
    details: dict[str, str | int] = {"text": said, "impact": more, "doing": more, "next_at": NOW.isoformat()}
    entry = Entry(incident="i", at=NOW, event=Event.STATUS_UPDATE, by=said[:60], details=details)
    line = thread_line(entry, locale)
    assert line is not None
    assert refuse_message(line.text, line.blocks, None) is None
    for is_waiting in (True, False):
        asked = looks.reminder(card, is_waiting=is_waiting)
        assert refuse_message(asked.text, asked.blocks, None) is None
    for occasion in Occasion:
        mail = looks.letter(card, occasion, entry, "")
        assert "\n" not in mail.subject and mail.text and mail.html


def test_what_became_of_the_letters() -> None:
    details: dict[str, str | int] = {"sent": 2, "failed": 1, "reasons": "a@x.io: 550 no such user"}
    entry = Entry(incident="i", at=NOW, event=Event.STAKEHOLDERS_TOLD, by="Vigie", details=details)
    told = history_line(entry, words("en"))
    assert "1 stakeholder not told by e-mail" in told and "a@x.io" in told and "2 stakeholders told" in told


def test_the_teams_form_keeps_what_it_does_not_ask() -> None:
    before = Response(war_room=GRAVE, updates=((Severity.SEV1, 30), (Severity.SEV3, 90)))
    form = ResponseForm(
        war_room=GRAVE, archive_delay=5, updates={Severity.SEV1: 20, Severity.SEV2: 0}, stakeholders=("a@x.io",)
    )
    assert form.applied(before).updates == ((Severity.SEV1, 20), (Severity.SEV3, 90))
    usual = ResponseForm(
        war_room=GRAVE, archive_delay=0, updates={Severity.SEV1: 30, Severity.SEV2: 60}, stakeholders=()
    )
    assert usual.applied(Response(war_room=GRAVE)) == Response(war_room=GRAVE)
    assert len(settings.fields(before, words("fr"))) == 5
