"""Alertmanager says that an alert is over when Prometheus does not reach it, and then that it fires, with the start
that it always had. Copies from an HA twin look the same, but for when they come."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.demo.provider_faults import Fault
from domain.alerts import sent_by
from handlers.alerts.parsers import alertmanager
from tests.stories.test_alerts import QUIET, incidents
from tests.world import World, alert_body, read, world_on

PEOPLE_RESOLVE = read("organisation.yaml").replace("aliases: [redis]", "aliases: [redis], auto_resolve: false")


async def statuses(world: World) -> list[str]:
    return [incident["status"] for incident in await incidents(world)]


async def test_what_fires_again_with_the_same_start_pages_again(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.advance(minutes=5)
        assert (await world.alert())["opened"]
        assert await statuses(world) == ["RESOLVED", "TRIGGERED"]
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("INC-")
        await world.alert()
        await world.alert(status="resolved")
        assert await statuses(world) == ["RESOLVED", "RESOLVED"]


async def test_a_copy_that_comes_after_the_end_and_ends_too_pages_nobody(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.advance(seconds=15)
        assert not (await world.alert())["opened"]
        await world.advance(seconds=10)
        await world.alert(status="resolved")
        await world.advance(minutes=90)
        assert await statuses(world) == ["RESOLVED"]
        assert not world.outside.ovh.inbox.messages


async def test_what_still_fires_a_minute_after_its_end_was_no_copy(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.advance(seconds=20)
        await world.alert()
        await world.alert()
        await world.advance(seconds=20)
        assert await statuses(world) == ["RESOLVED"]
        await world.advance(seconds=20)
        assert await statuses(world) == ["RESOLVED", "TRIGGERED"]
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("INC-")


async def test_what_waits_for_its_minute_outlasts_a_restart(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.alert()
    async with world_on(database_url, token="after") as again:
        await again.advance(minutes=2)
        assert await statuses(again) == ["RESOLVED", "TRIGGERED"]


async def test_all_of_a_group_that_returns_is_one_incident(database_url: str) -> None:
    async with world_on(database_url) as world:
        both = [{"fingerprint": name, "name": f"Redis {name} Down"} for name in ("f1", "f2")]
        for status in ("firing", "resolved", "firing"):
            for alert in both:
                await world.alert(status=status, **alert)
        await world.advance(minutes=2)
        assert await statuses(world) == ["RESOLVED", "TRIGGERED"]
        for alert in both:
            await world.alert(status="resolved", **alert)
        assert await statuses(world) == ["RESOLVED", "RESOLVED"]


async def test_it_joins_the_incident_that_a_person_has_not_resolved_yet(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE_RESOLVE]) as world:
        await world.alert()
        await world.alert(status="resolved")
        card = world.card()
        card.reply("All alerts have ended")
        await world.advance(minutes=2)
        assert not (await world.alert())["opened"]
        assert await statuses(world) == ["TRIGGERED"]
        assert "1 of 2 still firing" in world.card().words


async def test_what_somebody_resolved_while_it_fired_stays_resolved(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.alert()
        [incident] = await incidents(world)
        await world.post({"note": "Silenced for the night"}, f"/api/v1/incidents/{incident['id']}/resolve/")
        await world.advance(minutes=60)
        assert not (await world.alert())["opened"]
        await world.alert(status="resolved")
        await world.advance(minutes=2)
        assert (await world.alert())["opened"]


async def test_a_new_alert_of_the_group_does_not_wait_for_the_doubtful_one(database_url: str) -> None:
    async with world_on(database_url, catalog=[QUIET]) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.alert()
        assert (await world.alert(fingerprint="f2"))["opened"]
        await world.advance(minutes=2)
        await world.alert(status="resolved", fingerprint="f2")
        assert await statuses(world) == ["RESOLVED", "TRIGGERED"]
        await world.alert(status="resolved")
        assert await statuses(world) == ["RESOLVED", "RESOLVED"]


def group(**statuses_of: str) -> dict[str, Any]:
    """A group of several alerts, by their fingerprints."""
    bodies = [alert_body(status=status, fingerprint=name) for name, status in statuses_of.items()]
    alerts = [alert for body in bodies for alert in body["alerts"]]
    return bodies[0] | {"status": min(statuses_of.values()), "alerts": alerts}


async def test_an_incident_goes_on_while_one_of_its_alerts_fires_again(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.post(group(a="firing", b="firing"))
        await world.post(group(a="resolved", b="firing"))
        await world.advance(minutes=2)
        await world.post(group(a="firing", b="firing"))
        await world.post(group(a="firing", b="resolved"))
        await world.settle()
        assert await statuses(world) == ["TRIGGERED"]
        await world.post(group(a="resolved"))
        await world.settle()
        assert await statuses(world) == ["RESOLVED"]


async def test_it_fires_again_and_again(database_url: str) -> None:
    async with world_on(database_url) as world:
        for _ in range(3):
            await world.alert()
            await world.alert(status="resolved")
            await world.advance(minutes=1)
        assert await statuses(world) == ["RESOLVED"] * 3


async def test_what_fires_a_day_after_all_were_over_pages_whoever_had_it_first(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE_RESOLVE, read("guide.yaml")]) as world:
        await world.alert()
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await world.alert(status="resolved")
        await world.advance(minutes=29)
        await world.alert(started="2026-11-23T05:00:00Z")
        await world.alert(status="resolved", started="2026-11-23T05:00:00Z")
        assert await statuses(world) == ["ACKNOWLEDGED"]
        await world.advance(minutes=20 * 60)
        await world.alert(started="2026-11-24T01:00:00Z")
        assert await statuses(world) == ["TRIGGERED"]
        assert "John Doe is paged first" in card.reply("An alert fires again").words
        world.phone("+33600000002").expect_sms("INC-")
        await world.advance(minutes=90)
        assert len(await incidents(world)) == 1


async def test_what_nobody_ever_took_pages_anew_when_it_fires_a_day_after_all_were_over(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[PEOPLE_RESOLVE, read("guide.yaml")]) as world:
        await world.alert()
        await world.alert(status="resolved")
        await world.advance(minutes=20 * 60)
        john = world.phone("+33600000002")
        assert len(john.texts) == 1
        await world.alert(started="2026-11-24T01:00:00Z")
        assert "The escalation goes on" in world.card().reply("An alert fires again").words
        assert len(john.texts) == 2
        await world.advance(minutes=2)
        await world.alert(started="2026-11-24T01:00:00Z", fingerprint="f2")
        assert len(john.texts) == 2


ONE_STEP = """
Policy: "Everything"
Team: "SRE Core"
Default: true
Steps:
  Step 1: {delay: 0 minutes, type: SMS, target: ON_CALL}
"""


async def test_what_nobody_ever_took_pages_anew_when_it_gets_worse(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), ONE_STEP]) as world:
        await world.alert(severity="info")
        john = world.phone("+33600000002")
        for severity, pages in (("info", 1), ("critical", 2), ("critical", 2)):
            await world.advance(minutes=5)
            await world.alert(severity=severity, fingerprint=severity)
            assert len(john.texts) == pages


async def test_what_gets_worse_before_its_page_could_leave_pages_once(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), ONE_STEP]) as world:
        world.outside.ovh.faults.always(Fault(status=503))
        await world.alert(severity="info")
        await world.advance(minutes=5)
        await world.alert(severity="critical", fingerprint="critical")
        await world.advance(seconds=10)
        world.outside.ovh.faults.clear()
        await world.advance(minutes=5)
        assert len(world.phone("+33600000002").texts) == 1


async def test_what_somebody_snoozed_stays_quiet(database_url: str) -> None:
    async with world_on(database_url, catalog=[PEOPLE_RESOLVE, read("guide.yaml")]) as world:
        await world.alert()
        [incident] = await incidents(world)
        await world.post({"duration": "6h"}, f"/api/v1/incidents/{incident['id']}/snooze/")
        await world.alert(status="resolved")
        await world.advance(minutes=60)
        await world.alert(started="2026-11-23T05:00:00Z")
        assert await statuses(world) == ["ACKNOWLEDGED"]


async def test_what_ends_and_fires_anew_while_the_database_is_slow_pages_again(database_url: str) -> None:
    """Both wait for one transaction then. Somebody had what is over, and nobody has what is new."""
    async with world_on(database_url) as world:
        first = await world.alert()
        await world.post({}, f"/api/v1/incidents/{first['incident']['id']}/acknowledge/")
        sent = [alert_body(status="resolved"), alert_body(started="2026-11-23T04:09:00Z")]
        groups = [sent_by(alertmanager.parse({}, body), "story") for body in sent]
        await asyncio.gather(*(world.app.use_cases.alerts.receive(group) for group in groups))
        assert await statuses(world) == ["RESOLVED", "TRIGGERED"]
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("INC-")
