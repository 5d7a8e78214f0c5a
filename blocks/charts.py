"""The figures as a picture: how many incidents, and how long they took. Dark on a white card of its own, so that it is
read in Slack's light and dark alike."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from blocks.incidents import severity_name
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.incidents import Severity
from domain.reports import SHORTEST_BY_WEEK, Bucket, Figure, Report, Window

CARD = "#ffffff"
INK = "#1d1c1d"
LINES = {"mtta": "#0b57a4", "mttr": "#a3216e"}
BARS = {Severity.SEV1: "#b3261e", Severity.SEV2: "#b35900", Severity.SEV3: "#1f6f9c", Severity.SEV4: "#5f6368"}
"""Each at least 4.5 to 1 against the card; the severities stand in one order, so that colour is never all there is."""
_INCHES = (8.0, 5.2)
_DOTS = 125
_TICKS = 8
_TITLE_SHOWN = 60
ALT_LIMIT = 1000
"""Characters that Slack takes to describe a file (files.getUploadURLExternal, alt_txt)."""


def alt_text(found: Report, title: str, locale: str) -> str:
    """What the picture shows, for whoever does not see it."""
    say = words(locale)
    told = [clip(one_line(title), 200), say.count("{n} incident", "{n} incidents", found.count)]
    for name, figure in (("MTTA", found.mtta), ("MTTR", found.mttr)):
        if figure.median is not None:
            length = say.span(timedelta(seconds=figure.median))
            told.append(say.say("{name}: {time} in the middle", name=name, time=length))
    return clip(". ".join(told), ALT_LIMIT)


def chart(buckets: Sequence[Bucket], window: Window, title: str, locale: str) -> bytes:
    """A PNG: the incidents of each day or week by severity, above the median MTTA and MTTR of the same.

    Takes up to a second of one processor: call it in a thread. Its fonts have no emoji, and no state is shared.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Picture

    say = words(locale)
    picture = Picture(figsize=_INCHES, dpi=_DOTS, facecolor=CARD, layout="constrained")
    FigureCanvasAgg(picture)
    counts, lengths = picture.subplots(2, 1, sharex=True)
    # Nothing foreign is read as a formula.
    picture.suptitle(_drawable(clip(one_line(title), _TITLE_SHOWN)), color=INK, fontweight="bold", parse_math=False)
    _bars(counts, buckets, say)
    _lengths(lengths, buckets, say)
    is_by_week = window.end - window.start >= SHORTEST_BY_WEEK
    _dates(lengths, buckets, say.say("week of") if is_by_week else "", say)
    written = io.BytesIO()
    picture.savefig(written, format="png", facecolor=CARD)
    return written.getvalue()


def _drawable(text: str) -> str:
    """`text` with a box for what the one font that is always there does not have; the message beside it has it all."""
    from matplotlib.font_manager import findfont, get_font

    known = get_font(findfont("DejaVu Sans")).get_charmap()
    return "".join(letter if ord(letter) in known else "□" for letter in text)


def _bars(axes: Any, buckets: Sequence[Bucket], say: Words) -> None:
    places, below = range(len(buckets)), [0] * len(buckets)
    for severity in Severity:
        heights = [bucket.severities.get(severity, 0) for bucket in buckets]
        if any(heights):
            axes.bar(places, heights, bottom=below, color=BARS[severity], label=severity_name(severity), edgecolor=CARD)
            below = [low + height for low, height in zip(below, heights, strict=True)]
    axes.set_ylim(0, max(max(below, default=0) * 1.15, 1))
    axes.yaxis.get_major_locator().set_params(integer=True)
    _dress(axes, say.say("Incidents"))


def _lengths(axes: Any, buckets: Sequence[Bucket], say: Words) -> None:
    longest = 0.0
    for name, of in _FIGURES.items():
        minutes = [_minutes(of(bucket.report)) for bucket in buckets]
        if any(length is not None for length in minutes):
            # Days without any leave a gap: a line through it says what never was.
            drawn = [float("nan") if length is None else length for length in minutes]
            axes.plot(
                range(len(buckets)), drawn, marker="o" if name == "mtta" else "s", color=LINES[name], label=name.upper()
            )
            longest = max([longest, *(length for length in minutes if length is not None)])
    axes.set_ylim(0, max(longest * 1.15, 1))
    _dress(axes, say.say("Minutes, in the middle"))


_FIGURES: dict[str, Callable[[Report], Figure]] = {"mtta": lambda one: one.mtta, "mttr": lambda one: one.mttr}


def _minutes(figure: Figure) -> float | None:
    return None if figure.median is None else figure.median / 60


def _dress(axes: Any, name: str) -> None:
    axes.set_facecolor(CARD)
    axes.set_title(name, loc="left", color=INK, fontsize=11)
    axes.tick_params(colors=INK)
    axes.grid(axis="y", color="#d0d0d0", linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, labelcolor=INK)


def _dates(axes: Any, buckets: Sequence[Bucket], prefix: str, say: Words) -> None:
    every = max(-(-len(buckets) // _TICKS), 1)
    shown = range(0, len(buckets), every)
    axes.set_xticks(list(shown), [say.short_day(buckets[place].start) for place in shown])
    axes.set_xlabel(prefix, color=INK)
