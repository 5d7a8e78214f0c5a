"""Why somebody was paged, or was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from blocks.whys import why as words
from domain.escalations import begin
from domain.notifications import Notification, NotificationState, Recipient
from domain.people import Person
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.timeline import Entry, Event
from domain.whys import Because, Record, why
from tests.unit.block_samples import ACKNOWLEDGED, INCIDENT, START, hostile, read, sound

JOHN = Person(id="john", handle="john", name="John Doe", phone="+336")
LEA = Person(id="lea", handle="lea", name="Léa Lead")
POLICY = Policy(
    id="p",
    name="Nights",
    version=3,
    version_id="p3",
    steps=(
        PolicyStep(order=1, delay_minutes=0, channels=(Channel.SLACK,), target=Target(TargetType.CHANNEL, "#sre")),
        PolicyStep(order=2, delay_minutes=5, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL)),
        PolicyStep(order=3, delay_minutes=15, channels=(Channel.SMS,), target=Target(TargetType.USER, "lea")),
    ),
)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def page(person: Person = JOHN, step: int = 2, **said: object) -> Notification:
    at = START + minutes(5)
    recipient = Recipient(person.id, person.name, "+336")
    base = Notification(
        id="n1", incident=INCIDENT.id, step=step, channel=Channel.SMS, recipient=recipient, message="", why="",
        decided_at=at, sent_at=at, state=NotificationState.SENT,
    )  # fmt: skip
    return replace(base, **said)  # type: ignore[arg-type]


def fired(step: int, names: str, at: float) -> Entry:
    details: dict[str, str | int] = {"step": step, "names": names, "channels": "SMS", "minutes": 5, "missed": ""}
    return Entry(incident=INCIDENT.id, at=START + minutes(at), event=Event.ESCALATED, details=details)


LOG = (fired(1, "#sre", 0), fired(2, "John Doe", 5))
CLIMB = replace(begin(INCIDENT, POLICY), next_step=2)
RECORD = Record(incident=INCIDENT, policy=POLICY, climb=CLIMB, pages=(page(),), entries=LOG)


def about(record: Record, person: Person | None, locale: str = "en") -> str:
    said = words(record.incident, why(record, person), person.name if person else "", "Europe/Paris", locale)
    return read(sound(said))


def test_who_was_paged_sees_how_far_the_page_came() -> None:
    told = page(delivered_at=START + minutes(5.05), acknowledged_at=START + minutes(6))
    said = about(replace(RECORD, pages=(told,)), JOHN)
    assert "step 2: SMS to John Doe: sent 04:13" in said
    assert "delivered 04:13 (+3 s)" in said and "acknowledged from it 04:14 (+60 s)" in said
    assert "step 1 told #sre" in said


def test_who_was_not_paged_sees_who_was_on_call_and_what_still_comes() -> None:
    said = about(RECORD, LEA)
    assert "step 2: on call was John Doe" in said
    assert "step 3, for somebody named in the step: comes at 04:23 unless somebody takes it" in said


def test_who_was_called_out_of_turn_sees_by_whom() -> None:
    for said in ("reassigned: Ada Admin", "reassigned: Ada Admin; instead of SLACK to Léa Lead"):
        record = replace(RECORD, pages=(page(LEA, 0, why=said),))
        assert "SMS to Léa Lead, because Ada Admin gave it to them: sent 04:13" in about(record, LEA)
        assert "SMS à Léa Lead, parce qu'Ada Admin le lui a confié" in about(record, LEA, "fr")


def test_of_a_climb_that_begins_again_what_still_comes_is_said() -> None:
    again = replace(RECORD, climb=replace(CLIMB, next_step=0, started_at=START + minutes(30)))
    for person in (JOHN, LEA):
        assert [line.step for line in why(again, person) if line.because is Because.AHEAD] == [1, 2, 3]
    said = about(again, JOHN)
    assert "step 2: SMS to John Doe: sent 04:13" in said and "comes at 04:43 unless somebody takes it" in said


def test_what_did_not_fall_due_was_stopped_by_whoever_took_it() -> None:
    lines = why(replace(RECORD, incident=ACKNOWLEDGED), LEA)
    assert [line.because for line in lines if line.step == 3] == [Because.STOPPED]
    assert "not needed, Ada Admin had it" in about(replace(RECORD, incident=ACKNOWLEDGED), LEA)


def test_no_way_to_somebody_a_refusal_and_a_decline_are_said() -> None:
    missing: dict[str, str | int] = {"step": 2, "reason": "John Doe has no phone number", "total": 3}
    nobody = Entry(incident=INCIDENT.id, at=START + minutes(5), event=Event.NOBODY_REACHED, details=missing)
    declined = Entry(incident=INCIDENT.id, at=START + minutes(6), event=Event.DECLINED, details={"name": "John Doe"})
    record = replace(RECORD, pages=(), entries=(fired(1, "#sre", 0), nobody, declined))
    said = about(record, JOHN)
    assert "step 2: John Doe has no phone number" in said and "John Doe can't take it" in said
    assert "n'a pas de numéro" in about(record, JOHN, "fr")


def test_failed_cancelled_silent_and_bundled_pages() -> None:
    lost = page(state=NotificationState.FAILED, failure="OVH refused the number +336")
    assert "not delivered: OVH refused the number +336" in about(replace(RECORD, pages=(lost,)), JOHN)
    late = page(failure="no sign that it arrived within 2 min")
    assert "no sign that it arrived within 2 min" in about(replace(RECORD, pages=(late,)), JOHN)
    gone = page(state=NotificationState.CANCELLED, sent_at=None)
    assert "not needed any more, Ada Admin" in about(replace(RECORD, incident=ACKNOWLEDGED, pages=(gone,)), JOHN)
    both = page(LEA, step=3, is_bundle_of=(2,))
    through = replace(RECORD, pages=(both,), climb=replace(CLIMB, next_step=3, wake_at=None))
    assert {line.because for line in why(through, LEA)} == {
        Because.PAGED,
        Because.PLACE,
    }


def test_a_page_that_was_held_in_a_storm_says_so() -> None:
    details: dict[str, str | int] = {"step": 2, "name": "John Doe", "channel": "SMS"}
    held = Entry(incident=INCIDENT.id, at=START + minutes(5), event=Event.PAGE_HELD, details=details)
    record = replace(RECORD, entries=(*LOG, held))
    assert "the page to John Doe waited for one message about many" in about(record, JOHN)
    assert "waited" not in about(record, LEA)


def test_without_a_policy_that_is_said() -> None:
    assert "no escalation policy fits" in about(Record(incident=INCIDENT, policy=None, climb=None), None)


@given(hostile(), hostile())
def test_foreign_words_do_no_harm(name: str, reason: str) -> None:
    person = replace(JOHN, name=name or "x")
    lost = page(person, state=NotificationState.FAILED, failure=reason)
    pages = [replace(lost, id=str(number)) for number in range(60)]
    about(replace(RECORD, pages=pages, entries=(fired(2, name, 5),)), person)
    about(replace(RECORD, pages=pages, entries=(fired(2, name, 5),)), None, "fr")


def test_what_happened_on_another_day_is_told_with_its_day() -> None:
    late = page(decided_at=START + timedelta(days=2), sent_at=START + timedelta(days=2))
    assert "04:08 (25 Nov) · step 2: SMS to John Doe: sent 04:08 (+0 s)" in about(replace(RECORD, pages=(late,)), JOHN)
