"""Slack user groups follow who is on call; a refusal is said once and never in a page's way."""

from __future__ import annotations

from tests.world import World

TEAM = """
teams:
  - name: SRE Core
    channel: "#sre-incidents"
    lead: lea
    members: [ada, john, lea]
    user_group: sre-oncall
    on_call:
      timezone: Europe/Paris
      hand_off: false
      rotations: [{name: primary, start: "2026-01-05T09:00", every: 1d, people: [john, ada]}]
"""


async def on_call(world: World) -> list[str]:
    directory = await world.app.use_cases.incidents.directory()
    team = directory.team_by_name("SRE Core")
    assert team
    return [one.slack for one in directory.on_call(team.id, world.clock.now())]


async def test_it_is_whoever_is_on_call(world: World) -> None:
    group = world.outside.workspace.add_group("sre-oncall")
    await world.load([TEAM])
    await world.settle()
    assert group.users == await on_call(world)
    for _ in range(2):
        await world.advance(minutes=60 * 24)
        assert group.users == await on_call(world)
    assert group.updates == 3
    group.users = ["U06GUS"]
    await world.advance(minutes=60 * 24 * 2)
    assert group.users == await on_call(world)
    _, teams = await world.get("/api/v1/teams/?search=SRE")
    assert teams["results"][0]["user_group"] == "@sre-oncall"


async def test_nobody_on_call_leaves_who_was_in_it(world: World) -> None:
    group = world.outside.workspace.add_group("sre-oncall")
    await world.load([TEAM])
    await world.settle()
    before = list(group.users)
    await world.load([TEAM.split("rotations:")[0] + "rotations: []"])
    await world.advance(minutes=60 * 25)
    assert group.users == before and before


async def test_a_refusal_is_said_once_and_pages_go_on(world: World) -> None:
    world.refusals.add("plan_upgrade_required")
    world.outside.workspace.add_group("sre-oncall")
    world.outside.workspace.is_free = True
    await world.load([TEAM])
    await world.settle()
    await world.advance(minutes=60 * 24 * 2)
    said = [one.words for one in world.outside.workspace.messages_in("sre-incidents") if "user group" in one.words]
    assert len(said) == 1 and "plan_upgrade_required" in said[0] and "@sre-oncall" in said[0]
    world.expect_what_was_said()
    await world.alert()
    await world.advance(minutes=5)
    assert any(world.phone(number).texts for number in ("+33600000001", "+33600000002"))
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expect_what_was_said()
