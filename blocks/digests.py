"""The figures of a team's week, for its channel: a few lines, and nobody mentioned."""

from __future__ import annotations

from datetime import timedelta

from blocks import kit
from blocks.incidents import severity_name
from blocks.kit import Message
from blocks.words import Words, words
from domain.digests import Week
from domain.incidents import Severity
from domain.reports import Figure


def digest(team: str, week: Week, locale: str) -> Message:
    """What the week was like, and the one before."""
    say = words(locale)
    first, last = week.days
    said = {"team": kit.name(team, 80), "first": say.short_day(first), "last": say.short_day(last)}
    title = say.say("📊 The week of {team}, {first} – {last}", **said)
    lines = [f"*{title}*", _counts(week, say), *_figures(week, say)]
    how = say.say("Every Monday, when there were incidents. An admin turns it off in the team's form, in the Home tab.")
    return Message(title, [kit.section("\n".join(line for line in lines if line)), kit.context(how)])


def _counts(week: Week, say: Words) -> str:
    found = week.report
    parts = [
        say.say("{severity}: {n}", severity=severity_name(one), n=week.severities[one])
        for one in Severity
        if week.severities.get(one)
    ]
    told = say.count("{n} incident", "{n} incidents", found.count)
    told = f"{told} ({', '.join(parts)})" if parts else told
    before = say.count("{n} the week before", "{n} the week before", week.before.count)
    more = []
    if found.open:
        more.append(say.count("{n} of them is open", "{n} of them are open", found.open))
    if found.self_resolved:
        more.append(say.count("{n} more resolved by itself", "{n} more resolved by themselves", found.self_resolved))
    if found.duplicates:
        more.append(say.count("{n} more was a duplicate", "{n} more were duplicates", found.duplicates))
    return " · ".join([told, before, *more])


def _figures(week: Week, say: Words) -> list[str]:
    pairs = (
        (say.say("Acknowledged after (MTTA)"), week.report.mtta, week.before.mtta),
        (say.say("Resolved after (MTTR)"), week.report.mttr, week.before.mttr),
    )
    return [_figure(name, now, before, say) for name, now, before in pairs if now.count]


def _figure(name: str, now: Figure, before: Figure, say: Words) -> str:
    said = {"name": name, "median": _span(now.median, say), "ninth": _span(now.p90, say)}
    if not before.count:
        return say.say("• {name}: {median} in the middle, 9 of 10 within {ninth}", **said)
    said["before"] = _span(before.median, say)
    return say.say("• {name}: {median} in the middle, 9 of 10 within {ninth} (the week before: {before})", **said)


def _span(seconds: float | None, say: Words) -> str:
    return say.span(timedelta(seconds=seconds or 0.0))
