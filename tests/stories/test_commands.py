"""Slash commands and shortcuts: what somebody can do by typing, what they are told, and what they may not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot import manifest
from bot.demo.records import Message, View
from tests.world import CHANNEL, World, read, world_on

VIEWER = (
    "people: [{handle: mona, name: Mona Manager, email: engineering-manager@company.com, slack: U04MONA, role: viewer}]"
)
HOSTILE = "<!channel> <@U01ADA> *bold* `code` </tag> & {name} %s \u202e"


async def typed(world: World, name: str, command: str, text: str = "", channel: str = CHANNEL) -> Message:
    """Somebody types a command; the answer that only they see."""
    member = world.outside.slack.member(name)
    before = len(member.ephemerals)
    await member.command(command, text, channel)
    await world.outside.workspace.wait_for(lambda: len(member.ephemerals) > before, what=f"an answer to {text}")
    await world.settle()
    return member.ephemerals[-1]


async def modal(world: World, name: str, has: str) -> View:
    """The modal in front of somebody, once these words are in it."""
    member = world.outside.slack.member(name)
    return await world.outside.workspace.wait_for(
        lambda: member.view if member.view and has in member.view.words else None, what=f"a modal with {has}"
    )


async def form(world: World, name: str, title: str = "What is wrong?") -> View:
    member = world.outside.slack.member(name)
    return await world.outside.workspace.wait_for(
        lambda: member.view if member.view and title in str(member.view.body["blocks"]) else None, what=title
    )


async def short_id(world: World, title: str = "Redis Cluster Down", **said: Any) -> str:
    return str((await world.alert(title, **said))["incident"]["short_id"])


async def several(world: World, count: int) -> list[str]:
    return [
        await short_id(world, f"Number {n}", group=f"g{n}", fingerprint=f"f{n}", severity="info") for n in range(count)
    ]


async def incident(world: World, name: str) -> dict[str, Any]:
    status, shown = await world.get(f"/api/v1/incidents/{name}/")
    assert status == 200, shown
    return dict(shown)


async def test_every_command_says_what_it_can_do(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        for command in manifest.commands():
            for text in ("", "help"):
                told = (await typed(world, "ada", command.name, text)).words
                assert f"What {command.name} can do for you" in told, command
                for one in command.subcommands:
                    assert f"{command.name} {one.name}" in told
            told = (await typed(world, "lea", command.name)).words
            assert f"Ce que {command.name} peut faire pour vous" in told
        told = (await typed(world, "lea", "/incident", "help")).words
        assert "`/incident ack [INC-…]` le prendre en charge\u00a0: l'escalade s'arrête" in told
        assert "`/incident note [INC-…] texte`" in told
        world.finish()


async def test_help_lists_what_a_responder_may_do(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        # Mona is in Slack and in no catalog: a responder.
        told = (await typed(world, "mona", "/incident")).words
        assert "/incident ack" in told
        assert "/incident declare" not in told
        assert "/incident resolve" not in told


async def test_help_lists_what_a_viewer_may_do(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), VIEWER]) as world:
        told = (await typed(world, "mona", "/incident")).words
        assert "/incident list" in told
        assert "/incident ack" not in told
        assert "start" not in (await typed(world, "mona", "/runbook")).words


async def test_a_slip_of_the_thumb_is_asked_about(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world)
        assert "Did you mean `/incident ack`?" in (await typed(world, "ada", "/incident", f"akc {name}")).words
        assert "Vouliez-vous dire `/incident ack`" in (await typed(world, "lea", "/incident", f"akc {name}")).words
        assert (await incident(world, name))["status"] == "TRIGGERED"
        told = (await typed(world, "ada", "/incident", f"{HOSTILE}")).words
        assert "<!channel>" not in told
        assert "/incident list" in told


@pytest.mark.parametrize("write", [str.upper, str.lower, lambda name: name.removeprefix("INC-").lower()])
async def test_acknowledge_by_name(sqlite_url: str, write: Any) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world)
        told = await typed(world, "john", "/incident", f"ack {write(name)}", "general")
        assert f"{name} is yours" in told.words
        assert "<@U02JOHN> has it" in world.card().words
        told = await typed(world, "ada", "/incident", f"acknowledge {name}")
        assert f"{name} is already acknowledged by John Doe." in told.words
        sent = len(world.outside.ovh.inbox.messages)
        await world.advance(minutes=60)
        assert len(world.outside.ovh.inbox.messages) == sent


async def test_acknowledge_several_at_once(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        # More than the answers that Slack takes for one command.
        names = await several(world, 7)
        await world.post({}, f"/api/v1/incidents/{names[1]}/acknowledge/")
        lines = (await typed(world, "john", "/incident", f"ack {' '.join(names)} INC-ABCD99")).words.split("\n")
        assert f"{names[0]} is yours" in lines[0]
        assert f"{names[1]} is already acknowledged by story." in lines[1]
        assert "no incident INC-ABCD99" in lines[-1]
        assert {(await incident(world, name))["status"] for name in names} == {"ACKNOWLEDGED"}


async def test_acknowledge_without_a_name(database_url: str) -> None:
    async with world_on(database_url) as world:
        assert "Nothing waits" in (await typed(world, "john", "/incident", "ack")).words
        redis = await short_id(world)
        assert f"{redis} is yours" in (await typed(world, "john", "/incident", "ack", "general")).words
        gateway = await short_id(world, "Slow", service="api-gateway", group="g2", fingerprint="f2")
        again = await short_id(world, "Redis is full", group="g3", fingerprint="f3")
        # Two wait; in the channel of one of them it is that one.
        told = await typed(world, "ada", "/incident", "ack", "platform-incidents")
        assert f"{gateway} is yours" in told.words
        assert (await incident(world, again))["status"] == "TRIGGERED"


async def test_of_several_the_asker_chooses(database_url: str) -> None:
    async with world_on(database_url) as world:
        names = await several(world, 3)
        told = await typed(world, "john", "/incident", "ack")
        assert "Which one?" in told.words
        assert all(name in told.words for name in names)
        assert told.buttons == ["Acknowledge"] * 3
        wanted = await incident(world, names[1])
        john = world.outside.slack.member("john")
        await john.click(told, "Acknowledge", value=wanted["id"])
        await world.outside.workspace.wait_for(lambda: f"{names[1]} is yours" in john.ephemerals[-1].words)
        await world.settle()
        statuses = [(await incident(world, name))["status"] for name in names]
        assert statuses == ["TRIGGERED", "ACKNOWLEDGED", "TRIGGERED"]


async def test_lists_show_state_age_and_who_has_it(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        assert "No incident is open." in (await typed(world, "john", "/incident", "list")).words
        first = await short_id(world)
        second = await short_id(world, "Slow", service="api-gateway", severity="warning", group="g2", fingerprint="f2")
        await typed(world, "ada", "/incident", f"ack {first}")
        told = (await typed(world, "john", "/incident", "list")).words
        assert told.index(second) < told.index(first), "those that nobody has come first"
        assert "SEV1 · Redis Cluster Down" in told
        assert "Ada Admin has it" in told
        assert "Nobody has it yet" in told
        assert "redis-prod" in told
        assert first not in (await typed(world, "john", "/incident", "list SEV2")).words
        assert second not in (await typed(world, "john", "/incident", "ls redis")).words
        assert second not in (await typed(world, "john", "/incident", 'list "SRE Core"')).words
        assert "No incident is like that." in (await typed(world, "john", "/incident", f"list {HOSTILE}")).words
        await world.post({"note": "Done"}, f"/api/v1/incidents/{first}/resolve/")
        assert first not in (await typed(world, "john", "/incident", "list")).words
        assert "Resolved by story" in (await typed(world, "john", "/incident", "list all")).words
        assert "Personne ne l'a encore pris" in (await typed(world, "lea", "/incident", "list")).words


async def test_a_list_is_asked_for_by_a_name_of_several_words(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await world.alert()
        for said in ("SRE Core", "sre core SEV1", '"SRE Core"', "all SRE Core", "redis cluster", "SRE"):
            found = (await typed(world, "john", "/incident", f"list {said}")).words
            assert ("Redis Cluster Down" in found) is (said != "SRE"), (said, found)
        assert "No incident is like that." in (await typed(world, "john", "/incident", "list Platform")).words
        world.expect_what_was_said()


async def test_a_schedule_that_there_is_not_is_said(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[VIEWER]) as world:
        assert "There is no team yet." in (await typed(world, "mona", "/oncall", "schedule")).words


async def test_long_lists_come_in_pages(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        names = await several(world, 12)
        told = await typed(world, "john", "/incident", "list number")
        assert "12 incidents" in told.words
        assert sum(name in told.words for name in names) == 10
        john = world.outside.slack.member("john")
        await john.click(told, "Next page")
        await world.outside.workspace.wait_for(lambda: "Page 2 of 2" in told.words)
        assert sum(name in told.words for name in names) == 2
        await john.click(told, "Previous page")
        await world.outside.workspace.wait_for(lambda: "Page 1 of 2" in told.words)


async def test_show_and_timeline(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world, HOSTILE, description=HOSTILE)
        told = await typed(world, "john", "/incident", f"show {name}")
        assert name in told.words
        assert told.buttons == ["Acknowledge", "Resolve"]
        assert (await typed(world, "john", "/incident", name.lower())).words == told.words
        await typed(world, "ada", "/incident", f"ack {name}")
        await typed(world, "ada", "/incident", f"note {name} The disk {HOSTILE}")
        told = await typed(world, "lea", "/incident", f"timeline {name}")
        lines = told.words.split("\n")
        assert "ce qui s'est passé" in lines[0]
        assert "📝 Ada Admin" in lines[1], "the latest comes first"
        assert "Ouvert par alertmanager" in lines[-1]
        assert "<!channel>" not in told.words
        assert "no incident INC-ABCD99" in (await typed(world, "john", "/incident", "show abcd99")).words
        assert "no incident bananas" in (await typed(world, "john", "/incident", "show bananas")).words


async def test_notes_by_name_or_by_place(database_url: str) -> None:
    async with world_on(database_url) as world:
        name = await short_id(world)
        await typed(world, "john", "/incident", "note backup restored")
        await typed(world, "john", "/incident", f"note {name.lower()} second &amp; last", "general")
        assert "Write something." in (await typed(world, "john", "/incident", f"note {name}")).words
        notes = [entry for entry in (await incident(world, name))["timeline"] if entry["event"] == "note"]
        assert [(note["by"], note["details"]["text"]) for note in notes] == [
            ("John Doe", "backup restored"),
            ("John Doe", "second & last"),
        ]
        assert world.card().reply("backup restored")


async def test_a_note_is_kept_whole_or_refused(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name, log = await short_id(world), "line of a log\n" * 300 + "the line that says why"
        assert "Kept in the timeline" in (await typed(world, "john", "/incident", f"note {log}")).words
        assert (await incident(world, name))["timeline"][-1]["details"]["text"] == log
        assert "longer than 12000 characters" in (await typed(world, "john", "/incident", f"note {log * 3}")).words
        world.expect_what_was_said()


async def test_escalate_by_typing(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world)
        assert f"The next step of {name}" in (await typed(world, "john", "/incident", "escalate")).words
        world.phone("+33600000002").expect_sms()
        await typed(world, "john", "/incident", f"ack {name}")
        told = await typed(world, "john", "/incident", f"escalate {name}")
        assert "already acknowledged by John Doe" in told.words


async def test_resolve_by_typing(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world)
        ada, mona = (world.outside.slack.member(who) for who in ("ada", "mona"))
        await mona.command("/incident", f"resolve {name}", CHANNEL)
        await modal(world, "mona", "takes the role operator")
        await ada.command("/incident", "resolve", CHANNEL)
        await world.submit("ada", "Resolve", {"note": "Restarted"})
        assert (await incident(world, name))["status"] == "RESOLVED"
        await ada.command("/incident", f"resolve {name}", CHANNEL)
        await modal(world, "ada", "already resolved by Ada Admin")
        assert "No incident is open." in (await typed(world, "ada", "/incident", "resolve")).words


async def test_a_viewer_who_was_paged_takes_it_by_the_button_that_paged_them(sqlite_url: str) -> None:
    policy = "{Policy: To Mona, Default: true, Steps: {1: {delay: 0 minutes, type: SLACK, target: USER (mona)}}}"
    async with world_on(sqlite_url, catalog=[read("alone.yaml"), VIEWER, policy]) as world:
        found = await world.alert()
        await world.settle()
        await world.direct("mona").click("Acknowledge", as_="mona")
        taken = (await world.get(f"/api/v1/incidents/{found['incident']['id']}/"))[1]
        assert (taken["status"], taken["acknowledged_by"]) == ("ACKNOWLEDGED", "Mona Manager")
        world.expect_what_was_said()


async def test_a_viewer_only_looks(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), read("guide.yaml"), VIEWER]) as world:
        name = await short_id(world)
        for text in (f"ack {name}", f"escalate {name}", f"note {name} hello"):
            assert "yours is viewer" in (await typed(world, "mona", "/incident", text)).words
        assert (await typed(world, "mona", "/incident", "list")).buttons == []
        assert (await typed(world, "mona", "/incident", f"show {name}")).buttons == []
        assert "yours is viewer" in (await typed(world, "mona", "/runbook", f"start {name}")).words
        mona = world.outside.slack.member("mona")
        await mona.command("/incident", "declare Redis", CHANNEL)
        await modal(world, "mona", "yours is viewer")
        await mona.message_shortcut("incident.note_message", world.card().message)
        await modal(world, "mona", "yours is viewer")
        shown = await incident(world, name)
        assert shown["status"] == "TRIGGERED"
        assert [entry["event"] for entry in shown["timeline"] if entry["event"] in ("note", "acknowledged")] == []


async def test_somebody_nobody_declared_acknowledges_and_does_not_declare(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        name = await short_id(world)
        assert "is yours" in (await typed(world, "mona", "/incident", f"ack {name}")).words
        mona = world.outside.slack.member("mona")
        await mona.shortcut("incident.declare")
        await modal(world, "mona", "takes the role operator; yours is responder")
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 1


async def test_declare_says_what_follows_then_does_it(database_url: str) -> None:
    async with world_on(database_url) as world:
        ada = world.outside.slack.member("ada")
        await ada.command("/incident", 'declare Redis "prod" is slow', "general")
        view = await form(world, "ada")
        assert "Choose how bad it is" in view.words
        await ada.select(view, "How bad is it?", "SEV1_CRITICAL")
        await modal(world, "ada", "💬 Its card comes in #sre-incidents.")
        await ada.select(view, "Service", "redis-prod")
        await modal(world, "ada", "📖 Runbook: *Redis Cluster Recovery*, 6 steps")
        assert "📣 Escalation: *SRE Core - SEV1*, 5 steps" in view.words
        await ada.select(view, "How bad is it?", "SEV4_LOW")
        await modal(world, "ada", "nobody will be paged")
        await ada.select(view, "How bad is it?", "SEV1_CRITICAL")
        await modal(world, "ada", "SRE Core - SEV1")
        sent = await ada.submit(view, {"description": "p99 at 4 s"})
        assert sent.outcome == "updated"
        await world.settle()
        [declared] = (await world.get("/api/v1/incidents/"))[1]["results"]
        assert f"{declared['short_id']} is declared. Its card comes in #sre-incidents." in view.words
        assert (declared["title"], declared["service"]) == ('Redis "prod" is slow', "redis-prod")
        card = world.card("Redis", "p99 at 4 s")
        world.expect_thread(card, "6 steps", "step 1 of 5", "Nouvel incident")
        card.step(1)
        await world.advance(minutes=5)
        world.direct("john")
        world.phone("+33600000002").expect_sms()
        card.reply("step 2 of 5")
        [created] = [e for e in (await incident(world, declared["id"]))["timeline"] if e["event"] == "created"]
        assert (created["by"], created["details"]["policy"]) == ("Ada Admin", "SRE Core - SEV1")
        world.finish()


async def test_what_is_too_long_for_a_title_is_not_lost(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        said = "The shop answers nobody since the last deploy " * 6 + "and the rollback fails"
        await world.outside.slack.member("ada").command("/incident", f"declare {said}", CHANNEL)
        assert "and the rollback fails" in str((await form(world, "ada")).values["description"])
        world.expect_what_was_said()


async def test_two_choices_in_a_row_are_both_foreseen(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        ada = world.outside.slack.member("ada")
        await ada.shortcut("incident.declare")
        view = await form(world, "ada")
        for severity, said in (("SEV1_CRITICAL", "Redis Cluster Recovery"), ("SEV4_LOW", "nobody will be paged")):
            choices = [ada.select(view, "Service", "redis-prod"), ada.select(view, "How bad is it?", severity)]
            await asyncio.gather(*choices)
            await modal(world, "ada", said)
        world.finish()


async def test_declare_in_french_from_the_menu_and_without_a_service(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        lea = world.outside.slack.member("lea")
        await lea.shortcut("incident.declare")
        view = await form(world, "lea", "Que se passe-t-il")
        assert view.title == "Déclarer un incident"
        await lea.select(view, "Quelle sévérité\u00a0?", "SEV3_MEDIUM")
        await modal(world, "lea", "Aucune politique d'escalade")
        await lea.submit(view, {"title": HOSTILE})
        await world.settle()
        [declared] = (await world.get("/api/v1/incidents/"))[1]["results"]
        assert (declared["service"], declared["severity"]) == ("triage", "SEV3_MEDIUM")
        assert "est déclaré" in view.words
        assert declared["title"] == " ".join(HOSTILE.split())
        assert world.card(declared["short_id"])


async def test_a_form_sent_twice_is_one_incident(database_url: str) -> None:
    async with world_on(database_url) as world:
        ada = world.outside.slack.member("ada")
        await ada.shortcut("incident.declare")
        view = await form(world, "ada")
        await ada.select(view, "How bad is it?", "SEV2_HIGH")
        await modal(world, "ada", "Its card comes in")
        # Two thumbs, or an impatient one: the second goes out before the first is answered.
        await asyncio.gather(ada.submit(view, {"title": "Twice"}), ada.submit(view, {"title": "Twice"}))
        await world.settle()
        assert (await world.get("/api/v1/incidents/"))[1]["count"] == 1
        assert world.card("Twice")


async def test_more_services_than_a_menu_holds_are_searched(sqlite_url: str) -> None:
    names = ", ".join(f"{{name: service-{n:03}, team: SRE Core, aliases: [number-{n}]}}" for n in range(150))
    catalog = [read("organisation.yaml"), read("guide.yaml"), f"services: [{names}]"]
    async with world_on(sqlite_url, catalog=catalog) as world:
        ada = world.outside.slack.member("ada")
        await ada.command("/incident", "declare Slow", CHANNEL)
        view = await form(world, "ada")
        assert len(await ada.suggest(view, "Service")) == 100
        [found] = await ada.suggest(view, "Service", "NUMBER-149")
        assert found["text"]["text"] == "service-149"
        assert [one["text"]["text"] for one in await ada.suggest(view, "Service", "redis")] == ["redis-prod"]
        assert await ada.suggest(view, "Service", HOSTILE) == []
        await ada.select(view, "Service", found)
        await ada.select(view, "How bad is it?", "SEV1_CRITICAL")
        await modal(world, "ada", "SRE Core - SEV1")
        await ada.submit(view)
        await world.settle()
        assert (await world.get("/api/v1/incidents/?service=service-149"))[1]["count"] == 1


async def test_up_to_a_hundred_services_stand_under_their_teams(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        ada = world.outside.slack.member("ada")
        await ada.command("/incident", "declare", CHANNEL)
        view = await form(world, "ada")
        [service] = [block["element"] for block in view.blocks if block["block_id"] == "service"]
        assert [group["label"]["text"] for group in service["option_groups"]] == ["Platform", "SRE Core"]


async def test_an_incident_of_a_message(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        ada, john = (world.outside.slack.member(who) for who in ("ada", "john"))
        text = "Checkout &lt;fails&gt; for <@U01ADA> see <https://example.com/x|the graph>\nsince ten minutes"
        message = await john.say("general", text)
        await ada.message_shortcut("incident.from_message", message)
        view = await form(world, "ada")
        await ada.select(view, "How bad is it?", "SEV2_HIGH")
        await modal(world, "ada", "Its card comes in")
        await ada.submit(view)
        await world.settle()
        [declared] = (await world.get("/api/v1/incidents/"))[1]["results"]
        assert declared["title"] == "Checkout <fails> for @U01ADA see the graph"
        assert declared["description"].endswith("since ten minutes")
        assert declared["url"] == f"https://vigie.slack.com/archives/{message.channel}/p{message.ts.replace('.', '')}"
        assert f"<{declared['url']}|Open the message>" in world.card("Checkout").words


async def test_a_message_into_the_timeline(database_url: str) -> None:
    async with world_on(database_url) as world:
        ada, john = (world.outside.slack.member(who) for who in ("ada", "john"))
        elsewhere = await john.say("general", f"The disk is full {HOSTILE}")
        await ada.message_shortcut("incident.note_message", elsewhere)
        await modal(world, "ada", "No incident is open.")
        await ada.close()
        first, second = await several(world, 2)
        reply = await john.say(CHANNEL, "I restarted it", thread=world.card("Number 1").message)
        await ada.message_shortcut("incident.note_message", reply)
        await modal(world, "ada", f"Kept in the timeline of {second}")
        await ada.close()
        await ada.message_shortcut("incident.note_message", elsewhere)
        view = await form(world, "ada", "Incident")
        await ada.submit(view, {"Incident": (await incident(world, first))["id"]})
        await world.settle()
        told = [e["details"]["text"] for e in (await incident(world, second))["timeline"] if e["event"] == "note"]
        assert told[0].startswith("John Doe wrote: I restarted it\nhttps://vigie.slack.com/archives/")
        [kept] = [e for e in (await incident(world, first))["timeline"] if e["event"] == "note"]
        assert kept["by"] == "Ada Admin"
        assert kept["details"]["text"].startswith("John Doe wrote: The disk is full")
        assert "<!channel>" not in world.card("Number 0").reply("The disk is full").words


async def test_runbooks_are_read_and_started(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        told = (await typed(world, "john", "/runbook", "list")).words
        assert "*Redis Cluster Recovery*: redis-prod · SEV1" in told
        told = (await typed(world, "john", "/runbook", "show recovery")).words
        assert "6 steps" in told
        assert "Did you mean" in (await typed(world, "john", "/runbook", "shwo redis")).words
        assert (
            "did you mean Redis Cluster Recovery?"
            in (await typed(world, "john", "/runbook", "show Redis Cluster Recoverry")).words
        )
        name = await short_id(world, "Odd", service="unknown", severity="info")
        assert "Say which incident" in (await typed(world, "john", "/runbook", "start")).words
        assert "No runbook fits this incident" in (await typed(world, "john", "/runbook", f"start {name}")).words
        told = (await typed(world, "john", "/runbook", f'start {name} "redis cluster recovery"')).words
        assert f"is started in the thread of {name}" in told
        card = world.card("Odd")
        assert card.step(1)
        assert "already running" in (await typed(world, "john", "/runbook", f"start {name} redis")).words


async def test_who_is_on_call(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        told = (await typed(world, "ada", "/oncall", "who")).words
        assert "*SRE Core*: <@U02JOHN> until <!date^" in told
        assert "*Platform*: 🚨 nobody is on call" in told
        told = (await typed(world, "lea", "/oncall", 'who "sre core"')).words
        assert "<@U02JOHN> (fin" in told
        assert "Platform" not in told
        assert "There is no team nobody." in (await typed(world, "ada", "/oncall", "who nobody")).words


async def test_policies_are_read(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        assert "*SRE Core - SEV1*: SRE Core · SEV1 · 5 steps" in (await typed(world, "ada", "/policy", "list")).words
        told = (await typed(world, "ada", "/policy", "show sev1")).words
        assert "• at once: " in told
        assert "#sre-incidents" in told
        assert "• after 5 min: " in told
        assert "whoever is on call" in told
        assert "no policy <" not in (await typed(world, "ada", "/policy", f"show {HOSTILE}")).words
