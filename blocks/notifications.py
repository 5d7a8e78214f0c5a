"""Pages in words: the policy's message filled in, as a heading, an SMS, a mail or a line in a channel."""

from __future__ import annotations

import re
from dataclasses import dataclass

from blocks import kit, text
from blocks import mail as letters
from blocks.escalations import channel_names, channels_of, next_words
from blocks.incidents import Card, severity_name, severity_words
from blocks.kit import Message
from blocks.lifecycle_lines import why_words
from blocks.spans import plain_hour
from blocks.words import Words, words
from domain import templates
from domain.drills import marked, unmarked
from domain.incidents import Incident
from domain.policies import TargetType

_SUBJECT_LIMIT = 180
_MESSAGE_LIMIT = 2000
"""Before and after filling in: a message that names the title a hundred times is no longer for that."""
_TITLE_SHOWN = 300
_TITLE_IN_SMS, _TITLE_BESIDE_ID, _TITLE_ENOUGH = 50, 38, 24
"""Of a title, what an SMS adds, alone or beside the incident's id, and what is enough of it where the message names it
and is cut."""
_DESCRIPTION_SHOWN = 2000
_URL_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One notification for one reader. `minutes` since the incident's creation; `missed` are the orders of earlier
    steps that it stands for; `url` acknowledges, when there is such a link; `would_be` are the pages that it stands for
    in a drill; `was_taken` when somebody had the incident before."""

    incident: Incident
    service: str
    message: str
    step: int
    missed: tuple[int, ...] = ()
    minutes: int
    name: str
    locale: str = "en"
    zone: str = "UTC"
    url: str = ""
    why: str = ""
    reply: str = ""
    """What to answer to take it, when an answer can come in."""
    would_be: str = ""
    was_taken: bool = False


@dataclass(frozen=True, slots=True)
class MailWords:
    """A mail's subject, and its words as plain text and as HTML."""

    subject: str
    text: str
    html: str


def heading(page: Page) -> str:
    """The policy's message, its placeholders filled in; our own words when it has none."""
    say = words(page.locale)
    filled = templates.fill(text.clip(page.message, _MESSAGE_LIMIT), _values(page))
    said = text.clip(filled.strip(), _MESSAGE_LIMIT) or _default(page, say)
    said = _of_drill(said, page, say) if page.incident.is_drill else said
    return f"{said}\n{missed(page, say)}" if page.missed else said


def _of_drill(said: str, page: Page, say: Words) -> str:
    """Marked, and with whom it stands for."""
    if not page.would_be:
        return marked(said)
    line = say.say("Would have been: {pages}.", pages=would_be(page.would_be, say))
    return marked(f"{said}\n{line}")


def would_be(pages: str, say: Words) -> str:
    """ "SMS to John Doe; direct message to Léa Lead" in the reader's words."""
    return "; ".join(_would_be(one, say) for one in pages.split("; "))


def _would_be(page: str, say: Words) -> str:
    channel, _, name = page.partition(" to ")
    found = channels_of(channel)
    return say.say("{channel} to {name}", channel=channel_names(found, (name,), say), name=name) if found else page


def _values(page: Page) -> dict[str, str]:
    incident = page.incident
    return {
        "incident.short_id": incident.short_id,
        "incident.title": _title(incident),
        "incident.service": text.clip(text.one_line(page.service), _TITLE_SHOWN),
        "incident.severity": severity_name(incident.severity),
        "incident.url": page.url or text.clip(incident.url, _URL_SHOWN),
        "minutes": str(page.minutes),
    }


def _title(incident: Incident) -> str:
    """A drill's without its mark: the whole message has it, and an SMS has no room for two."""
    return text.clip(text.one_line(unmarked(incident.title) if incident.is_drill else incident.title), _TITLE_SHOWN)


def named(incident: Incident, title: str, say: Words) -> str:
    """ "SEV1 INC-ABC234: Redis is down" """
    return say.say("{label}: {value}", label=f"{severity_name(incident.severity)} {incident.short_id}", value=title)


def _default(page: Page, say: Words) -> str:
    incident = page.incident
    what = named(incident, _title(incident), say)
    called = why_words(page.why, say)
    if called:
        return say.say("{what}. It wants you: {why}.", what=what, why=called)
    if page.was_taken:
        return say.say("{what}. Nobody has it any more.", what=what)
    if page.minutes < 1:
        return say.say("{what}. Nobody has it yet.", what=what)
    return say.say("{what}. Nobody has acknowledged it for {time}.", what=what, time=say.minutes(page.minutes))


def missed(page: Page, say: Words) -> str:
    """Which earlier steps it stands for."""
    steps = ", ".join(str(order) for order in page.missed)
    return say.count(
        "Also covers step {steps}, missed while Vigie was down.",
        "Also covers steps {steps}, missed while Vigie was down.",
        len(page.missed),
        steps=steps,
    )


def announcement(page: Page) -> Message:
    """The policy's words in the thread of the card."""
    said = heading(page)
    return Message(kit.lock_screen(said), [kit.paragraph(said)])


def sms(page: Page) -> str:
    """One SMS that always ends with what is broken, unless its message says so, and how to acknowledge."""
    say, said = words(page.locale), heading(page)
    if page.url and page.reply:
        tail = say.say("Ack: {url} or reply {code}", url=page.url, code=page.reply)
    elif page.url:
        tail = say.say("Ack: {url}", url=page.url)
    elif page.reply:
        tail = say.say("Reply {code} to acknowledge {id}", code=page.reply, id=page.incident.short_id)
    else:
        tail = say.say("Acknowledge {id} in Slack", id=page.incident.short_id)
    return _whole(page, said, tail, say)


def _whole(page: Page, said: str, tail: str, say: Words) -> str:
    """The SMS: what its message doesn't name, or names after the cut, stands before the `tail`. Nothing else says
    there what is broken and how bad that is."""
    shown, severity = text.sms(said, tail), severity_name(page.incident.severity)
    title = text.sms(text.clip(_title(page.incident), _TITLE_IN_SMS), "")
    if title[:_TITLE_ENOUGH] in shown:
        return shown if severity in shown else text.sms(said, f"{severity}\n{tail}")
    what = say.say("{label}: {value}", label=severity, value=title)
    shown = text.sms(said, f"{what}\n{tail}")
    if page.incident.short_id in shown:
        return shown
    return text.sms(said, f"{named(page.incident, text.clip(title, _TITLE_BESIDE_ID), say)}\n{tail}")


def mail(page: Page, card: Card) -> MailWords:
    """The page by e-mail. The subject is the same all along, so that mailboxes keep the mails together."""
    say = words(page.locale)
    incident = page.incident
    what = named(incident, _title(incident), say)
    lines = [
        (say.say("Severity"), severity_words(incident.severity, say)),
        (say.say("Service"), page.service or "–"),
        (say.say("Opened"), say.say("{time} ({zone})", time=say.date(incident.created_at, page.zone), zone=page.zone)),
        (say.say("Next"), _next(card, say)),
        (say.say("Source"), text.clip(incident.url, _URL_SHOWN)),
    ]
    footer = say.say("You get this because: {why}", why=_why(page.why, say)) if page.why else ""
    plain, html = letters.render(
        heading=what,
        lines=[(label, value) for label, value in lines if value],
        body="\n\n".join(part for part in (heading(page), _how(page, say), _description(incident)) if part),
        action_url=page.url,
        action_label=say.say("Acknowledge"),
        footer=footer,
        language=say.language,
    )
    return MailWords(text.clip(f"[Vigie] {what}", _SUBJECT_LIMIT), plain, html)


_WHY = re.compile(
    r"(?P<policy>.+), step (?P<step>\d+) at (?P<minutes>\d+) min, (?P<target>[A-Z_]+)"
    r"(?:; instead of (?P<channel>[A-Z]+) to (?P<name>.*))?",
    re.DOTALL,
)
"""How a receipt says why it was decided."""


def _why(why: str, say: Words) -> str:
    """A receipt's reason in the reader's words; one of another shape as it is."""
    called = why_words(why, say)
    if called:
        return called
    found = _WHY.fullmatch(why)
    if found is None or found["target"] not in TargetType.__members__:
        return why
    said = say.say(
        "{policy}, step {step} at {minutes} min, for {target}",
        policy=found["policy"],
        step=found["step"],
        minutes=found["minutes"],
        target=meant(TargetType(found["target"]), say),
    )
    channels = channels_of(found["channel"] or "")
    if not channels:
        return said
    failed = channel_names(channels, (found["name"],), say)
    return say.say("{why}; instead of {channel} to {name}", why=said, channel=failed, name=found["name"])


def meant(target: TargetType, say: Words) -> str:
    """Whom a step is for, in a sentence."""
    return {
        TargetType.ON_CALL: say.say("whoever is on call"),
        TargetType.TEAM: say.say("the whole team"),
        TargetType.USER: say.say("somebody named in the step"),
        TargetType.EMAIL: say.say("an address in the step"),
        TargetType.CHANNEL: say.say("a channel"),
    }[target]


def _description(incident: Incident) -> str:
    """What the source says, for somebody who has nothing but this mail at hand."""
    return text.clip(text.clean(incident.description).strip(), _DESCRIPTION_SHOWN)


def _next(card: Card, say: Words) -> str:
    if card.next is None:
        return ""
    what = next_words(card.next, say, lambda name, limit: text.clip(text.one_line(name), limit))
    return say.say("{what} at {time}", what=what, time=plain_hour(card.next.due_at, card.now, card.zone, say))


def _how(page: Page, say: Words) -> str:
    if page.url:
        return say.say("To acknowledge, open the link and press the button.")
    return say.say("To acknowledge, press Acknowledge on {id} in Slack.", id=page.incident.short_id)
