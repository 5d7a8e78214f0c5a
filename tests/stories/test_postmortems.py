"""Post-mortems: due because a step of the policy says so, written, published, never forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.demo.records import Message
from tests.stories.modals import Modal
from tests.world import Shown, World, read, world_on

LEA, JOHN = "lea", "john"
GUIDE = read("guide.yaml").replace("    delay: 30 minutes\n", "    delay: 30 minutes\n    requires_postmortem: true\n")
CATALOG = [read("organisation.yaml"), GUIDE]
WEEK = 7 * 24 * 60
MORNING = 12 * 60
"""Minutes that take any night to after nine."""


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


async def resolved(world: World, *, minutes: float = 31) -> tuple[str, Shown]:
    """It climbs for so long, then John has it, works through a step and ends it."""
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


async def test_the_guides_sev1_that_reached_its_fourth_step(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG) as world:
        short_id, card = await resolved(world)
        card.reply("A post-mortem is due until", "step 4 of the policy fired")
        summary = card.reply("is resolved", "Failover to replica 0")
        assert "📝 Post-mortem" in summary.buttons
        world.expect_what_was_said()

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
            "John Doe: had it and resolved it",
            "1. Évaluer l'état du cluster | done | John Doe |",
            "engineering-manager@company.com",
            "- [ ] Une alerte à 80 % du disque (John Doe, until",
        ):
            assert words in text, f"{words}\n\n{text}"
        world.expect_what_was_said()

        await world.advance(minutes=11 * 24 * 60 + MORNING)
        told = world.direct(JOHN)
        assert "You promised this until" in told.words and "Une alerte à 80 % du disque" in told.words
        before = len(world.outside.slack.member(JOHN).direct_messages)
        await world.advance(minutes=WEEK)
        assert len(world.outside.slack.member(JOHN).direct_messages) == before + 1
        told = world.direct(JOHN)
        john = await world.home(JOHN)
        assert "What you promised" in john.words
        await told.click("Done", as_=JOHN)
        assert "☑️ Done:" in told.words and not told.buttons
        await world.advance(minutes=3 * WEEK)
        assert len(world.outside.slack.member(JOHN).direct_messages) == before + 1
        assert "What you promised" not in (await world.home(JOHN)).words
        world.finish()
