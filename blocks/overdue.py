"""The question about a step that takes too long, and the form that offers help."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit
from blocks.kit import Block, Message
from blocks.menus import Choice, menu
from blocks.text import one_line
from blocks.words import Words, words
from domain.incidents import Incident, Status
from domain.runbooks import Run, StepState

LEAD, ESCALATE = "lead", "escalate"


def question(run: Run, order: int, incident: Incident, locale: str, *, is_watched: bool) -> Message:
    """Still on it? Or what was answered, or that it no longer matters. `is_watched` where the policy pages again
    when nobody answers."""
    say = words(locale)
    written, went = run.step(order)
    said = {"step": order, "title": kit.name(written.title)}
    asked = say.say("⏳ Still on step {step} · {title}?", **said)
    lock = say.say("Still on step {step}? {title}", step=order, title=kit.lock_screen(written.title))
    answered = _answer(run, order, incident, say)
    if answered:
        return Message(lock, [kit.section(f"{asked}\n{answered}")])
    passed = say.span(went.asked_at - went.started_at) if went.asked_at and went.started_at else ""
    expected = say.minutes(written.expected_duration)
    times = say.say("Expected: {expected}; {passed} have passed.", expected=expected, passed=passed)
    if is_watched:
        times += " " + say.say("Without an answer, somebody else is called.")
    who = kit.person(incident.acknowledged_by, incident.acknowledged_slack)
    value = f"{run.id}:{order}"
    buttons = [
        kit.button(say.say("Still on it"), "overdue.still.v1", value, style="primary"),
        kit.button(say.say("I need help"), "overdue.help.v1", value),
    ]
    return Message(lock, [kit.section(f"{who} {asked}\n{times}"), *kit.actions(buttons)])


def _answer(run: Run, order: int, incident: Incident, say: Words) -> str:
    _, went = run.step(order)
    name = kit.name(went.answered_by)
    if went.answered_at is not None:
        return (
            say.say("🆘 {name} needs help.", name=name)
            if went.needs_help
            else say.say("👍 {name} is still on it.", name=name)
        )
    if went.state is not StepState.OPEN or run.current != order or not incident.is_open:
        return say.say("It is settled.")
    if incident.status is Status.TRIGGERED:
        return say.say("🚨 Nobody answered.")
    return ""


def help_title(locale: str) -> str:
    return words(locale).say("I need help")


def help_form(run: Run, order: int, lead: str, may: Sequence[str], locale: str) -> Block:
    """Whom to tell: the team's `lead` (a name), or the next ones of the escalation policy; `may` are those that there
    are."""
    say = words(locale)
    told = {
        LEAD: say.say("Tell {name}, the team's lead", name=one_line(lead)),
        ESCALATE: say.say("Escalate now: the next in the policy are paged"),
    }
    choices = [Choice(told[one], one) for one in may]
    return kit.modal(
        help_title(locale),
        [
            kit.paragraph(run.step(order)[0].title, 300),
            menu("help", say.say("Who can help?"), "help", choices, chosen=may[0]),
        ],
        callback="overdue.help.v1",
        submit=say.say("Get help"),
        close=say.say("Cancel"),
        metadata=f"{run.id}:{order}",
    )
