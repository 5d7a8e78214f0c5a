"""Every month a page is tried out on everybody, by day; who does not confirm it is named to who leads them, once."""

from __future__ import annotations

import asyncio
import re
import threading
from datetime import timedelta

from bot.demo.stage import prove
from domain.checkups import EVERY, by_day
from tests.stories.test_contacts import contacts
from tests.world import CHANNEL, World, alert_body

NOT_ADA = """
people:
  - {handle: ada, name: Ada Admin, email: ada@example.com, phone: "+33600000001", slack: U01ADA, role: admin,
     test_pages: false}
"""
JOHN, LEA = "+33600000002", "+33600000003"


async def to_the_test(world: World) -> None:
    """Time passes until the next monthly test."""
    now = world.clock.now()
    due = by_day(now + EVERY, "Europe/Paris")
    await world.advance(seconds=(due - now).total_seconds() + 1)


async def test_a_month_of_tests(world: World) -> None:
    await world.load([NOT_ADA])
    await world.app.store.write(lambda tx: prove(tx, world.clock.now()))
    await world.settle()
    await to_the_test(world)
    for phone, mail in ((JOHN, "john.doe@example.com"), (LEA, "lea@example.com")):
        world.phone(phone).expect_sms("TEST")
        world.mailbox(mail).expect_mail("TEST")
    asked = world.direct("john")
    assert "Vigie tries every month whether pages reach you" in asked.words
    await world.direct("lea").click("Bien reçu", as_="lea")
    await world.advance(minutes=60 * 24 * 4)
    told = world.direct("lea")
    assert "<@U02JOHN>" in told.words and "n'a pas été confirmé" in told.words
    home = await world.home("lea")
    assert "joindre John Doe" in home.words and "vous joindre\u00a0:" not in home.words
    john = await world.home("john")
    assert "Pages may not reach you: the monthly test was not confirmed." in john.words
    await world.advance(minutes=60 * 24)
    await asked.click("I got it", as_="john")
    await world.advance(minutes=60 * 7)
    assert "joindre John Doe" not in (await world.home("lea")).words
    assert "Monthly test" in (await world.home("john")).words


async def test_who_does_not_want_it_is_not_tested(world: World) -> None:
    await world.app.store.write(lambda tx: prove(tx, world.clock.now()))
    await world.load([NOT_ADA])
    for name in ("john", "lea"):
        person = await contacts(world, name, "Comment vous joindre" if name == "lea" else "How you are reached")
        await person.click("Modifier" if name == "lea" else "Change")
        await person.submit({"test_pages": []})
    await to_the_test(world)


async def test_who_never_verified_is_named_after_a_week(world: World) -> None:
    await world.settle()
    await world.advance(minutes=60 * 24 * 7 + 1)
    messages = [one for one in world.outside.slack.member("lea").direct_messages if "vérifié" in one.words]
    assert sorted(re.findall(r"<@(\w+)>", " ".join(one.words for one in messages))) == ["U01ADA", "U02JOHN"]
    world.expect_what_was_said()
    await world.advance(minutes=60 * 24 * 2)


async def test_no_page_waits_for_the_month_that_is_read_nor_for_what_is_read_before_it(world: World) -> None:
    over = threading.Event()
    long = [asyncio.create_task(world.app.store.browse(lambda tx: over.wait(30))) for _ in range(2)]
    world.clock.push(timedelta(hours=7))
    world.app.worker.wake()
    await asyncio.sleep(0.5)
    await world.post(alert_body("Disk full"))
    try:
        async with asyncio.timeout(10):
            while not any("Disk full" in one.words for one in world.outside.workspace.messages_in(CHANNEL)):
                await asyncio.sleep(0.05)
    finally:
        over.set()
        await asyncio.gather(*long)
    await world.settle()
    world.expect_what_was_said()
