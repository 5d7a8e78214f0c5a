"""What is refused to whoever stands in, swaps, or writes a schedule, as the catalogs know it."""

from __future__ import annotations

from blocks.words import Words


def on_call(say: Words) -> tuple[str, ...]:
    """All of it: `blocks.errors` says it in the reader's language."""
    return (*_swaps(say), *_schedules(say), *_calendars(say))


def _schedules(say: Words) -> tuple[str, ...]:
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


def _swaps(say: Words) -> tuple[str, ...]:
    """Those that whoever answers a colleague meets."""
    return (
        say.say("only the one who is asked can answer"),
        say.say("this swap is accepted already"),
        say.say("this swap is refused already"),
        say.say("this swap has expired: the shift has begun"),
        say.say("this swap is answered already"),
        say.say("nobody asks that any more"),
        say.say("they are not on call then any more"),
        say.say("you are switched off in Vigie: an admin can let you stand in again"),
    )


def _calendars(say: Words) -> tuple[str, ...]:
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
