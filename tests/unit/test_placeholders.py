"""Placeholders in runbooks: what is filled, what is left as written, and what no label can do to a command."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import placeholders
from domain.errors import Unfilled
from domain.placeholders import Facts, Gap, Why, facts, fill, named, quoted_around, unknown
from domain.runbooks import RunbookStep

KNOWN = facts(
    {"short_id": "INC-ABC234", "title": "Redis Down", "service": "redis-prod", "severity": "SEV1_CRITICAL"},
    [{"instance": "redis-1:6379", "pod": ""}, {"instance": "redis-2:6379", "team": "SRE Core"}],
)


def step(command: str = "", description: str = "", rollback: str = "", *checklist: str) -> RunbookStep:
    return RunbookStep(
        order=1,
        title="Look",
        command=command,
        description=description,
        rollback_instructions=rollback,
        checklist=checklist,
    )


def command(text: str, **labels: str) -> str:
    return fill(step(text), facts({}, [labels])).step.command


def test_labels_and_facts_are_filled() -> None:
    filled = fill(
        step(
            "redis-cli -h {label.instance} info",
            "{incident.service}: {incident.title}",
            "undo {label.team}",
            "{label.team}",
        ),
        KNOWN,
    )
    assert filled.step.command == "redis-cli -h redis-1:6379 info"
    assert filled.step.description == "redis-prod: Redis Down"
    assert filled.step.rollback_instructions == "undo 'SRE Core'"
    assert filled.step.checklist == ("SRE Core",)
    assert (filled.gaps, filled.several) == ((), ("label.instance",))


@pytest.mark.parametrize(
    "text",
    [
        "awk '{print $1}'",
        "echo ${HOME} ${label.instance}",
        "kubectl get pod -o jsonpath={.items[0].metadata.name}",
        "kubectl get pod -o go-template='{{.status}}' {{label.instance}} {{ $labels.instance }} {{{label.instance}}}",
        'curl -d \'{"text": {"label": 1}}\' localhost',
        "cp a.{txt,bak}; mv {a..z}",
        "function label() { incident; }",
        "{label} {incident} {label.} {minutes} {}",
    ],
)
def test_other_braces_stay_as_written(text: str) -> None:
    assert fill(step(text, text, text, text), KNOWN).step == step(text, text, text, text)
    assert named(text) == ()


def test_what_is_missing_is_a_gap_and_blocks_done() -> None:
    told = step("kubectl delete pod {label.pod} -n {label.namespace}")
    assert fill(told, KNOWN).gaps == (Gap("label.pod"), Gap("label.namespace"))
    with pytest.raises(Unfilled, match=r"step 1 has no value for \{label.pod\}"):
        placeholders.require_filled(told, KNOWN)
    placeholders.require_filled(step("kubectl get pods"), Facts())


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("redis-cli -h '{label.x}'", "a; rm -rf /", Why.UNSAFE),
        ('redis-cli -h "{label.x}"', "$(reboot)", Why.UNSAFE),
        ("ssh host systemctl restart {label.x}", "a; reboot", Why.UNSAFE),
        ("sh -c {label.x}", "a b", Why.UNSAFE),
        ("cat <<EOF\n{label.x}\nEOF", "$(reboot)", Why.UNSAFE),
        ("echo $'it\\'s' {label.x}", "a b", Why.UNSAFE),
        ("rm {label.x}", "-rf", Why.OPTION),
        ("echo {label.x}", "a\nb", Why.UNPRINTABLE),
        ("echo {label.x}", "a\x1bb", Why.UNPRINTABLE),
        ("echo {label.x}", "a\u202eb", Why.UNPRINTABLE),
    ],
)
def test_a_value_that_could_do_harm_is_not_filled_in(text: str, value: str, why: Why) -> None:
    filled = fill(step(text), facts({}, [{"x": value}]))
    assert (filled.step.command, filled.gaps) == (text, (Gap("label.x", why),))


def test_a_harmless_value_is_filled_in_everywhere() -> None:
    for text in ("redis-cli -h '{label.x}'", "ssh {label.x} uptime", 'sh -c "echo {label.x}"'):
        assert command(text, x="redis-1:6379") == text.replace("{label.x}", "redis-1:6379")
    assert command("# don't wait\nkill {label.x}", x="a b") == "# don't wait\nkill 'a b'"
    assert command("mkdir --mode={label.x}", x="-1") == "mkdir --mode=-1"


LABEL = st.text(st.sampled_from("ab ;'\"$()`\\\n&|<>{}#-~*!.") | st.characters(codec="utf-8"), max_size=12)
BEFORE = st.lists(st.sampled_from(["x", " ", "'", '"', "\\", "#", "\n", "$(", ")", "it's", "&&"]), max_size=6).map(
    "".join
)


@given(LABEL, BEFORE, BEFORE)
def test_no_label_becomes_a_command(value: str, before: str, after: str) -> None:
    """A value that is filled in stands as one word, or as part of one: never as anything that a shell acts upon."""
    text = f"{before}{{label.x}}{after}"
    filled = fill(step(text), facts({}, [{"x": value}]))
    if filled.gaps or not value.strip():
        assert filled.step.command == text
        return
    told = filled.step.command
    put = told[len(before) : len(told) - len(after)]
    assert shlex.split(put) == [value]
    assert value.isprintable()


@given(st.text(st.sampled_from("ab ;'\"$()`\\&|<>{}#-~*!"), min_size=1, max_size=8).filter(str.strip))
def test_a_real_shell_reads_the_value_and_nothing_else(value: str) -> None:
    filled = fill(step("printf %s. {label.x} # don't"), facts({}, [{"x": value}]))
    if not filled.gaps:
        read = subprocess.run(["/bin/sh", "-c", filled.step.command], capture_output=True, text=True, check=True)
        assert read.stdout == f"{value}."


@given(st.text(max_size=40), st.text(max_size=10))
def test_nothing_that_is_filled_in_is_read_as_a_placeholder(text: str, value: str) -> None:
    known = facts({"title": f"{{label.x}}{value}"}, [{"x": "no"}])
    told = fill(step(description=f"{{incident.title}}{text}"), known).step.description
    assert told.startswith("{label.x}")


def test_near_misses_are_unknown() -> None:
    text = (
        "{incident.titel} {labels.pod} {Label.pod} {label:pod} {alert.pod} { label.pod } {incident.title} {label.a-b}"
    )
    assert unknown(text) == (
        *("{incident.titel}", "{labels.pod}", "{Label.pod}", "{label:pod}", "{alert.pod}", "{ label.pod }"),
    )
    assert unknown("{{labels.pod}} ${label:pod} {print} {a,b} {}") == ()


def test_quotes_around_a_placeholder_are_seen() -> None:
    assert quoted_around("a '{label.x}' \"{label.y}\" {label.z} # don't {label.c}\n b {label.d}") == (
        "label.x",
        "label.y",
    )


def test_what_is_filled_in_stays_when_further_alerts_come() -> None:
    labels = [{"x": str(n)} for n in range(9)]
    told = [fill(step("ping {label.x}"), facts({}, labels[: n + 1])).step.command for n in range(9)]
    assert set(told) == {"ping 0"}


def test_a_long_label_does_not_push_the_words_out() -> None:
    told = fill(step(description="{label.x} is down"), facts({}, [{"x": "long " * 400}])).step.description
    assert len(told) < 400
    assert re.search("… is down$", told)
