"""What is wrong with a file of runbooks, in the reader's language: the line, the field, and how to mend it."""

from __future__ import annotations

from blocks import kit
from blocks.words import Phrasebook, Words, words
from domain.errors import Fault

_FIELD_SHOWN = 80
_MESSAGE_SHOWN = 400


def said_fault(fault: Fault, say: Words) -> str:
    """ "Line 7, Steps[2].duration: must be a length …" in mrkdwn."""
    place = say.say("Line {n}", n=fault.line) if fault.line else ""
    field = kit.name(fault.field, _FIELD_SHOWN)
    message = kit.name(_SENTENCES.translate(fault.message, say), _MESSAGE_SHOWN)
    where = ", ".join(part for part in (place, field) if part)
    return say.say("*{where}*: {fault}", where=where, fault=message) if where else message


def _of_files(say: Words) -> tuple[str, ...]:
    return (
        say.say("paste the YAML of a runbook, or choose a file"),
        say.say("is no runbook: only runbooks are imported here"),
        say.say("the file is larger than 1 MiB"),
        say.say("the file is no text in UTF-8"),
        say.say("is empty: write at least one step"),
        say.say("is empty"),
        say.say("must be a mapping, such as Title: … or people: …"),
        say.say("is not YAML: {problem}; {fault}"),
        say.say("is not YAML: {problem}"),
        say.say("put a text with a colon in it between quotes, or indent the line as its neighbours"),
        say.say("indent with spaces, not with tabs"),
        say.say("put a text that begins with a sign between quotes"),
        say.say("put a text with a backslash in it between single quotes"),
        say.say("a quotation mark is not closed"),
        say.say("put a text that begins with ! between quotes"),
        say.say("has a control character in it"),
        say.say("has an escape that is no character"),
        say.say("aliases (*name) are not used here: write it out"),
        say.say("is nested too deeply"),
        say.say("is neither a runbook (Title:), nor a policy (Policy:), nor an organisation (people:, teams:, …)"),
        say.say("there is another runbook {name} in these files"),
        say.say("is written twice"),
        say.say("says the same as {field}: write one of them"),
        say.say("is not known here; did you mean {field}?"),
        say.say("is not known here"),
    )


def _of_fields(say: Words) -> tuple[str, ...]:
    return (
        say.say("a name must be plain text"),
        say.say("is missing: write at least one step"),
        say.say("is missing"),
        say.say("must be text"),
        say.say("is {n} characters long; at most {limit} can be shown"),
        say.say("has {n} lines; at most {limit} are shown"),
        say.say("must be true or false"),
        say.say("must be a length from 0 to {n} minutes, such as 5 minutes"),
        say.say("must be a list of texts"),
        say.say("has an empty text in it"),
        say.say("must be a mapping of fields"),
        say.say("must be a list"),
        say.say("must be a map (1:, 2:, …) or a list of steps"),
        say.say("has {n} steps; it takes at most {limit}"),
        say.say("must be the step's number, such as 1"),
        say.say("must be a whole number from 1"),
        say.say("there are two steps {n}"),
        say.say("is for the runbook: leave the step out instead"),
        say.say("must be one of {choices}"),
        say.say("there is no service {name}; did you mean {near}?"),
        say.say("there is no service {name}"),
    )


_SENTENCES = Phrasebook.of(message for each in (_of_files, _of_fields) for message in each(words("en")))
