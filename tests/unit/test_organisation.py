"""People, teams, services and contacts: Slack takes every view of them, and what is wrong is named at its field."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import contacts as contact_looks
from blocks import errors as words
from blocks import organisation, trials
from blocks import people as people_looks
from blocks import services as service_looks
from blocks import teams as team_looks
from blocks.text import gsm7_length, is_gsm7
from bot.demo.blockkit import check_message, check_view
from domain import organisation as rules
from domain.contacts import Contact, unverified
from domain.directory import Directory
from domain.errors import Fault, InUse, Invalid
from domain.oncall import OnCall, Rotation
from domain.people import Actor, Person, Role, Service, Team
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from domain.policy_lint import lint_policy
from domain.reach import EVERYTHING
from domain.trials import Trial, TrialState
from handlers import forms
from handlers.catalog.phones import e164
from handlers.contacts import codes
from handlers.contacts import forms as contact_forms
from handlers.people import forms as person_forms
from handlers.services import forms as service_forms
from handlers.teams import forms as team_forms
from tests.unit.block_samples import START, hostile

ADA = Person("ada", "ada", "Ada Admin", "ada@example.com", "+33600000001", "U01ADA", Role.ADMIN)
JOHN = Person("john", "john", "John Doe", "john@example.com", "+33600000002", "U02JOHN")
WEEKLY = OnCall("Europe/Paris", (Rotation("primary", START.replace(tzinfo=None), 7, ("john",)),))
TEAM = Team("team", "SRE Core", "#sre", "ada", ("ada", "john"), "", WEEKLY)
REDIS = Service("redis", "redis-prod", "team", ("redis",))
CALL = PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.USER, "john"))
POLICY = Policy(id="p", name="Nights", team="team", steps=(CALL,))
DIRECTORY = Directory(
    people={"ada": ADA, "john": JOHN},
    teams={"team": TEAM},
    services={"redis": REDIS},
    policies={"p": POLICY},
    verified=frozenset({("john", "+33600000002")}),
)
ADMIN = Actor(key="person:ada", name="Ada Admin", role=Role.ADMIN, person="ada")
VIEWER = Actor(key="person:v", name="V", role=Role.VIEWER, person="v")
LOCALES = st.sampled_from(["en", "fr"])


@st.composite
def organisations(draw: st.DrawFn) -> Directory:
    """Up to 300 of everything, each field anything, and of any length."""
    text, count = draw(hostile()), draw(st.sampled_from([0, 1, 12, 101, 300]))
    ids = [f"{number:03}" for number in range(count)]
    slack = draw(st.sampled_from(["", "U01ADA"]))
    one = Person("ada", text, text, text, text, slack, draw(st.sampled_from(Role)), text, draw(st.booleans()))
    on_call = replace(WEEKLY, rotations=(replace(WEEKLY.rotations[0], people=("ada",)),))
    team = Team("team", text, text, draw(st.sampled_from(["", "ada", "gone"])), ("ada", "gone", *ids), text, on_call)
    return Directory(
        people={"ada": one, **{i: replace(one, id=i, name=f"{text}{i}") for i in ids}},
        teams={"team": team, **{i: replace(team, id=i, name=f"{i}{text}") for i in ids}},
        services={"redis": Service("redis", text, "team", (text,) * count, draw(st.booleans()))},
        policies={"p": replace(POLICY, name=text)},
        verified=draw(st.sampled_from([None, frozenset(), frozenset({("ada", text)})])),
    )


@given(organisations(), hostile(), LOCALES, st.sampled_from([ADMIN, VIEWER]), st.sampled_from(["", "C0000001"]))
def test_slack_always_takes_the_views(directory: Directory, text: str, locale: str, actor: Actor, channel: str) -> None:
    person, team, service = directory.people["ada"], directory.teams["team"], directory.services["redis"]
    failures = dict.fromkeys(Contact, text)
    views = [
        people_looks.shown(person, directory, actor, START, locale),
        people_looks.editor(person, "0" * 16, locale),
        people_looks.saved(person, directory, locale, is_changed=person.is_active),
        *(people_looks.removed(person, locale, is_gone=gone) for gone in (True, False)),
        team_looks.shown(team, directory, actor, START, locale),
        team_looks.editor(team, directory, channel, "0" * 16, locale),
        team_looks.saved(team, locale, is_changed=True),
        team_looks.removed(team, locale),
        service_looks.shown(service, directory, actor, locale),
        service_looks.editor(service, directory, "0" * 16, locale),
        service_looks.saved(service, locale, is_changed=False),
        service_looks.removed(service, locale),
        contact_looks.shown(person, directory, failures, locale, is_saved=True),
        contact_looks.editor(person, "0" * 16, locale),
        *(contact_looks.code_form(person, contact, locale) for contact in Contact),
        organisation.outdated("Person", text, "person.edit.v1", "ada", locale, typed=[(text, text)]),
    ]
    for view in views:
        assert check_view(view) == []
        assert len(view["blocks"]) <= 100


@given(hostile(), LOCALES, st.sampled_from(TrialState), st.lists(st.sampled_from(Channel), max_size=4, unique=True))
def test_slack_always_takes_the_messages(text: str, locale: str, state: TrialState, channels: list[Channel]) -> None:
    made = [
        Trial(id="t", person="ada", channel=channel, address=text, started_at=START, state=state, reason=text)
        for channel in channels
    ]
    for said in (trials.started(made, locale), trials.direct_message("t", locale), trials.confirmed(locale)):
        assert check_message(said.text, said.blocks) == []
    for trial in made:
        assert "TEST" in trials.page(trial, text, locale, "nonce")


@given(
    st.from_regex(r"https://[a-z]{1,20}\.example\.com/t/[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{16}", fullmatch=True), LOCALES
)
def test_texts_take_one_part(url: str, locale: str) -> None:
    for said in (trials.sms(url, locale), trials.sms("", locale), contact_looks.code_sms("123456", locale)):
        assert is_gsm7(said) and gsm7_length(said) <= 160
    assert trials.sms(url, locale).endswith(url) and "TEST" in trials.sms(url, locale)
    assert contact_looks.code_sms("123456", locale).startswith("123456")


def state(typed: dict[str, Any]) -> dict[str, Any]:
    """What Slack sends of a form in which `typed` was typed, an element by its block."""
    return {"view": {"state": {"values": {block: {"x": value} for block, value in typed.items()}}, "type": "modal"}}


@given(hostile(), st.sampled_from(["", "nobody", "default", "fr", "admin", "team", "no such"]))
def test_whatever_is_sent_becomes_faults_or_a_thing(text: str, choice: str) -> None:
    """A form is what anybody can send: nothing in it raises, and what is kept is within its limits."""
    words_, option = {"value": text * 3}, {"selected_option": {"value": choice}}
    boxes = {"selected_options": [{"value": choice}, {"value": "active"}]}
    body = state(
        {
            **dict.fromkeys(("name", "handle", "email", "phone", "aliases", "code"), words_),
            **dict.fromkeys(("role", "locale", "team", "lead"), option),
            **dict.fromkeys(("flags", "members"), boxes),
            "slack": {"selected_user": text},
            "channel": {"selected_conversation": text},
        },
    )
    form = person_forms.person(body)
    person = Person("x", form.handle, form.name, form.email, e164(form.phone, "FR"), form.slack or "", form.role)
    found = list(rules.person_faults(person, None, DIRECTORY))
    team = team_forms.team(body)
    found += rules.team_faults(
        replace(TEAM, id="x", name=team.name, lead=team.lead, members=team.members or ()), DIRECTORY
    )
    service = service_forms.service(body)
    found += rules.service_faults(Service("x", service.name, service.team, service.aliases or ()), DIRECTORY)
    assert contact_forms.contacts(body).phone == form.phone
    assert contact_forms.asked(text)[1] in Contact
    assert len(form.name) <= 100 and len(form.email) <= 254 and "\0" not in form.name
    assert codes.digits(text) == "" or len(codes.digits(text)) == 6
    fields = {**people_looks.FIELDS, **team_looks.FIELDS, **service_looks.FIELDS}
    assert {fault.field for fault in found} <= set(fields)


def faults(found: Any) -> dict[str, str]:
    return {fault.field: fault.message for fault in found}


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"name": ""}, "name", "give it a name"),
        ({"handle": "Ada"}, "handle", "Ada is Ada Admin's already"),
        ({"handle": "two words"}, "handle", "must be letters"),
        ({"handle": "team_lead"}, "handle", "means whoever leads"),
        ({"handle": "jdoe"}, "handle", "the policy Nights pages this handle"),
        ({"email": "ADA@example.com"}, "email", "Ada Admin's already"),
        ({"email": "nowhere"}, "email", "must be an e-mail address"),
        ({"email": "a" * 250 + "@example.com"}, "email", "must be an e-mail address"),
        ({"phone": "+33600000001"}, "phone", "Ada Admin's already"),
        ({"slack": "U01ADA"}, "slack", "this Slack account is Ada Admin's already"),
        ({"slack": "everyone"}, "slack", "choose a person"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], field: str, said: str) -> None:
    found = faults(rules.person_faults(replace(JOHN, **change), JOHN, DIRECTORY))
    assert list(found) == [field] and said in found[field]
    refusal = Invalid([Fault(*pair) for pair in found.items()])
    assert said not in words.field_errors(refusal, people_looks.FIELDS, "fr")[field]


def test_a_phone_that_two_share_in_the_files_is_left_alone() -> None:
    shared = replace(JOHN, phone=ADA.phone)
    directory = replace(DIRECTORY, people={"ada": ADA, "john": shared})
    assert not faults(rules.person_faults(replace(shared, name="Johnny"), shared, directory))


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("06 39 98 00 01", "FR", "+33639980001"),
        ("06 39 98 00 01", None, ""),
        ("+33 (0)6 39 98 00 01", None, "+33639980001"),
        ("+44 20 7946 0958", "FR", "+442079460958"),
        ("12", "FR", ""),
        ("call me", "FR", ""),
        ("", "FR", ""),
    ],
)
def test_phones_are_read_as_people_write_them(written: str, region: str | None, number: str) -> None:
    assert e164(written, region) == number


def test_what_uses_somebody_is_named() -> None:
    assert list(rules.uses_of_person(JOHN, DIRECTORY)) == [
        "is a member of SRE Core",
        "is in the rotation primary of SRE Core",
        "is paged by step 1 of the policy Nights",
    ]
    assert list(rules.uses_of_person(ADA, DIRECTORY)) == ["leads SRE Core"]
    assert list(rules.uses_of_team(TEAM, DIRECTORY)) == [
        "answers for the service redis-prod",
        "has the policy Nights",
        "has the rotation primary",
    ]


@given(st.lists(hostile(), min_size=1, max_size=30), LOCALES)
def test_uses_are_always_told_in_a_modal(names: list[str], locale: str) -> None:
    said = words.sentence(InUse([f"leads {name}" for name in names]), locale)
    assert 0 < len(said) <= 1501 and "<" not in said


def test_an_admin_who_can_t_click_is_none() -> None:
    without_slack = replace(JOHN, role=Role.ADMIN, slack="")
    for other, is_last in ((without_slack, True), (replace(JOHN, role=Role.ADMIN), False), (JOHN, True)):
        directory = Directory(people={"ada": ADA, "john": other})
        assert rules.is_last_admin(ADA, replace(ADA, role=Role.VIEWER), directory) is is_last
        assert not rules.is_last_admin(ADA, replace(ADA, name="Ada"), directory)
        assert rules.is_last_admin(ADA, None, directory) is is_last


def test_what_is_not_verified_is_found_once_and_never_in_files() -> None:
    step = replace(CALL, order=2, delay_minutes=5, channels=(Channel.SMS, Channel.EMAIL))
    policy = replace(POLICY, steps=(CALL, step))
    found = [one.message for one in lint_policy(policy, DIRECTORY, EVERYTHING) if one.rule == "contact-verified"]
    assert found == ["the e-mail address of John Doe is not verified"]
    in_files = lint_policy(policy, replace(DIRECTORY, verified=None), EVERYTHING)
    assert "contact-verified" not in {one.rule for one in in_files}
    assert unverified(ADA, DIRECTORY) == (Contact.PHONE, Contact.EMAIL)


def test_codes() -> None:
    salt = codes.new_salt()
    kept = codes.hashed("012345", salt)
    assert "012345" not in kept and codes.hashed("012345", codes.new_salt()) != kept
    assert codes.is_one_of("012345", salt, ["0" * 64, kept]) and not codes.is_one_of("012346", salt, [kept])
    assert not codes.is_one_of("012345", salt, [])
    assert {len(codes.new_code()) for _ in range(100)} == {6}
    assert codes.digits(" 012-345 ") == "012345" and codes.digits("01234") == codes.digits("٠١٢٣٤٥") == ""


def test_a_form_carries_what_it_began_from() -> None:
    assert forms.keyed("ada|0123") == ("ada", "0123")
    assert forms.keyed("|") == ("", "") and forms.keyed("") == ("", "")
