"""One message for many pages: what, how many, the worst first, and how to take them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2

from blocks import kit, text
from blocks import mail as letters
from blocks.incident_lists import state
from blocks.incidents import severity_name, severity_words
from blocks.kit import Block, Confirm, Message
from blocks.notifications import MailWords
from blocks.pages import SEEN
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.incidents import Incident
from domain.storms import PAGE, Bundle, Tally

ACKNOWLEDGE = "storm.acknowledge.v1"
LIST = "storm.list.v1"
LISTED = "storm.listed"
"""What the buttons that turn pages of the list are called, before `.next.v1` and `.previous.v1`."""
_SHOWN = 8
_TITLE_SHOWN = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A message for many, with the state of now. `url` leads to a page that lists all, when there is such a link; `at`
    is when it was looked at, to the millisecond in its button: whoever presses takes what they were shown."""

    bundle: Bundle
    tally: Tally
    locale: str
    url: str = ""
    at: datetime | None = None


def pressed(value: str) -> tuple[str, datetime | None]:
    """Of which message somebody takes all, and as of when they saw it; None for a button of another time."""
    bundle, _, shown = value.partition(":")
    return bundle, datetime.fromtimestamp(int(shown) / 1000, UTC) if shown.isdecimal() and len(shown) < 15 else None


def _to_press(told: Told) -> str:
    return f"{told.bundle.id}:{int(told.at.timestamp() * 1000)}" if told.at else told.bundle.id


def sms(told: Told) -> str:
    """ "12 incidents, worst: SEV1 INC-… Redis down. All of them: https://…" """
    say = words(told.locale)
    in_slack = say.say("Acknowledge them in Slack")
    tail = say.say("List, ack all: {url}", url=told.url) if told.url else in_slack
    return text.sms(_headline(told, say), tail)


def _headline(told: Told, say: Words) -> str:
    worst = told.tally.shown[0]
    named = f"{severity_name(worst.severity)} {worst.short_id} {clip(one_line(worst.title), 120)}"
    return say.count(
        "{n} incident wants you, worst: {worst}",
        "{n} incidents want you, worst: {worst}",
        told.tally.waiting,
        worst=named,
    )


def mail(told: Told) -> MailWords:
    """The same by e-mail, with a list."""
    say = words(told.locale)
    heading = _headline(told, say)
    lines = [f"{severity_name(one.severity)} {one.short_id} {one_line(one.title)}" for one in told.tally.shown]
    more = told.tally.waiting - len(lines)
    if more > 0:
        lines.append(say.count("… and {n} more incident", "… and {n} more incidents", more))
    how = say.say("They came so fast that they are in one message. None of them is lost.")
    plain, html = letters.render(
        heading=heading,
        lines=[],
        body="\n".join(lines),
        action_url=told.url,
        action_label=say.say("See all, acknowledge all"),
        footer=how,
        language=say.language,
    )
    return MailWords(clip(f"[Vigie] {heading}", 180), plain, html)


def direct(told: Told) -> Message:
    """For one person in Slack; later it shows how it stands."""
    say = words(told.locale)
    if not told.tally.waiting:
        done = say.say("✅ Nothing of this waits any more.")
        return Message(done, [kit.section(f"*{done}*"), kit.context(_counts(told, say))])
    heading = _headline(told, say)
    blocks = [kit.section(f"*🌩️ {kit.escape(heading)}*"), kit.context(_counts(told, say)), *_list(told, say)]
    return Message(kit.lock_screen(f"🌩️ {heading}"), [*blocks, *_buttons(told, say)])


def digest(told: Told) -> Message:
    """For a channel: what is held back, in one message that is brought up to date."""
    say, tally = words(told.locale), told.tally
    since = kit.clock_time(told.bundle.opened_at, say.clock(told.bundle.opened_at, "UTC") + " UTC")
    said = {"since": since}
    if told.bundle.closed_at is None:
        title = say.count(
            "🌩️ Storm: {n} more incident since {since}", "🌩️ Storm: {n} more incidents since {since}", tally.total, **said
        )
    else:
        title = say.count(
            "🌤️ The storm is over: {n} incident in this digest",
            "🌤️ The storm is over: {n} incidents in this digest",
            tally.total,
        )
    notes = [_counts(told, say)]
    if tally.held_cards:
        held = say.count(
            "{n} card is held back. It follows when it is calm; none is lost.",
            "{n} cards are held back. They follow when it is calm; none is lost.",
            tally.held_cards,
        )
        notes.append(held)
    blocks = [kit.section(f"*{title}*"), kit.context(*notes), *_list(told, say), *_buttons(told, say)]
    return Message(title, blocks)


def _counts(told: Told, say: Words) -> str:
    tally = told.tally
    parts = (
        say.count("❗ {n} that nobody has", "❗ {n} that nobody has", tally.waiting),
        say.count("{n} taken", "{n} taken", tally.taken),
        say.count("{n} over", "{n} over", tally.over),
    )
    return " · ".join(parts)


def _list(told: Told, say: Words) -> list[Block]:
    lines = [_line(one, told, say) for one in told.tally.shown[:_SHOWN]]
    more = told.tally.total - len(lines)
    if more > 0:
        lines.append(say.count("… and {n} more incident", "… and {n} more incidents", more))
    return [kit.section("\n".join(lines))] if lines else []


def _line(incident: Incident, told: Told, say: Words) -> str:
    service = told.tally.services.get(incident.service, "")
    facts = (severity_words(incident.severity, say), incident.short_id, kit.name(incident.title, _TITLE_SHOWN))
    return "• " + " · ".join(part for part in (*facts, kit.name(service, 40), state(incident, say)) if part)


def _buttons(told: Told, say: Words) -> list[Block]:
    made = [kit.button(say.say("Show all"), LIST, told.bundle.id)]
    if told.tally.waiting:
        dialog = Confirm(
            say.say("Acknowledge all?"),
            say.count(
                "You take {n} incident. Nobody else is paged for it.",
                "You take {n} incidents. Nobody else is paged for them.",
                told.tally.waiting,
            ),
            say.say("Acknowledge all"),
            say.say("Cancel"),
        )
        made.insert(
            0, kit.button(say.say("Acknowledge all"), ACKNOWLEDGE, _to_press(told), style="primary", confirm=dialog)
        )
    return kit.actions(made)


def taken(count: int, locale: str) -> Message:
    """The answer to whoever took them all."""
    say = words(locale)
    if not count:
        said = say.say("Nothing of this waits any more.")
    else:
        said = say.count("✅ {n} incident is yours.", "✅ {n} incidents are yours.", count)
    return Message(said, [kit.section(said)])


_ENVIRONMENT = jinja2.Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
)
_PAGE = _ENVIRONMENT.from_string(
    """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ heading }}</title>
<style nonce="{{ nonce }}">
body { font: 18px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; max-width: 34rem; margin: 0 auto;
  padding: 1.5rem; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.3; margin: 0 0 .5rem; }
ul { list-style: none; padding: 0; margin: 1.5rem 0; }
li { padding: .6rem 0; border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
small { opacity: .75; }
nav { display: flex; justify-content: space-between; gap: 1rem; }
button { font: inherit; font-weight: 700; width: 100%; padding: 1.1rem; border: 0; border-radius: .6rem;
  background: #1a6b3c; color: #fff; }
button:focus-visible, a:focus-visible { outline: 3px solid #6cb6ff; outline-offset: 3px; }
</style>
</head>
<body>
<main>
<h1>{{ heading }}</h1>
<p role="status">{{ told }}</p>
{% if button %}
<form method="post"><input type="hidden" name="{{ field }}" value="{{ seen }}">
<button type="submit">{{ button }}</button></form>
{% endif %}
<ul>
{% for title, small in rows %}
<li>{{ title }}<br><small>{{ small }}</small></li>
{% endfor %}
</ul>
{% if pages > 1 %}
<nav>
<span>{% if page > 1 %}<a href="?page={{ page - 1 }}">{{ previous }}</a>{% endif %}</span>
<span>{{ where }}</span>
<span>{% if page < pages %}<a href="?page={{ page + 1 }}">{{ next }}</a>{% endif %}</span>
</nav>
{% endif %}
</main>
</body>
</html>
"""
)


def page(told: Told, number: int, nonce: str, *, is_expired: bool) -> str:
    """The page behind a message's link: all of its incidents, a page at a time, and one button that takes them."""
    say, tally = words(told.locale), told.tally
    pages = max(-(-tally.total // PAGE), 1)
    may_act = bool(tally.waiting) and not is_expired
    if is_expired and tally.waiting:
        status = say.say("This link is too old. Acknowledge them in Slack.")
    elif tally.waiting:
        status = say.say(
            "Nobody has {n} of them yet. You acknowledge as {name}.", n=tally.waiting, name=told.bundle.name
        )
    else:
        status = say.say("Nothing of this waits any more.")
    rows = [
        (
            f"{severity_name(one.severity)} {one.short_id} · {clip(one_line(one.title), 200)}",
            " · ".join(
                part for part in (one_line(tally.services.get(one.service, "")), _plain_state(one, say)) if part
            ),
        )
        for one in tally.shown
    ]
    return _PAGE.render(
        language=say.language,
        nonce=nonce,
        heading=say.count("{n} incident", "{n} incidents", tally.total),
        told=status,
        button=say.say("Acknowledge all") if may_act else "",
        field=SEEN,
        seen=told.at.isoformat() if told.at else "",
        rows=rows,
        page=number,
        pages=pages,
        previous=say.say("◀ Previous"),
        next=say.say("Next ▶"),
        where=say.say("Page {page} of {pages}", page=number, pages=pages),
    )


def _plain_state(incident: Incident, say: Words) -> str:
    if not incident.is_open:
        return say.say("Resolved by {name}", name=one_line(incident.resolved_by) or "Vigie")
    if incident.acknowledged_by:
        return say.say("{name} has it", name=one_line(incident.acknowledged_by))
    return say.say("❗ Nobody has it yet")
