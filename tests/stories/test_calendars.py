"""Calendars: on-call in one's own program by a private link, and a team's schedule kept in somebody else's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from icalendar import Calendar

from bot.engine.calendars import AGAIN, Calendars
from tests.world import CHANNEL, World, read, world_on

PUBLIC: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": "0123456789abcdef"}
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\n{events}END:VCALENDAR\r\n"


def event(start: datetime, end: datetime, title: str, *lines: str) -> str:
    said = [
        f"UID:{title}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{title}",
        *lines,
    ]
    return "".join(f"{line}\r\n" for line in ("BEGIN:VEVENT", *said, "END:VEVENT"))


@dataclass(slots=True)
class Outside:
    """A calendar's server."""

    text: str = EMPTY
    status: int = 200
    url: str = ""
    asked: list[str] = field(default_factory=list)
    hangs: frozenset[str] = frozenset()
    """Paths that are not answered before `/good.ics` was asked for."""
    fails: frozenset[str] = frozenset()


@asynccontextmanager
async def calendar_server() -> AsyncIterator[Outside]:
    outside, is_asked = Outside(), asyncio.Event()

    async def answer(request: web.Request) -> web.Response:
        outside.asked.append(request.path)
        if request.path == "/good.ics":
            is_asked.set()
        if request.path in outside.hangs:
            await is_asked.wait()
        if request.path in outside.fails:
            return web.Response(status=500)
        return web.Response(text=outside.text, status=outside.status, content_type="text/calendar")

    app = web.Application()
    app.add_routes([web.get("/{name}.ics", answer)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    outside.url = f"http://127.0.0.1:{runner.addresses[0][1]}/team.ics"
    try:
        yield outside
    finally:
        await runner.cleanup()


def organisation(url: str) -> str:
    written = read("organisation.yaml")
    return written.replace("timezone: Europe/Paris", f"timezone: Europe/Paris\n      ical: {url}")


async def refresh(world: World) -> None:
    await world.app.calendars.refresh()
    await world.settle()


async def said(world: World, text: str, as_: str) -> str:
    answer = await world.command("/oncall", text, as_=as_)
    assert answer is not None
    return answer.words


async def test_a_team_s_calendar_says_who_is_paged(database_url: str) -> None:
    now = datetime.now(UTC)
    async with calendar_server() as outside:
        mine = event(
            now - timedelta(hours=1), now + timedelta(hours=4), "On call", "ATTENDEE;CN=Ada:mailto:ADA@example.com"
        )
        outside.text = EMPTY.format(events=mine)
        catalog = [organisation(outside.url), read("guide.yaml")]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            assert "U01ADA" in await said(world, "who SRE Core", as_="john")
            world.expect_what_was_said()
            await world.alert()
            await world.advance(minutes=5)
            world.phone("+33600000001").expect_sms("Redis Cluster Down")
            assert not world.phone("+33600000002").texts
            # The calendar says nobody after that: the rotation below it goes on.
            assert "U02JOHN" in await said(
                world, f"who SRE Core at {now + timedelta(hours=5):%Y-%m-%dT%H:%M}+00:00", "ada"
            )
            world.expect_what_was_said()
            world.finish()


async def test_a_calendar_that_is_taken_away_while_it_is_read_puts_nobody_on_call(database_url: str) -> None:
    now = datetime.now(UTC)
    mine = event(
        now - timedelta(hours=1), now + timedelta(hours=4), "On call", "ATTENDEE;CN=Ada:mailto:ADA@example.com"
    )

    class TakenAway:
        async def fetch(self, source: str) -> str:
            await world.load([read("organisation.yaml")])
            await refresh(world)
            return EMPTY.format(events=mine)

    async with calendar_server() as outside:
        outside.text = EMPTY.format(events="")
        catalog = [organisation(outside.url), read("guide.yaml")]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            world.clock.push(AGAIN)
            await Calendars(world.app.store, world.clock, TakenAway(), lambda: None).refresh()
            assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")
            world.expect_what_was_said()
            world.finish()


def teams(url: str, names: list[str]) -> str:
    found = "".join(
        f"\n  - name: {name}\n    channel: '#sre-incidents'\n    on_call: {{ical: {url.replace('team', name)}}}"
        for name in names
    )
    return f"teams:{found}\n"


async def test_a_calendar_that_was_taken_away_counts_no_more(database_url: str) -> None:
    async with calendar_server() as outside:
        now = datetime.now(UTC)
        outside.text = EMPTY.format(events=event(now - timedelta(hours=1), now + timedelta(hours=8), "Ada Admin"))
        catalog = [organisation(outside.url)]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            assert await on_call(world) == ["Ada Admin"]
            await world.load([read("organisation.yaml")])
            assert await on_call(world) == ["John Doe"]
            await world.settle()
            world.expect_what_was_said()


async def on_call(world: World) -> list[str]:
    directory, now = await world.app.use_cases.oncall.look()
    [team] = (one for one in directory.teams.values() if one.name == "SRE Core")
    return [person.name for person in directory.on_call(team.id, now)]


async def test_calendars_that_hang_or_fail_keep_no_other_waiting(database_url: str) -> None:
    names = [f"bad{number}" for number in range(6)]
    async with calendar_server() as outside:
        outside.text = EMPTY.format(events="")
        written = teams(outside.url, [*names, "good"])
        async with world_on(database_url, catalog=[written], ical_private_addresses=True) as world:
            outside.hangs = frozenset(f"/{name}.ics" for name in names[:3])
            async with asyncio.timeout(10):
                await world.app.calendars.refresh()
            assert "/good.ics" in outside.asked
            outside.hangs, outside.fails = frozenset(), frozenset(f"/{name}.ics" for name in names)
            await world.advance(minutes=6)
            await refresh(world)
            outside.asked.clear()
            await world.advance(minutes=6)
            await refresh(world)
            assert len(outside.asked) == 7 and "/good.ics" in outside.asked[:4]
            world.expect_what_was_said()
            world.finish()


async def test_a_calendar_that_breaks_is_said_once_and_its_last_copy_counts(database_url: str) -> None:
    now = datetime.now(UTC)
    async with calendar_server() as outside:
        weekly = event(now - timedelta(days=6), now + timedelta(days=1), "Ada", "RRULE:FREQ=WEEKLY")
        outside.text = EMPTY.format(events=weekly)
        catalog = [organisation(outside.url), read("guide.yaml")]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            world.expect_what_was_said()
            outside.text = "<html>sign in</html>"
            for _ in range(6):
                await world.advance(minutes=6)
                await refresh(world)
            told = world.card("The on-call calendar of SRE Core can't be read")
            assert "not an iCalendar file" in told.words
            assert "what it said at" in told.words
            assert "U01ADA" in await said(world, "who SRE Core", as_="john")
            home = await world.home("john")
            assert "the on-call calendar is not read as it should be" in home.words
            outside.text = EMPTY.format(events=weekly)
            await world.advance(minutes=6)
            await refresh(world)
            assert world.card("can be read again").words
            world.finish()


async def test_a_calendar_that_names_strangers_says_so(database_url: str) -> None:
    now = datetime.now(UTC)
    async with calendar_server() as outside:
        outside.text = EMPTY.format(events=event(now, now + timedelta(days=1), "Zoe Nobody"))
        catalog = [organisation(outside.url), read("guide.yaml")]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            assert "Zoe Nobody" in world.card("The on-call calendar of SRE Core").words
            assert "U02JOHN" in await said(world, "who SRE Core", as_="ada")
            world.finish()


async def test_a_calendar_that_names_a_stranger_and_then_breaks_says_both(database_url: str) -> None:
    now = datetime.now(UTC)
    async with calendar_server() as outside:
        past = event(now - timedelta(days=9), now - timedelta(days=8), "Old Nobody")
        holiday = event(now, now + timedelta(days=9), "Summer Party")
        outside.text = EMPTY.format(events=past)
        catalog = [organisation(outside.url), read("guide.yaml")]
        async with world_on(database_url, catalog=catalog, ical_private_addresses=True) as world:
            await refresh(world)
            world.expect_what_was_said()

            async def told(*events: str, status: int = 200, looks: int = 1) -> list[str]:
                outside.text, outside.status = EMPTY.format(events="".join(events)), status
                for _ in range(looks):
                    await world.advance(minutes=6)
                    await refresh(world)
                posted = world.outside.workspace.messages_in(CHANNEL)
                fresh = [one.words for one in posted if (one.channel, one.ts) not in world.expected]
                world.expect_what_was_said()
                return fresh

            [said] = await told(past, holiday, looks=2)
            assert "Summer Party" in said and "Old Nobody" not in said
            [said] = await told(holiday, status=500, looks=6)
            assert "status 500" in said
            [said] = await told(holiday, looks=2)
            assert "Summer Party" in said
            week = event(now + timedelta(days=9), now + timedelta(days=16), "Jon Deo")
            [said] = await told(holiday, week, looks=2)
            assert "Jon Deo" in said
            [said] = await told(looks=2)
            assert "can be read again" in said
            world.finish()


async def test_an_address_inside_the_network_is_not_read(database_url: str) -> None:
    async with (
        calendar_server() as outside,
        world_on(database_url, catalog=[organisation(outside.url), read("guide.yaml")]) as world,
    ):
        await refresh(world)
        assert "inside the network" in world.card("The on-call calendar of SRE Core").words
        assert outside.asked == []
        world.finish()


async def test_one_s_own_calendar_by_a_private_link(database_url: str) -> None:
    async with world_on(database_url, **PUBLIC) as world:
        shown = await world.command("/oncall", "calendar", as_="ada")
        assert shown is not None
        own, *others = [word for word in shown.words.split() if word.startswith("https://")]
        path = own.removeprefix(PUBLIC["public_url"])
        async with world.http.get(path) as answer:
            assert answer.status == 200
            assert answer.content_type == "text/calendar"
            Calendar.from_ical(await answer.text())
        found = ""
        for url in others:
            async with world.http.get(url.removeprefix(PUBLIC["public_url"])) as answer:
                found += await answer.text()
        assert "John Doe · SRE Core" in found
        assert "BEGIN:VEVENT" in found
        await world.outside.slack.member("ada").click(shown, "feed.renew.v1.0", confirm=True)
        await world.settle()
        async with world.http.get(path) as answer:
            assert answer.status == 404
        renewed = next(word for word in world.whispers("ada")[-1].split() if word.startswith("https://"))
        async with world.http.get(renewed.removeprefix(PUBLIC["public_url"])) as answer:
            assert answer.status == 200
        async with world.http.get(path[:-8] + "AAAA.ics") as answer:
            assert answer.status == 404
        world.finish()
