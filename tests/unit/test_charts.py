"""The chart is a picture that can be read in light and dark, and described to whoever does not see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from blocks import reports
from blocks.charts import ALT_LIMIT, BARS, CARD, INK, LINES, alt_text, chart
from bot.demo.visible import words
from domain.incidents import Incident, Severity, Status
from domain.reports import Case, Window, by_time, report

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", [INK, *LINES.values(), *BARS.values()])
def test_everything_drawn_stands_out_from_the_card(colour: str) -> None:
    assert (luminance(CARD) + 0.05) / (luminance(colour) + 0.05) >= 4.5


def case(days: float, severity: Severity = Severity.SEV1, *, is_taken: bool = True) -> Case:
    created = NOW - timedelta(days=days)
    return Case(
        Incident(
            id=str(days),
            short_id="INC-ABC234",
            title="Redis is down",
            severity=severity,
            status=Status.ACKNOWLEDGED,
            detected_at=created,
            created_at=created,
            acknowledged_at=created + timedelta(minutes=4) if is_taken else None,
        )
    )


@pytest.mark.parametrize("days", [1, 7, 30, 365])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_window_is_drawn(days: int, locale: str) -> None:
    window = Window(start=NOW - timedelta(days=days), end=NOW)
    for cases in ([], [case(0.5, is_taken=False)], [case(0.2), case(0.9, Severity.SEV4)]):
        drawn = chart(by_time(cases, window, "Europe/Paris"), window, "$\\frac{1}$ _{ <b> 漢字 $", locale)
        assert drawn.startswith(b"\x89PNG")
        width, height = (int.from_bytes(drawn[place : place + 4], "big") for place in (16, 20))
        assert (width, height) == (1000, 650)
        assert len(drawn) < 200_000


def test_too_many_are_said_and_not_compared() -> None:
    found, before = report([case(1)]), report([case(40)])
    said = reports.report(found, before, {}, days=365, of="", locale="en", since=NOW - timedelta(days=2))
    told = words(said.blocks)
    assert "only those since" in told and "before that" not in told
    assert "before that: 1 incident" in words(reports.report(found, before, {}, days=30, of="", locale="en").blocks)


def test_the_words_beside_it_say_the_figures() -> None:
    said = alt_text(report([case(1), case(2)]), "The week · SRE", "en")
    assert said == "The week · SRE. 2 incidents. MTTA: 4 min in the middle"
    assert len(alt_text(report([]), "x" * 5000, "fr")) <= ALT_LIMIT


def test_days_without_incidents_have_their_place() -> None:
    window = Window(start=NOW - timedelta(days=7), end=NOW)
    buckets = by_time([case(3)], window, "Europe/Paris")
    assert [bucket.report.count for bucket in buckets] == [0, 0, 0, 0, 1, 0, 0, 0]
    weeks = by_time([case(3)], Window(start=NOW - timedelta(days=30), end=NOW), "Europe/Paris")
    assert [bucket.start.weekday() for bucket in weeks] == [0] * 6
    assert [bucket.report.count for bucket in weeks] == [0, 0, 0, 0, 1, 0]
