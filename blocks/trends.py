"""How a team's last 30 days were beside the 30 before: a line a team at Home."""

from __future__ import annotations

from datetime import timedelta

from blocks import kit
from blocks.kit import Block
from blocks.words import Words
from domain.directory import Directory
from domain.reports import Figure, Trend


def trends(found: tuple[Trend, ...], directory: Directory, say: Words) -> list[Block]:
    """The lines, with a button that sends the charts to the reader; nothing where nothing happened."""
    known = [trend for trend in found if trend.team in directory.teams]
    if not known:
        return []
    lines = [_line(trend, directory, say) for trend in known]
    button = kit.button(say.say("📈 Charts"), "report.charts.v1", ",".join(trend.team for trend in known))
    return [kit.section("\n".join([say.say("*The last 30 days*"), *lines]), button)]


def _line(trend: Trend, directory: Directory, say: Words) -> str:
    team = kit.name(directory.teams[trend.team].name, 80)
    counted = say.count("{n} incident", "{n} incidents", trend.now.count)
    parts = [_compared(counted, str(trend.before.count), say)]
    for name, now, before in (
        (say.say("MTTA"), trend.now.mtta, trend.before.mtta),
        (say.say("MTTR"), trend.now.mttr, trend.before.mttr),
    ):
        if now.count:
            told = say.say("{name} {time}", name=name, time=_span(now, say))
            parts.append(_compared(told, _span(before, say) if before.count else "–", say))
    return say.say("• {team}: {figures}", team=team, figures=" · ".join(parts))


def _compared(now: str, before: str, say: Words) -> str:
    return say.say("{now} (before: {before})", now=now, before=before)


def _span(figure: Figure, say: Words) -> str:
    return say.span(timedelta(seconds=figure.median or 0.0))
