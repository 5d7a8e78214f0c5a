"""Runbooks from Slack: written by clicking, changed, looked back at, restored, and refused where they must be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.member import Member
from bot.demo.records import View
from bot.demo.visible import buttons, words
from domain.runbooks import Runbook
from storage import catalog
from storage.audit_tables import AuditRow
from tests.world import Shown, World, read, world_on

NAME = "Redis Cluster Recovery"
STEP: dict[str, Any] = {
    "title": "Restart the node",
    "description": "Look at {incident.service} first.",
    "checklist": "- [ ] the graphs\n* the logs\n\n",
    "command": "ssh {label.instance} systemctl restart redis",
    "duration": "5",
    "flags": ["critical"],
    "rollback": "systemctl stop redis",
}


class Editor:
    """Somebody with a runbook before them."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.member: Member = world.outside.slack.member(name)

    @property
    def view(self) -> View:
        assert self.member.view is not None
        return self.member.view

    @property
    def words(self) -> str:
        return words(self.view.blocks)

    @property
    def buttons(self) -> list[str]:
        return buttons(self.view.blocks)

    async def open(self, button: str = "Open", title: str = NAME) -> Editor:
        """From the Home tab's runbooks."""
        home = await self.world.home(self.member.user.name)
        await home.click("Runbooks")
        value = (await current(self.world, title)).id if button in ("Open", "Ouvrir") else None
        await home.click(button, value=value)
        return self

    async def click(self, button: str, *, confirm: bool | None = None, value: str | None = None) -> None:
        await self.member.click(self.view, button, confirm=confirm, value=value)
        await self.world.settle()

    async def choose(self, step: int, what: str) -> None:
        """From the menu beside a step."""
        await self.member.select(self.view, "runbook.step.v1", what, block_id=f"step:{step}")
        await self.world.settle()

    async def add(self, said: dict[str, Any]) -> Any:
        await self.click("➕ Add a step")
        return await self.submit(said)

    async def submit(self, values: dict[str, Any] | None = None) -> Any:
        """Send the modal on top; a field is known by its block, whatever its edition."""
        blocks = [block["block_id"] for block in self.view.blocks if block["type"] == "input"]
        full = {block.partition(":")[0]: block for block in blocks}
        said = {full.get(name, name): value for name, value in (values or {}).items()}
        outcome = await self.member.submit(self.view, said)
        await self.world.settle()
        return outcome


async def current(world: World, title: str = NAME) -> Runbook:
    directory = await world.app.store.read(catalog.directory)
    return next(book for book in directory.runbooks.values() if book.title == title)


def said(book: Runbook) -> Runbook:
    return replace(book, id="", version=1, version_id="")


async def test_a_runbook_by_clicking(database_url: str) -> None:
    async with world_on(database_url, catalog=[read("organisation.yaml")]) as world:
        john = await Editor(world, "john").open("➕ New runbook")
        assert "No step yet" in john.words and "The runbook has no step" in john.words
        assert (await john.add(STEP)).closed
        assert "*1.* Restart the node · about 5 min · ⚠️ critical" in john.words
        assert (await john.add({"title": "Check the graphs", "duration": "2"})).closed
        assert (await john.add({"title": "Tell the team", "duration": "1"})).closed
        await john.choose(3, "Move up")
        await john.choose(2, "Move down")
        outcome = await john.submit(
            {"title": "  Restart   it ", "service": "redis-prod", "severity": "SEV1", "description": "When it hangs"}
        )
        assert outcome.outcome == "updated" and "*Restart it* is saved: it is v1 now" in john.words
        book = await current(world, "Restart it")
        assert [step.title for step in book.steps] == ["Restart the node", "Check the graphs", "Tell the team"]
        assert book.steps[0].checklist == ("the graphs", "the logs")
        assert book.steps[0].is_critical and book.steps[0].rollback_instructions == "systemctl stop redis"
        await john.member.close()
        await world.alert(instance="redis-1")
        card = world.card()
        shown = card.step(1)
        for line in ("Look at redis-prod first.", "☐ the graphs\n☐ the logs", "ssh redis-1 systemctl restart redis"):
            assert line in shown.words
        world.expect_what_was_said()
        world.finish()


async def test_what_files_say_is_what_the_form_shows(world: World) -> None:
    ada = await Editor(world, "ada").open()
    before = await current(world)
    for step in before.steps:
        assert step.title in ada.words and (not step.command or step.command.split("\n")[0] in ada.words)
    await ada.click("Edit")
    for number in range(1, len(before.steps) + 1):
        await ada.choose(number, "Edit")
        assert (await ada.submit()).closed
    await ada.submit()
    assert "says the same as before" in ada.words
    assert await current(world) == before


async def test_steps_are_changed_and_go(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(6, "Remove")
    await ada.choose(1, "Edit")
    await ada.submit({"title": "Look first", "flags": ["confirmation"], "duration": "3"})
    await ada.submit({"flags": ["active", "four_eyes"], "service": "Every service"})
    book = await current(world)
    assert (book.version, len(book.steps), book.four_eyes, book.service) == (2, 5, True, "")
    assert (book.steps[0].title, book.steps[0].requires_confirmation) == ("Look first", True)


async def test_a_finger_that_taps_twice_moves_a_step_once(world: World) -> None:
    before = [step.title for step in (await current(world)).steps]
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    world.outside.slack.faults.delay("views.update", 0.5)
    for _ in range(2):
        await ada.member.select(ada.view, "runbook.step.v1", "Move up", block_id="step:2")
    await world.outside.workspace.wait_for(lambda: len(world.outside.workspace.calls_to("views.update")) == 4)
    world.outside.slack.faults.delay("views.update", 0)
    await ada.submit({})
    assert [step.title for step in (await current(world)).steps] == [before[1], before[0], *before[2:]]


async def test_findings_stand_below_before_it_is_saved(world: World) -> None:
    ada = await Editor(world, "ada").open("➕ New runbook")
    await ada.add({"title": "Restart it", "command": "rm '{label.x}' {incident.nope}", "flags": ["critical"]})
    for line in (
        "Step 1, rollback: a critical step has no rollback",
        "Step 1, command: {incident.nope} stays as written: nothing fills it",
        "{label.x} stands inside quotes",
    ):
        assert line in ada.words


async def test_fields_that_are_wrong_say_so(world: World) -> None:
    ada = await Editor(world, "ada").open("➕ New runbook")
    refused = await ada.submit({"title": NAME.lower()})
    (told,) = refused.errors.values()
    assert "there is a runbook" in told.lower() and "at least one step" in told
    await ada.click("➕ Add a step")
    refused = await ada.submit({"title": " ", "checklist": "x" * 141})
    assert refused.errors["title"] == "Say what to do, in a few words."
    assert "at most 140 characters" in refused.errors["checklist"]
    refused = await ada.submit({"title": "Look", "checklist": "\n".join("x" * 21)})
    assert "at most 20 lines" in refused.errors["checklist"]
    assert (await ada.submit({"title": "Look", "checklist": ""})).closed
    assert (await ada.submit({"title": "Brand new"})).outcome == "updated"


async def test_two_operators_at_once(world: World) -> None:
    ada, john = await Editor(world, "ada").open(), await Editor(world, "john").open()
    await ada.click("Edit")
    await john.click("Edit")
    await ada.submit({"description": "Ada's"})
    assert "is saved: it is v2 now" in ada.words
    assert (await john.submit({"description": "John's"})).outcome == "updated"
    assert "Ada Admin changed this runbook meanwhile: it is v2 now" in john.words
    assert (await current(world)).description == "Ada's"
    await john.click("Begin with theirs")
    assert "Ada's" in str(john.view.values)
    await john.submit({"description": "Both"})
    assert ((await current(world)).description, (await current(world)).version) == ("Both", 3)


async def test_what_was_written_while_somebody_else_saved_is_not_lost(world: World) -> None:
    ada, john = await Editor(world, "ada").open(), await Editor(world, "john").open()
    await john.click("Edit")
    await john.choose(1, "Remove")
    left = len((await current(world)).steps) - 1
    await ada.click("Edit")
    await ada.submit({"description": "Ada's"})
    assert (await john.submit({"description": "John's"})).outcome == "updated"
    await john.member.close()
    await john.open()
    await john.click("Edit")
    assert "Ada Admin changed this runbook meanwhile: it is v2 now" in john.words
    await john.click("Go on with mine")
    assert "John's" in str(john.view.values) and "your draft of another time" in john.words
    await john.submit()
    book = await current(world)
    assert (book.description, book.version, len(book.steps)) == ("John's", 3, left)


async def test_a_draft_that_says_nothing_new_asks_nothing(world: World) -> None:
    ada, john = await Editor(world, "ada").open(), await Editor(world, "john").open()
    await john.click("Edit")
    await john.member.close()
    await ada.click("Edit")
    await ada.submit({"description": "Ada's"})
    await john.open()
    await john.click("Edit")
    assert "Ada's" in str(john.view.values)


async def test_a_draft_outlives_its_modal(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(1, "Remove")
    await ada.member.close()
    await ada.open()
    await ada.click("Edit")
    assert "your draft of another time" in ada.words
    first = (await current(world)).steps[0].title
    assert first not in ada.words
    await ada.click("Start over")
    assert first in ada.words and "your draft" not in ada.words


async def test_history_says_who_and_what_and_restores(world: World) -> None:
    before = await current(world)
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(1, "Edit")
    await ada.submit({"title": "Look first", "command": "uptime"})
    await ada.choose(6, "Remove")
    await ada.submit({"title": "Redis, mended", "severity": "Every severity"})
    await ada.member.close()
    await ada.open(title="Redis, mended")
    await ada.click("History")
    for line in (
        "*v2* · Ada Admin",
        "*v1* · test",
        f"Title: {NAME} → Redis, mended",
        "→ Look first",
        "Step 6 removed: ",
        "The first version.",
    ):
        assert line in ada.words, (line, ada.words)
    await ada.click("Restore", confirm=True)
    assert f"*{NAME}* is saved: it is v3 now" in ada.words
    assert said(await current(world)) == said(before)
    actions = await world.app.store.read(audited)
    assert [(actor.partition(":")[0], action) for actor, action in actions[-2:]] == [
        ("person", "runbook.save"),
        ("person", "runbook.restore"),
    ]


def audited(tx: Any) -> list[tuple[str, str]]:
    """Who did what to the configuration, in order."""
    audit = catalog.table(AuditRow)
    return [(row.actor, row.action) for row in tx.execute(audit.select().order_by(audit.c.id))]


async def test_a_run_keeps_its_version(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(2, "Edit")
    await ada.submit({"title": "Something else"})
    await ada.submit()
    assert "1 run under way keeps v1." in ada.words
    await card.step(1).click("Done", as_="john")
    assert "Something else" not in card.step(2).words


async def test_off_and_on(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Deactivate", confirm=True)
    assert "no incident gets it" in ada.words
    assert ada.member.home is not None and "(inactive)" in words(ada.member.home.blocks)
    await ada.member.close()
    await ada.open()
    await ada.click("Activate", confirm=True)
    book = await current(world)
    assert (book.is_active, book.version) == (True, 3)


async def test_a_responder_reads_and_no_more(database_url: str) -> None:
    people = read("organisation.yaml").replace("slack: U02JOHN}", "slack: U02JOHN, role: responder}")
    async with world_on(database_url, catalog=[people, read("guide.yaml")]) as world:
        home = await world.home("john")
        await home.click("Runbooks")
        assert not {"➕ New runbook", "Import YAML"} & set(home.buttons)
        john = await Editor(world, "john").open()
        assert john.buttons == ["Evidence", "Export YAML"]
        await john.click("Export YAML")
        assert f"Title: {NAME}" in john.words
        await john.member.close(everything=True)
        old = (await Editor(world, "ada").open()).view.blocks
        await john.open()
        john.view.body["blocks"] = old
        await john.click("Deactivate", confirm=True)
        assert "takes the role operator" in john.words
        assert (await current(world)).version == 1


async def test_an_operator_who_is_one_no_longer(world: World) -> None:
    john = await Editor(world, "john").open()
    await john.click("Edit")
    await john.choose(1, "Remove")
    await world.load([read("organisation.yaml").replace("slack: U02JOHN}", "slack: U02JOHN, role: responder}")])
    assert "takes the role operator" in str((await john.submit()).view)
    assert (await current(world)).version == 1


async def test_from_the_command(world: World) -> None:
    answer = await world.command("/runbook", "show redis cluster recovery", as_="john")
    assert answer is not None
    await Shown(answer, world).click("Open", as_="john")
    john = Editor(world, "john")
    assert NAME in john.words and "Edit" in john.buttons


async def test_a_long_runbook_is_read_page_by_page(world: World) -> None:
    steps = "".join(f"\n  - {{title: Look at {n}, command: echo {n}, rollback: undo {n}}}" for n in range(1, 41))
    await world.load([f"Title: Long\nSteps:{steps}"])
    john = await Editor(world, "john").open(title="Long")
    assert "Look at 12" in john.words and "Look at 13" not in john.words and "Page 1 of 4" in john.words
    await john.click("Next ▶")
    await john.click("Next ▶")
    await john.click("Next ▶")
    assert "Look at 40" in john.words and "Next ▶" not in john.buttons
    await john.click("◀ Previous")
    assert "Look at 36" in john.words


async def test_among_very_many_services(world: World) -> None:
    services = "".join(f"\n  - {{name: service-{n}, team: SRE Core}}" for n in range(300))
    await world.load([f"services:{services}"])
    john = await Editor(world, "john").open()
    await john.click("Edit")
    block = next(one["block_id"] for one in john.view.blocks if one["block_id"].startswith("service:"))
    found = await john.member.suggest(john.view, "runbook.service.v1", "service-29", block_id=block)
    assert [one["text"]["text"] for one in found][:3] == ["Every service", "service-29", "service-290"]
    await john.submit({"service": found[1]})
    directory = await world.app.store.read(catalog.directory)
    assert directory.service_name((await current(world)).service) == "service-29"


@pytest.mark.parametrize("locale", ["fr"])
async def test_a_french_operator(sqlite_url: str, locale: str) -> None:
    people = read("organisation.yaml").replace("slack: U02JOHN}", f"slack: U02JOHN, locale: {locale}}}")
    async with world_on(sqlite_url, catalog=[people, read("guide.yaml")]) as world:
        home = await world.home("john")
        await home.click("Runbooks")
        await home.click("Ouvrir", value=(await current(world)).id)
        john = Editor(world, "john")
        await john.click("Modifier")
        assert "*Ce que disent les bonnes pratiques*" in john.words
        await john.choose(1, "Modifier")
        refused = await john.submit({"title": " "})
        assert refused.errors == {"title": "Dites que faire, en quelques mots."}
        assert (await john.submit({"title": "Vérifier"})).closed
        await john.submit({})
        assert "est enregistré\u00a0: c'est la v2" in john.words
