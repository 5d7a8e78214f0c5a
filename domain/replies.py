"""What an answer to an SMS means: which page, and what is to be done. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice

from domain.notifications import Notification


class Verb(StrEnum):
    """What an answer asks for."""

    TAKE = "take"
    DECLINE = "decline"
    ESCALATE = "escalate"
    NOTHING = "nothing"
    """Words that mean nothing here: what can be answered is said."""
    SILENCE = "silence"
    """STOP and the like, which is between the phone and its operator, and empty answers: nobody answers that."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer read: to the page whose incident has the short number `code`, or is called `name`; else to the last."""

    verb: Verb
    code: int = 0
    name: str = ""


_VERBS = {
    **dict.fromkeys(("a", "ack", "acknowledge", "acquitter", "acquitte", "ok", "oui", "yes"), Verb.TAKE),
    **dict.fromkeys(("n", "no", "non", "nack", "decline"), Verb.DECLINE),
    **dict.fromkeys(("e", "esc", "escalate", "escalader", "escalade"), Verb.ESCALATE),
}
_STOPS = frozenset({"stop", "stopall", "unsubscribe", "arret", "arrêt", "start", "unstop", "end", "quit", "cancel"})
_SHAPE = re.compile(
    r"#?(?P<before>\d{1,4})?\s*+(?P<word>[^\W\d_]+)\s*+(?:#?(?P<after>\d{1,4})|(?P<name>inc[-\s]?[a-z0-9]{6}))?\s*+[.!]?"
)
_LONGEST = 200


def read(text: str) -> Reply:
    """What somebody typed. Only the first line counts: phones add signatures. `12a`, `a 12`, `ack INC-ABC234`."""
    line = next((one.strip() for one in text[:_LONGEST].splitlines() if one.strip()), "").casefold()
    if not line or line.strip(".! ") in _STOPS:
        return Reply(Verb.SILENCE)
    found = _SHAPE.fullmatch(line)
    verb = _VERBS.get(found["word"]) if found else None
    if found is None or verb is None or (found["before"] and (found["after"] or found["name"])):
        return Reply(Verb.NOTHING)
    name = re.sub(r"^inc[-\s]?", "INC-", found["name"]).upper() if found["name"] else ""
    return Reply(verb, int(found["before"] or found["after"] or 0), name)


GOOD_FOR = timedelta(days=1)
"""How long after it went out a page can be answered, as its link."""
BEHIND = timedelta(minutes=10)
"""How far the operator's clock may be behind ours: by it an answer may come before what it answers."""


def meant(reply: Reply, pages: Sequence[Notification], numbers: Mapping[str, int], at: datetime) -> Notification | None:
    """The page that `reply`, written at `at`, is to: of those that this phone got, the last that fits. One that
    went out later, as far as is known, counts when there is no other. `numbers` are the short numbers of
    incidents. For a `name`, the caller chooses among the pages."""
    if reply.code:
        pages = [page for page in pages if numbers.get(page.incident) == reply.code]
    sent = [page for page in pages if page.sent_at and page.sent_at <= at]
    return max(sent or pages, key=lambda page: page.sent_at or page.decided_at, default=None)


class Answer(StrEnum):
    """What somebody is answered by SMS; the values are kept."""

    TAKEN = "taken"
    DECLINED = "declined"
    ESCALATED = "escalated"
    REFUSED = "refused"
    UNKNOWN_PAGE = "unknown_page"
    HELP = "help"
    NONE = "none"
    """Nobody is answered: an unknown number, or too many answers already."""


NOBODY_LEFT = "nobody_left"
"""What an answer's details have when nobody is paged after somebody can't take it."""
_AN_HOUR = timedelta(hours=1)
MOST_AN_HOUR = 12
MOST_HELP_AN_HOUR = 2
"""So that two machines that answer each other fall silent, and no number costs more than this."""


def may_answer(answer: Answer, earlier: Sequence[tuple[datetime, Answer]], now: datetime) -> bool:
    """Whether a number that got these answers `earlier` gets one more."""
    recent = [one for at, one in earlier if now - at < _AN_HOUR and one is not Answer.NONE]
    if answer in (Answer.HELP, Answer.UNKNOWN_PAGE):
        helped = [one for one in recent if one in (Answer.HELP, Answer.UNKNOWN_PAGE)]
        return len(helped) < MOST_HELP_AN_HOUR and len(recent) < MOST_AN_HOUR
    return answer is not Answer.NONE and len(recent) < MOST_AN_HOUR


FRESH = timedelta(days=2)
"""How long an incident's short number is nobody else's."""


MOST_NUMBERS = 9_999
"""Four digits are what is read of an answer; whoever has no number is answered for as the last page."""


def short_numbers(taken: Iterable[int], count: int) -> list[int]:
    """The `count` smallest numbers that no incident has: fewest digits to type at night. Fewer when they run out."""
    used = set(taken)
    return list(islice((number for number in range(1, MOST_NUMBERS + 1) if number not in used), count))
