"""Everything that can be wrong with the catalog's files, each with its line and its field."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.unit.test_catalog import loaded


def faults(text: str) -> list[str]:
    _, found = loaded([("a.yaml", dedent(text))])
    return [str(fault) for fault in found]


def step(words: str) -> str:
    """A policy whose one step, on line 3, says `words`."""
    return f"Policy: P\nSteps:\n  1: {{{words}}}\n"


def person(words: str) -> str:
    """An organisation of one person, on line 1."""
    return f"people: [{{{words}}}]\n"


def team(words: str) -> str:
    """An organisation of one team, on line 1."""
    return f"teams: [{{name: T, {words}}}]\n"


def override(start: str, end: str) -> str:
    """Somebody who stands in, on line 1."""
    return f'overrides: [{{team: SRE Core, person: ada, start: "{start}", end: "{end}"}}]\n'


FILES = {
    "": "a.yaml:1: is empty",
    "# nothing yet\n": "a.yaml:1: is empty",
    "- a\n": "a.yaml:1: must be a mapping",
    "a: 1\nb: [1\n": "a.yaml:3: is not YAML: expected ',' or ']'",
    "a: 1\nb: c: d\n": "a.yaml:2: is not YAML: mapping values are not allowed here; put a text with a colon",
    "Title: a\n  Service: b\n": "between quotes, or indent the line as its neighbours",
    "a:\n\tb: 1\n": "a.yaml:2: is not YAML: found character '\\t' that cannot start any token; indent with spaces",
    "a: 1\nb: `ls`\n": "cannot start any token; put a text that begins with a sign between quotes",
    "a: 1\nb: *bold*\n": "but found '*'; put a text that begins with a sign between quotes",
    'a: 1\nb: "\\d"\n': "found unknown escape character 'd'; put a text with a backslash in it between single quotes",
    'a: 1\nb: "c\nd: 1\n': "a.yaml:2: is not YAML: found unexpected end of stream; a quotation mark is not closed",
    'a: "b\n---\nc: 1\n': "a.yaml:1: is not YAML: found unexpected document separator; a quotation mark is not closed",
    "Title: !important read this\n": "a.yaml:1: put a text that begins with ! between quotes",
    "Title: !!! Redis is down\n": "a.yaml:1: put a text that begins with ! between quotes",
    "Title: !!Redis is down\n": "a.yaml:1: put a text that begins with ! between quotes",
    "Title: !Échec de Redis\n": "a.yaml:1: put a text that begins with ! between quotes",
    "Title: !important! read this\n": "a.yaml:1: put a text that begins with ! between quotes",
    "a:\n - &x 1\n - *x\n\n - 2\n": "a.yaml:3: aliases (*name) are not used here: write it out",
    "a: " + "[" * 2000: "a.yaml:1: is nested too deeply",
    "a: " + "{b: " * 2000: "a.yaml:1: is nested too deeply",
    "a: 1\nb: \x00\n": "a.yaml:2: has a control character in it",
    'a: 1\nb: "\\UFFFFFFFF"\n': "a.yaml:2: has an escape that is no character",
    'a: 1\nb: "\\U00110000"\n': "a.yaml:2: has an escape that is no character",
    "Title: " + "é" * 524_300: "a.yaml:1: the file is larger than 1 MiB",
    "people: []\n---\n- a\n": "a.yaml:3: must be a mapping",
    "people: []\n---\nfoo: 1\n": "a.yaml:3: is neither a runbook (Title:), nor a policy (Policy:)",
    "people: []\n? [a]\n: 1\n": "a.yaml:2: a name must be plain text",
    'people: []\n"a\\n::error::b\\e[2J": 1\n': "a.yaml:2: a name must be plain text",
    'people: []\n"a\\u2028b": 1\n': "a.yaml:2: a name must be plain text",
    "people: []\npeple: []\n": "a.yaml:2: peple: is not known here; did you mean people?",
    "people: ada\n": "a.yaml:1: people: must be a list",
    "people:\n  - ada\n": "a.yaml:2: people[1]: must be a mapping of fields",
}
PEOPLE = {
    person("name: Ada"): "a.yaml:1: people[1].handle: is missing",
    person("handle: ''"): "a.yaml:1: people[1].handle: is empty",
    person("handle: a b"): "a.yaml:1: people[1].handle: must be letters, digits",
    person("handle: Team_Lead"): "people[1].handle: team_lead means whoever leads the team",
    person("handle: [ada]"): "a.yaml:1: people[1].handle: must be text",
    person("handle: zoe, name: " + "x" * 101): "people[1].name: is 101 characters long; at most 100 can be shown",
    person('handle: zoe, name: "Z\\0e"'): "a.yaml:1: people[1].name: has a control character in it",
    person('handle: zoe, name: "Z\\ud800"'): "a.yaml:1: people[1].name: has a control character in it",
    person("handle: zoe, phone: 0600000001"): "people[1].phone: must be a number with its country",
    person('handle: zoe, phone: "+33 1"'): "people[1].phone: must be a number with its country",
    person("handle: zoe, phone: call me"): "people[1].phone: must be a number with its country",
    person("handle: zoe, email: zoe@"): "people[1].email: must be an e-mail address",
    person('handle: zoe, email: "a@b.c, d@e.f"'): "people[1].email: must be an e-mail address",
    person("handle: zoe, slack: zoe"): "people[1].slack: must be a Slack user id such as U01ADA",
    person("handle: zoe, slack: C01ADA"): "people[1].slack: must be a Slack user id such as U01ADA",
    person("handle: zoe, role: boss"): "people[1].role: must be one of viewer, responder, operator, admin",
    person("handle: zoe, locale: de"): "people[1].locale: must be one of en, fr",
    person("handle: zoe, active: maybe"): "people[1].active: must be true or false",
    person("handle: zoe, emial: a@b.c"): "people[1].emial: is not known here; did you mean email?",
    person("handle: zoe, handle: ada"): "people[1].handle: is written twice",
    person("handle: zoe, active: true, is_active: true"): "people[1].is_active: says the same as active",
    "people:\n  - {handle: zoe}\n  - {handle: ZOE}\n": "a.yaml:3: people[2].handle: there is another person ZOE",
    "people:\n  - {handle: a, email: a@b.c}\n  - {handle: b, email: A@b.c}\n": (
        "a.yaml:3: people[2].email: a@b.c is a's already"
    ),
    "people:\n  - {handle: a, slack: U111}\n  - {handle: b, slack: U111}\n": (
        "a.yaml:3: people[2].slack: U111 is a's already"
    ),
    person("handle: zoe, email: ada@example.com"): "people[1].email: ada@example.com is ada's already",
    person("handle: zoe, slack: U01ADA"): "people[1].slack: U01ADA is ada's already",
}
TEAMS = {
    "teams: [{lead: ada}]": "teams[1].name: is missing",
    team("channel: two words"): "teams[1].channel: must be a Slack channel such as #sre-incidents",
    team("channel: '#Ops'"): "teams[1].channel: must be a Slack channel such as #sre-incidents",
    team("lead: adda"): "teams[1].lead: nobody is called adda; did you mean ada?",
    team("members: [ada, nobody]"): "teams[1].members: nobody is called nobody",
    team("members: {ada: 1}"): "teams[1].members: must be a list of texts",
    team("members: [ada, ~]"): "teams[1].members: must be a list of texts",
    team("members: [ada, '']"): "teams[1].members: has an empty text in it",
    team("on_call: daily"): "teams[1].on_call: must be a mapping of fields",
    team("on_call: {timezone: Europe/Pariss}"): "teams[1].on_call.timezone: must be a zone such as Europe/Paris",
    team("on_call: {timezone: ../etc}"): "teams[1].on_call.timezone: must be a zone",
    team("on_call: {rotations: [{people: [ada]}]}"): "teams[1].on_call.rotations[1].start: is missing",
    team("on_call: {rotations: [{start: noon, people: [ada]}]}"): "rotations[1].start: must be a date and time",
    team('on_call: {rotations: [{start: "9999-12-31T23:00", people: [ada]}]}'): "start: must be a date and time on",
    team("on_call: {rotations: [{start: 2026-01-05T09:00Z, people: [ada]}]}"): "start: must be a date and time on",
    team("on_call: {rotations: [{start: 2026-01-05, every: 12m, people: [ada]}]}"): "every: must be a number of hours",
    team("on_call: {rotations: [{start: 2026-01-05, hours: noon, people: [ada]}]}"): "hours: must be times such as",
    team("on_call: {rotations: [{start: 2026-01-05, hours: 9:00-25:00, people: [ada]}]}"): "hours: must be times",
    team("on_call: {rotations: [{start: 2026-01-05, layer: top, people: [ada]}]}"): "layer: must be a number from 0",
    team("on_call: {ical: 'ftp://example.com/a.ics'}"): "ical: must be an address that begins with https://",
    team("on_call: {ical: /etc/../a.ics}"): "ical: must be an address",
    team("on_call: {rotations: [{start: 2026-01-05, every: 0d, people: [ada]}]}"): "every: must be a number of hours",
    team("on_call: {rotations: [{start: 2026-01-05}]}"): "rotations[1].people: is empty: name at least one person",
    team("on_call: {rotations: [{start: 2026-01-05, people: [bod]}]}"): "rotations[1].people: nobody is called bod",
    "teams:\n  - {name: T}\n  - {name: t}\n": "a.yaml:3: teams[2].name: there is another team t in these files",
    "services: [{name: s}]": "services[1].team: is missing",
    "services: [{name: s, team: SRE Cor}]": "services[1].team: there is no team SRE Cor; did you mean SRE Core?",
    "services: [{name: s, team: Lone, aliases: [Redis]}]": "services[1].aliases: Redis is redis-prod's already",
    "services: [{name: redis, team: Lone}]": "services[1].name: redis is redis-prod's already",
    "services: [{name: a, team: Lone, aliases: [b]}, {name: b, team: Lone}]": "aliases: b is b's already",
    "services: [{name: s, team: Lone}, {name: S, team: Lone}]": "services[2].name: there is another service S",
    'services: [{name: s, team: Lone, aliases: ["a\\0"]}]': "aliases: has a control character in it",
}
OVERRIDES = {
    override("9999-12-31T23:59-14:00", "9999-12-31T23:59:59-14:00"): "a.yaml:1: overrides[1].start: must be a date and",
    override("2026-12-26T09:00", "9999-12-31T23:59-14:00"): "a.yaml:1: overrides[1].end: must be a date and time such",
    override("0001-01-01T00:00+14:00", "2026-12-26T09:00"): "a.yaml:1: overrides[1].start: must be a date and time",
    override("2026-12-26T09:00", "2027-12-26T09:00"): "a.yaml:1: overrides[1].end: must be after the start, by at most",
}
RUNBOOKS = {
    "Title: T\nSteps:\n" + "  - {title: t}\n" * 201: "a.yaml:3: Steps: has 201 steps; it takes at most 200",
    "Title: T\n": "a.yaml:1: Steps: is missing: write at least one step",
    "Title:\nSteps: [{title: t}]\n": "a.yaml:1: title: is missing",
    "Policy: T\nSteps: []\n": "a.yaml:2: Steps: is empty: write at least one step",
    "Policy: T\nSteps: {}\n": "a.yaml:2: Steps: is empty: write at least one step",
    "Title: T\nSteps: look\n": "a.yaml:2: Steps: must be a map (1:, 2:, …) or a list of steps",
    "Title: T\nSteps:\n  one: {title: t}\n": "a.yaml:3: Steps[one]: must be the step's number, such as 1",
    "Title: T\nSteps:\n  0: {title: t}\n": "a.yaml:3: Steps[0]: must be the step's number, such as 1",
    "Title: T\nSteps:\n  1: look\n  2: {title: t}\n": "a.yaml:3: Steps[1]: must be a mapping of fields",
    "Title: T\nSteps:\n  1: {title: t}\n  Step 1: {title: t}\n": "a.yaml:4: Steps[1]: there are two steps 1",
    "Title: T\nSteps: [{title: t, order: first}]": "Steps[1].order: must be a whole number from 1",
    "Title: T\nSteps:\n  1: {}\n": "a.yaml:3: Steps[1].title: is missing",
    "Title: T\nSteps: [{title: t, critcal: true}]": "Steps[1].critcal: is not known here; did you mean critical?",
    "Title: T\nSteps: [{title: t, critical: 2}]": "Steps[1].critical: must be true or false",
    "Title: T\nSteps: [{title: t, duration: -1}]": "Steps[1].duration: must be a length from 0 to 10080 minutes",
    "Title: T\nSteps: [{title: t, duration: soon}]": "Steps[1].duration: must be a length from 0 to 10080 minutes",
    "Title: T\nSteps: [{title: t, duration: 999 hours}]": "Steps[1].duration: must be a length from 0 to 10080",
    "Title: T\nSteps: [{title: t, command: [a, b]}]": "Steps[1].command: must be text",
    "Title: T\nSteps: [{title: t, active: false}]": "Steps[1].active: is for the runbook: leave the step out instead",
    f"Title: T\nSteps: [{{title: t, command: {'x' * 3001}}}]": "Steps[1].command: is 3001 characters long",
    f"Title: {'x' * 151}\nSteps: [{{title: t}}]": "Title: is 151 characters long; at most 150",
    "Title: T\nService: redis-prd\nSteps: [{title: t}]": (
        "a.yaml:2: service: there is no service redis-prd; did you mean redis-prod?"
    ),
    "Title: T\nSeverity: HUGE\nSteps: [{title: t}]": "a.yaml:2: severity: must be one of SEV1_CRITICAL, SEV2_HIGH",
    "Title: T\nSteps: [{title: t}]\n---\nTitle: t\nSteps: [{title: t}]": "a.yaml:4: title: there is another runbook t",
}
POLICIES = {
    "Policy: P\nSteps: ["
    + "{delay: 0, type: SMS, target: TEAM}, " * 51
    + "]": "Steps: has 51 steps; it takes at most 50",
    "Policy: P\n": "a.yaml:1: Steps: is missing",
    "Policy: P\nTeam: SRE\nSteps: []\n": "a.yaml:2: team: there is no team SRE",
    "Policy: P\nack_timeout: soon\nSteps: []\n": "a.yaml:2: ack_timeout: must be a length from 0 to 10080 minutes",
    step("type: SMS, target: ON_CALL"): "a.yaml:3: Steps[1].delay: is missing",
    step("delay: -5, type: SMS, target: ON_CALL"): "Steps[1].delay: must be a length from 0 to 10080 minutes",
    step("delay: 1.5, type: SMS, target: ON_CALL"): "Steps[1].delay: must be a length from 0 to 10080 minutes",
    step("delay: 10081, type: SMS, target: ON_CALL"): "Steps[1].delay: must be a length from 0 to 10080 minutes",
    step("delay: 0, target: ON_CALL"): "Steps[1].notification_type: write one or more of SLACK, SMS, EMAIL, PHONE",
    step("delay: 0, type: SLACK + PIGEON, target: ON_CALL"): "Steps[1].type: PIGEON is unknown; write one or more of",
    step("delay: 0, type: SMS"): "Steps[1].target: is missing",
    step("delay: 0, type: SMS, target: EVERYBODY"): "Steps[1].target: must be one of ON_CALL, TEAM, USER",
    step("delay: 0, type: SMS, target: USER"): "Steps[1].target: must name a person, such as USER (ada)",
    step("delay: 0, type: SMS, target: USER (adda)"): "Steps[1].target: nobody is called adda; did you mean ada?",
    step("delay: 0, type: SMS, target: EMAIL (boss)"): "Steps[1].target: must name an address",
    step("delay: 0, type: SMS, target: CHANNEL"): "Steps[1].target: must name a channel",
    step("delay: 0, type: SMS, target: CHANNEL (http://a.b)"): "Steps[1].target: must name a channel",
    step("delay: 0, type: SMS, target: TEAM (Lone)"): "Steps[1].target: TEAM takes nothing in brackets",
    step("delay: 0, type: SMS, target_type: USER, target_user: adda"): "Steps[1].target_type: nobody is called adda",
    "Policy: P\nTeam: Lone\nSteps: [{delay: 0, type: SMS, target: USER (team_lead)}]\n": (
        "a.yaml:3: Steps[1].target: the team has no lead: give it one, or name a person"
    ),
    "Policy: P\nSteps: [{delay: 0, type: SMS, target: TEAM}]\n---\nname: p\nsteps: []\n": "there is another policy p",
}


@pytest.mark.parametrize(("text", "fault"), [*FILES.items(), *PEOPLE.items(), *TEAMS.items(), *OVERRIDES.items()])
def test_what_is_wrong_with_a_file_or_the_organisation(text: str, fault: str) -> None:
    assert [said for said in faults(text) if fault in said], faults(text)


@pytest.mark.parametrize(("text", "fault"), [*RUNBOOKS.items(), *POLICIES.items()])
def test_what_is_wrong_with_a_runbook_or_a_policy(text: str, fault: str) -> None:
    assert [said for said in faults(text) if fault in said], faults(text)


def test_every_fault_of_every_file_is_named() -> None:
    files = [("one.yaml", "Title: T\nService: nil\nSteps:\n  1: {titel: t}\n"), ("two.yaml", person("handle: '!'"))]
    _, found = loaded(files)
    assert [(fault.file, fault.line, fault.field) for fault in found] == [
        ("one.yaml", 4, "Steps[1].title"),
        ("one.yaml", 4, "Steps[1].titel"),
        ("two.yaml", 1, "people[1].handle"),
        ("one.yaml", 2, "service"),
    ]


def test_nothing_is_said_to_be_missing_while_a_file_can_not_be_read() -> None:
    _, found = loaded([("a.yaml", "Title: T\nService: new\nSteps: [{title: t}]"), ("b.yaml", "services: [")])
    assert [fault.file for fault in found] == ["b.yaml"]


def test_a_lead_nobody_knows_is_one_fault_and_not_two() -> None:
    text = team("lead: nobody") + "---\nPolicy: P\nTeam: T\nSteps: [{delay: 0, type: SMS, target: USER (team_lead)}]"
    assert [said for said in faults(text) if "lead" in said] == faults(text)[:1]


def test_no_fault_says_what_a_terminal_obeys() -> None:
    """Its files may be somebody else's, who proposes them."""
    told = faults(r"""
        "x\e[2J": 1
        Title: "Restart \e[31m"
        Service: "re\edis"
        Severity: "\e[1m"
        Steps: {"\e[1mone": {title: "\e[1mx"}, 1: {title: Check it, "\e[5mblink": 3, duration: "\e[7m5"}}
    """)
    assert len(told) > 6
    assert all(one.isprintable() for one in told)


@given(some.text(max_size=300) | some.text(alphabet="TitleSpso:- {}[]&*!|>\"'\n1,#\\U", max_size=120))
def test_no_text_is_more_than_a_catalog_or_faults_with_their_line(text: str) -> None:
    _, found = loaded([("a.yaml", text)])
    assert all(fault.file == "a.yaml" and 1 <= fault.line <= len(text) + 1 for fault in found)


def test_yaml_that_is_copied_with_the_marks_around_it_is_read_without_them() -> None:
    steps = "Title: T\nSteps:\n  - title: Look\n    description: |\n      ```\n      ls\n      ```\n    durée: 2\n"
    assert faults(f"```yaml\n{steps}```\n") == ["a.yaml:9: Steps[1].durée: is not known here"]


def test_steps_that_are_all_wrong_are_not_said_to_be_none() -> None:
    assert faults("Title: T\nSteps: [Look at it]\n") == ["a.yaml:2: Steps[1]: must be a mapping of fields"]
