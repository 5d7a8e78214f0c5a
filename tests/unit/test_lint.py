"""Every rule of good practice: what it sees, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from domain.commands import changing, lacks
from domain.directory import Directory
from domain.incidents import Severity
from domain.lint import Finding, Level, has_errors
from domain.oncall import OnCall
from domain.people import Person
from domain.policies import Channel, Policy, PolicyStep, TargetType
from domain.policy_lint import lint_policy
from domain.reach import EVERYTHING, Reach, broken
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook, RunbookStep
from domain.troubles import Known, Trouble
from domain.verbs import begins_with_a_verb, several_actions
from tests.unit.test_simulation import GUIDE, step

LOOK = RunbookStep(order=1, title="Look at the cluster", command="redis-cli -h redis-0 info", expected_duration=2)
FAIL_OVER = RunbookStep(
    order=2,
    title="Promote a replica",
    command="redis-cli -h redis-1 cluster failover",
    expected_duration=10,
    is_critical=True,
    rollback_instructions="redis-cli -h redis-1 cluster failover abort",
)
VERIFY = RunbookStep(order=3, title="Verify that writes pass", expected_duration=5)
TELL = RunbookStep(order=4, title="Tell who was affected", expected_duration=5)
BOOK = Runbook(id="book", title="Redis", severity_filter=Severity.SEV1, steps=(LOOK, FAIL_OVER, VERIFY, TELL))
[_GUIDE_S] = GUIDE.policies.values()
GOOD = replace(
    _GUIDE_S,
    description="Whoever is on call acknowledges within five minutes.",
    steps=(
        step(1, 0, "SLACK", TargetType.CHANNEL, "#sre-incidents"),
        step(2, 5, "SLACK SMS", TargetType.ON_CALL),
        step(3, 15, "SMS EMAIL", TargetType.USER, "team_lead"),
    ),
)


def of_book(*steps: RunbookStep, severity: Severity | None = Severity.SEV1) -> dict[str, Finding]:
    """What is found in a runbook, by rule."""
    return {one.rule: one for one in lint_runbook(replace(BOOK, steps=steps, severity_filter=severity))}


def of_step(changed: RunbookStep) -> dict[str, Finding]:
    """What is found about one step of an otherwise good runbook."""
    return of_book(*(changed if one.order == changed.order else one for one in BOOK.steps))


def of_policy(policy: Policy, directory: Directory | None = GUIDE, reach: Reach = EVERYTHING) -> dict[str, Finding]:
    return {one.rule: one for one in lint_policy(policy, directory, reach)}


def with_steps(*steps: PolicyStep, **changes: object) -> Policy:
    return replace(GOOD, steps=steps, **changes)  # type: ignore[arg-type]


def test_what_is_good_has_no_findings() -> None:
    assert lint_runbook(BOOK) == ()
    assert lint_policy(GOOD, GUIDE, EVERYTHING) == ()


def test_a_runbook_without_steps_is_an_error() -> None:
    assert of_book()["has-steps"].severity is Level.ERROR


def test_the_end_verifies() -> None:
    assert "final-verification" in of_book(LOOK, FAIL_OVER, TELL)
    assert "final-verification" in of_book(LOOK, VERIFY, FAIL_OVER, TELL)
    assert "final-verification" in of_book(VERIFY, LOOK, LOOK, TELL)
    assert "final-verification" not in of_book(LOOK, FAIL_OVER, replace(VERIFY, title="Contrôler les écritures"), TELL)


def test_somebody_is_told() -> None:
    assert of_book(LOOK, FAIL_OVER, VERIFY)["communication-step"].severity is Level.WARNING
    assert of_book(LOOK, VERIFY, severity=Severity.SEV4)["communication-step"].severity is Level.INFO
    assert "communication-step" not in of_book(LOOK, FAIL_OVER, VERIFY, replace(TELL, title="Prévenir les clients"))


VERBS = """Évaluer l'état|Identifier les nœuds|S'assurer du retour|Vérifiez les métriques|Promouvoir un replica
Find where the time goes|Add replicas|3. Restart nginx|Step 2: Drain the node|Re-run the job|Roll back|Don't restart
Éteindre la baie|Prendre un instantané|Manually restart it|Set up a bridge|Redémarre le service""".replace("\n", "|")
NOUNS = (
    "Scaling horizontal si nécessaire|Redis cluster|Cluster state|The database|Serveur de secours|Température du CPU"
)


@pytest.mark.parametrize("title", VERBS.split("|"))
def test_a_title_that_begins_with_a_verb(title: str) -> None:
    assert begins_with_a_verb(title)
    assert "verb-first" not in of_step(replace(LOOK, title=title))


@pytest.mark.parametrize("title", NOUNS.split("|"))
def test_a_title_without_a_verb_is_advice_only(title: str) -> None:
    assert of_step(replace(LOOK, title=title))["verb-first"].severity is Level.INFO


@pytest.mark.parametrize(
    "title",
    [
        "Drain the node and restart it",
        "Vider le nœud puis le redémarrer",
        "Isoler le nœud et redémarrer le service",
        "Stop it; wipe it",
        "Stop nginx, delete the cache",
        "Restart + verify",
    ],
)
def test_more_than_one_action_in_a_title(title: str) -> None:
    assert "one-action-per-step" in of_step(replace(LOOK, title=title))


@pytest.mark.parametrize(
    "title",
    [
        "Check CPU and memory",
        "Vérifier les logs et les métriques",
        "Check the read and write rates",
        "Look at disk, memory and load",
        "Compare the primary and the backup",
        "Vérifier la lecture et l'écriture",
    ],
)
def test_one_action_on_several_things(title: str) -> None:
    assert not several_actions(title)


def test_two_changes_in_one_command_are_two_actions() -> None:
    both = "kubectl -n p delete pod a\nkubectl -n p scale deploy b --replicas=2"
    assert of_step(replace(FAIL_OVER, command=both))["one-action-per-step"].where.field == "command"
    assert "one-action-per-step" not in of_step(FAIL_OVER)


def test_a_critical_step_without_a_rollback_is_an_error() -> None:
    found = of_step(replace(FAIL_OVER, rollback_instructions=" "))["rollback"]
    assert (found.severity, str(found.where)) == (Level.ERROR, "step 2, rollback")


CHANGES = [
    "kubectl -n p scale deployment x --replicas=2",
    "kubectl --namespace=p rollout restart deploy/x",
    "kubectl apply -f x.yaml",
    "redis-cli -h a cluster failover takeover",
    "redis-cli -h a FLUSHALL",
    "sudo systemctl restart nginx",
    "ssh web1 'systemctl stop nginx'",
    "rm -rf /var/cache/x",
    "psql -h db -c 'DROP TABLE x'",
    'mysql -h db -e "UPDATE users SET a=1"',
    "psql -h db -c 'delete from x'",
    "patronictl -c p.yml switchover",
    "curl -s -X POST http://x/y",
    "docker restart web",
    "terraform apply",
]
LOOKS = [
    "kubectl -n p get pods",
    "kubectl -n p rollout status deploy/x",
    "kubectl exec -n p x -- redis-cli set a b",
    "kubectl -n p delete pod x --dry-run=client",
    "redis-cli -h a cluster info",
    "redis-cli cluster failover abort",
    "systemctl status nginx",
    "journalctl -u x | grep -E 'kill|restart'",
    "# systemctl restart nginx",
    "echo 'run: kubectl delete pod'",
    "curl -s http://x/y?q=update",
    "psql -h db -c 'select * from updates'",
    "free -m",
]


@pytest.mark.parametrize("command", CHANGES)
def test_a_command_that_changes_something_wants_a_rollback(command: str) -> None:
    found = of_step(replace(LOOK, command=command, expected_duration=10))["rollback"]
    assert found.severity is Level.WARNING


@pytest.mark.parametrize("command", LOOKS)
def test_a_command_that_only_looks_wants_none(command: str) -> None:
    assert not changing(command)


@pytest.mark.parametrize(
    ("command", "flag"),
    [
        ("redis-cli cluster info", "-h"),
        ("kubectl logs x | grep y", "-n"),
        ("psql -c 'select 1'", "-h"),
        ("kubectl exec x -- redis-cli -n 3 ping", "-n"),
        ("helm upgrade x y", "-n"),
        ("a && mysql -e 'select 1'", "-h"),
    ],
)
def test_a_command_says_where(command: str, flag: str) -> None:
    assert [lack.flag for lack in lacks(command)] == [flag]
    assert of_step(replace(LOOK, command=command))["command-context"].severity is Level.WARNING


@pytest.mark.parametrize(
    "command",
    [
        "redis-cli -h redis-0 info",
        "redis-cli -hredis-0 info",
        "redis-cli -u redis://redis-0 info",
        "kubectl -n p get pods",
        "kubectl get pods --namespace=p",
        "kubectl get pods -A",
        "kubectl get nodes",
        "kubectl exec -n p x -- redis-cli ping",
        "docker exec web redis-cli ping",
        "ssh web1 systemctl restart nginx",
        "psql postgresql://db/x -c 'select 1'",
        "# redis-cli info",
        "curl -s http://x",
    ],
)
def test_a_command_that_says_where(command: str) -> None:
    assert lacks(command) == ()


def test_a_service_of_a_machine_is_advice_unless_the_machine_is_named() -> None:
    bare = replace(LOOK, title="See what runs", command="systemctl status nginx")
    assert of_step(bare)["command-context"].severity is Level.INFO
    assert "command-context" not in of_step(replace(bare, description="On the host web-1."))


def test_durations_are_set() -> None:
    assert "duration-set" in of_step(replace(LOOK, expected_duration=0))


@pytest.mark.parametrize(
    ("changed", "is_odd"),
    [
        (replace(FAIL_OVER, expected_duration=1), True),
        (replace(FAIL_OVER, expected_duration=30), False),
        (replace(LOOK, expected_duration=45), True),
        (replace(VERIFY, expected_duration=45), True),
        (replace(LOOK, title="Wait", command="sudo systemctl restart x", expected_duration=1), True),
        (replace(LOOK, title="Wait", command="sudo systemctl restart x", expected_duration=5), False),
        (replace(TELL, expected_duration=90), True),
        (replace(TELL, expected_duration=30), False),
    ],
)
def test_durations_are_realistic(changed: RunbookStep, is_odd: bool) -> None:
    assert ("duration-realistic" in of_step(changed)) is is_odd


def test_a_policy_without_an_active_step_is_an_error() -> None:
    assert of_policy(with_steps(replace(GOOD.steps[0], is_active=False)))["has-steps"].severity is Level.ERROR


def test_the_first_step_is_at_zero() -> None:
    assert "first-step-at-zero" in of_policy(with_steps(replace(GOOD.steps[0], delay_minutes=1), *GOOD.steps[1:]))


def test_delays_rise() -> None:
    late = replace(GOOD.steps[1], delay_minutes=20)
    assert of_policy(with_steps(GOOD.steps[0], late, GOOD.steps[2]))["delays-rise"].severity is Level.ERROR


@pytest.mark.parametrize(("delay", "is_close"), [(0, True), (3, True), (4, False)])
def test_delays_are_apart(delay: int, is_close: bool) -> None:
    close = replace(GOOD.steps[1], delay_minutes=delay)
    assert ("delays-apart" in of_policy(with_steps(GOOD.steps[0], close, GOOD.steps[2]))) is is_close


@pytest.mark.parametrize(("count", "is_odd"), [(2, True), (3, False), (5, False), (6, True)])
def test_there_are_three_to_five_steps(count: int, is_odd: bool) -> None:
    steps = [step(number, number * 5 - 5, "SLACK SMS", TargetType.ON_CALL) for number in range(1, count + 1)]
    assert ("number-of-steps" in of_policy(with_steps(*steps))) is is_odd


def test_a_description_is_wanted() -> None:
    assert "description" in of_policy(replace(GOOD, description=" "))


def test_a_policy_that_nothing_chooses() -> None:
    assert "never-chosen" in of_policy(replace(GOOD, severity_filter=None))
    assert "never-chosen" in of_policy(replace(GOOD, team=""))
    assert "never-chosen" not in of_policy(replace(GOOD, severity_filter=None, is_default=True))


def test_a_sev1_rings_by_the_second_step() -> None:
    quiet = with_steps(GOOD.steps[0], step(2, 5, "SLACK", TargetType.ON_CALL), GOOD.steps[2])
    assert of_policy(quiet)["channel-fits-severity"].severity is Level.ERROR
    default = replace(quiet, severity_filter=None, is_default=True)
    assert of_policy(default)["channel-fits-severity"].severity is Level.WARNING
    assert "channel-fits-severity" not in of_policy(replace(quiet, severity_filter=Severity.SEV2))


def test_a_sev2_rings_at_all_and_a_sev4_never() -> None:
    silent = with_steps(*(replace(one, channels=(Channel.SLACK,)) for one in GOOD.steps))
    assert "channel-fits-severity" in of_policy(replace(silent, severity_filter=Severity.SEV2))
    assert "channel-fits-severity" not in of_policy(replace(silent, severity_filter=Severity.SEV4))
    assert "channel-fits-severity" in of_policy(replace(GOOD, severity_filter=Severity.SEV4))


def test_the_last_step_rings_a_person() -> None:
    mail = with_steps(*GOOD.steps[:2], step(3, 15, "EMAIL", TargetType.USER, "lea"))
    assert of_policy(mail)["last-step-rings"].where.field == "type"
    place = with_steps(*GOOD.steps[:2], step(3, 15, "SLACK", TargetType.CHANNEL, "#x"))
    assert of_policy(place)["last-step-rings"].where.field == "target"
    assert of_policy(replace(mail, severity_filter=Severity.SEV3))["last-step-rings"].severity is Level.INFO
    assert "last-step-rings" not in of_policy(replace(mail, severity_filter=Severity.SEV4))


@pytest.mark.parametrize("message", ["{incident.name}", "{ minutes }", "{Minutes}", "{0}"])
def test_placeholders_outside_the_list_are_errors(message: str) -> None:
    found = of_policy(with_steps(replace(GOOD.steps[0], message=f"x {message}"), *GOOD.steps[1:]))
    assert found["placeholder"].severity is Level.ERROR


def test_placeholders_of_the_list_are_none() -> None:
    said = "{incident.short_id} {incident.title} {minutes} {} {a b} {{}}"
    assert lint_policy(with_steps(replace(GOOD.steps[0], message=said), *GOOD.steps[1:]), GUIDE, EVERYTHING) == ()


@pytest.mark.parametrize("channel", list(Channel))
def test_a_channel_that_is_off_is_an_error(channel: Channel) -> None:
    reach = Reach(frozenset(Channel) - {channel})
    policy = with_steps(replace(GOOD.steps[1], channels=tuple(Channel)))
    assert of_policy(policy, reach=reach)["channel-set-up"].severity is Level.ERROR
    assert "channel-set-up" not in of_policy(policy)


def test_discord_needs_no_slack() -> None:
    hook = step(1, 0, "SLACK", TargetType.CHANNEL, "https://discord.com/api/webhooks/1/x")
    assert "channel-set-up" not in of_policy(with_steps(hook), reach=Reach(frozenset(), frozenset()))


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://discord.com/api/webhooks/1/x", True),
        ("https://ptb.discord.com/api/v10/webhooks/1/x?thread_id=2", True),
        ("https://discord.com/api/webhooks/1/x?wait=true&thread_id=2", True),
        ("https://discord.com/api/webhooks/1/********", True),
        ("https://discord.com/api/webhooks/1/x/slack", False),
        ("https://discord.com/channels/1/2", False),
        ("https://hooks.slack.com/services/T1/B1/x", False),
        ("https://discord.com.example/api/webhooks/1/x", False),
    ],
)
def test_a_webhook_is_one_of_discords(address: str, is_taken: bool) -> None:
    hook = step(1, 0, "SLACK", TargetType.CHANNEL, address)
    assert ("target-reachable" not in of_policy(with_steps(hook))) is is_taken


def test_a_slack_channel_exists_as_far_as_is_known() -> None:
    assert of_policy(GOOD, reach=Reach(slack_channels=frozenset({"x"})))["target-reachable"].severity is Level.WARNING
    assert of_policy(GOOD, reach=Reach(slack_channels=frozenset({"sre-incidents"}))) == {}


def test_what_slack_refused_last_is_said() -> None:
    john = GUIDE.person_by_handle("john")
    assert john is not None
    names = {"channel:#sre-incidents": Trouble.ARCHIVED, f"person:{john.slack or john.email}": Trouble.USER_GONE}
    since = datetime(2026, 1, 1, tzinfo=UTC)
    known = [Known(name=name, trouble=one, label="", detail="", since=since) for name, one in names.items()]
    said = [found.message for found in lint_policy(GOOD, GUIDE, Reach(broken=broken(known)))]
    assert sorted(said) == ["John Doe has no working Slack account", "Slack refused the last message to #sre-incidents"]


def test_a_channel_takes_no_sms() -> None:
    texted = step(1, 0, "SMS", TargetType.CHANNEL, "#sre-incidents")
    assert of_policy(with_steps(texted, *GOOD.steps[1:]))["target-reachable"].severity is Level.ERROR


def changed(handle: str, **changes: object) -> Directory:
    person = GUIDE.person_by_handle(handle)
    assert person is not None
    return replace(GUIDE, people={**GUIDE.people, person.id: replace(person, **changes)})  # type: ignore[arg-type]


def test_whoever_may_be_on_call_has_the_addresses() -> None:
    found = of_policy(GOOD, changed("john", phone=""))["target-reachable"]
    assert (found.severity, found.message) == (Level.WARNING, "John Doe has no phone number")
    gone = of_policy(GOOD, changed("john", phone="", slack="", email=""))["target-reachable"]
    assert gone.severity is Level.ERROR


@pytest.mark.parametrize(
    ("target", "value", "message"),
    [
        (TargetType.ON_CALL, "", "nobody is ever on call in SRE Core"),
        (TargetType.TEAM, "", "SRE Core has no members"),
        (TargetType.USER, "team_lead", "SRE Core has no lead"),
        (TargetType.USER, "zoe", "nobody is called zoe"),
    ],
)
def test_a_target_that_is_nobody_is_an_error(target: TargetType, value: str, message: str) -> None:
    team = GUIDE.team_by_name("SRE Core")
    assert team is not None
    bare = replace(GUIDE, teams={team.id: replace(team, on_call=OnCall(), members=(), lead="")})
    found = lint_policy(with_steps(step(1, 0, "SMS", target, value)), bare, EVERYTHING)
    assert [(one.severity, one.message) for one in found if one.rule == "target-reachable"] == [(Level.ERROR, message)]


def test_somebody_who_has_left_is_an_error() -> None:
    policy = with_steps(step(1, 0, "SMS", TargetType.USER, "lea"))
    assert of_policy(policy, changed("lea", is_active=False))["target-reachable"].message == "lea is not active"


def test_an_address_that_is_nobody_s_gets_mail_alone() -> None:
    mail = step(1, 0, "EMAIL", TargetType.EMAIL, "boss@company.com")
    assert "target-reachable" not in of_policy(with_steps(mail))
    both = replace(mail, channels=(Channel.EMAIL, Channel.SMS))
    assert of_policy(with_steps(both))["target-reachable"].severity is Level.WARNING
    text = replace(mail, channels=(Channel.SMS,))
    assert of_policy(with_steps(text))["target-reachable"].severity is Level.ERROR
    known = Person("x", "x", "X", email="boss@company.com", phone="+33600000009")
    assert "target-reachable" not in of_policy(with_steps(text), replace(GUIDE, people={"x": known}))


def test_a_shared_policy_is_judged_for_the_teams_that_get_it() -> None:
    shared = replace(GOOD, id="shared", team="", severity_filter=None, is_default=True)
    messages = [one.message for one in lint_policy(shared, GUIDE, EVERYTHING)]
    assert "nobody is ever on call in Platform" in messages
    own = replace(shared, id="own", team=next(t.id for t in GUIDE.teams.values() if t.name == "Platform"))
    covered = replace(GUIDE, policies={**GUIDE.policies, "own": own})
    assert "nobody is ever on call in Platform" not in [one.message for one in lint_policy(shared, covered, EVERYTHING)]


def test_without_a_directory_people_are_not_judged() -> None:
    assert of_policy(GOOD, None) == {}


def test_the_guide_itself_has_no_errors() -> None:
    found = [one for book in GUIDE.runbooks.values() for one in lint_runbook(book)]
    found += [one for policy in GUIDE.policies.values() for one in lint_policy(policy, GUIDE, EVERYTHING)]
    assert not has_errors(found)
    assert len([one for one in found if one.severity is Level.WARNING]) == 8


@given(some.text(), some.text(), some.text())
def test_nothing_written_breaks_a_rule(title: str, command: str, description: str) -> None:
    odd = replace(LOOK, title=title, command=command, description=description)
    assert all("\n" not in one.fix for one in lint_runbook(replace(BOOK, steps=(odd,))))


@given(some.text(alphabet="kubectl -n\"'`|;&$()#\\\n rmredis-cli"))
def test_no_command_breaks_its_reading(command: str) -> None:
    assert all(lack.tool for lack in lacks(command))
    changing(command)
