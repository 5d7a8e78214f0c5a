"""A runbook that names the alert's labels: what is shown, what can't be filled in, and what Done says then."""

from __future__ import annotations

from tests.world import World, read, world_on

BOOK = """
Title: Pod restart
Service: redis-prod
Steps:
  - title: Look at the pod
    description: "{incident.service} says {incident.title}; {{label.pod}} is a template of somebody else's"
    checklist: ["{label.instance} answers", the graphs]
    command: redis-cli -h {label.instance} info | awk '{print $1}'
    duration: 2
  - title: Delete the pod
    command: kubectl -n prod delete pod {label.pod}
    duration: 2
    critical: true
    rollback: kubectl -n prod rollout undo deploy/{label.pod}
  - title: Tell the team
    command: echo {label.who}
"""
CATALOG = [read("organisation.yaml"), BOOK]


async def test_labels_are_filled_in_and_quoted(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG) as world:
        await world.alert(instance="redis-1:6379", pod="redis-1", who="$(reboot); 'x'")
        card = world.card()
        first = card.step(1)
        assert "redis-cli -h redis-1:6379 info | awk '{print $1}'" in first.words
        assert "redis-prod says Redis Cluster Down; {{label.pod}} is" in first.words
        assert "☐ redis-1:6379 answers\n☐ the graphs" in first.words
        await first.click("Done", as_="john")
        await card.step(2).click("Done", as_="john", confirm=True)
        assert "rollout undo deploy/redis-1" in card.step(2).words
        assert "echo '$(reboot); '\"'\"'x'\"'\"''" in card.step(3).words
        world.expect_what_was_said()
        world.finish()


async def test_what_is_missing_is_said_and_blocks_done(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG) as world:
        await world.alert(instance="redis-1:6379")
        card = world.card()
        await card.step(1).click("Done", as_="john")
        second = card.step(2)
        assert "⚠️ no value for {label.pod}" in second.words
        assert "kubectl -n prod delete pod {label.pod}" in second.words
        await second.click("Done", as_="john")
        assert "Step 2 has no value for {label.pod}" in world.whispers("john")[-1]
        assert "Delete the pod" in second.words and "Done by" not in second.words
        await second.click("Problem", as_="john")
        assert (await world.submit("john", "A problem", {"words": "Which pod?"})).closed
        assert "Which pod?" in second.words
        await second.click("Skip", as_="john")
        assert (await world.submit("john", "Skip the step", {"reason": "No pod"})).closed
        assert "Skipped by John Doe" in second.words
        world.expect_what_was_said()
        world.finish()


async def test_a_later_alert_brings_what_was_missing(database_url: str) -> None:
    async with world_on(database_url, catalog=CATALOG) as world:
        await world.alert()
        first = world.card().step(1)
        assert "no value for {label.instance}" in first.words
        await world.alert(fingerprint="f2", instance="redis-2:6379")
        assert "redis-cli -h redis-2:6379" in first.words
        await world.alert(fingerprint="f3", instance="redis-3:6379")
        assert "redis-cli -h redis-2:6379" in first.words
        assert "{label.instance} is redis-2:6379 here; the alerts also say redis-3:6379" in first.words
        await first.click("Done", as_="john")
        assert "Done by John Doe" in first.words
        world.expect_what_was_said()
        world.finish()


async def test_no_button_of_another_time_gets_round_it(world: World) -> None:
    """The dialog of a step whose label is gone: the click is confirmed, and refused all the same."""
    await world.load([BOOK.replace("label.instance", "label.nope").replace("duration: 2", "critical: true", 1)])
    await world.load([read("guide.yaml").replace("Service: redis-prod", "Service: redis-prod\nActive: false")])
    await world.alert()
    step = world.card().step(1)
    step.message.blocks[-1]["elements"][0]["confirm"] = {
        name: {"type": "plain_text", "text": "x"} for name in ("title", "text", "confirm", "deny")
    }
    await step.click("Done", as_="john", confirm=True)
    assert "has no value for {label.nope}" in world.whispers("john")[-1]
    world.expect_what_was_said()


async def test_in_french(sqlite_url: str) -> None:
    organisation = read("organisation.yaml").replace("locale: en", "locale: fr")
    async with world_on(sqlite_url, catalog=[organisation, BOOK]) as world:
        await world.alert()
        card = world.card()
        step = next(message for message in card.thread() if "tape 1/3" in message.words)
        assert "⚠️ pas de valeur pour {label.instance}" in step.words
