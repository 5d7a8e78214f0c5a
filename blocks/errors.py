"""Refusals in the reader's language. The domain says them in English; what has no translation stays so."""

from __future__ import annotations

from collections.abc import Mapping

from blocks.text import clip, one_line
from blocks.words import Phrasebook, Words, words
from domain.errors import Invalid, VigieError


def sentence(error: VigieError, locale: str) -> str:
    """`error` as a sentence for the one who asked."""
    if isinstance(error, Invalid):
        return " ".join(_said(fault.message, words(locale)) for fault in error.faults[:_FAULTS_SHOWN])
    return conflict(str(error), locale)


def _said(text: str, say: Words) -> str:
    """A refusal, translated and closed, for a modal as well as for a message: < and > go, since a message reads them
    as markup and a modal shows an escaped one as it is written."""
    tidy = clip(one_line(_REFUSALS.translate(text, say)), _LONGEST).translate(_ANGLES)
    tidy = tidy[:1].upper() + tidy[1:]
    return tidy if tidy.endswith((".", "!", "?", "…")) else f"{tidy}."


_LONGEST = 500
_FAULTS_SHOWN = 5
_ANGLES = str.maketrans({"<": "‹", ">": "›"})


def conflict(text: str, locale: str) -> str:
    """A refusal's words, as a sentence that mentions nobody."""
    return _said(text, words(locale))


def field_errors(error: Invalid, fields: Mapping[str, str], locale: str) -> dict[str, str]:
    """What is wrong at which of a modal's blocks. `fields` says which block shows which field; the first one shows
    every field that has none."""
    say = words(locale)
    fallback = next(iter(fields.values()), "")
    found: dict[str, str] = {}
    for fault in error.faults:
        block = fields.get(fault.field, fallback)
        found[block] = f"{found.get(block, '')} {_said(fault.message, say)}".strip()
    return found


def outdated(locale: str) -> str:
    """The answer to a button of another time."""
    return words(locale).say("That button is from an earlier version. The card now shows how things are.")


def done(locale: str) -> str:
    return words(locale).say("Done.")


def no_command(command: str, locale: str) -> str:
    return words(locale).say("Vigie does not know {command} yet.", command=one_line(command).translate(_ANGLES))


def _messages(say: Words) -> tuple[str, ...]:
    """The domain's refusals that people meet, as the catalogs know them."""
    return (
        say.say("{id} is already acknowledged by {name}"),
        say.say("{id} is already resolved by {name}"),
        say.say("{id} is mitigated"),
        say.say("{id} is triggered"),
        say.say("the escalation policy has no further step"),
        say.say("say in a line what mended it"),
        say.say("write something"),
        say.say("there is no incident {id}"),
        say.say("there is no such run"),
        say.say("there is no such step any more"),
        say.say("a runbook is already running for this incident"),
        say.say("this runbook has changed since; choose again with /runbook start"),
        say.say("there is no service {name}; did you mean {near}?"),
        say.say("there is no service {name}"),
        say.say("say in a few words what is wrong"),
        say.say("no service is called that"),
        say.say("must be one of {choices}"),
        say.say("is longer than {n} characters"),
        say.say("say which incident: /runbook start INC-… name"),
        say.say("no runbook fits this incident; say which: /runbook start INC-… name"),
        say.say("there is no runbook {name}; did you mean {other}?"),
        say.say("there is no runbook {name}"),
        say.say("there is no policy {name}; did you mean {other}?"),
        say.say("there is no policy {name}"),
        say.say("there is no team {name}"),
        say.say("several fit: {names}"),
        say.say("say which: /policy simulate service SEV1, and a time if not now"),
        say.say("write the time as 2026-12-01 03:00, on the team's clock"),
        say.say("the database does not answer; try again in a moment"),
        say.say("{action} takes the role {needed}; yours is {role}"),
    )


def _run_messages(say: Words) -> tuple[str, ...]:
    """Those that whoever works a runbook meets."""
    return (
        say.say("say why this step is skipped"),
        say.say("step {step} is already done by {name}"),
        say.say("step {step} is already skipped by {name}"),
        say.say("it is step {step}'s turn"),
        say.say("step {step} must be confirmed before it is done"),
        say.say("step {step} has no rollback"),
        say.say("step {step} is already rolled back by {name}"),
        say.say("step {step} was not carried out"),
        say.say(
            "step {step} has no value for {name}: find it out and use Problem to tell it, or skip the step with the"
            " reason"
        ),
        say.say("this run has no step {step}"),
    )


def _policy_messages(say: Words) -> tuple[str, ...]:
    """Those that a policy's writer meets."""
    return (
        say.say("give it a name"),
        say.say("there is a policy {name} already"),
        say.say("that team is no longer there"),
        say.say("write at least one step"),
        say.say("a policy takes at most {n} steps"),
        say.say("that step is no longer there"),
        say.say("must be from 0 to {n} minutes"),
        say.say("choose at least one channel"),
        say.say("{placeholder} is unknown; there are {known}"),
        say.say("the team has no lead: give it one, or name a person"),
        say.say("nobody is called {name}"),
        say.say("choose whom it reaches"),
        say.say("choose a person"),
        say.say("choose a channel"),
        say.say("Vigie does not know this person: add them to the people first"),
        say.say("must be an e-mail address such as ada@example.com"),
        say.say("must be the webhook's address, which begins with https://"),
        say.say("there is no such policy any more"),
        say.say("this draft is saved or gone; open the policy again"),
        say.say("{name} changed this policy meanwhile: it is {version} now"),
    )


def _runbook_messages(say: Words) -> tuple[str, ...]:
    """Those that a runbook's writer meets."""
    return (
        say.say("give it a title"),
        say.say("there is a runbook {name} already"),
        say.say("that service is no longer there"),
        say.say("a runbook takes at most {n} steps"),
        say.say("say what to do, in a few words"),
        say.say("a checklist takes at most {n} lines"),
        say.say("a line of a checklist takes at most {n} characters"),
        say.say("there is no such runbook any more"),
        say.say("this draft is saved or gone; open the runbook again"),
        say.say("{name} changed this runbook meanwhile: it is {version} now"),
        say.say("somebody changed these runbooks meanwhile: look at what is imported once more"),
        say.say("there is no version {n}"),
        say.say("Slack did not give the file: try again, or paste its text"),
        say.say("Slack did not give the file: does the app have the scope files:read?"),
    )


_REFUSALS = Phrasebook.of(
    message for each in (_messages, _run_messages, _policy_messages, _runbook_messages) for message in each(words("en"))
)
