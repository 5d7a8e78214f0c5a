"""A database that stays away: whoever is on call hears of it, once, by what works without it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import create_engine, make_url, text

from bot.demo.faults import Planned
from bot.demo.provider_faults import Fault
from bot.engine.distress import Distress, Manner
from tests.stories.test_full_disk import ENDED, may_write, only_read, send
from tests.world import World, world_on

TEAM = """
people:
  - {handle: ada, name: Ada, phone: "+33600000001", email: ada@example.com, slack: U01ADA, role: admin, locale: fr}
  - {handle: john, name: John, phone: "+33600000002", email: john@example.com, slack: U02JOHN}
  - {handle: sam, name: Sam, phone: "+33600000003", email: sam@example.com}
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    members: [ada, john, sam]
    on_call: {timezone: UTC, rotations: [{name: primary, start: "2026-01-05T09:00", every: 7d, people: [john]}]}
services: [{name: redis-prod, team: SRE Core}]
"""
ADA, JOHN = "+33600000001", "+33600000002"


@asynccontextmanager
async def quiet(url: str) -> AsyncIterator[World]:
    """A Vigie with nothing to do."""
    async with world_on(url, catalog=[TEAM]) as world:
        await world.settle()
        await world.app.distress.look()
        yield world
        world.finish()


async def lose(world: World) -> None:
    """From now on nothing can be written, and an alert finds out."""
    url = make_url(world.app.settings.database_url)
    if world.app.store.is_sqlite:
        await world.app.store.write(lambda tx: tx.exec_driver_sql("PRAGMA query_only=ON"))
    else:
        await only_read(world, str(url.database), "on")
    while await send(world, 1) != 503:
        await world.settle()


async def mend(world: World) -> None:
    if world.app.store.is_sqlite:
        may_write(world)
    else:
        await only_read(world, str(make_url(world.app.settings.database_url).database), "off")


async def look(world: World, minutes: float, by: Distress | None = None) -> None:
    """For so long it looks, four times a minute."""
    for _ in range(int(minutes * 4)):
        await (by or world.app.distress).look()


async def test_who_is_on_call_hears_of_it_once_and_that_it_is_over(database_url: str) -> None:
    async with quiet(database_url) as world:
        await lose(world)
        await look(world, 4)
        assert not world.phone(JOHN).texts, "a restart is over by then"
        await look(world, 3)
        world.phone(JOHN).expect_sms("can't use its database (", "wake whoever runs Vigie")
        assert "pages may not leave" in world.direct("john").words
        assert "base de données depuis" in world.direct("ada").words
        await look(world, 15)
        await mend(world)
        await look(world, 1)
        assert "pages may not leave" in world.direct("john").words, "it is not sure yet"
        await look(world, 2)
        assert "works again, after" in world.direct("john").words
        assert "fonctionne à nouveau" in world.direct("ada").words
        await look(world, 5)


async def test_what_comes_after_the_end_is_told_anew(database_url: str) -> None:
    async with quiet(database_url) as world:
        for number in range(2):
            await lose(world)
            await look(world, 7)
            world.phone(JOHN).expect_sms("can't use its database (")
            assert len(world.phone(JOHN).texts) == number + 1
            assert "pages may not leave" in world.direct("john").words
            world.direct("ada")
            await mend(world)
            await look(world, 3)
            assert "works again, after" in world.direct("john").words
            world.direct("ada")


async def test_another_process_does_not_say_it_twice(postgresql_url: str) -> None:
    async with quiet(postgresql_url) as world:
        app = world.app
        manner = Manner("en", "example.com", is_one_of_many=True)
        other = Distress(app.store, world.clock, app._transports, manner, lambda: True)
        await other.look()
        await lose(world)
        await look(world, 7)
        await look(world, 7, by=other)
        world.phone(JOHN).expect_sms("can't use its database")
        world.direct("john")
        world.direct("ada")
        await mend(world)
        await look(world, 3)
        await look(world, 3, by=other)
        assert "works again, after" in world.direct("john").words
        world.direct("ada")


async def test_what_can_t_be_asked_is_said_all_the_same(postgresql_url: str) -> None:
    """Twice is better than never."""
    async with quiet(postgresql_url) as world:
        await lose(world)
        world.outside.slack.faults.plan("conversations.history", Planned(error="no_permission"), times=100)
        await look(world, 7)
        world.phone(JOHN).expect_sms("can't use its database")
        world.direct("john")
        world.direct("ada")
        world.outside.slack.faults.forget("conversations.history")
        world.refusals.add("no_permission")
        await mend(world)


async def test_an_engine_that_gets_nowhere_is_told_too(sqlite_url: str) -> None:
    """A table that can't be read, a lock that nobody gives back: the database answers, and no page leaves."""
    async with quiet(sqlite_url) as world:
        app = world.app
        stuck = Distress(app.store, world.clock, app._transports, Manner("en", "example.com"), lambda: False)
        await look(world, 6, by=stuck)
        world.phone(JOHN).expect_sms("can't use its database (")
        world.direct("john")
        world.direct("ada")


async def test_the_engine_knows_for_how_long_it_gets_nowhere(sqlite_url: str) -> None:
    async with quiet(sqlite_url) as world:
        app = world.app
        assert app.worker.gets_through
        await app.store.write(lambda tx: tx.execute(text("ALTER TABLE outbox RENAME TO gone")))
        begun = app.worker.stuck_seconds
        app.worker.wake()
        await asyncio.sleep(0.4)
        assert app.worker.stuck_seconds >= begun + 0.4 and app.worker.faults
        await app.store.write(lambda tx: tx.execute(text("ALTER TABLE gone RENAME TO outbox")))
        async with asyncio.timeout(10):
            while app.worker.stuck_seconds >= 0.4:
                await asyncio.sleep(0.02)


async def test_whatever_goes_wrong_it_does_not_work(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with quiet(sqlite_url) as world:
        await world.app.store.write(lambda tx: tx.execute(text("ALTER TABLE inspections RENAME TO gone")))
        await look(world, 6)
        assert "the database can't be looked at" in caplog.text
        world.phone(JOHN).expect_sms("can't use its database (")
        world.direct("john")
        world.direct("ada")
        await world.app.store.write(lambda tx: tx.execute(text("ALTER TABLE gone RENAME TO inspections")))


async def test_a_short_absence_is_nobody_s_business(database_url: str) -> None:
    async with quiet(database_url) as world:
        for _ in range(3):
            await lose(world)
            await look(world, 4)
            await mend(world)
            await look(world, 3)


async def test_with_slack_away_too_it_goes_by_what_is_left(sqlite_url: str) -> None:
    async with quiet(sqlite_url) as world:
        await lose(world)
        world.outside.slack.faults.begin("http500")
        await look(world, 6)
        world.phone(JOHN).expect_sms("can't use its database")
        world.mailbox("ada@example.com").expect_mail("base de données", "réveillez")
        assert not world.phone(ADA).texts, "an admin who is not on call is not rung out of bed"
        world.outside.slack.faults.end()
        await look(world, 1)
        world.direct("john")
        world.direct("ada")
        world.outside.slack.faults.begin("http500")
        await mend(world)
        await look(world, 3)
        world.outside.slack.faults.end()
        await look(world, 1)
        assert "works again" in world.direct("john").words
        world.direct("ada")


async def test_where_nothing_gets_through_it_is_tried_again(sqlite_url: str, caplog: pytest.LogCaptureFixture) -> None:
    async with quiet(sqlite_url) as world:
        await lose(world)
        world.outside.slack.faults.begin("http500")
        world.outside.ovh.faults.always(Fault(status=500))
        world.outside.mail.faults.always(Fault(status=451))
        await look(world, 6)
        assert "John could not be told by SMS" in caplog.text
        world.outside.ovh.faults.clear()
        await look(world, 0.25)
        world.phone(JOHN).expect_sms("can't use its database")


async def test_a_server_that_is_gone(postgresql_url: str) -> None:
    """Nobody has to send an alert for it to be noticed."""
    name = make_url(postgresql_url).database
    server = create_engine(
        make_url(postgresql_url).set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT"
    )

    def lets_in(word: str) -> None:
        with server.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS {word}"))
            connection.execute(text(ENDED.replace("current_database()", f"'{name}'")))

    async with quiet(postgresql_url) as world:
        await asyncio.to_thread(lets_in, "false")
        await look(world, 8)
        world.phone(JOHN).expect_sms("can't use its database")
        world.direct("john")
        world.direct("ada")
        await asyncio.to_thread(lets_in, "true")
        await look(world, 3)
        assert "works again" in world.direct("john").words
        world.direct("ada")
    server.dispose()


async def test_an_end_that_slack_does_not_take_keeps_nobody_from_hearing_of_the_next(database_url: str) -> None:
    async with quiet(database_url) as world:
        await lose(world)
        await look(world, 7)
        world.phone(JOHN).expect_sms("can't use its database (")
        world.direct("john")
        world.direct("ada")
        await mend(world)
        await world.slack_goes()
        await look(world, 3)
        await world.advance(minutes=120)
        await lose(world)
        await look(world, 7)
        assert len(world.phone(JOHN).texts) == 2
        world.phone(JOHN).expect_sms("can't use its database (")
        await mend(world)
        await world.slack_returns()
        await look(world, 3)
        world.expect_what_was_said()
        world.mailbox("ada@example.com").expect_mail()
