"""Every other view behind a database that takes half a second for each query: a click opens its modal in time, and no
command, click or form is left without an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.demo.member import Place
from bot.demo.visible import words
from tests.stories.test_slow_database import PATIENCE, Hand, Slow, gone, opened
from tests.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
EXPIRED = {"expired_trigger_id", "push_limit_reached", "invalid_trigger"}
MENU = "incident.more.v1"
NEW = (
    ("Policies", "➕ New policy"),
    ("Runbooks", "➕ New runbook"),
    ("Runbooks", "Import YAML"),
    ("Services", "➕ New service"),
    ("Teams", "➕ New team"),
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One kind is enough: what is measured is the doors."""
    return sqlite_url


class Crawl:
    """Somebody who opens one view after the other, each while the database is slow, and looks at it when it is not."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.hand, self.slow = world, Hand(world, name), Slow(world)
        self.member = self.hand.member

    async def opens(self, act: Callable[[], Awaitable[object]], below: int = 0) -> str:
        """What the modal says that `act` opens on top of `below` others."""
        with self.slow:
            await act()
            await self.hand.before_them(below)
        await self.world.settle()
        assert self.member.view is not None
        return words(self.member.view.blocks)

    async def click(self, place: Place, button: str, below: int = 0, value: str | None = None) -> str:
        return await self.opens(lambda: self.member.click(place, button, value=value), below)

    async def done(self) -> None:
        if self.member.view is not None:
            await self.member.close(everything=True)
        await self.world.settle()


async def test_everything_of_an_incident_opens_in_time(world: World) -> None:
    await opened(world)
    card, ada = world.card(), Crawl(world, "ada")
    for verb in ("Reassign…", "Severity and roles…", "It is a duplicate…"):
        assert await ada.opens(lambda: ada.member.select(card.message, MENU, verb))  # noqa: B023
        await ada.done()
    assert await ada.opens(lambda: ada.member.shortcut("incident.declare"))
    await ada.done()
    for command in ("resolve", "reassign", "drill", f"postmortem {_name(world)}"):
        await ada.opens(lambda: ada.member.command("/incident", command, "sre-incidents"))  # noqa: B023
        await ada.done()
    for shortcut in ("incident.from_message", "incident.note_message"):
        await ada.opens(lambda: ada.member.message_shortcut(shortcut, card.message))  # noqa: B023
        await ada.done()
    overview = card.reply("6 steps")
    await card.step(1).click("Done", as_="ada")
    assert "roll" in (await ada.click(overview.message, "run.abort.v1")).lower()
    await ada.done()
    _nothing_expired(world)
    world.expect_what_was_said()


async def test_everything_of_a_post_mortem_opens_in_time(world: World) -> None:
    await opened(world)
    await world.card().click("Resolve", as_="ada")
    await world.submit("ada", "Resolve the incident", {"note": "Failed over"})
    summary = world.card().reply("is resolved")
    ada = Crawl(world, "ada")
    root = await ada.click(summary.message, "📝 Post-mortem")
    assert root
    for action in ("postmortem.edit.v1", "postmortem.export.v1", "postmortem.waive.v1", "postmortem.action.new.v1"):
        view = ada.member.view
        assert view is not None
        await ada.click(view, action, below=1)
        await ada.member.close()
        await world.settle()
    await ada.done()
    _nothing_expired(world)
    world.expect_what_was_said()


async def test_everything_at_home_opens_in_time(world: World) -> None:
    home, ada = await world.home("ada"), Crawl(world, "ada")
    for button in ("🔍 Search", "How you are reached"):
        await ada.click(home.view, button)
        await ada.done()
    for section, button in NEW:
        await home.click(section)
        await ada.click(home.view, button)
        await ada.done()
    for section, name in (("Services", "redis-prod"), ("Teams", "SRE Core"), ("People", "john")):
        await home.click(section)
        await home.search(name)
        await ada.click(home.view, "Open")
        await ada.done()
    with ada.slow:
        await ada.member.click(home.view, "🧪 Test me")
        await gone(world, ada.hand)
    await world.settle()
    await ada.done()
    _nothing_expired(world)
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def test_who_comes_second_is_told_so_all_the_same(world: World) -> None:
    """The refusal comes long after the click's trigger is dead: the modal that says it was opened in time."""
    home = await world.home("ada")
    await opened(world)
    ada = Crawl(world, "ada")
    john = world.outside.slack.member("john")
    with ada.slow:
        await john.click(world.card().message, "Acknowledge")
        await ada.member.click(home.view, "home.acknowledge.v1.all")
        await world.outside.workspace.wait_for(lambda: "already" in _told(ada), PATIENCE, "why not")
    await ada.done()
    _nothing_expired(world)
    world.expect_what_was_said()


async def test_a_drill_is_asked_for_and_stopped(world: World) -> None:
    bot = world.outside.workspace.bot.id
    channel = world.outside.workspace.add_channel("drills", members=[bot]).id
    ada = Crawl(world, "ada")
    await ada.opens(lambda: ada.member.command("/incident", "drill redis-prod SEV3", "drills"))
    view = ada.member.view
    assert view is not None
    with ada.slow:
        answer = await ada.member.submit(view, {"channel": channel})
        assert not answer.errors
        await gone(world, ada.hand)
    await world.settle()
    card = world.card("DRILL", channel="drills")
    with ada.slow:
        await ada.member.click(card.message, "Stop the drill", confirm=True)
    await world.outside.workspace.wait_for(lambda: "Resolved" in card.words, PATIENCE, "the end")
    await world.settle()
    _nothing_expired(world)
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


def _told(crawl: Crawl) -> str:
    """What either of the two was told."""
    view = crawl.member.view
    return (words(view.blocks) if view else "") + "".join(crawl.world.whispers("john"))


def _name(world: World) -> str:
    """The incident's name, as its card has it."""
    return next(word for word in world.card().words.split() if word.startswith("INC-"))


def _nothing_expired(world: World) -> None:
    assert not [call for call in world.outside.workspace.calls if call.error in EXPIRED]
