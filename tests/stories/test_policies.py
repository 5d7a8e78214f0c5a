"""Policies from Slack: written by clicking, changed, looked back at, restored, and refused where they must be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.demo.member import Member
from bot.demo.records import View
from bot.demo.visible import buttons, words
from domain.policies import Channel, Policy, Target, TargetType
from storage import catalog
from storage.audit_tables import AuditRow
from tests.world import CHANNEL, World, read, world_on

NAME = "SRE Core - SEV1"
STEPS: list[dict[str, Any]] = [
    {
        "delay": "0",
        "channels": ["Slack"],
        "target": "A Slack channel",
        "channel": CHANNEL,
        "message": "🚨 Nouvel incident SEV1 créé\nTitre: {incident.title}\nService: {incident.service}\n"
        "→ Acquitter dans les 5 prochaines minutes",
    },
    {
        "delay": "5",
        "channels": ["Slack", "SMS"],
        "target": "Whoever is on call",
        "message": "⚠️ ESCALADE: Incident SEV1 non acquitté depuis 5 min\n{incident.short_id}: {incident.title}",
    },
    {
        "delay": "15",
        "channels": ["SMS", "E-mail"],
        "target": "The team's lead",
        "message": "🔴 ESCALADE NIVEAU 2: {incident.short_id}\nNon acquitté depuis 15 minutes\nOn-Call ne répond pas",
    },
    {
        "delay": "30",
        "channels": ["E-mail", "Slack"],
        "target": "An e-mail address",
        "address": "engineering-manager@company.com",
        "message": "🆘 ESCALADE NIVEAU 3\nIncident SEV1 non géré depuis 30 minutes\nAction immédiate requise",
    },
    {
        "delay": "60",
        "channels": ["E-mail", "SMS"],
        "target": "An e-mail address",
        "address": "cto@company.com",
        "message": "🚨 ESCALADE DIRECTION\nIncident critique non résolu depuis 1 heure\nIntervention direction requise",
    },
]
"""The guide's policy, as its form asks for it."""


class Editor:
    """Somebody with the policy editor before them."""

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

    async def open(self, button: str = "Open") -> Editor:
        """From the Home tab's policies."""
        home = await self.world.home(self.member.user.name)
        await home.click("Policies")
        await home.click(button)
        return self

    async def click(self, button: str, *, confirm: bool | None = None, value: str | None = None) -> None:
        await self.member.click(self.view, button, confirm=confirm, value=value)
        await self.world.settle()

    async def choose(self, step: int, what: str) -> None:
        """From the menu beside a step."""
        await self.member.select(self.view, "policy.step.v1", what, block_id=f"step:{step}")
        await self.world.settle()

    async def fill_step(self, said: dict[str, Any]) -> Any:
        """Fill the form of a step and keep it."""
        said = dict(said)
        if "channel" in said:
            said["channel"] = self.world.outside.workspace.channel(said["channel"]).id
        if "target" in said:
            await self.member.select(self.view, "policy.target.v1", said["target"])
            await self.world.settle()
        return await self.submit(said)

    async def add(self, said: dict[str, Any]) -> Any:
        await self.click("➕ Add a step")
        return await self.fill_step(said)

    async def submit(self, values: dict[str, Any] | None = None) -> Any:
        """Send the modal on top; a field is known by its block, whatever its edition."""
        blocks = [block["block_id"] for block in self.view.blocks if block["type"] == "input"]
        full = {block.partition(":")[0]: block for block in blocks}
        outcome = await self.member.submit(
            self.view, {full.get(name, name): value for name, value in (values or {}).items()}
        )
        await self.world.settle()
        return outcome


def said(policy: Policy) -> Policy:
    """What a policy says: its channels have no order in a form."""
    steps = tuple(replace(step, channels=tuple(sorted(step.channels))) for step in policy.steps)
    return replace(policy, steps=steps, version=1, version_id="")


async def current(world: World, name: str = NAME) -> Policy:
    directory = await world.app.store.read(catalog.directory)
    return next(policy for policy in directory.policies.values() if policy.name == name)


async def test_the_guide_s_policy_by_clicking(database_url: str) -> None:
    organisation = read("organisation.yaml")
    async with world_on(database_url, catalog=[organisation]) as world:
        ada = await Editor(world, "ada").open("➕ New policy")
        assert "No step yet" in ada.words
        for step in STEPS:
            assert (await ada.add(step)).closed
        assert "After 15 min: SMS and e-mail to the team's lead" in ada.words
        outcome = await ada.submit({"name": NAME, "team": "SRE Core", "severity": "SEV1"})
        assert outcome.outcome == "updated"
        assert "is saved as v1" in ada.words
        made = await current(world)
        await world.load([read("guide.yaml")])
        assert said(await current(world)) == said(made)
        await ada.member.close()
        await world.alert()
        assert world.card().words
        await world.advance(minutes=5)
        world.phone("+33600000002").expect_sms("Redis Cluster Down")


async def test_what_the_guide_s_files_say_is_what_the_form_shows(world: World) -> None:
    ada = await Editor(world, "ada").open()
    assert "At once: message to #sre-incidents" in ada.words
    assert "After 30 min: e-mail and direct message to engineering-manager@company.com" in ada.words
    await ada.click("Edit")
    before = await current(world)
    for number in range(1, 6):
        await ada.choose(number, "Edit")
        assert (await ada.submit()).closed
    await ada.submit()
    assert "says the same as before" in ada.words
    assert await current(world) == before


async def test_steps_move_and_go(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(2, "Move up")
    assert "Fires before the step above it" in ada.words
    await ada.choose(1, "Move down")
    assert "Fires before" not in ada.words
    await ada.choose(5, "Remove")
    await ada.choose(4, "Edit")
    await ada.fill_step({"delay": "45", "target": "A person", "user": "U02JOHN", "flags": ["postmortem"]})
    assert "After 45 min: e-mail and direct message to John Doe · post-mortem · (inactive)" in ada.words
    await ada.submit({"ack_timeout": "30", "description": "Answer within five minutes."})
    policy = await current(world)
    assert policy.version == 2
    assert policy.ack_timeout_minutes == 30
    assert [step.order for step in policy.steps] == [1, 2, 3, 4]
    last = policy.steps[-1]
    assert (last.target, last.requires_postmortem, last.is_active) == (Target(TargetType.USER, "john"), True, False)
    assert last.channels == (Channel.EMAIL, Channel.SLACK)


async def test_a_finger_that_taps_twice_takes_one_step_away(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    world.outside.slack.faults.delay("views.update", 0.5)
    for _ in range(2):
        await ada.member.select(ada.view, "policy.step.v1", "Remove", block_id="step:2")
    await world.outside.workspace.wait_for(lambda: len(world.outside.workspace.calls_to("views.update")) == 4)
    world.outside.slack.faults.delay("views.update", 0)
    await ada.submit({})
    assert [step.delay_minutes for step in (await current(world)).steps] == [0, 15, 30, 60]


async def test_fields_that_are_wrong_say_so(world: World) -> None:
    ada = await Editor(world, "ada").open("➕ New policy")
    refused = await ada.submit({"name": NAME.lower()})
    (said,) = refused.errors.values()
    assert "already" in said
    assert "at least one step" in said
    await ada.click("➕ Add a step")
    refused = await ada.fill_step({"message": "{incident.titel} is down"})
    assert refused.errors["message"].startswith("{incident.titel} is unknown; there are {incident.short_id}")
    refused = await ada.fill_step({"message": "", "target": "A person", "user": world.outside.workspace.bot.id})
    assert "Vigie does not know this person" in refused.errors["user"]
    refused = await ada.fill_step({"target": "An e-mail address", "address": "boss@here"})
    assert "e-mail address" in refused.errors["address"]
    refused = await ada.fill_step({"target": "A Discord channel", "url": "http://example.com/hook"})
    assert "https://" in refused.errors["url"]
    assert (await ada.fill_step({"target": "The whole team"})).closed
    assert (await ada.submit({"name": "Brand new"})).outcome == "updated"
    assert (await current(world, "Brand new")).steps[0].target == Target(TargetType.TEAM)


async def test_two_admins_at_once(database_url: str) -> None:
    second = (
        read("organisation.yaml")
        .replace("handle: lea,", "handle: lea, role: admin,")
        .replace("locale: fr}", "locale: en}", 1)
    )
    async with world_on(database_url, catalog=[second, read("guide.yaml")]) as world:
        ada, lea = await Editor(world, "ada").open(), await Editor(world, "lea").open()
        await ada.click("Edit")
        await lea.click("Edit")
        await ada.submit({"description": "Ada's"})
        assert "is saved as v2" in ada.words
        assert (await lea.submit({"description": "Lea's"})).outcome == "updated"
        assert "Ada Admin changed this policy meanwhile: it is v2 now" in lea.words
        assert (await current(world)).description == "Ada's"
        await lea.click("Go on with mine")
        assert "Lea's" in str(lea.view.values)
        await lea.member.close()
        await lea.open()
        await lea.click("Edit")
        await lea.click("Start over")
        assert "Ada's" in str(lea.view.values)
        await lea.submit({"description": "Both"})
        assert (await current(world)).description == "Both"
        assert (await current(world)).version == 3


async def test_a_draft_outlives_its_modal(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(5, "Remove")
    await ada.member.close()
    await ada.open()
    await ada.click("Edit")
    assert "your draft of another time" in ada.words
    assert "cto@company.com" not in ada.words
    await ada.click("Start over")
    assert "cto@company.com" in ada.words
    assert "your draft" not in ada.words


async def test_history_says_who_and_what_and_restores(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(3, "Edit")
    await ada.fill_step({"delay": "10"})
    await ada.choose(5, "Remove")
    await ada.submit({"name": "SRE Core - all", "severity": "Every severity"})
    await ada.member.close()
    await ada.open()
    await ada.click("History")
    for line in (
        "*v2* · Ada Admin",
        "*v1* · test",
        "Name: SRE Core - SEV1 → SRE Core - all",
        "Severity: SEV1 → every severity",
        "Step 3: After 15 min: SMS and e-mail to the team's lead → After 10 min",
        "Step 5 removed: After 1 hr: e-mail and SMS to cto@company.com",
        "The first version.",
    ):
        assert line in ada.words, (line, ada.words)
    await ada.click("Restore", confirm=True)
    assert "*SRE Core - SEV1* is saved as v3" in ada.words
    assert len((await current(world)).steps) == 5
    actions = await world.app.store.read(audited)
    assert [(actor.partition(":")[0], action) for actor, action in actions[-2:]] == [
        ("person", "policy.save"),
        ("person", "policy.restore"),
    ]


def audited(tx: Any) -> list[tuple[str, str]]:
    """Who did what to the configuration, in order."""
    audit = catalog.table(AuditRow)
    return [(row.actor, row.action) for row in tx.execute(audit.select().order_by(audit.c.id))]


async def test_an_open_incident_keeps_its_version(world: World) -> None:
    await world.alert()
    card = world.card()
    world.expect_thread(card, "Nouvel incident", "6 steps", "step 1 of 5")
    card.step(1)
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(2, "Edit")
    await ada.fill_step({"message": "Something else"})
    await ada.submit()
    assert "1 open incident keeps v1." in ada.words
    await world.advance(minutes=5)
    card.reply("step 2 of 5")
    world.phone("+33600000002").expect_sms("ESCALADE")
    assert "ESCALADE" in world.direct("john").words


async def test_off_and_on(world: World) -> None:
    ada = await Editor(world, "ada").open()
    await ada.click("Deactivate", confirm=True)
    assert "It is not active" in ada.words
    assert not (await current(world)).is_active
    assert ada.member.home is not None
    assert "(inactive)" in words(ada.member.home.blocks)
    await ada.member.close()
    await ada.open()
    await ada.click("Activate", confirm=True)
    assert (await current(world)).is_active
    assert (await current(world)).version == 3


async def test_only_an_admin_writes(world: World) -> None:
    john = await Editor(world, "john").open()
    assert buttons(john.view.blocks) == ["🔮 Who is paged?"]
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.choose(5, "Remove")
    await world.load([read("organisation.yaml").replace("role: admin", "role: responder")])
    assert "takes the role admin" in str((await ada.submit()).view)
    await ada.member.close()
    home = await world.home("ada")
    assert "➕ New policy" not in home.buttons
    assert (await current(world)).version == 1


async def test_an_old_button_of_somebody_who_was_an_admin(world: World) -> None:
    home = await world.home("ada")
    await home.click("Policies")
    old = home.view.blocks
    await ada_is_a_responder(world)
    home.view.body["blocks"] = old
    await home.click("➕ New policy")
    assert "takes the role admin" in Editor(world, "ada").words


async def ada_is_a_responder(world: World) -> None:
    await world.load([read("organisation.yaml").replace("role: admin", "role: responder")])
    await world.settle()


@pytest.mark.parametrize("locale", ["fr"])
async def test_a_french_admin(sqlite_url: str, locale: str) -> None:
    people = read("organisation.yaml").replace("role: admin", f"role: admin, locale: {locale}")
    async with world_on(sqlite_url, catalog=[people, read("guide.yaml")]) as world:
        home = await world.home("ada")
        await home.click("Politiques")
        await home.click("Ouvrir")
        ada = Editor(world, "ada")
        assert "Après 15\u00a0min" in ada.words
        await ada.click("Modifier")
        refused = await ada.submit({"name": " x "})
        assert refused.outcome == "updated"
        assert "est enregistrée en v2" in ada.words


async def test_the_form_says_what_saving_would_do(world: World) -> None:
    editor = await Editor(world, "ada").open()
    await editor.click("Edit")
    assert "Who is paged, if it happened now" in editor.words and "Nothing changes for it." in editor.words
    assert "T+5" in editor.words or "5 min" in editor.words
    await editor.choose(2, "Remove")
    assert "What changes against today" in editor.words and "Nothing changes for it." not in editor.words
    assert "SMS" in editor.words.split("What good practice says")[1]
    assert not world.outside.workspace.refused


async def test_a_night_is_foretold_by_command(world: World) -> None:
    for at in ("2026-12-01 03:00", "at 2026-12-01 03:00"):
        told = await world.command("/policy", f"simulate redis SEV1 {at}", as_="john")
        assert told and "John Doe" in told.words and "redis-prod" in told.words
    for wrong, words_of in (
        ("redis", "say which"),
        ("redis SEV1 soon", "write the time"),
        ("nothing SEV1", "no service"),
    ):
        answer = await world.command("/policy", f"simulate {wrong}", as_="john")
        assert answer and words_of in answer.words.lower()
    assert not world.outside.ovh.inbox.messages
