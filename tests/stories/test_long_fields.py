"""What files wrote is more than a field of a form takes, or just as much: saving the form takes nothing of it away."""

from __future__ import annotations

from tests.stories.test_organisation import directory, of_service, of_team
from tests.stories.test_policies import Editor, current
from tests.world import World, alert_body, read

NAMES = [f"redis-{number:02}.{'x' * 60}" for number in range(50)]
ADDRESSES = [f"{number:02}.{'y' * 60}@example.com" for number in range(50)]


def organisation() -> str:
    """The guide's, with a service that has many names, and a team whose incidents many hear of."""
    said = read("organisation.yaml").replace("aliases: [redis]", f"aliases: [{', '.join(NAMES)}]")
    return said.replace("    locale: en\n", f"    locale: en\n    stakeholders: [{', '.join(ADDRESSES)}]\n", 1)


async def test_a_service_keeps_more_names_than_a_field_takes(world: World) -> None:
    """An alert that uses the last of them goes on to page the same people."""
    await world.load([organisation()])
    ada = await of_service(world, "redis-prod")
    await ada.click("Edit")
    assert "50 other names: too many for a field" in ada.words
    await ada.submit({})
    kept = (await directory(world)).service_by_name(NAMES[-1])
    assert kept and kept.name == "redis-prod" and list(kept.aliases) == NAMES
    await world.post(alert_body(service=NAMES[-1], severity="info"))
    await world.settle()
    assert "redis-prod" in world.card().words
    world.expect_what_was_said()


async def test_a_team_keeps_more_stakeholders_than_a_field_takes(world: World) -> None:
    await world.load([organisation()])
    ada = await of_team(world, "SRE Core")
    await ada.click("Edit")
    assert "50 addresses: too many for a field" in ada.words
    assert (await ada.submit({"name": "SRE Heart"})).outcome == "updated"
    team = (await directory(world)).team_by_name("SRE Heart")
    assert team and list(team.response.stakeholders) == ADDRESSES


async def test_a_policy_keeps_a_description_as_long_as_files_take(world: World) -> None:
    told = f"{'What is expected. ' * 160}The end."
    first = "\nSteps:\n  Step 1:"
    await world.load([read("guide.yaml").replace(first, f"Description: {told}\n{first}")])
    assert (await current(world)).description == told
    ada = await Editor(world, "ada").open()
    await ada.click("Edit")
    await ada.submit({"ack_timeout": "30"})
    saved = await current(world)
    assert (saved.ack_timeout_minutes, saved.description) == (30, told)


async def test_a_rotation_keeps_as_many_hours_as_files_have(world: World) -> None:
    hours = [f"{day} {hour:02}:00-{hour + 1:02}:30" for day in ("mon", "tue", "wed", "thu") for hour in range(0, 22, 2)]
    rotation = "every: 1w, people: [john]"
    office = read("organisation.yaml").replace(
        rotation, f"{rotation}, hours: [{', '.join(f'{one!r}' for one in hours)}]"
    )
    await world.load([office])
    before = (await directory(world)).team_by_name("SRE Core")
    assert before and len(before.on_call.rotations[0].hours) == len(hours)
    ada = await of_team(world, "SRE Core")
    await ada.click("Edit the schedule")
    await ada.member.select(ada.view, "schedule.rotation.v1", "Edit", block_id="rotation:1")
    await world.settle()
    assert (await ada.submit({"name": "nights"})).closed
    await ada.submit({})
    after = (await directory(world)).team_by_name("SRE Core")
    assert after and after.on_call.rotations[0].name == "nights"
    assert after.on_call.rotations[0].hours == before.on_call.rotations[0].hours
    world.expect_what_was_said()
