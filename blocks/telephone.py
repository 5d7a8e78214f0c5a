"""What a voice says on the telephone: written to be heard once, by somebody who has just woken up."""

from __future__ import annotations

import re
import unicodedata

from blocks import text
from blocks.lifecycle_lines import why_words
from blocks.notifications import Page, heading, missed
from blocks.words import Words, words
from domain.incidents import Incident, Severity
from domain.telephone import Answered

_LONGEST = 600
"""Three quarters of a minute of speech."""
_TITLE = 200
_ADDRESS = re.compile(r"https?://\S+")
_MARKS = re.compile(r"[*_~`<>|#\[\]{}]+")
_OF_PICTOGRAMS = re.compile("[\ufe00-\ufe0f\u200d\u20e3]+")
"""What turns a letter into a pictogram, and pictograms into one; nothing is left of them but this."""
_SPACES = re.compile(r"\s+")


def spoken(page: Page, *, hears_keys: bool) -> str:
    """What a page's call says. With `hears_keys`, a key acknowledges."""
    say = words(page.locale)
    incident = page.incident
    what = say.say(
        "{severity}: {title}. Service: {service}.",
        severity=_severity(incident.severity, say),
        title=speakable(incident.title, _TITLE),
        service=speakable(page.service, _TITLE) or "–",
    )
    parts = [say.say("This is Vigie, calling {name}.", name=speakable(page.name, 80)), what]
    parts.append(speakable(_sentences(heading(page)) if page.message.strip() else _reason(page, say), _LONGEST))
    parts.append(_keys(say) if hears_keys else say.say("Acknowledge it in Slack."))
    return " ".join(filter(None, parts))


def _reason(page: Page, say: Words) -> str:
    """Why it rings, where that is more than that nobody has it: the policy has no words of its own for it."""
    why = why_words(page.why, say)
    called = say.say("It wants you: {why}.", why=why) if why else ""
    return f"{called} {missed(page, say)}" if page.missed else called


def _sentences(written: str) -> str:
    """Lines, each with its end: a voice that reads on makes one sentence of them."""
    lines = [line.strip() for line in text.clean(written).splitlines()]
    return " ".join(
        line if line.endswith((".", "!", "?", ":", ",", ";", "…")) else f"{line}." for line in lines if line
    )


def _keys(say: Words) -> str:
    return say.say("Press 1 to acknowledge, 2 to escalate.")


def _severity(severity: Severity, say: Words) -> str:
    """A severity as one says it."""
    return {
        Severity.SEV1: say.say("Critical incident"),
        Severity.SEV2: say.say("Serious incident"),
        Severity.SEV3: say.say("Incident"),
        Severity.SEV4: say.say("Minor incident"),
    }[severity]


def speakable(written: str, limit: int) -> str:
    """Foreign text without what no voice can say: addresses, marks, pictograms."""
    bare = _MARKS.sub(" ", _ADDRESS.sub(" ", _OF_PICTOGRAMS.sub("", text.one_line(written))))
    kept = "".join(one for one in bare if unicodedata.category(one) not in ("So", "Sk", "Cn", "Co"))
    return text.clip(_SPACES.sub(" ", kept).strip(), limit)


def reply(answered: Answered, incident: Incident, locale: str) -> str:
    """What is said to whoever pressed a key."""
    say = words(locale)
    match answered:
        case Answered.ACKNOWLEDGED:
            return say.say("Acknowledged. It is yours: the runbook is in Slack.")
        case Answered.ESCALATED:
            return say.say("Escalated: the next people are being paged.")
        case Answered.TAKEN:
            name = speakable(incident.acknowledged_by, 80)
            return say.say("{name} has it already. You can sleep.", name=name or "Vigie")
        case Answered.OVER if incident.duplicate_of:
            return say.say("It was closed as a duplicate of another incident. Look in Slack who has that one.")
        case Answered.OVER:
            return say.say("It is resolved already. You can sleep.")
        case Answered.NOBODY_LEFT:
            return say.say("There is nobody left to page. Press 1 to acknowledge.")
        case Answered.EXPIRED:
            return say.say("This call is too old to answer. Look in Slack.")
        case Answered.UNKNOWN_KEY:
            return _keys(say)


def test_spoken(name: str, locale: str, *, hears_keys: bool) -> str:
    """A call that somebody tries out: it can't be taken for a page."""
    say = words(locale)
    told = say.say(
        "This is a test of Vigie for {name}. Nothing is wrong, and nobody else is called.", name=speakable(name, 80)
    )
    return f"{told} {say.say('Press 1 to say that it reached you.')}" if hears_keys else told


def test_reply(locale: str, *, is_confirmed: bool) -> str:
    """What is said to whoever pressed a key in a test."""
    say = words(locale)
    if is_confirmed:
        return say.say("Thank you. It is noted that calls reach you.")
    return say.say("Press 1 to say that it reached you.")
