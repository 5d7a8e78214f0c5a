"""The figures of a window in words: what matters first, one line a figure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from blocks import kit
from blocks.incidents import severity_name
from blocks.kit import Message
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.incidents import Severity
from domain.reports import Figure, Report


def report(
    found: Report,
    before: Report,
    severities: Mapping[str, Report],
    *,
    days: int,
    of: str,
    locale: str,
    since: datetime | None = None,
) -> Message:
    """The last `days` of `of` ("" for everything), and the same length `before`; `since` when its incidents are where
    there are too many for all of it."""
    say = words(locale)
    heading = kit.name(title(days, of, locale), 200)
    blocks = [kit.section(f"*📊 {heading}*"), kit.section("\n".join(_counts(found, severities, say)))]
    lines = _lines(found, say)
    if lines:
        blocks.append(kit.section("\n".join(lines)))
    if since:
        day = kit.moment(since, say.date(since, "UTC"))
        blocks.append(kit.context(say.say("⚠️ These are too many: only those since {day} are counted.", day=day)))
    elif before.count:
        blocks.append(kit.context(_compared(found, before, say)))
    if found.count:
        blocks.append(kit.context(say.say("📈 The chart comes in your direct messages with Vigie.")))
    return Message(heading, blocks)


def title(days: int, of: str, locale: str) -> str:
    """What a report is about, as plain text."""
    say = words(locale)
    length = say.count("Figures of the last day", "Figures of the last {n} days", days)
    everything = say.say("all services")
    return f"{length} · {clip(one_line(of), 80) or everything}"


def caption(heading: str) -> str:
    """What stands above a picture."""
    return f"📊 {kit.name(heading, 200)}"


def not_sent(locale: str) -> Message:
    """The picture did not leave."""
    return Message(words(locale).say("Slack did not take the chart: try again in a moment."))


def _counts(found: Report, severities: Mapping[str, Report], say: Words) -> list[str]:
    if not (found.count or found.duplicates or found.self_resolved or found.drills):
        return [say.say("🌙 No incident.")]
    parts = [
        say.say("{severity}: {n}", severity=severity_name(one), n=severities[one.value].count)
        for one in Severity
        if one.value in severities and severities[one.value].count
    ]
    told = say.count("{n} incident", "{n} incidents", found.count)
    lines = [f"{told} ({', '.join(parts)})" if parts else told]
    if found.open:
        lines.append(say.count("{n} of them is open", "{n} of them are open", found.open))
    if found.self_resolved:
        lines.append(say.count("{n} more resolved by itself", "{n} more resolved by themselves", found.self_resolved))
    if found.duplicates:
        lines.append(say.count("{n} more was a duplicate", "{n} more were duplicates", found.duplicates))
    if found.drills:
        lines.append(say.count("{n} drill, counted apart", "{n} drills, counted apart", found.drills))
    return lines


def _lines(found: Report, say: Words) -> list[str]:
    named = (
        (say.say("Acknowledged after (MTTA)"), found.mtta),
        (say.say("Resolved after (MTTR)"), found.mttr),
        (say.say("Detected before it was opened (MTTD)"), found.mttd),
        (say.say("From the first alert to the incident"), found.intake),
        (say.say("First page to a person after"), found.notification),
        (say.say("From that page to the acknowledgement"), found.human),
    )
    return [_line(name, figure, say) for name, figure in named if figure.count]


def _line(name: str, figure: Figure, say: Words) -> str:
    return say.say(
        "• *{name}*: {mean} on average, {median} in the middle, 9 of 10 within {ninth}",
        name=name,
        mean=_span(figure.mean, say),
        median=_span(figure.median, say),
        ninth=_span(figure.p90, say),
    )


def _span(seconds: float | None, say: Words) -> str:
    return say.span(timedelta(seconds=seconds or 0.0))


def _compared(found: Report, before: Report, say: Words) -> str:
    told = [say.count("before that: {n} incident", "before that: {n} incidents", before.count)]
    for name, figure in ((say.say("MTTA"), before.mtta), (say.say("MTTR"), before.mttr)):
        if figure.count:
            told.append(say.say("{name} {time}", name=name, time=_span(figure.mean, say)))
    return " · ".join(told)
