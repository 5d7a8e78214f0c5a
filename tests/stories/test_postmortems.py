"""Post-mortems: due because a step of the policy says so, written, published, never forgotten."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from bot.demo.records import Message
from bot.demo.stage import prove
from tests.stories.modals import Modal
from tests.world import Shown, World, read, world_on

LEA, JOHN = "lea", "john"
GUIDE = read("guide.yaml").replace("    delay: 30 minutes\n", "    delay: 30 minutes\n    requires_postmortem: true\n")
ORGANISATION = re.sub(r"(handle: .*)}", r"\1, test_pages: false}", read("organisation.yaml"))
"""Weeks go by here, and nobody's monthly test page may fall into them."""
CATALOG = [ORGANISATION, GUIDE]
DAY = 24 * 60
WEEK = 7 * DAY


class Paper(Modal):
    """Somebody with a post-mortem before them."""

    async def open(self, name: str) -> Paper:
        await self.world.command("/incident", f"postmortem {name}", as_=self.member.user.name)
        return self

    async def write(self, button: str, **said: str) -> Any:
        """The form, with what is said of each section in its first field."""
        await self.click(button)
        return await self.submit({f"{section}:1": text for section, text in said.items()})

    async def act(self, text: str, choice: str) -> None:
        """From the menu beside an action."""
        block = next(one["block_id"] for one in self.view.blocks if text in str(one) and "accessory" in one)
        await self.member.select(self.view, "postmortem.action.v1", choice, block_id=block)
        await self.world.settle()


def so_far(world: World) -> None:
    """Everything that went out so far is expected, also what rang: the story is about something else."""
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def resolved(world: World, *, minutes: float = 31) -> tuple[str, Shown]:
    """It climbs for so long, then John has it, works through a step and ends it. Everybody can be reached for sure."""
    await world.app.store.write(lambda tx: prove(tx, world.clock.now()))
    short_id: str = (await world.alert())["incident"]["short_id"]
    await world.advance(minutes=minutes)
    card = world.card()
    await card.click("Acknowledge", as_=JOHN)
    await card.step(1).click("Done", as_=JOHN)
    await world.advance(minutes=9)
    await card.click("Resolve", as_=JOHN)
    outcome = await world.submit(JOHN, "Resolve", {"note": "Failover to replica 0", "root_cause": "The disk was full"})
    assert outcome.closed
    return short_id, card


def files(card: Shown) -> list[Message]:
    return [message for message in card.thread() if message.files]


def content(world: World, message: Message) -> str:
    kept = world.outside.workspace.files[message.files[0]["id"]]["content"]
    assert isinstance(kept, bytes)
    return kept.decode()


def reminders(world: World) -> list[str]:
    """What John was told of his action."""
    told = (message.words for message in world.outside.slack.member(JOHN).direct_messages)
    return [words for words in told if "80 % du disque" in words]


async def test_the_guides_sev1_that_reached_its_fourth_step(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG, is_night=True) as world:
        short_id, card = await resolved(world)
        card.reply("A post-mortem is due until", "step 4 of the policy fired")
        summary = card.reply("is resolved", "Failover to replica 0")
        assert "📝 Post-mortem" in summary.buttons
        so_far(world)

        home = await world.home(LEA)
        assert "Post-mortems à écrire" in home.words and short_id in home.words
        paper = Paper(world, LEA)
        await home.click("Ouvrir", value=(await world.get(f"/api/v1/incidents/{short_id}/"))[1]["id"])
        for words in ("Redis Cluster Down", "Pas encore écrit", "Failover to replica 0", "The disk was full"):
            assert words in paper.words
        outcome = await paper.write("Rédiger", lessons="Surveiller les disques.", impact="Panier vide pendant 40 min.")
        assert outcome.closed
        assert "Brouillon v1 de Léa Lead" in paper.words and "Surveiller les disques." in paper.words

        await paper.click("➕ Action")
        due_on = (world.clock.now() + timedelta(days=10)).date().isoformat()
        outcome = await paper.submit({"text": "Une alerte à 80 % du disque", "owner": "U02JOHN", "due_on": due_on})
        assert outcome.closed, outcome
        assert "Une alerte à 80 % du disque" in paper.words
        await paper.click("Publier", confirm=True)
        assert "Publié par Léa Lead" in paper.words
        posted = card.reply("The post-mortem of", "published by Léa Lead").message
        text = content(world, posted)
        for words in (
            f"# Post-mortem of {short_id} · SEV1 · Redis Cluster Down",
            "Surveiller les disques.",
            "| Acknowledged |",
            "John Doe: led the work, had it and resolved it",
            "1. Évaluer l'état du cluster | done | John Doe |",
            "engineering-manager@company.com",
            "- [ ] Une alerte à 80 % du disque (John Doe, until",
        ):
            assert words in text, f"{words}\n\n{text}"
        so_far(world)

        await world.advance(minutes=11 * DAY)
        told = world.direct(JOHN)
        assert "You promised this until" in told.words and "Une alerte à 80 % du disque" in told.words
        before = len(reminders(world))
        await world.advance(minutes=WEEK + DAY)
        assert len(reminders(world)) == before + 1
        told = world.direct(JOHN)
        john = await world.home(JOHN)
        assert "What you promised" in john.words
        await told.click("Done", as_=JOHN)
        assert "☑️ Done:" in told.words and not told.buttons
        await world.advance(minutes=3 * WEEK)
        assert len(reminders(world)) == before + 1
        assert "What you promised" not in (await world.home(JOHN)).words
        world.finish()


async def test_two_people_write_at_once_and_nothing_is_lost(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG, is_night=True) as world:
        short_id, _ = await resolved(world)
        ada, john = await Paper(world, "ada").open(short_id), await Paper(world, JOHN).open(short_id)
        await ada.click("Write")
        await john.click("Write")
        assert (await ada.submit({"lessons:1": "Watch the disks", "impact:1": "Nobody could pay"})).closed
        outcome = await john.submit({"lessons:1": "Buy bigger disks"})
        assert outcome.outcome == "updated"
        assert "Ada Admin changed this post-mortem meanwhile: it is v1 now" in john.words
        await john.click("Go on with mine")
        assert "Buy bigger disks" in str(john.view.blocks) and "Nobody could pay" not in str(john.view.blocks)
        assert (await john.submit()).closed
        assert "Draft v2 by John Doe" in john.words and "Buy bigger disks" in john.words
        await john.click("History")
        assert "*v2* · John Doe" in john.words and "*v1* · Ada Admin" in john.words
        assert "Impact and Lessons learned" in john.words
        await john.click("Restore")
        assert "Draft v3 by John Doe" in john.words and "Watch the disks" in john.words
        status, found = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
        assert status == 200 and found["version"] == 3 and found["sections"]["impact"] == "Nobody could pay"
        so_far(world)
        world.finish()


async def test_what_is_published_is_what_its_publisher_has_read(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=CATALOG, is_night=True) as world:
        short_id, card = await resolved(world)
        ada = await Paper(world, "ada").open(short_id)
        assert (await ada.write("Write", lessons="Watch the disks")).closed
        john = await Paper(world, JOHN).open(short_id)
        assert (await john.write("Write", lessons="Names of customers")).closed
        await ada.click("Publish", confirm=True)
        assert "John Doe changed this post-mortem meanwhile: it is v2 now" in ada.words
        _, found = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
        assert found["published_version"] is None
        await john.click("Publish", confirm=True)
        card.reply("The post-mortem of", "published by John Doe")
        assert "Published by John Doe" in john.words
        so_far(world)
        world.finish()


async def test_an_overdue_one_is_said_again_until_it_is_waived(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG, is_night=True) as world:
        short_id, card = await resolved(world)
        so_far(world)
        lea, john = (world.outside.slack.member(name) for name in (LEA, JOHN))
        counts = len(lea.direct_messages), len(john.direct_messages)
        await world.advance(minutes=6 * DAY)
        assert (len(lea.direct_messages), len(john.direct_messages)) == counts
        for week in range(1, 4):
            await world.advance(minutes=2 * DAY if week == 1 else WEEK + DAY)
            assert (len(lea.direct_messages), len(john.direct_messages)) == (counts[0] + week, counts[1] + week)
            assert short_id in world.direct(LEA).words and "est dû" in world.direct(LEA).words
            assert "is due, until" in world.direct(JOHN).words
        await world.advance(minutes=5 * WEEK)
        assert len(john.direct_messages) == counts[1] + 4
        told = world.direct(JOHN)

        await told.click("Open the post-mortem", as_=JOHN)
        paper = Paper(world, JOHN)
        await paper.click("Waive…")
        outcome = await paper.submit({"reason": "   "})
        assert not outcome.closed and "Say why there is none" in str(outcome.errors)
        assert (await paper.submit({"reason": "It was a drill"})).closed
        assert "Waived by John Doe: It was a drill" in paper.words
        card.reply("John Doe waived the post-mortem: It was a drill")
        assert "is settled" in told.words and not told.buttons
        await world.advance(minutes=5 * WEEK)
        assert len(john.direct_messages) == counts[1] + 4
        assert short_id not in (await world.home(JOHN)).words
        so_far(world)
        world.finish()


async def test_somebody_asks_for_one(world: World) -> None:
    """No step of the guide's own policy asks for it: people do, before it is over or after."""
    short_id = (await world.alert())["incident"]["short_id"]
    said = await world.command("/incident", "postmortem", as_="ada")
    assert said and "No post-mortem is due" in said.words
    ada = await Paper(world, "ada").open(short_id)
    assert "The incident is not over yet." in ada.words and "Write" not in ada.buttons
    await ada.member.close()
    card = world.card()
    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve", {"note": "A restart"})
    card.reply("A post-mortem is due until", "Ada Admin asked for it")
    said = await world.command("/incident", "postmortem", as_="ada")
    assert said and "1 post-mortem is due" in said.words and short_id in said.words
    await card.reply("is resolved").click("📝 Post-mortem", as_=JOHN)
    john = Paper(world, JOHN)
    assert "Not written yet" in john.words
    assert "Publish" not in john.buttons
    so_far(world)


async def test_who_may_not_write_reads(world: World) -> None:
    short_id, _ = await resolved(world)
    viewers = read("organisation.yaml").replace("slack: U02JOHN}", "slack: U02JOHN, role: viewer}")
    await world.load([viewers, read("guide.yaml")])
    john = await Paper(world, JOHN).open(short_id)
    assert "Nobody has asked for a post-mortem." in john.words and john.buttons == ["📄 As a file"]
    await john.click("📄 As a file")
    assert "is in your direct messages" in john.words
    [sent] = [one for one in world.outside.slack.member(JOHN).direct_messages if one.files]
    assert "The disk was full" in content(world, sent)
    so_far(world)


async def test_actions_name_what_is_wrong_with_them(world: World) -> None:
    short_id, _ = await resolved(world)
    ada = await Paper(world, "ada").open(short_id)
    await ada.click("➕ Action")
    today = world.clock.now().date()
    outcome = await ada.submit({"text": "Disks", "owner": "U05MONA", "due_on": (today - timedelta(days=2)).isoformat()})
    assert set(outcome.errors) == {"owner", "due_on"}, outcome
    assert "somebody whom Vigie knows" in outcome.errors["owner"]
    assert (await ada.submit({"owner": "U01ADA", "due_on": (today + timedelta(days=3)).isoformat()})).closed
    await ada.act("Disks", "Done")
    assert "☑️ Disks" in ada.words
    await ada.act("Disks", "Not done after all")
    assert "⬜ Disks" in ada.words
    await ada.act("Disks", "Edit")
    assert (await ada.submit({"text": "Bigger disks"})).closed
    assert "⬜ Bigger disks" in ada.words
    await ada.act("Bigger disks", "Remove")
    assert "Nobody has promised anything yet" in ada.words
    status, found = await world.get(f"/api/v1/incidents/{short_id}/postmortem/")
    assert (status, found["actions"]) == (200, [])
    so_far(world)


async def test_by_http(world: World) -> None:
    short_id, _ = await resolved(world)
    path = f"/api/v1/incidents/{short_id}/postmortem/"
    status, found = await world.get(path)
    assert (status, found["state"], found["sections"]["root_cause"]) == (200, None, "The disk was full")
    assert found["runbook"]["steps"][0]["by"] == "John Doe"
    headers = {"Authorization": f"Token {world.token}"}
    for address, accept in ((f"{path}?format=markdown", "*/*"), (path, "text/markdown")):
        async with world.http.get(address, headers=headers | {"Accept": accept}) as answer:
            assert answer.content_type == "text/markdown"
            assert (await answer.text()).startswith(f"# Post-mortem of {short_id} · SEV1 · Redis Cluster Down")
    assert (await world.get(f"{path}?format=pdf"))[0] == 422
    assert (await world.get("/api/v1/incidents/INC-222222/postmortem/"))[0] == 404
    so_far(world)


async def test_a_duplicate_leaves_its_debt_to_the_main_one(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG, is_night=True) as world:
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.advance(minutes=31)
        main = (await world.alert(group="g2", fingerprint="f2", service="api-gateway"))["incident"]["short_id"]
        said = await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
        assert said is not None
        assert (await world.get(f"/api/v1/incidents/{duplicate}/postmortem/"))[1]["state"] is None
        found = (await world.get(f"/api/v1/incidents/{main}/postmortem/"))[1]
        assert (found["state"], found["step"], found["due_on"]) == ("due", 4, None)
        so_far(world)
        world.finish()
