"""An incident, its runbook and a hostile writer: what the tests of messages share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from blocks.incidents import Card, NextStep
from blocks.kit import Message
from bot.demo.blockkit import check_message, text_length
from domain import runbooks as rules
from domain.incidents import Incident, Severity, acknowledge, resolve
from domain.people import Actor
from domain.policies import Channel
from domain.runbooks import Run, Runbook, RunbookStep

START = datetime(2026, 11, 23, 3, 8, tzinfo=UTC)
ADA = Actor(key="person:ada", name="Ada Admin", slack="U01ADA", person="ada")

INCIDENT = Incident(
    id="01999999-1111-7111-8111-111111111111",
    short_id="INC-ABC234",
    title="Redis Cluster Down",
    description="redis_up == 0 for 2 minutes",
    severity=Severity.SEV1,
    detected_at=START,
    created_at=START,
    url="https://grafana.example.com/alerts?id=1&tab=2",
)
ACKNOWLEDGED = acknowledge(INCIDENT, ADA, START + timedelta(minutes=8))
RESOLVED = resolve(ACKNOWLEDGED, ADA, "Failed over to the replica", "The disk was full", START + timedelta(minutes=30))

BOOK = Runbook(
    id="book",
    version_id="book-3",
    version=3,
    title="Redis Cluster Recovery",
    steps=(
        RunbookStep(
            order=1,
            title="Look at the cluster",
            description="Before anything else:\n- [ ] the graphs\n- [x] the logs",
            command="# the state\nredis-cli -h redis-master cluster info",
            expected_duration=2,
        ),
        RunbookStep(
            order=4,
            title="Fail over",
            command="redis-cli -h redis-replica-0 cluster failover takeover",
            expected_duration=5,
            is_critical=True,
            rollback_instructions="redis-cli cluster failover abort",
        ),
    ),
)
RUN = rules.start("run-1", INCIDENT.id, BOOK, START)
SECOND = rules.done(RUN, 1, ADA, confirmed=False, now=START + timedelta(minutes=2))

CARD = Card(
    incident=INCIDENT,
    service="redis-prod",
    team="SRE Core",
    now=START + timedelta(minutes=1),
    zone="Europe/Paris",
    run=RUN,
    next=NextStep(START + timedelta(minutes=5), (Channel.SMS, Channel.SLACK), ("Ada Admin",)),
    on_call=("Ada Admin",),
)


def hostile_run(text: str) -> Run:
    """A run in which everything that somebody wrote is `text`."""
    steps = tuple(
        replace(step, title=text, description=text, command=text, rollback_instructions=text or "abort")
        for step in BOOK.steps
    )
    return rules.start("run-1", INCIDENT.id, replace(BOOK, title=text, steps=steps), START)


PIECES = [
    *("<!channel>", "<!here|x>", "<@U0EVIL>", "<#C0EVIL>", "<!subteam^S0EVIL>", "@everyone", "#general", "@here"),
    *("`", "```", "*bold*", "_it_", "~no~", "&", "&lt;!channel&gt;", "<", ">", "|", "^", "\n> quote", "\n- [ ] box"),
    *("\0", "\u202e", "\u200f", "\r\n", "\u2028", "\ud800", "e\u0301", "👩‍🚒", "🇫🇷", "🔥", ":fire:"),
    *("{incident.title}", "{name}", "{what}", "{n}", "%s", "\\", '"', "<https://evil.example|bank>", "a word "),
]


@st.composite
def hostile(draw: st.DrawFn) -> str:
    """Up to 9,000 characters of what an alert, a runbook or a name should not hold, and may."""
    pieces = draw(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12))
    return ("".join(pieces) * draw(st.sampled_from([1, 1, 3, 40, 900])))[:9000]


OURS = re.compile(
    r"<!date\^\d+\^[^<>|^]+\|[^<>|^]*>|<@U01ADA>|<https?://[^<>|\s]+\|[^<>]*>",
)
"""The only markup that a message of ours holds."""


def sound(message: Message) -> Message:
    """`message`, once Slack would take it and nothing in it is markup that is not ours."""
    assert check_message(message.text, message.blocks, update=True) == []
    assert text_length(message.blocks) <= 10_000
    assert 0 < len(message.text) <= 300
    for markdown in (message.text, *markdowns(message.blocks)):
        left = OURS.sub("", markdown)
        assert "<" not in left and ">" not in left, left
        assert not re.search("[\0\u202e\u200f\ud800]", markdown)
    return message


def markdowns(node: Any) -> Iterator[str]:
    """Every mrkdwn text below a block, each of which Slack must leave as it is."""
    if isinstance(node, list):
        for item in node:
            yield from markdowns(item)
    elif isinstance(node, dict):
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            yield node["text"]
        for value in node.values():
            yield from markdowns(value)


def read(message: Message) -> str:
    """All that a message shows, in a column; a button is [in brackets]."""
    return "\n".join(_lines(message.blocks))


def _lines(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _lines(item)
    elif isinstance(node, dict):
        if node.get("type") == "button":
            yield f"[{node['text']['text']}]"
        elif isinstance(node.get("text"), str):
            yield node["text"]
        else:
            for value in node.values():
                yield from _lines(value)


def buttons(message: Message) -> dict[str, dict[str, Any]]:
    """The buttons of a message by their action."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    return {button["action_id"]: button for row in rows for button in row}
