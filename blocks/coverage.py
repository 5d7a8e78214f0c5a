"""Holes of the next two weeks in words: when which incident reaches nobody, or one person by one channel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from blocks import kit
from blocks.escalations import channel_names
from blocks.incidents import severity_name
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.coverage import AHEAD, Cover, Hole
from domain.directory import Directory
from domain.incidents import Severity

_LINES = 4
_NAME = 80
_SERVICES = 3


def coverage(found: Sequence[Hole], directory: Directory, say: Words) -> list[str]:
    """Lines of markup for Home, the worst first; none when all is well."""
    lines = [_line(group, directory, say, kit.name) for group in _together(found)]
    return _some(lines, say)


def coverage_text(found: Sequence[Hole], directory: Directory, locale: str) -> list[str]:
    """The same as plain text, for a terminal."""
    say = words(locale)
    return _some(
        [_line(group, directory, say, lambda text, limit: clip(one_line(text), limit)) for group in _together(found)],
        say,
    )


def _some(lines: list[str], say: Words) -> list[str]:
    more = len(lines) - _LINES
    if more <= 0:
        return lines
    return [
        *lines[:_LINES],
        say.count("… and {n} more hole in the next 14 days", "… and {n} more holes in the next 14 days", more),
    ]


def _together(found: Iterable[Hole]) -> list[list[Hole]]:
    """What differs by severity alone is said once."""
    groups: dict[tuple[object, ...], list[Hole]] = {}
    for hole in found:
        key = (hole.team, hole.start, hole.end, hole.cover, hole.person, hole.channel)
        groups.setdefault(key, []).append(hole)
    return list(groups.values())


def _line(group: list[Hole], directory: Directory, say: Words, tidy: Callable[[str, int], str]) -> str:
    hole = group[0]
    team = directory.teams.get(hole.team)
    zone = team.on_call.timezone if team else "UTC"
    severities = [severity for severity in Severity if severity in {one.severity for one in group}]
    services = [tidy(name, _NAME) for name in hole.services[:_SERVICES]]
    rest = len(hole.services) - len(services)
    said = {
        "severities": say.listed(tuple(severity_name(one) for one in severities)),
        "services": say.listed((*services, *([say.count("{n} more", "{n} more", rest)] if rest else []))),
    }
    when = {"start": say.date(hole.start, zone), "end": say.date(hole.end, zone)}
    if hole.cover is Cover.ONE_WAY and hole.channel:
        person = directory.people.get(hole.person)
        said["name"] = tidy(person.name if person else hole.person, _NAME)
        said["channel"] = channel_names((hole.channel,), (), say)
        if hole.end - hole.start >= AHEAD:
            return say.count(
                "⚠️ {severities} of {services} reaches only {name}, by {channel}",
                "⚠️ {severities} of {services} reach only {name}, by {channel}",
                len(severities),
                **said,
            )
        return say.count(
            "⚠️ From {start} until {end} {severities} of {services} reaches only {name}, by {channel}",
            "⚠️ From {start} until {end} {severities} of {services} reach only {name}, by {channel}",
            len(severities),
            **said,
            **when,
        )
    if hole.end - hole.start >= AHEAD:
        return say.count(
            "🚨 {severities} of {services} reaches nobody: give it a policy that does",
            "🚨 {severities} of {services} reach nobody: give them a policy that does",
            len(severities),
            **said,
        )
    return say.count(
        "🚨 From {start} until {end} {severities} of {services} reaches nobody",
        "🚨 From {start} until {end} {severities} of {services} reach nobody",
        len(severities),
        **said,
        **when,
    )
