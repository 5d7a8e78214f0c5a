"""The timeline: messages that people keep by an emoji, and all of it as a file."""

from __future__ import annotations

import json

from bot.demo.records import Message
from tests.stories.test_postmortems import so_far
from tests.world import CHANNEL, World


async def pinned(world: World, message: Message, *, as_: str, name: str = "pushpin") -> None:
    await world.outside.slack.member(as_).react(message, name)
    await world.settle()


async def kept(world: World, short_id: str) -> list[tuple[str, str, str]]:
    _, found = await world.get(f"/api/v1/incidents/{short_id}/timeline/")
    entries = [entry for entry in found["results"] if entry["event"] == "pinned"]
    return [(entry["by"], entry["details"]["author"], entry["details"]["text"]) for entry in entries]


async def test_a_pushpin_in_the_thread(world: World) -> None:
    short_id = (await world.alert())["incident"]["short_id"]
    card = world.card()
    lea, john = (world.outside.slack.member(name) for name in ("lea", "john"))
    said = await lea.say(CHANNEL, "replica 2 lags by <https://x.example|40 s> &amp; grows", thread=card.message)
    await pinned(world, said, as_="john", name="eyes")
    assert await kept(world, short_id) == []
    await pinned(world, said, as_="john")
    await pinned(world, said, as_="ada")
    await pinned(world, said, as_="ada", name="round_pushpin")
    assert await kept(world, short_id) == [("John Doe", "Léa Lead", "replica 2 lags by 40 s & grows")]
    assert [words for words in world.whispers("john") if "Kept in the timeline" in words]
    assert not world.whispers("ada")
    for reply in card.thread():
        await pinned(world, reply, as_="ada")
    assert len(await kept(world, short_id)) == 1
    said = await john.say(CHANNEL, "It is not in a thread, but there is one incident")
    await pinned(world, said, as_="lea")
    assert len(await kept(world, short_id)) == 2
    so_far(world)


async def test_a_pushpin_of_another_company_keeps_nothing_unless_the_catalog_names_its_owner(world: World) -> None:
    short_id = (await world.alert())["incident"]["short_id"]
    card = world.card()
    users = world.outside.workspace.users
    users["U06GUS"].team_id = users["U02JOHN"].team_id = "T0ELSEWHERE"
    said = await world.outside.slack.member("lea").say(CHANNEL, "replica 2 lags", thread=card.message)
    await pinned(world, said, as_="gus")
    assert await kept(world, short_id) == []
    assert "takes the role responder" in world.whispers("gus")[-1]
    await pinned(world, said, as_="john")
    assert await kept(world, short_id) == [("John Doe", "Léa Lead", "replica 2 lags")]
    so_far(world)


async def test_a_pushpin_where_it_is_not_clear(world: World) -> None:
    said = await world.outside.slack.member("lea").say(CHANNEL, "Lunch?")
    await pinned(world, said, as_="john")
    first = (await world.alert())["incident"]["short_id"]
    await world.alert(group="g2", fingerprint="f2")
    await pinned(world, said, as_="ada")
    assert any("several incidents are open here" in words.lower() for words in world.whispers("ada"))
    assert await kept(world, first) == []
    so_far(world)


async def test_the_timeline_as_a_file(world: World) -> None:
    short_id = (await world.alert("A [link](http://evil.example) *bold*"))["incident"]["short_id"]
    card = world.card()
    await card.click("Escalate now", as_="ada", confirm=True)
    await world.command("/incident", f"note {short_id} two\nlines", as_="ada")
    for how in ("markdown", "json"):
        said = await world.command("/incident", f"timeline {short_id} {how}", as_="lea")
        assert said and "messages directs" in said.words
    markdown, found = (
        world.outside.workspace.files[message.files[0]["id"]]["content"].decode()
        for message in world.outside.slack.member("lea").direct_messages
        if message.files
    )
    assert f"# Chronologie d'{short_id} · SEV1 · A \\[link\\](http://evil.example)" in markdown
    assert "Ada Admin a fait partir l'étape suivante tout de suite." in markdown
    assert "Toutes les heures sont celles d'Europe/Paris." in markdown
    events = [entry["event"] for entry in json.loads(found)["results"]]
    assert events[0] == "created" and {"hurried", "escalated", "note"} <= set(events)
    async with world.http.get(
        f"/api/v1/incidents/{short_id}/timeline/?format=markdown", headers={"Authorization": f"Token {world.token}"}
    ) as answer:
        assert answer.content_type == "text/markdown" and "# Timeline of" in await answer.text()
    so_far(world)


async def test_moments_in_documents_are_words(world: World) -> None:
    """What Slack shows in each reader's zone is written out where nothing reads Slack's markup."""
    short_id = (await world.alert())["incident"]["short_id"]
    await world.command("/incident", f"snooze {short_id} 30m", as_="ada")
    for document in ("timeline", "postmortem"):
        async with world.http.get(
            f"/api/v1/incidents/{short_id}/{document}/?format=markdown",
            headers={"Authorization": f"Token {world.token}"},
        ) as answer:
            markdown = await answer.text()
        assert " UTC; then it triggers again." in markdown and "date^" not in markdown
    so_far(world)
