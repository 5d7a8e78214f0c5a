"""How bad an incident is, who leads it, of which it is a duplicate: by commands, forms and the API; and who may."""

from __future__ import annotations

import asyncio
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest

from storage import incidents
from storage.store import Transaction
from tests.stories.test_lifecycle import JOHN, catalog, opened, rung
from tests.world import TESTER, Shown, World, world_on

WORSE = """
---
Policy: Worse
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0, type: SMS, target: USER (ada)}
"""


@pytest.fixture
async def world(database_url: str) -> Any:
    async with world_on(database_url, catalog=catalog(more=WORSE)) as running:
        yield running
        assert not running.outside.workspace.refused, running.outside.workspace.refused


async def shown(world: World, name: str) -> dict[str, Any]:
    return (await world.get(f"/api/v1/incidents/{name}/"))[1]  # type: ignore[no-any-return]


async def test_a_duplicate_is_closed_and_its_alerts_count_for_the_other(world: World) -> None:
    main = (await world.alert("Redis is slow", severity="warning"))["incident"]["short_id"]
    second = (await world.alert("Redis is down", group="g2", fingerprint="f2", severity="warning"))["incident"]
    other = second["short_id"]
    told = await world.command("/incident", f"merge {main} {other}", as_="ada")
    assert told is not None and f"{main} goes on" in told.words
    closed = await shown(world, other)
    assert (closed["status"], closed["duplicate_of"]) == ("RESOLVED", (await shown(world, main))["id"])
    assert "1 of 2" in world.card("Redis is slow").words or "2 of 2" in world.card("Redis is slow").words
    assert world.card("Redis is slow").reply(f"merged {other}")
    assert world.card("Redis is down").reply(f"duplicate of {main}")
    await world.advance(minutes=5)
    assert rung(world) == ["john"]
    again = await world.alert("Redis is down", group="g2", fingerprint="f2", severity="warning")
    assert again["incident"]["short_id"] == main
    whispered = await world.command("/incident", f"merge {main} {other}", as_="ada")
    assert whispered is not None
    assert "already resolved" in whispered.words
    status, problem = await world.post({"into": main}, f"/api/v1/incidents/{main}/merge/")
    assert (status, problem["errors"][0]["field"]) == (422, "into")


async def test_a_duplicate_chosen_in_the_form_makes_the_other_as_bad(world: World) -> None:
    await world.alert("Redis is slow", severity="warning")
    await world.alert("Redis is down", group="g2", fingerprint="f2")
    card = world.card("Redis is down")
    await world.outside.slack.member("ada").select(card.message, "incident.more.v1", "It is a duplicate…")
    form = await world.form("ada", "It is a duplicate")
    (option,) = form.blocks[1]["element"]["options"]
    outcome = await world.submit("ada", "It is a duplicate", {"main": option["text"]["text"]})
    assert outcome.closed
    assert "SEV1" in world.card("Redis is slow").words


async def test_who_cannot_take_it_cannot_when_it_is_worse(sqlite_url: str) -> None:
    more = WORSE + "  2: {delay: 5, type: SMS, target: USER (team_lead)}\n"
    async with world_on(sqlite_url, catalog=catalog(more=more)) as world:
        name = (await world.alert(severity="warning"))["incident"]["short_id"]
        assert await world.command("/incident", f"decline {name}", as_="ada")
        assert await world.command("/incident", f"severity {name} SEV1", as_="ada")
        assert rung(world) == ["lea"], "at once, and nobody waits for Ada"


async def test_somebody_says_that_another_cannot_take_it(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        name = (await world.alert())["incident"]["short_id"]
        whispered = await world.command("/incident", f"decline {name} @john he is on a plane", as_="ada")
        assert whispered is not None and "goes to somebody else" in whispered.words
        world.card().reply("John Doe can't take it")
        await world.advance(minutes=10)
        assert rung(world)[0] != "john", "he was to be the first"


async def test_worse_while_somebody_has_it_its_policy_begins_when_nobody_has_it(database_url: str) -> None:
    async with world_on(database_url, catalog=catalog(timeout="30 minutes", more=WORSE)) as world:
        name = (await world.alert(severity="warning"))["incident"]["short_id"]
        card = world.card()
        await card.click("Acknowledge", as_="john")
        await world.alert(severity="critical", fingerprint="f2")
        assert rung(world) == []
        card.reply("from SEV2 to SEV1", "The policy Worse begins once nobody has it any more")
        await world.advance(minutes=60)
        assert rung(world) == [], "the worse one's policy asks nobody whether they are still there"
        await card.click("Give it back", as_="john")
        await world.advance(seconds=11)
        assert rung(world) == ["ada"]
        _, record = await world.get(f"/api/v1/incidents/{name}/notifications/")
        assert "Worse v1, step 1" in record["results"][-1]["why"]


@pytest.mark.parametrize("put_aside", ["snooze {} 8h", "mitigate {}"])
async def test_worse_than_what_was_put_aside_it_wakes_whoever_did_so(sqlite_url: str, put_aside: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=WORSE)) as world:
        name = (await world.alert(severity="warning"))["incident"]["short_id"]
        card = world.card()
        assert await world.command("/incident", put_aside.format(name), as_="john")
        await world.advance(minutes=5)
        await world.alert(severity="warning", fingerprint="f2")
        assert rung(world) == [], "as bad as he knew"
        await world.alert(severity="critical", fingerprint="f3")
        assert rung(world) == ["john"]
        card.reply("It got worse", "John")
        await world.advance(minutes=5)
        assert rung(world) == ["john", "ada"], "by the policy for worse"


async def test_worse_and_nothing_heard_of_whoever_has_it_for_long_wakes_them(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=WORSE)) as world:
        name = (await world.alert(severity="info"))["incident"]["short_id"]
        await world.card().click("Acknowledge", as_="john")
        await world.advance(minutes=25)
        assert await world.command("/incident", f"note {name} looking at it", as_="john")
        await world.advance(minutes=25)
        await world.alert(severity="warning", fingerprint="f2")
        assert rung(world) == [], "he is at it"
        await world.advance(minutes=5)
        await world.alert(severity="critical", fingerprint="f3")
        assert rung(world) == ["john"]


async def test_worse_it_climbs_another_policy_and_better_it_pages_nobody(world: World) -> None:
    name = (await world.alert(severity="warning"))["incident"]["short_id"]
    assert await world.command("/incident", f"severity {name} SEV1", as_="ada")
    assert rung(world) == ["ada"]
    assert world.card().reply("changed the severity from SEV2 to SEV1")
    status, _ = await world.post({"severity": "SEV3"}, f"/api/v1/incidents/{name}/severity/")
    assert status == 200
    await world.settle()
    assert rung(world) == ["ada"]
    status, problem = await world.post({"severity": "bad"}, f"/api/v1/incidents/{name}/severity/")
    assert (status, problem["errors"][0]["field"]) == (422, "severity")


async def test_a_lead_is_named_and_told_and_stays_when_somebody_else_takes_it(world: World) -> None:
    card = await opened(world)
    await world.command("/incident", "lead @lea", as_="ada")
    assert "pilote" in world.direct("lea").words
    await card.click("Acknowledge", as_="john")
    assert "Léa Lead" in card.words
    await world.outside.slack.member("ada").select(card.message, "incident.more.v1", "Severity and roles…")
    form = await world.form("ada", "Severity and roles")
    may_be_empty = {block["block_id"] for block in form.blocks if block.get("optional")}
    assert may_be_empty == {"communications"}, "who was named to lead is followed by somebody, never by nobody"
    outcome = await world.submit("ada", "Severity and roles", {"communications": "U01ADA"})
    assert outcome.closed
    _, found = await world.get("/api/v1/incidents/")
    incident = found["results"][0]
    assert (incident["lead"], incident["communications"], incident["owner"]) == ("lea", "ada", "john")


async def test_a_form_that_was_open_meanwhile_undoes_nothing(world: World) -> None:
    name = (await world.alert(severity="warning"))["incident"]["short_id"]
    await world.outside.slack.member("ada").select(world.card().message, "incident.more.v1", "Severity and roles…")
    await world.form("ada", "Severity and roles")
    assert (await world.post({"severity": "SEV1"}, f"/api/v1/incidents/{name}/severity/"))[0] == 200
    await world.command("/incident", f"lead {name} @lea", as_="john")
    assert (await world.submit("ada", "Severity and roles", {"communications": "U01ADA"})).closed
    _, found = await world.get("/api/v1/incidents/")
    incident = found["results"][0]
    assert (incident["severity"], incident["lead"], incident["communications"]) == ("SEV1_CRITICAL", "lea", "ada")


async def test_linked_both_say_so(world: World) -> None:
    one = (await world.alert("One"))["incident"]["short_id"]
    two = (await world.alert("Two", group="g2", fingerprint="f2"))["incident"]["short_id"]
    assert (await world.post({"with": two}, f"/api/v1/incidents/{one}/link/"))[0] == 200
    await world.settle()
    assert world.card("One").reply(f"linked it with {two}")
    assert world.card("Two").reply(f"linked it with {one}")


async def test_by_the_api(world: World) -> None:
    name = (await world.alert())["incident"]["short_id"]

    async def act(verb: str, **said: str) -> tuple[int, dict[str, Any]]:
        answer = await world.post(said, f"/api/v1/incidents/{name}/{verb}/")
        await world.settle()
        return answer

    assert (await act("unacknowledge"))[0] == 409
    assert (await act("snooze", duration="30m"))[1]["snoozed_until"] is not None
    assert (await act("snooze", until="2020-01-01T00:00:00Z"))[1]["errors"][0]["field"] == "until"
    assert (await act("unsnooze"))[1]["status"] == "TRIGGERED"
    assert (await act("decline"))[0] == 409
    assert (await act("decline", person="john"))[0] == 200
    assert (await act("reassign", to="nobody"))[1]["errors"][0]["field"] == "to"
    assert (await act("reassign", to="ada"))[1]["status"] == "TRIGGERED"
    assert (await act("mitigate"))[1]["mitigated_by"] == "story"
    assert (await act("mitigate"))[0] == 409
    assert "reassign it to have somebody paged again" in (await act("snooze", duration="1h"))[1]["detail"]
    assert (await act("lead", person="lea"))[1]["lead"] == "lea"
    reader = await world.app.use_cases.tokens.create("reader", ["read"], TESTER)
    for verb in ("snooze", "mitigate", "reassign", "decline", "merge", "severity", "lead"):
        assert (await world.post({}, f"/api/v1/incidents/{name}/{verb}/", token=reader))[0] == 403


async def test_a_viewer_changes_nothing(world: World) -> None:
    await world.load(["people: [{handle: john, name: John Doe, slack: U02JOHN, role: viewer, phone: '+33600000002'}]"])
    card = await opened(world)
    before = len(world.whispers("john"))
    await card.click("Can't take it", as_="john")
    assert len(world.whispers("john")) == before + 1
    assert "Nobody has it yet" in card.words
    for said in ("snooze 1h", "mitigate", "unack", "reassign @ada", "merge INC-AAAAAA INC-BBBBBB", "severity SEV1"):
        answer = await world.command("/incident", said, as_="john")
        assert answer is not None
        assert "takes the role" in answer.words, said


async def test_in_french_for_who_reads_it(world: World) -> None:
    card = await opened(world)
    assert await world.command("/incident", "reassign Léa", as_="ada")
    direct = world.direct("lea")
    assert "Ada Admin vous le confie" in direct.words
    assert "Je ne peux pas" in direct.buttons
    await direct.click("Je ne peux pas", as_="lea")
    card.reply("Léa Lead can't take it")


async def test_without_a_policy_it_can_still_be_given_to_somebody(database_url: str) -> None:
    organisation = catalog()[0]
    async with world_on(database_url, catalog=[organisation]) as world:
        await world.alert()
        card: Shown = world.card()
        await world.command("/incident", "reassign @john", as_="ada")
        world.phone(JOHN).expect_sms("INC-")
        assert "No escalation policy" in card.words
        await card.click("Can't take it", as_="john")
        assert card.reply("Nobody else is left").message.reply_broadcast


async def test_what_waited_for_somebody_elses_change_stands_after_it(postgresql_url: str) -> None:
    async with world_on(postgresql_url, catalog=catalog()) as world:
        name = (await world.alert(severity="warning"))["incident"]["short_id"]
        assert await world.command("/incident", f"ack {name}", as_="ada")
        for verb, body in (("unacknowledge", {}), ("severity", {"severity": "SEV3"})):
            has_it, is_done = threading.Event(), threading.Event()

            def change(tx: Transaction, has_it: threading.Event = has_it, done: threading.Event = is_done) -> None:
                incidents.find(tx, name)
                has_it.set()
                done.wait(20)

            other = asyncio.ensure_future(world.app.store.write(change))
            await asyncio.to_thread(has_it.wait, 20)
            waiting = asyncio.ensure_future(world.post(body, f"/api/v1/incidents/{name}/{verb}/"))
            await asyncio.sleep(0.5)
            world.clock.push(timedelta(seconds=5))
            changed_at = world.clock.now()
            is_done.set()
            await other
            assert (await waiting)[0] == 200
            last = (await shown(world, name))["timeline"][-1]
            assert datetime.fromisoformat(last["at"]) >= changed_at - timedelta(milliseconds=1), last
