"""Drills: a scenario on a clock of its own, for those who take part and nobody else; a real incident beside it goes its
own way."""

from __future__ import annotations

from typing import Any

from bot.demo.records import Message
from tests.stories.modals import Modal
from tests.stories.test_war_rooms import organisation
from tests.world import CHANNEL, Shown, World, read, world_on

ADA, JOHN, LEA = "+33600000001", "+33600000002", "+33600000003"
SANDBOX = "drills"
DRILL = {"service": "redis-prod", "severity": "SEV1", "participants": ["ada"], "channel": "C0DRILLS", "speed": 60}


def sandbox(world: World) -> str:
    """A channel for drills, with Vigie in it; its id."""
    bot = world.outside.workspace.bot.id
    world.outside.workspace.add_channel(SANDBOX, channel_id="C0DRILLS", members=[bot])
    return "C0DRILLS"


async def started(world: World, **said: Any) -> dict[str, Any]:
    """A drill that somebody starts by the API."""
    if world.outside.workspace.find_channel(SANDBOX) is None:
        sandbox(world)
    status, drill = await world.post(DRILL | said, "/api/v1/drills/")
    assert status == 201, drill
    await world.settle()
    return drill


def everything(world: World) -> list[Message]:
    """What is said in the drill's channel."""
    return world.outside.workspace.messages_in(SANDBOX)


def all_marked(world: World) -> None:
    """Every message of a drill says so."""
    assert everything(world)
    for message in everything(world):
        assert "DRILL" in message.words, message.words
        assert message.files or "DRILL" in message.text, message.text


async def test_only_who_takes_part_is_paged_and_time_passes_faster(world: World) -> None:
    drill = await started(world)
    assert drill["title"].startswith("DRILL: ")
    card = world.card("DRILL", channel=SANDBOX)
    assert "60 times faster" in card.words
    # The policy's second step comes at 5 minutes: 5 seconds here.
    await world.advance(seconds=5)
    sms = world.phone(ADA).expect_sms("DRILL")
    assert sms.text.startswith("DRILL")
    assert "John Doe" in world.direct("ada").words
    await world.advance(seconds=60)
    assert not world.phone(JOHN).texts
    assert not world.phone(LEA).texts
    assert not world.outside.slack.member("john").direct_messages
    assert not [one for one in world.outside.workspace.messages_in(CHANNEL) if "DRILL" in one.words]
    mails = world.outside.mail.inbox.messages
    assert {mail.to for mail in mails} <= {"ada@example.com"}
    assert all(mail.subject.startswith("DRILL") for mail in mails)
    await card.click("Stop the drill", as_="ada", confirm=True)
    all_marked(world)
    world.expect_what_was_said()
    world.expected |= {one.tag for one in world.phone(ADA).texts} | {id(mail) for mail in mails}


async def test_it_ends_with_a_report(world: World) -> None:
    drill = await started(world)
    await world.advance(seconds=5)
    card = world.card("DRILL", channel=SANDBOX)
    await world.advance(seconds=2)
    await world.direct("ada").click("Acknowledge", as_="ada")
    await card.reply("Step 1/6").click("Done", as_="ada")
    await card.click("Stop the drill", as_="ada", confirm=True)
    said = card.reply("the report")
    assert "Ada Admin acknowledged it after" in said.words
    assert "of 5 steps of its policy fired" in said.words
    _, found = await world.get(f"/api/v1/drills/{drill['short_id']}/")
    report = found["report"]
    assert found["ended_at"]
    assert [one["name"] for one in report["acknowledgements"]] == ["Ada Admin"]
    assert 6 <= report["acknowledgements"][0]["minutes"] <= 60
    second = report["steps"][1]
    assert second["fired_at"]
    assert {(one["channel"], one["name"]) for one in second["would_reach"]} >= {("SMS", "John Doe")}
    assert {(page["name"], page["would_be"]) for page in second["pages"]} >= {("Ada Admin", "SMS to John Doe")}
    last = report["steps"][-1]
    assert last["would_reach"]
    assert last["fired_at"] is None
    assert report["runbook"][0]["took_minutes"] is not None
    async with world.http.get(
        f"/api/v1/drills/{drill['id']}/?format=markdown", headers={"Authorization": f"Token {world.token}"}
    ) as answer:
        text = await answer.text()
    assert text.startswith("# DRILL")
    assert "not needed" in text
    files = [one for one in everything(world) if one.files]
    assert len(files) == 1
    all_marked(world)
    world.expect_what_was_said()
    world.expected |= {one.tag for one in world.phone(ADA).texts}


async def test_a_real_incident_beside_it_is_not_disturbed(world: World) -> None:
    await started(world, participants=["lea"])
    await started(world, participants=["ada"], speed=10)
    await world.alert()
    real = world.card("Redis Cluster Down")
    assert "DRILL" not in real.words
    await world.advance(seconds=60)
    assert not world.phone(JOHN).texts
    assert world.phone(LEA).texts
    assert not world.phone(ADA).texts or all("DRILL" in one.text for one in world.phone(ADA).texts)
    await world.advance(minutes=4)
    texts = world.phone(JOHN).texts
    assert len(texts) == 1
    assert "DRILL" not in texts[0].text
    _, metrics = await world.get("/api/v1/metrics/")
    assert (metrics["count"], metrics["drills"]) == (1, 2)
    world.expect_what_was_said()
    world.expected |= {one.tag for one in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def test_it_is_asked_for_in_a_form(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        channel = sandbox(world)
        await world.command("/incident", "drill redis-prod SEV1 x20", as_="ada")
        form = Modal(world, "ada")
        assert "nobody is paged who does not take part" in form.words
        answer = await form.submit({"channel": channel, "participants": ["U01ADA", "U02JOHN"]})
        assert not answer.errors
        assert "has begun" in form.words
        await form.member.close()
        card = world.card("DRILL", channel=SANDBOX)
        assert "20 times faster" in card.words
        await world.command("/incident", "drill", as_="ada")
        await form.click("Stop the drill", confirm=True)
        assert "is stopped" in form.words
        assert "DRILL" in world.card(channel=SANDBOX).words
        world.expect_what_was_said()
        world.expected |= {one.tag for one in world.outside.ovh.inbox.messages}
        world.finish()


async def test_what_is_wrong_is_said_at_its_field(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        status, told = await world.post(DRILL | {"participants": ["zed"], "speed": 61}, "/api/v1/drills/")
        assert status == 422
        assert {one["field"] for one in told["errors"]} == {"speed"}
        status, told = await world.post(DRILL | {"participants": ["zed"], "severity": "bad"}, "/api/v1/drills/")
        assert {one["field"] for one in told["errors"]} == {"participants", "severity"}
        whisper = await world.command("/incident", "drill stop", as_="ada")
        assert whisper is not None
        assert "No drill" in whisper.words
        world.outside.workspace.add_user("gaston", locale="fr-FR")
        await world.command("/incident", "drill", as_="gaston")
        assert "opérateur" in Modal(world, "gaston").words or "operator" in Modal(world, "gaston").words


async def test_nobody_takes_part_but_the_channel(sqlite_url: str) -> None:
    async with world_on(sqlite_url) as world:
        await started(world, participants=[])
        await world.advance(seconds=120)
        assert not world.outside.ovh.inbox.messages
        assert not world.outside.mail.inbox.messages
        card: Shown = world.card("DRILL", channel=SANDBOX)
        card.reply("Would have been", "John Doe")
        all_marked(world)
        world.expect_what_was_said()
        world.finish()


async def test_its_war_room_has_who_takes_part_in_it(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[organisation(), read("guide.yaml")]) as world:
        drill = await started(world)
        room = world.outside.workspace.channel(f"{drill['short_id'].lower()}-drill-redis-prod")
        assert "U01ADA" in room.members
        assert {"U02JOHN", "U03LEA"}.isdisjoint(room.members)
        said = world.outside.workspace.messages_in(room.id)
        assert all("DRILL" in one.words for one in said if one.blocks)
        world.expect_what_was_said()
        world.expected |= {one.tag for one in world.outside.ovh.inbox.messages}
