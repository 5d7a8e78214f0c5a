"""The figures: in the API, in Slack, and recomputed from the raw rows by other means."""

from __future__ import annotations

import statistics
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from bot.scopes import SCOPES
from storage.store import Transaction
from tests.world import World, read, world_on


async def acted(world: World, number: int, *, taken: float | None, mended: float | None) -> None:
    """An incident that is taken and mended so many minutes after it began."""
    await world.alert(group=f"g{number}", fingerprint=f"f{number}", service="api-gateway", severity="info")
    (one,) = (await world.get("/api/v1/incidents/?status=TRIGGERED"))[1]["results"]
    path = f"/api/v1/incidents/{one['short_id']}"
    if taken is not None:
        await world.advance(minutes=taken)
        assert (await world.post({}, f"{path}/acknowledge/"))[0] == 200
    if mended is not None:
        await world.advance(minutes=mended - (taken or 0))
        assert (await world.post({"resolution_note": "Restarted"}, f"{path}/resolve/"))[0] == 200
    await world.advance(minutes=60)


def recomputed(tx: Transaction) -> dict[str, list[float]]:
    """MTTA and MTTR from the rows themselves, with nothing of the product's own."""
    found: dict[str, list[float]] = {"mtta": [], "mttr": []}
    rows = tx.execute(text("SELECT created_at, acknowledged_at, resolved_at FROM incidents WHERE duplicate_of = ''"))
    for created, acknowledged, resolved in rows:
        for name, moment in (("mtta", acknowledged), ("mttr", resolved)):
            if moment is not None:
                found[name].append((_moment(moment) - _moment(created)).total_seconds())
    return found


def _moment(value: Any) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


async def test_the_api_says_what_the_rows_say(world: World) -> None:
    for number, (taken, mended) in enumerate([(2, 10), (4, 34), (None, 20), (10, None), (1, 3)]):
        await acted(world, number, taken=taken, mended=mended)
        if mended is None:
            await world.command("/incident", "resolve", as_="ada")
            (one,) = (await world.get("/api/v1/incidents/?status=ACKNOWLEDGED"))[1]["results"]
            await world.outside.slack.member("ada").close(everything=True)
            assert one["status"] == "ACKNOWLEDGED"
    status, found = await world.get("/api/v1/metrics/")
    assert status == 200
    assert (found["count"], found["open"], found["self_resolved"], found["duplicates"]) == (5, 1, 0, 0)
    raw = await world.app.store.read(recomputed)
    for name, lengths in raw.items():
        said = found[f"{name}_seconds"]
        assert said["count"] == len(lengths)
        assert abs(said["mean"] - statistics.mean(lengths)) < 0.01
        assert abs(said["median"] - statistics.median(lengths)) < 0.01
        assert min(lengths) <= said["median"] <= said["p90"] <= max(lengths)
    world.expect_what_was_said()


async def test_by_service_and_in_words(world: World) -> None:
    await acted(world, 1, taken=8, mended=30)
    await world.alert(group="g9", fingerprint="f9")
    await world.alert(group="g9", fingerprint="f9", status="resolved")
    status, found = await world.get("/api/v1/metrics/?group_by=service&severity=SEV1,SEV3")
    assert status == 200
    groups = {one["key"]: one for one in found["groups"]}
    assert groups["redis-prod"]["self_resolved"] == 1
    assert groups["redis-prod"]["count"] == 0
    assert round(groups["api-gateway"]["mtta_seconds"]["mean"] / 60) == 8
    answer = await world.command("/incident", "stats gateway 7d", as_="john")
    assert answer is not None
    assert "Figures of the last 7 days · api-gateway" in answer.words
    assert "1 incident (SEV3: 1)" in answer.words
    assert "*Acknowledged after (MTTA)*: 8 min on average" in answer.words
    assert "*Resolved after (MTTR)*: 30 min on average, 30 min in the middle, 9 of 10 within 30 min" in answer.words
    answer = await world.command("/incident", "stats", as_="john")
    assert answer is not None and "1 more resolved by itself" in answer.words
    world.outside.workspace.add_user("gaston", locale="fr-FR")
    answer = await world.command("/incident", "stats SRE Core 2w", as_="gaston")
    assert answer is not None and "Chiffres des 14 derniers jours · SRE Core" in answer.words
    world.expect_what_was_said()


async def test_what_is_asked_wrongly_is_named(world: World) -> None:
    for query, field in (
        ("from=yesterday", "from"),
        ("from=2026-12-01&to=2026-11-01", "from"),
        ("group_by=colour", "group_by"),
        ("service=nothing", "service"),
        ("colour=red", "colour"),
        ("from=0001-01-01", "from"),
        ("to=0001-01-01", "to"),
        ("to=9999-12-31T23:59:59-14:00", "to"),
    ):
        status, problem = await world.get(f"/api/v1/metrics/?{query}")
        assert status == 422, query
        assert field in [error["field"] for error in problem["errors"]]
    answer = await world.command("/incident", "stats 9999d", as_="john")
    assert answer is not None and "from 1 to 1096 days" in answer.words
    answer = await world.command("/incident", "stats redsi-prod", as_="john")
    assert answer is not None and "did you mean redis-prod?" in answer.words
    world.expect_what_was_said()


async def test_a_window_has_its_edges(world: World) -> None:
    await acted(world, 1, taken=1, mended=2)
    now = world.clock.now()
    later = (now + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    earlier = (now - timedelta(minutes=30)).isoformat().replace("+00:00", "Z")
    assert (await world.get(f"/api/v1/metrics/?from={earlier}&to={later}"))[1]["count"] == 0
    assert (await world.get(f"/api/v1/metrics/?to={later}"))[1]["count"] == 1
    assert (await world.get(f"/api/v1/metrics/?from=&to={later}&service=&team="))[1]["count"] == 1
    world.expect_what_was_said()


async def test_the_chart_comes_as_a_picture_with_its_figures_in_words(world: World) -> None:
    await acted(world, 1, taken=8, mended=30)
    john = world.outside.slack.member("john")
    answer = await world.command("/incident", "stats gateway 7d", as_="john")
    assert answer is not None and "The chart comes in your direct messages" in answer.words
    (message,) = [one for one in john.direct_messages if one.files]
    (file,) = message.files
    assert file["title"] == "Figures of the last 7 days · api-gateway"
    assert file["alt_txt"].endswith("1 incident. MTTA: 8 min in the middle. MTTR: 30 min in the middle")
    content = world.outside.workspace.files[file["id"]]["content"]
    assert file["mimetype"] == "image/png" and content.startswith(b"\x89PNG")
    world.expect_what_was_said()


async def test_home_compares_with_the_month_before(world: World) -> None:
    home = await world.home("john")
    assert "📈 Charts" not in home.buttons
    await world.alert()
    (one,) = (await world.get("/api/v1/incidents/?status=TRIGGERED"))[1]["results"]
    await world.advance(minutes=4)
    await world.post({}, f"/api/v1/incidents/{one['short_id']}/acknowledge/")
    await world.post({"resolution_note": "Restarted"}, f"/api/v1/incidents/{one['short_id']}/resolve/")
    await world.advance(minutes=61)
    home = await world.home("john")
    assert "SRE Core: 1 incident (before: 0) · MTTA 4 min (before: –)" in home.words
    await home.click("📈 Charts")
    (message,) = [one for one in world.outside.slack.member("john").direct_messages if one.files]
    assert message.files[0]["title"] == "Figures of the last 30 days · SRE Core"
    world.expect_what_was_said()


async def test_what_a_rule_held_back_came_in_before_its_incident(database_url: str) -> None:
    hold = "alert_rules: [{name: Flapping, match: {alertname: 'Link *'}, hold: 5 minutes}]"
    async with world_on(database_url, catalog=[read("organisation.yaml"), hold]) as world:
        await world.alert("Link down")
        await world.advance(minutes=5.1)
        found = (await world.get("/api/v1/metrics/?group_by=day"))[1]
        assert 300 <= found["intake_seconds"]["mean"] < 320
        assert found["timezone"] == "UTC" and len(found["groups"]) == 1
        world.expect_what_was_said()


async def test_a_chart_that_slack_does_not_take_is_said(world: World) -> None:
    await acted(world, 1, taken=8, mended=30)
    world.refusals.add("missing_scope")
    world.outside.slack.backend.scopes = {scope for scope in SCOPES if scope != "files:write"}
    answer = await world.command("/incident", "stats gateway 7d", as_="john")
    assert answer is not None and "Slack did not take the chart" in answer.words
    world.expect_what_was_said()
