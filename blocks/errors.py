"""Refusals in the reader's language. The domain says them in English; what has no translation stays so."""

from __future__ import annotations

from collections.abc import Mapping

from blocks.database_refusals import of_databases
from blocks.drill_refusals import of_drills
from blocks.on_call_refusals import on_call
from blocks.people import role_name
from blocks.postmortem_refusals import postmortem
from blocks.run_refusals import of_runs
from blocks.text import clip, one_line
from blocks.update_refusals import of_updates
from blocks.words import Phrasebook, Words, words
from domain.errors import InUse, Invalid, VigieError
from domain.people import Role

_LONGEST = 500
_LONGEST_USES = 1500


def sentence(error: VigieError, locale: str) -> str:
    """`error` as a sentence for the one who asked."""
    if isinstance(error, Invalid):
        return " ".join(_said(fault.message, words(locale)) for fault in error.faults[:_FAULTS_SHOWN])
    if isinstance(error, InUse):
        return _in_use(error, words(locale))
    return conflict(str(error), locale)


def _in_use(error: InUse, say: Words) -> str:
    """What needs it, the first of it: each is to be changed before."""
    told = [_REFUSALS.translate(clip(one_line(use), _USE_SHOWN), say) for use in error.uses[:_USES_SHOWN]]
    more = len(error.uses) - len(told)
    if more:
        told.append(say.count("{n} more", "{n} more", more))
    return _said(say.say("Still in use, nothing is changed: {uses}", uses="; ".join(told)), say, _LONGEST_USES)


def _said(text: str, say: Words, limit: int = _LONGEST) -> str:
    """A refusal, translated and closed, for a modal as well as for a message: < and > go, since a message reads them
    as markup and a modal shows an escaped one as it is written."""
    tidy = clip(one_line(_REFUSALS.translate(text, say)), limit).translate(_ANGLES)
    tidy = tidy[:1].upper() + tidy[1:]
    return tidy if tidy.endswith((".", "!", "?", "…")) else f"{tidy}."


_FAULTS_SHOWN = 5
_USES_SHOWN = 8
_USE_SHOWN = 90
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


def whispered(locale: str) -> str:
    """Where the answer is, when it turned out to need no form."""
    return words(locale).say("The answer stands in the conversation, for you alone.")


def not_opened(locale: str) -> str:
    """A form that Slack did not open: whoever pressed the button saw nothing happen."""
    return words(locale).say("Slack was too slow, and the form did not open. Try again.")


def failed(locale: str) -> str:
    """A fault of Vigie's own: whoever clicked saw nothing happen."""
    return words(locale).say("Vigie failed at this: look whether it was done before you try again. Its log says why.")


def no_command(command: str, locale: str) -> str:
    return words(locale).say("Vigie does not know {command} yet.", command=one_line(command).translate(_ANGLES))


def _messages(say: Words) -> tuple[str, ...]:
    """The domain's refusals that people meet, as the catalogs know them."""
    return (
        say.say("{id} is already acknowledged by {name}"),
        say.say("{id} is already resolved by {name}, as a duplicate of another incident"),
        say.say("{id} is already resolved by {name}"),
        say.say("this message is of another time"),
        say.say("{id} is mitigated by {name}: reassign it to have somebody paged again"),
        say.say("{id} is triggered: nobody has it yet"),
        say.say("the escalation policy has no further step"),
        say.say("say in a line what mended it"),
        say.say("write something"),
        say.say("there is no incident {id}"),
        say.say("a runbook is already running for this incident"),
        say.say("{name} was worked through for this incident: it has one runbook, read others with /runbook show"),
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
        say.say("there is no heartbeat {name}"),
        say.say("several fit: {names}"),
        say.say("say which: /policy simulate service SEV1, and a time if not now"),
        say.say("write the time as 2026-12-01 03:00, on the team's clock"),
        say.say("this takes the role {needed}; yours is {role}: ask an admin"),
        *(role_name(role, say) for role in Role),
        say.say("say from 1 to {n} days, such as 30d"),
    )


def _lifecycle_messages(say: Words) -> tuple[str, ...]:
    """Those that somebody meets who gives an incident back, snoozes it, gives it on, or can't take it."""
    return (
        say.say("{name} has said so already"),
        say.say("you are not among the people whom Vigie pages"),
        say.say("say for how long, from 1m to 7d, such as 30m, 4h or 09:00"),
        say.say("nobody is on call for {team}, and it has no lead"),
        say.say("{id} has this severity already"),
        say.say("say of which incident it is a duplicate"),
        say.say("an incident is no duplicate of itself"),
        say.say("say with which incident it belongs together"),
        say.say("say which two: INC-… INC-…"),
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
        say.say("choose a day and a time"),
        say.say("Vigie does not know this person: add them to the people first"),
        say.say("must be an e-mail address such as ada@example.com"),
        say.say("choose what may still reach you"),
        say.say("the call is not written down yet: say it again in a second"),
        say.say("must be a Slack user group such as @sre-oncall, or its id"),
        say.say("must be a time zone such as Europe/Paris"),
        say.say("must be the webhook's address, which begins with https://"),
        say.say("there is no such policy any more"),
        say.say("this draft is saved or gone; open the policy again"),
        say.say("{name} changed this policy meanwhile: it is {version} now"),
        say.say("step {step}: {fault}"),
    )


def _use_messages(say: Words) -> tuple[str, ...]:
    """What needs a person, a team or a service."""
    return (
        say.say("is a member of {team}"),
        say.say("is in the rotation {name} of {team}"),
        say.say("is paged by step {step} of the policy {name}"),
        say.say("leads {team}"),
        say.say("answers for the service {name}"),
        say.say("has the policy {name}"),
        say.say("has the rotation {name}"),
        say.say("has the runbook {title}"),
        say.say("has the heartbeat {name}"),
        say.say("is set by the alert rule {name}"),
        say.say("the incident {id} is open"),
    )


def _organisation_messages(say: Words) -> tuple[str, ...]:
    """Those that somebody meets who changes people, teams and services, and how they are reached themselves."""
    return (
        *_use_messages(say),
        say.say("must be letters, digits, . _ or -, such as ada or john.doe"),
        say.say("{handle} means whoever leads the team: take another name"),
        say.say("the policy {name} pages this handle: change it there first"),
        say.say("the incident {id} is open and pages this handle: resolve it first"),
        say.say("this Slack account is {name}'s already"),
        say.say("{value} is {name}'s already"),
        say.say("must be a number with its country, such as +33600000001"),
        say.say("there is a team {name} already"),
        say.say("that person is no longer there"),
        say.say("that service is no longer there"),
        say.say("a service takes at most {n} aliases"),
        say.say("{address} is no e-mail address"),
        say.say("at most {n} addresses: write to a list instead"),
        say.say("nobody could administer Vigie any more: make somebody else an admin first"),
        say.say("{name} changed this meanwhile: look at it again before you save"),
        say.say("somebody changed this meanwhile: look at it again before you save"),
        say.say("only an admin changes how others are reached"),
        say.say("there is nothing to verify: the address is missing"),
        say.say("this is verified already"),
        say.say("three codes went out within ten minutes: wait before you ask for another"),
        say.say("this code is too old: ask for another"),
        say.say("too many wrong codes: ask for another"),
        say.say("that is not the code; tries left: {n}"),
        say.say("type the six digits of the code"),
        say.say("Vigie does not know you yet: ask an admin, such as {names}, to add you to the people"),
        say.say("Vigie does not know you yet: ask whoever set it up to add you to the people"),
        say.say("a test went out less than a minute ago: wait a moment"),
        say.say("this is a test of another time"),
        say.say("only who got the test can say that it arrived"),
        say.say("Slack is not set up"),
        say.say("SMS is not set up"),
        say.say("e-mail is not set up"),
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
    message
    for each in (
        _messages,
        _lifecycle_messages,
        _policy_messages,
        _runbook_messages,
        _organisation_messages,
        on_call,
        of_databases,
        of_drills,
        of_runs,
        postmortem,
        of_updates,
    )
    for message in each(words("en"))
)
