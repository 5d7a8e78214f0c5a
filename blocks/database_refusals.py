"""Why the database does not take what somebody does, as `storage.faults` says it."""

from __future__ import annotations

from blocks.words import Words


def of_databases(say: Words) -> tuple[str, ...]:
    """All of it: `blocks.errors` says it in the reader's language."""
    return (
        say.say("the database does not answer; try again in a moment"),
        say.say("the database is busy; try again in a moment"),
        say.say("the database takes nothing more: its disk is full; try again in a moment"),
        say.say("the database takes nothing: it may only be read; try again in a moment"),
        say.say("the database denies Vigie's user a right; try again in a moment"),
        say.say("the database's disk fails; try again in a moment"),
        say.say("the database is damaged; try again in a moment"),
        say.say("the database's file is not where it was opened; try again in a moment"),
        say.say("the database has lost its file with what was written last; try again in a moment"),
        say.say("the database's file was written over while Vigie ran; try again in a moment"),
        say.say("the database does not show Vigie's tables; try again in a moment"),
        say.say("the database gives out numbers that rows have already; try again in a moment"),
        say.say("a pooler lends Vigie another of the database's sessions each time; try again in a moment"),
    )
