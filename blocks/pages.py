"""Web pages for somebody with a phone and no Slack: what, how bad, and one button."""

from __future__ import annotations

from dataclasses import dataclass

import jinja2

from blocks.incidents import severity_words
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.incidents import Incident, Status

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
dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem; margin: 1rem 0; }
dt { opacity: .7; }
dd { margin: 0; font-weight: 600; }
button { font: inherit; font-weight: 700; width: 100%; padding: 1.1rem; border: 0; border-radius: .6rem;
  background: #1a6b3c; color: #fff; }
form + form { margin-top: 1rem; }
button.second { background: transparent; color: inherit; border: 2px solid currentColor; }
button:focus-visible { outline: 3px solid #6cb6ff; outline-offset: 3px; }
</style>
</head>
<body>
<main>
<h1>{{ heading }}</h1>
{% if facts %}
<dl>
{% for label, value in facts %}
<dt>{{ label }}</dt><dd>{{ value }}</dd>
{% endfor %}
</dl>
{% endif %}
{% if description is defined and description %}<p>{{ description }}</p>{% endif %}
<p role="status">{{ told }}</p>
{% if button %}
<form method="post">
{% if seen is defined %}<input type="hidden" name="{{ field }}" value="{{ seen }}">{% endif %}
<button type="submit">{{ button }}</button></form>
{% endif %}
{% if second %}
<form method="post"><button class="second" type="submit" name="act" value="{{ act }}">{{ second }}</button></form>
{% endif %}
</main>
</body>
</html>
"""
)
_TITLE_SHOWN, _DESCRIPTION_SHOWN = 300, 500
DECLINE = "decline"
"""What the second button sends as `act`."""
SEEN = "seen"
"""The field in which the first one says when its page was shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An incident, for the one who was paged for it by `name`."""

    incident: Incident
    service: str
    team: str
    name: str
    is_expired: bool
    has_declined: bool = False
    is_nobody_left: bool = False
    may_decline: bool = False
    seen_at: str = ""
    """When it was shown; the button says so."""
    main: str = ""
    """The incident (a short id) that it was a duplicate of."""


def acknowledge(shown: Shown, locale: str, nonce: str) -> str:
    """The page behind a signed link. `nonce` lets its own style in, and no other."""
    say = words(locale)
    incident = shown.incident
    is_waiting = incident.status is Status.TRIGGERED and not shown.is_expired
    service = " · ".join(part for part in (one_line(shown.service), one_line(shown.team)) if part)
    return _PAGE.render(
        language=say.language,
        nonce=nonce,
        heading=clip(one_line(incident.title), _TITLE_SHOWN),
        facts=[
            (say.say("Incident"), incident.short_id),
            (say.say("Severity"), severity_words(incident.severity, say)),
            (say.say("Service"), service or "–"),
        ],
        description=clip(one_line(incident.description), _DESCRIPTION_SHOWN) if incident.is_open else "",
        told=_told(shown, say),
        button=say.say("Acknowledge") if is_waiting else "",
        second=say.say("Can't take it") if shown.may_decline and not shown.is_expired and incident.is_open else "",
        act=DECLINE,
        field=SEEN,
        seen=shown.seen_at,
    )


def _told(shown: Shown, say: Words) -> str:
    incident = shown.incident
    match incident.status:
        case Status.RESOLVED if shown.main:
            by = one_line(incident.resolved_by)
            return say.say("{name} closed it as a duplicate of {id}: look at that one.", name=by, id=shown.main)
        case Status.RESOLVED:
            return say.say("It is over: {name} resolved it.", name=one_line(incident.resolved_by) or "Vigie")
        case Status.TRIGGERED if shown.is_expired:
            return say.say("This link is too old. Acknowledge {id} in Slack.", id=incident.short_id)
        case Status.TRIGGERED if shown.is_nobody_left:
            return say.say("You can't take it: noted. Nobody else is left to page: call somebody, or acknowledge it.")
        case Status.TRIGGERED if shown.has_declined:
            return say.say(
                "You can't take it: noted. It goes to somebody else, and pages you no more, unless nobody else is left."
            )
        case Status.TRIGGERED:
            return say.say("Nobody has it yet. You acknowledge as {name}.", name=one_line(shown.name))
        case _:
            return say.say("{name} has it. Nobody else is paged.", name=one_line(incident.acknowledged_by))


def gone(locale: str, nonce: str) -> str:
    """The page of a link that is none of ours."""
    say = words(locale)
    return _PAGE.render(
        language=say.language,
        nonce=nonce,
        heading=say.say("This link leads nowhere"),
        facts=[],
        told=say.say("Open it as it stands in the message, or acknowledge in Slack."),
        button="",
        second="",
    )


def page(*, heading: str, told: str, button: str, locale: str, nonce: str) -> str:
    """A page that says one thing, and has one button when something can be done."""
    return _PAGE.render(
        language=words(locale).language,
        nonce=nonce,
        heading=clip(one_line(heading), _TITLE_SHOWN),
        facts=[],
        told=told,
        button=button,
        second="",
    )
