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
        say.say("say why this step is skipped"),
        say.say("write something"),
        say.say("step {step} is already done by {name}"),
        say.say("step {step} is already skipped by {name}"),
        say.say("it is step {step}'s turn"),
        say.say("step {step} must be confirmed before it is done"),
        say.say("step {step} has no rollback"),
        say.say("step {step} is already rolled back by {name}"),
        say.say("step {step} was not carried out"),
        say.say("this run has no step {step}"),
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


def _schedule_messages(say: Words) -> tuple[str, ...]:
    """Those that whoever stands in, or writes a schedule, meets."""
    return (
        say.say("there is no team {name}; did you mean {other}?"),
        say.say("there is no person {name}; did you mean {other}?"),
        say.say("there is no person {name}"),
        say.say("there is no team yet"),
        say.say("say which team: {names}"),
        say.say("write the time as 03:00 or 2026-12-01 03:00, on the team's clock"),
        say.say("say for how long: /oncall override @name 2h"),
        say.say("say who: /oncall override @name 2h"),
        say.say("taking over on-call takes the role responder"),
        say.say("you may put yourself on call; ask a colleague with /oncall swap, or an operator"),
        say.say("you are not in {team}: an operator can put you on call there"),
        say.say("ending it takes the role operator, unless it is you who is on call by it"),
        say.say("that is over already"),
        say.say("must be after the beginning"),
        say.say("is over already"),
        say.say("must be at most {n} days after the beginning"),
        say.say("choose somebody else: nobody stands in for themselves"),
        say.say("is not on call in that time"),
        say.say("you are not on call in that time"),
        say.say("choose one of your shifts"),
        say.say("has no Slack account: they can't be asked"),
        say.say("Vigie does not know you yet: an admin adds you to the people"),
        say.say("only the one who is asked can answer"),
        say.say("this swap is accepted already"),
        say.say("this swap is refused already"),
        say.say("this swap has expired: the shift has begun"),
        say.say("this swap is answered already"),
        say.say("nobody asks that any more"),
        say.say("they are not on call then any more"),
        say.say("that rotation is no longer there"),
        say.say("a schedule takes at most {n} rotations"),
        say.say("a rotation takes at most {n} people"),
        say.say("choose at least one person"),
        say.say("must be from {low} to {high}"),
        say.say("Vigie does not know one of them: add them to the people first"),
        say.say("choose the day of the first turn"),
        say.say("write times such as mon-fri 09:00-18:00, one a line"),
        say.say("must be a zone such as {zone}"),
        say.say("this draft is saved or gone; open the schedule again"),
        say.say("somebody changed this schedule meanwhile"),
        say.say("there are no links: set PUBLIC_URL and SECRET_KEY"),
    )


def _calendar_messages(say: Words) -> tuple[str, ...]:
    """Why a calendar from outside can't be read."""
    return (
        say.say("no answer within {n} s"),
        say.say("it answers with status {status}"),
        say.say("{host} can't be reached"),
        say.say("it can't be fetched ({kind})"),
        say.say("its address is inside the network, which is not read"),
        say.say("only http and https addresses are read"),
        say.say("it redirects more than {n} times"),
        say.say("it is larger than {n} MiB"),
        say.say("it is not text in UTF-8"),
        say.say("there is no such file"),
        say.say("an event repeats every minute or second"),
        say.say("it is not an iCalendar file that can be read ({kind})"),
        say.say("it has more than {n} events in three months"),
        say.say("its events name nobody here: {names}"),
        say.say("a person's calendar is their own"),
    )


_REFUSALS = Phrasebook.of((*_messages(words("en")), *_policy_messages(words("en")), *_schedule_messages(words("en"))))
