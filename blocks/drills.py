"""Drills in words: the form that starts one, and its answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blocks import inputs, kit
from blocks.drill_marks import stop
from blocks.incidents import severity_words
from blocks.kit import Block, Message
from blocks.menus import MOST_OPTIONS, Choice, menu
from blocks.words import Words, words
from domain.drills import FASTEST, SLOWEST
from domain.incidents import Incident, Severity

CALLBACK = "drill.start.v1"
SERVICE = "drill.service.v1"
USUAL_SPEED = 10
TITLE_LIMIT = 150
FIELDS = {name: name for name in ("service", "severity", "participants", "channel", "speed", "title")}
_LISTED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the form to begin with. `participants` are Slack ids."""

    service: str = ""
    severity: Severity | None = None
    participants: tuple[str, ...] = ()
    channel: str = ""
    speed: int = USUAL_SPEED


def title(locale: str) -> str:
    return words(locale).say("Drill")


def form(asked: Form, services: Sequence[Choice], running: Sequence[Incident], locale: str) -> Block:
    """What is not really broken, for whom, how fast; and the drills that go on, to be stopped."""
    say = words(locale)
    blocks = [
        kit.section(say.say("Nothing is broken, and nobody is paged who does not take part.")),
        _service(asked, services, say),
        _severity(asked, say),
        inputs.labelled(
            "participants",
            say.say("Who takes part"),
            inputs.user_pickers(asked.participants),
            optional=True,
            hint=say.say("They get what everybody else would get. Nobody chosen: it all goes to the channel."),
        ),
        inputs.labelled("channel", say.say("Where it takes place"), inputs.channel_picker(asked.channel)),
        inputs.labelled(
            "speed",
            say.say("How many times faster time passes"),
            inputs.number(SLOWEST, FASTEST, asked.speed),
            hint=say.say("At 60, a minute of the policy lasts a second."),
        ),
        kit.text_input("title", say.say("What is said to be wrong"), optional=True, limit=TITLE_LIMIT),
        *_running(running, say),
    ]
    return kit.modal(
        title(locale), blocks, callback=CALLBACK, submit=say.say("Start the drill"), close=say.say("Cancel")
    )


def _service(asked: Form, services: Sequence[Choice], say: Words) -> Block:
    is_asked_for = len(services) > MOST_OPTIONS or not services
    return menu("service", say.say("Service"), SERVICE, services, chosen=asked.service, is_asked_for=is_asked_for)


def _severity(asked: Form, say: Words) -> Block:
    choices = [Choice(severity_words(severity, say), severity.value) for severity in Severity]
    chosen = asked.severity.value if asked.severity else ""
    return menu("severity", say.say("How bad is it?"), "drill.severity.v1", choices, chosen=chosen)


def _running(running: Sequence[Incident], say: Words) -> list[Block]:
    if not running:
        return []
    rows = [
        {**kit.section(f"*{one.short_id}* {kit.name(one.title)}"), "accessory": stop(one, say)}
        for one in running[:_LISTED]
    ]
    return [kit.divider(), kit.section(say.say("*Drills that go on*")), *rows]


def started(incident: Incident, locale: str) -> Block:
    """The form's answer."""
    return _notice(_started(incident, words(locale)), locale)


def _started(incident: Incident, say: Words) -> str:
    text = say.say("{id} has begun: its card comes in the channel of the drill.", id=incident.short_id)
    return f"🎭 {text}"


def stopped(incident: Incident, locale: str) -> Message:
    """It is over."""
    text = words(locale).say("🎭 {id} is stopped; its report comes in the thread.", id=incident.short_id)
    return Message(text, [kit.section(text)])


def stopped_view(incident: Incident, locale: str) -> Block:
    """The same in the place of the form."""
    return _notice(stopped(incident, locale).text, locale)


def none_running(locale: str) -> Message:
    text = words(locale).say("No drill goes on.")
    return Message(text, [kit.section(text)])


def several_running(running: Sequence[Incident], locale: str) -> Message:
    """Which one is meant."""
    say = words(locale)
    text = say.say("Several drills go on. Which one?")
    return Message(text, [kit.section(text), *_running(running, say)[2:]])


def _notice(text: str, locale: str) -> Block:
    say = words(locale)
    return kit.modal(title(locale), [kit.section(text)], callback="notice.v1", close=say.say("Close"))
