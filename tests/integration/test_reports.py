"""The figures against a recomputation that shares nothing with the product: plain SQL and the statistics module."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from domain.incidents import Incident, Severity, Status
from domain.notifications import Notification, NotificationState, Recipient
from domain.oncall import OnCall
from domain.people import Service, Team
from domain.policies import Channel
from domain.reports import Group, Window
from handlers.reports.http import report_fields
from handlers.reports.service import ReportService
from storage import catalog, incidents, notifications, reports
from storage.identifiers import new_id
from storage.store import Store, Transaction
from tests.world import PushedClock

ZONES = ("Europe/Paris", "America/New_York", "Pacific/Apia")
START, END = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 11, 15, tzinfo=UTC)
"""Both clock changes of the year are in it."""
EDGES = tuple(
    datetime(*day, hour, tzinfo=UTC)
    for day in ((2026, 3, 8), (2026, 3, 29), (2026, 10, 25), (2026, 11, 1))
    for hour in (0, 1, 6, 22, 23)
)
MINUTES = st.integers(0, 3 * 24 * 60 * 60_000).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


@dataclass(frozen=True)
class Past:
    """One incident as it went; a length is None for what never happened."""

    created: datetime
    detected: timedelta
    received: timedelta | None
    paged: timedelta | None
    taken: timedelta | None
    given_back: bool
    ended: timedelta | None
    by_source: bool
    is_duplicate: bool
    is_drill: bool
    severity: Severity
    team: str


PASTS = st.lists(
    st.builds(
        Past,
        created=st.sampled_from(EDGES)
        | st.datetimes(datetime(2026, 2, 27), datetime(2026, 11, 17), timezones=st.just(UTC)),  # noqa: DTZ001
        detected=MINUTES,
        received=st.none() | MINUTES,
        paged=st.none() | MINUTES,
        taken=st.none() | MINUTES,
        given_back=st.booleans(),
        ended=st.none() | MINUTES,
        by_source=st.booleans(),
        is_duplicate=st.booleans(),
        is_drill=st.booleans(),
        severity=st.sampled_from(list(Severity)),
        team=st.sampled_from(ZONES),
    ),
    max_size=12,
)


def team_of(zone: str) -> Team:
    return Team(id=zone, name=zone, channel="#x", on_call=OnCall(timezone=zone))


def incident_of(past: Past) -> Incident:
    """`past` as the product keeps it: the first acknowledgement stays when it is given back."""
    taken = past.created + past.taken if past.taken is not None else None
    ended = past.created + past.ended if past.ended is not None else None
    status = Status.ACKNOWLEDGED if taken and not past.given_back else Status.TRIGGERED
    return Incident(
        id=new_id(),
        short_id=new_id(),
        title="Redis is down",
        severity=past.severity,
        status=Status.RESOLVED if ended else status,
        service=f"{past.team} service",
        team=past.team,
        source="grafana",
        detected_at=past.created - past.detected,
        received_at=past.created - past.received if past.received is not None else None,
        created_at=past.created,
        acknowledged_at=taken,
        resolved_at=ended,
        resolved_by=("Grafana" if past.by_source else "Ada") if ended else "",
        duplicate_of="another" if past.is_duplicate and ended else "",
        is_drill=past.is_drill,
    )


def put(tx: Transaction, pasts: list[Past]) -> None:
    """A whole history; of each page there are three receipts, of which one counts."""
    for name in ("notifications", "incidents", "services", "teams"):
        tx.execute(text(f"DELETE FROM {name}"))
    for zone in ZONES:
        catalog.put_team(tx, team_of(zone))
        catalog.put_service(tx, Service(id=f"{zone} service", name=f"{zone} service", team=zone))
    catalog.touch(tx)
    for past in pasts:
        incident = incident_of(past)
        incidents.add(tx, [incident])
        if past.paged is not None:
            sent = past.created + past.paged
            pages = [
                page(incident.id, "", NotificationState.SENT, past.created),
                page(incident.id, "ada", NotificationState.FAILED, None),
                page(incident.id, "ada", NotificationState.SENT, sent),
                page(incident.id, "bob", NotificationState.SENT, sent + timedelta(minutes=5)),
            ]
            notifications.add(tx, [(one, one.id) for one in pages])


def page(incident: str, person: str, state: NotificationState, at: datetime | None) -> Notification:
    return Notification(
        id=new_id(),
        incident=incident,
        step=1,
        channel=Channel.SMS,
        recipient=Recipient(person, person, "+33600000001"),
        message="",
        why="",
        state=state,
        decided_at=START,
        sent_at=at,
    )


def at(value: Any) -> datetime | None:
    """A time out of a plain query: SQLite has none, and gives the text back."""
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


RAW = text(
    "SELECT i.id, i.team, i.service, i.severity, i.status, i.detected_at, i.received_at, i.created_at, "
    "i.acknowledged_at, i.resolved_at, i.resolved_by, i.duplicate_of, i.is_drill, "
    "(SELECT MIN(n.sent_at) FROM notifications n "
    " WHERE n.incident = i.id AND n.person <> '' AND n.state = 'sent') AS paged_at FROM incidents i"
)


def recomputed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the API has to say of these rows."""
    lengths: dict[str, list[float]] = {name: [] for name in ("mttd", "mtta", "mttr", "intake", "notification", "human")}
    counts = {"count": 0, "open": 0, "duplicates": 0, "self_resolved": 0, "drills": 0}
    for row in rows:
        if row["is_drill"]:
            counts["drills"] += 1
            continue
        if row["duplicate_of"]:
            counts["duplicates"] += 1
            continue
        if row["status"] == "RESOLVED" and row["acknowledged_at"] is None and row["resolved_by"] == "Grafana":
            counts["self_resolved"] += 1
            continue
        counts["count"] += 1
        counts["open"] += row["status"] != "RESOLVED"
        spans = {
            "mttd": (row["detected_at"], row["created_at"]),
            "mtta": (row["created_at"], row["acknowledged_at"]),
            "mttr": (row["created_at"], row["resolved_at"]),
            "intake": (row["received_at"], row["created_at"]),
            "notification": (row["created_at"], row["paged_at"]),
            "human": (row["paged_at"], row["acknowledged_at"]),
        }
        for name, (begin, end) in spans.items():
            if begin is not None and end is not None and (name != "human" or end >= begin):
                lengths[name].append((end - begin) / timedelta(seconds=1))
    return counts | {f"{name}_seconds": described(found) for name, found in lengths.items()}


def described(lengths: list[float]) -> dict[str, Any]:
    if not lengths:
        return {"count": 0, "mean": None, "median": None, "p90": None}
    ordered = sorted(lengths)
    place = 0.9 * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    ninetieth = ordered[low] + (ordered[high] - ordered[low]) * (place - low)
    return {
        "count": len(lengths),
        "mean": statistics.mean(lengths),
        "median": statistics.median(lengths),
        "p90": ninetieth,
    }


def week(moment: datetime, zone: str) -> str:
    """The ISO week, counted from its Thursday and not by the library that the product uses."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    thursday = day + timedelta(days=3 - day.weekday())
    number = (thursday - date(thursday.year, 1, 1)).days // 7 + 1
    return f"{thursday.year}-W{number:02}"


def assert_same(said: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    assert said.keys() == expected.keys()
    for name, value in expected.items():
        if not isinstance(value, dict):
            assert said[name] == value, name
            continue
        for statistic, number in value.items():
            assert said[name][statistic] == (None if number is None else pytest.approx(number, abs=0.002)), name


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pasts=PASTS)
def test_the_api_says_what_the_rows_say(store: Store, pasts: list[Past]) -> None:
    store.write_now(lambda tx: put(tx, pasts))
    times = ("detected_at", "received_at", "created_at", "acknowledged_at", "resolved_at", "paged_at")
    raw = [dict(row._mapping) for row in store.read_now(lambda tx: tx.execute(RAW).all())]
    rows = [row | {name: at(row[name]) for name in times} for row in raw]
    inside = [row for row in rows if START <= row["created_at"] < END]
    service = ReportService(store, PushedClock())

    async def ask() -> None:
        everything = Window(start=START, end=END)
        assert_same(report_fields((await service.report(everything)).report), recomputed(inside))
        for group, name in ((Group.TEAM, "team"), (Group.SERVICE, "service"), (Group.SEVERITY, "severity")):
            groups = (await service.report(everything, group)).groups
            assert set(groups) == {row[name] for row in inside}
            for key, said in groups.items():
                assert_same(report_fields(said), recomputed([row for row in inside if row[name] == key]))
        for zone in ZONES:
            found = await service.report(Window(start=START, end=END, teams=(zone,)), Group.WEEK)
            mine = [row for row in inside if row["team"] == zone]
            assert found.zone == zone
            assert set(found.groups) == {week(row["created_at"], zone) for row in mine}
            for key, said in found.groups.items():
                theirs = [row for row in mine if week(row["created_at"], zone) == key]
                assert_same(report_fields(said), recomputed(theirs))
            assert sum(bucket.report.count for bucket in found.buckets) == found.report.count

    asyncio.run(ask())


async def test_figures_of_too_many_say_since_when_they_are(store: Store) -> None:
    def keep(tx: Transaction) -> None:
        for days in range(40):
            created = END - timedelta(days=days + 1)
            one = Incident(id=new_id(), short_id=new_id(), title="Down", severity=Severity.SEV1, detected_at=created,
                           created_at=created)  # fmt: skip
            incidents.add(tx, [one])

    store.write_now(keep)
    window = Window(start=END - timedelta(days=365), end=END)
    whole = await ReportService(store, PushedClock(), most=41).report(window)
    assert (whole.report.count, whole.window) == (40, window)
    cut = await ReportService(store, PushedClock(), most=15).report(window, Group.WEEK)
    assert (cut.report.count, cut.window.start) == (15, END - timedelta(days=15))
    assert all(bucket.report.count for bucket in cut.buckets), "a week that was not looked at is none without incidents"


def plan(tx: Transaction, statement: str) -> str:
    """How the database finds what a statement asks for."""
    if tx.dialect.name == "sqlite":
        return "\n".join(row[3] for row in tx.execute(text(f"EXPLAIN QUERY PLAN {statement}")))
    tx.execute(text("SET LOCAL enable_seqscan = off"))
    return "\n".join(row[0] for row in tx.execute(text(f"EXPLAIN {statement}")))


def test_a_window_costs_what_is_in_it(store: Store) -> None:
    """The incidents by their creation, their pages by incident: no table is read through."""
    window = Window(start=START, end=START + timedelta(days=7), teams=("one",))

    def look(tx: Transaction) -> str:
        made = reports.statement(window).compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
        return plan(tx, str(made).replace(":", "\\:"))

    said = store.read_now(look)
    assert "incidents_by_creation" in said
    assert "ix_notifications_incident" in said
    assert "SCAN incidents" not in said and "SCAN notifications" not in said
    assert "Seq Scan" not in said
