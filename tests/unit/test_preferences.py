"""How people want to be reached: their order, and quiet that never costs a page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given

from domain.channels import Channel
from domain.directory import Directory
from domain.escalations import recipients
from domain.preferences import Preferences, Quiet
from domain.severities import Severity
from domain.simulation import supposed
from handlers.catalog.catalog import read, resolve
from handlers.catalog.dump import files
from tests.unit.test_simulation import PREFERENCES, organisations

NIGHT = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
SLACK, SMS, EMAIL, PHONE = Channel.SLACK, Channel.SMS, Channel.EMAIL, Channel.PHONE


def test_quiet_holds_for_a_severity_and_those_below() -> None:
    said = Preferences(quiet=(Quiet(Severity.SEV3, (SLACK, EMAIL)), Quiet(Severity.SEV4, (SLACK,))))
    assert said.allowed(Severity.SEV2) == frozenset(Channel)
    assert said.allowed(Severity.SEV3) == {SLACK, EMAIL}
    assert said.allowed(Severity.SEV4) == {SLACK}
    assert Preferences(quiet=(Quiet(Severity.SEV3, (EMAIL,)),)).allowed(Severity.SEV4) == {EMAIL}


@given(PREFERENCES)
def test_every_channel_is_tried_once_and_sev1_is_never_quiet(said: Preferences) -> None:
    for severity in Severity:
        assert sorted(said.order(severity)) == sorted(Channel)
    assert said.allowed(Severity.SEV1) == frozenset(Channel)
    assert said.order(Severity.SEV1)[: len(said.channels)] == said.channels


@given(organisations())
def test_quiet_never_leaves_somebody_out(directory: Directory) -> None:
    """Whoever a step reaches without preferences it reaches with them."""
    plain = Directory(
        people={
            name: type(one)(**{**{f: getattr(one, f) for f in one.__dataclass_fields__}, "preferences": Preferences()})
            for name, one in directory.people.items()
        },
        teams=directory.teams,
        services=directory.services,
        policies=directory.policies,
    )
    for severity in Severity:
        incident = supposed(directory.services["service"], severity, NIGHT, directory)
        for step in directory.policies["policy"].live_steps:
            meant, _ = recipients(step, incident, plain, NIGHT)
            found, _ = recipients(step, incident, directory, NIGHT)
            assert {page.recipient.person for page in found} == {page.recipient.person for page in meant}
            assert {(one.channel, one.recipient) for one in found} <= {(one.channel, one.recipient) for one in meant}


def loaded(person: str, before: Directory | None = None) -> tuple[Any, list[str]]:
    faults: list[Any] = []
    said = read([("people.yaml", f"people: [{{handle: ada, name: Ada, {person}}}]")], faults)
    if faults:
        return None, [f"{fault.field}: {fault.message}" for fault in faults]
    return resolve(said, before or Directory(), lambda: "ada").people[0], []


def test_they_are_written_in_the_catalog() -> None:
    ada, _ = loaded(
        "channels: [PHONE, sms], quiet: {SEV4_LOW: [SLACK], SEV3: SLACK + EMAIL}, timezone: Europe/Paris, "
        "test_pages: false"
    )
    quiet = (Quiet(Severity.SEV3, (SLACK, EMAIL)), Quiet(Severity.SEV4, (SLACK,)))
    assert ada.preferences == Preferences((PHONE, SMS), quiet, "Europe/Paris", False)
    out = files(Directory(people={"ada": ada}), NIGHT)
    [text] = [text for text in out.values() if "Ada" in text]
    again = resolve(read([("o.yaml", text)], []), Directory(people={"ada": ada}), lambda: "ada")
    assert again.people == [ada]
    kept, _ = loaded("email: ada@example.com", Directory(people={"ada": ada}))
    assert kept.preferences == ada.preferences
    cleared, _ = loaded("channels: [], quiet: {}, test_pages: true, timezone: ''", Directory(people={"ada": ada}))
    assert cleared.preferences == Preferences()


def test_what_is_wrong_is_named() -> None:
    for said, fault in {
        "channels: [PIGEON]": "write one or more of",
        "quiet: {SEV1_CRITICAL: [SLACK]}": "SEV1 is never quiet",
        "quiet: {SEV9: [SLACK]}": "must be one of",
        "quiet: {SEV4_LOW: []}": "name the channels",
        "quiet: [SLACK]": "must be a mapping",
        "timezone: Mars/Olympus": "must be a time zone",
    }.items():
        _, faults = loaded(said)
        assert len(faults) == 1 and fault in faults[0], (said, faults)
