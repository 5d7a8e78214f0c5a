"""The card and its copies: what, how bad, what to do next, for somebody just woken."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import incidents as looks
from blocks import modals, resolving
from blocks.incidents import Card, NextStep
from blocks.kit import Message
from blocks.timeline import thread_line
from bot.demo.blockkit import check_view
from domain.incidents import Action, Incident, Severity, Status, allows
from domain.kpis import kpis
from domain.policies import Channel
from domain.runbooks import Runbook, RunState
from domain.timeline import Entry, Event
from tests.unit.block_samples import (
    ACKNOWLEDGED,
    ADA,
    BOOK,
    CARD,
    INCIDENT,
    RESOLVED,
    SECOND,
    START,
    buttons,
    hostile,
    hostile_run,
    read,
    sound,
)

LOCALES = ("en", "fr")
DECLINE, GIVE_BACK, MITIGATE = "incident.decline.v1", "incident.give_back.v1", "incident.mitigate.v1"
SNOOZE, MORE, END_SNOOZE = "incident.snooze.v1", "incident.more.v1", "incident.end_snooze.v1"
ACKNOWLEDGE, ESCALATE, RESOLVE = "incident.acknowledge.v1", "incident.escalate.v1", "incident.resolve.v1"


@st.composite
def hostile_cards(draw: st.DrawFn) -> Card:
    """A card in any state, full of what alerts and people write."""
    text = draw(hostile())
    base = draw(st.sampled_from([INCIDENT, ACKNOWLEDGED, RESOLVED, replace(INCIDENT, status=Status.MITIGATED)]))
    incident = replace(
        base,
        title=text,
        description=text,
        severity=draw(st.sampled_from(Severity)),
        url=draw(st.sampled_from(["", "https://a.example/?a=1&b", text])),
        acknowledged_by=text,
        acknowledged_slack=draw(st.sampled_from(["", "U01ADA", text])),
        resolved_by=text,
        resolution_note=text,
        root_cause=text,
    )
    after = NextStep(START + timedelta(minutes=5), tuple(Channel), (text,) * draw(st.integers(0, 9)))
    book = replace(BOOK, title=text)
    return replace(
        CARD,
        incident=incident,
        service=text,
        team=text,
        locale=draw(st.sampled_from(LOCALES)),
        run=draw(st.sampled_from([None, hostile_run(text)])),
        choice=draw(st.sampled_from([(), (book,), (book,) * 7])),
        next=draw(st.sampled_from([None, after])),
        is_exhausted=draw(st.booleans()),
        has_policy=draw(st.booleans()),
        on_call=(text,) * draw(st.integers(0, 9)),
        alerts=draw(st.integers(1, 5000)),
    )


@settings(max_examples=60)
@given(hostile_cards(), hostile())
def test_slack_takes_every_card_and_nothing_in_it_mentions_anybody(card: Card, heading: str) -> None:
    sound(looks.card(card))
    sound(looks.direct_message(card, heading))
    sound(looks.resolved_summary(card, kpis(card.incident)))


@settings(max_examples=60)
@given(hostile(), st.sampled_from(LOCALES))
def test_slack_takes_every_modal(text: str, locale: str) -> None:
    assert check_view(resolving.resolve_form(replace(INCIDENT, title=text), locale)) == []
    assert check_view(modals.loading(text, locale)) == []
    assert check_view(modals.notice(text, text, locale)) == []


def card(incident: Incident = INCIDENT, **changes: Any) -> Card:
    return replace(CARD, incident=incident, **changes)


def test_a_new_incident_says_what_how_bad_and_what_to_do() -> None:
    message = looks.card(card())
    said = read(message)
    assert message.text == "🔴 SEV1 · Redis Cluster Down (INC-ABC234). Nobody has it yet: acknowledge it."
    for expected in (
        *("🔴 SEV1 · Redis Cluster Down", "🔴 SEV1, critical", "INC-ABC234", "redis-prod · SRE Core"),
        *("Nobody has it yet", "*On call*\nAda Admin", "redis_up == 0 for 2 minutes"),
        "Next: SMS and direct message to Ada Admin, at <!date^1795403580^{time}|04:13>",
        "📖 Runbook *Redis Cluster Recovery*: step 1/2 · Look at the cluster",
    ):
        assert expected in said
    assert "Alerts" not in said


def test_a_new_incident_in_french() -> None:
    message = looks.card(card(locale="fr"))
    assert "acquittez-le" in message.text
    assert "Ensuite\u00a0: SMS et message direct à Ada Admin, à <!date^1795403580^{time}|04:13>" in read(message)
    assert list(_labels(message)) == ["Acquitter", "Escalader maintenant", "Je ne peux pas", "Résoudre"]


def _labels(message: Message) -> list[str]:
    return [button["text"]["text"] for button in buttons(message).values() if button["type"] == "button"]


def test_what_can_be_done_depends_on_the_state() -> None:
    assert list(buttons(looks.card(card()))) == [ACKNOWLEDGE, ESCALATE, DECLINE, RESOLVE, SNOOZE, MORE]
    assert list(buttons(looks.card(card(next=None)))) == [ACKNOWLEDGE, DECLINE, RESOLVE, SNOOZE, MORE]
    assert list(buttons(looks.card(card(ACKNOWLEDGED)))) == [RESOLVE, MITIGATE, GIVE_BACK, SNOOZE, MORE]
    snoozed = replace(ACKNOWLEDGED, snoozed_until=START + timedelta(hours=9))
    assert list(buttons(looks.card(card(snoozed)))) == [ACKNOWLEDGE, RESOLVE, MITIGATE, END_SNOOZE, MORE]
    assert "Snoozed by" in read(looks.card(card(snoozed)))
    assert list(buttons(looks.card(card(replace(ACKNOWLEDGED, status=Status.MITIGATED))))) == [RESOLVE, MORE]
    assert buttons(looks.card(card(RESOLVED))) == {}
    made = buttons(looks.card(card())).values()
    assert {button["value"] for button in made if button["type"] == "button"} == {INCIDENT.id}


@pytest.mark.parametrize("status", list(Status))
def test_what_is_offered_is_possible(status: Status) -> None:
    incident = replace(ACKNOWLEDGED if status is not Status.RESOLVED else RESOLVED, status=status)
    made = buttons(looks.card(card(incident)))
    said = {option["value"].partition(":")[0] for option in made[MORE]["options"]} if MORE in made else set()
    offered = {name.split(".")[1] for name in made} | said
    asks = {"acknowledge": Action.ACKNOWLEDGE, "give_back": Action.UNACKNOWLEDGE, "mitigate": Action.MITIGATE}
    asks |= {"snooze": Action.SNOOZE, "resolve": Action.RESOLVE, "reassign": Action.TRIGGER}
    assert {name for name, action in asks.items() if allows(incident, action)} == offered & set(asks)


def test_acknowledge_is_the_button_that_stands_out_and_asks_nothing() -> None:
    button = buttons(looks.card(card()))[ACKNOWLEDGE]
    assert button["style"] == "primary"
    assert "confirm" not in button


def test_escalate_names_who_will_be_paged_before_it_does() -> None:
    dialog = buttons(looks.card(card()))[ESCALATE]["confirm"]
    assert dialog["text"]["text"] == "This sends now: SMS and direct message to Ada Admin."
    crowd = NextStep(START, (Channel.EMAIL,), ("Ada", "Bob", "Carol", "Dan", "Eve", "Fay"))
    dialog = buttons(looks.card(card(next=crowd)))[ESCALATE]["confirm"]
    assert dialog["text"]["text"] == "This sends now: e-mail to Ada, Bob, Carol, Dan and 2 others."


@pytest.mark.parametrize(
    ("names", "said"),
    [(("#sre-incidents",), "message to #sre-incidents"), (("Discord",), "message to Discord")],
)
def test_a_channel_gets_a_message_that_is_not_direct(names: tuple[str, ...], said: str) -> None:
    assert f"Next: {said}" in read(looks.card(card(next=NextStep(CARD.now, (Channel.SLACK,), names))))


def test_a_step_that_is_due_is_now() -> None:
    due = NextStep(CARD.now - timedelta(minutes=3), (Channel.SMS,), ("Ada",))
    assert "Next: SMS to Ada, now" in read(looks.card(card(next=due)))


def test_a_step_that_is_not_due_today_is_told_with_its_day() -> None:
    step = NextStep(CARD.now + timedelta(hours=17), (Channel.SMS,), ("Ada",))
    tomorrow = card(next=NextStep(CARD.now + timedelta(days=1), (Channel.SMS,), ("Ada",)), zone="Asia/Tokyo")
    assert "{time} ({date_short_pretty})|12:09 (24 Nov)>" in read(looks.card(tomorrow))
    assert "^{time}|05:09>" in read(looks.card(replace(tomorrow, next=step)))


def test_nobody_left_to_page_is_said_loudly() -> None:
    assert "🚨 *The escalation policy has no further step" in read(looks.card(card(next=None, is_exhausted=True)))
    assert "🚨 *No escalation policy: nobody else" in read(looks.card(card(next=None, has_policy=False)))


def test_once_somebody_has_it_the_card_says_who_and_nothing_threatens() -> None:
    said = read(looks.card(card(ACKNOWLEDGED)))
    assert "<@U01ADA> has it, after 8 min" in said
    assert "Next:" not in said and "On call" not in said
    assert "Ada Admin has it, after" in read(looks.card(card(replace(ACKNOWLEDGED, acknowledged_slack=""))))


def test_several_alerts_are_counted() -> None:
    assert "2 of 3 still firing" in read(looks.card(card(firing=2, alerts=3)))


def test_an_incident_that_is_over_says_how_it_ended() -> None:
    message = looks.card(card(RESOLVED))
    said = read(message)
    assert message.text == "✅ SEV1 · Redis Cluster Down (INC-ABC234) is resolved by Ada Admin."
    for expected in ("Failed over to the replica", "The disk was full", "*Lasted*\n30 min", "stopped, 0 of 2"):
        assert expected in said
    assert "redis_up" not in said


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.RUNNING, "step 2/2 · Fail over"),
        (RunState.ROLLING_BACK, "rolling back, 0 of 0 done"),
        (RunState.ROLLED_BACK, "rolled back, 0 steps"),
        (RunState.ABORTED, "stopped, nothing rolled back"),
    ],
)
def test_the_runbook_is_followed(state: RunState, said: str) -> None:
    aborted_at = None if state is RunState.RUNNING else SECOND.started_at
    assert said in read(looks.card(card(run=replace(SECOND, state=state, aborted_at=aborted_at))))


def test_a_finished_runbook_is_counted() -> None:
    finished = replace(SECOND, state=RunState.FINISHED)
    assert "finished, 1 of 2 steps done" in read(looks.card(card(run=finished)))


def test_runbooks_that_tie_are_a_choice() -> None:
    books = tuple(Runbook(id=str(n), version_id=f"v{n}", title=f"Book {n}") for n in range(7))
    made = buttons(looks.card(card(run=None, choice=books)))
    assert [name for name in made if name.startswith("runbook")] == [f"runbook.start.v1.{n}" for n in range(5)]
    assert made["runbook.start.v1.1"]["value"] == f"{INCIDENT.id}:v1"
    assert "Several runbooks fit" in read(looks.card(card(run=None, choice=books)))
    for not_a_choice in (card(run=None, choice=books[:1]), card(RESOLVED, run=None, choice=books), card(choice=books)):
        assert not [name for name in buttons(looks.card(not_a_choice)) if name.startswith("runbook")]


@pytest.mark.parametrize(("url", "linked"), [(INCIDENT.url, True), ("javascript:alert(1)", False), ("", False)])
def test_only_a_web_address_is_linked(url: str, linked: bool) -> None:
    said = read(looks.card(card(replace(INCIDENT, url=url))))
    assert ("Open the alert's source" in said) is linked


def test_a_direct_message_begins_with_the_policy_s_words() -> None:
    message = looks.direct_message(card(), "ESCALATION: nobody has acknowledged")
    assert message.text == "ESCALATION: nobody has acknowledged"
    assert read(message).startswith("ESCALATION: nobody has acknowledged\n*🔴 SEV1 · Redis Cluster Down*")
    assert ACKNOWLEDGE in buttons(message)


def test_a_direct_message_says_what_is_seen_and_leads_to_the_runbook() -> None:
    seen = card(replace(INCIDENT, description="3 of 6 masters do not answer"))
    said = read(looks.direct_message(seen, "ESCALATION", "https://acme.slack.com/archives/C1/p1"))
    assert "3 of 6 masters do not answer" in said
    assert "<https://acme.slack.com/archives/C1/p1|🧵 The incident's thread>" in said
    assert "<#C0123ABCD>" in read(looks.direct_message(seen, "ESCALATION", "C0123ABCD"))


@pytest.mark.parametrize(
    ("incident", "said"), [(ACKNOWLEDGED, "Ada Admin has it"), (RESOLVED, "resolved by Ada Admin")]
)
def test_a_direct_message_that_was_answered_begins_with_who_has_it(incident: Incident, said: str) -> None:
    message = looks.direct_message(card(incident), "ESCALATION")
    assert said in read(message).splitlines()[0]
    assert said in message.text
    assert ACKNOWLEDGE not in buttons(message) and ESCALATE not in buttons(message)


def test_the_resolve_form_asks_for_a_note() -> None:
    form = resolving.resolve_form(INCIDENT, "en")
    assert (form["callback_id"], form["private_metadata"]) == (RESOLVE, INCIDENT.id)
    note, cause = (block for block in form["blocks"] if block["type"] == "input")
    assert (note["block_id"], note["optional"], note["element"]["multiline"]) == ("note", False, True)
    assert (cause["block_id"], cause["optional"], cause["element"]["max_length"]) == ("root_cause", True, 3000)


def test_a_modal_that_waits_or_says_something_has_nothing_to_send() -> None:
    assert modals.loading("Resolve", "en")["callback_id"] == "loading.v1"
    assert "submit" not in modals.loading("Resolve", "fr") and "submit" not in modals.notice(
        "Resolve", "Too late", "en"
    )
    assert modals.notice("Resolve", "Too late <!here>", "en")["blocks"][0]["text"]["text"] == "Too late <!here>"


def test_the_summary_has_the_note_the_cause_and_the_three_figures() -> None:
    said = read(looks.resolved_summary(card(RESOLVED), kpis(RESOLVED)))
    for expected in (
        *("INC-ABC234 is resolved", "Failed over to the replica", "The disk was full"),
        *("(MTTD)*\n0 s", "(MTTA)*\n8 min", "(MTTR)*\n30 min"),
    ):
        assert expected in said
    silent = replace(RESOLVED, acknowledged_at=None)
    assert "(MTTA)*\nnever acknowledged" in read(looks.resolved_summary(card(silent), kpis(silent)))


def line(event: Event, locale: str = "en", by: str = "", **details: str | int) -> str:
    message = thread_line(Entry(incident="i", at=START, event=event, by=by, details=details), locale)
    return message.text if message else ""


PAGED: dict[str, str | int] = {"step": 2, "total": 5, "channels": "SMS, SLACK", "names": "Ada Admin", "missed": ""}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (line(Event.ESCALATED, "en", "", **PAGED), "📣 Escalation, step 2 of 5: SMS and direct message to Ada Admin."),
        (
            line(Event.ESCALATED, "en", "", **{**PAGED, "missed": "0, 1"}),
            "📣 Escalation, step 2 of 5: SMS and direct message to Ada Admin."
            " Also covers steps 0, 1, missed while Vigie was down.",
        ),
        (
            line(Event.NOBODY_REACHED, step=2, total=5, reason="nobody is on call"),
            "⚠️ Escalation, step 2 of 5: nobody is on call.",
        ),
        (
            line(Event.NOBODY_REACHED, "fr", step=2, total=5, reason="Ada has no phone number", names="Ada"),
            "⚠️ Escalade, étape 2 sur 5\u00a0: Ada n'a pas de numéro de téléphone. Destinataires\u00a0: Ada.",
        ),
        (
            line(Event.NOTIFICATION_FAILED, channel="SMS", name="Ada", reason="no credit", instead="SLACK"),
            "⚠️ Ada not reached by SMS: no credit. Trying direct message instead.",
        ),
        (
            line(Event.NOTIFICATION_FAILED, channel="EMAIL", name="Ada", reason="no such address", instead=""),
            "⚠️ Ada not reached by e-mail: no such address.",
        ),
        (line(Event.ACKNOWLEDGED, by="Ada"), "✅ Ada has it. The escalation has stopped."),
        (line(Event.ALERT_ADDED, count=1, title="Disk full"), "➕ 1 more alert: Disk full"),
        (line(Event.ALERT_ADDED, "fr", count=2, title="Disk full"), "➕ 2 alertes de plus\u00a0: Disk full"),
        (line(Event.NOTE, by="Ada", text="Looking"), "📝 Ada: Looking"),
        (
            line(Event.STEP_SKIPPED, by="Ada", step=2, title="Fail over", note="not needed"),
            "⏭️ Ada skipped step 2 · Fail over. not needed",
        ),
        (
            line(Event.STEP_PROBLEM, by="Ada", step=2, title="Fail over", note="it hangs"),
            "⚠️ Ada has a problem with step 2 · Fail over. it hangs",
        ),
        (
            line(Event.STEP_ROLLED_BACK, by="Ada", step=2, title="Fail over", note="it hangs"),
            "↩️ Ada rolled back step 2 · Fail over.",
        ),
        (line(Event.RUNBOOK_CHOICE, runbooks="A, B"), "📖 Several runbooks fit: A, B. Choose one on the card."),
        (line(Event.NOTIFICATION_SENT, channel="SMS", name="Ada"), ""),
        (line(Event.STEP_DONE, by="Ada", step=2, title="Fail over"), ""),
    ],
)
def test_the_thread_says_what_happened(said: str, expected: str) -> None:
    assert said == expected


@pytest.mark.parametrize("event", [Event.POLICY_MISSING, Event.POLICY_EXHAUSTED])
def test_the_thread_is_loud_when_nobody_else_will_be_paged(event: Event) -> None:
    assert line(event).startswith("🚨 *")
    assert "appelez quelqu'un" in line(event, "fr")


@settings(max_examples=40)
@given(st.sampled_from(Event), hostile(), st.sampled_from(LOCALES))
def test_slack_takes_every_line(event: Event, text: str, locale: str) -> None:
    names = ("step", "total", "channels", "names", "missed", "reason", "channel", "name", "instead", "title", "note")
    details: dict[str, str | int] = {**dict.fromkeys((*names, "text", "runbook", "runbooks"), text), "count": 2}
    message = thread_line(Entry(incident="i", at=START, event=event, by=text, details=details), locale)
    bare = thread_line(Entry(incident="i", at=START, event=event, by=ADA.name), locale)
    for one in (message, bare):
        if one is not None:
            sound(one)


def test_an_outage_of_days_and_an_update_of_tomorrow_are_told_with_their_days() -> None:
    since, until = START.isoformat(), (START + timedelta(days=2)).isoformat()
    away = Entry(
        incident="i", at=START + timedelta(days=2), event=Event.SLACK_WAS_AWAY, details={"since": since, "until": until}
    )
    assert "({date_short_pretty})|03:08 (23 Nov) UTC> to <" in _told(away)
    said: dict[str, str | int] = {"text": "Mended soon", "next_at": (START + timedelta(days=1)).isoformat()}
    update = Entry(incident="i", at=START, event=Event.STATUS_UPDATE, by="Ada", details=said)
    assert "at <!date^1795489680^{time} ({date_short_pretty})|03:08 (24 Nov) UTC>" in _told(update)


def _told(entry: Entry) -> str:
    line = thread_line(entry, "en")
    assert line is not None
    return read(sound(line))
