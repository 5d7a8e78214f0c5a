"""The app's Home tab: what waits for me, am I on call, how am I reached, and the catalog."""

from __future__ import annotations

from tests.world import World, read, world_on

GUS = "people: [{handle: gus, name: Gus Guest, email: gus@example.com, slack: U06GUS, role: viewer}]"


async def opened(world: World, name: str) -> str:
    """Somebody opens their Home tab: what it says."""
    member = world.outside.slack.member(name)
    await member.open_home()
    await world.settle()
    assert member.home is not None
    return member.home.words


async def press(world: World, name: str, button: str) -> str:
    member = world.outside.slack.member(name)
    assert member.home
    await member.click(member.home, button)
    await world.settle()
    assert member.home
    return member.home.words


async def test_it_says_what_waits_for_me_and_follows_what_happens(world: World) -> None:
    told = await opened(world, "john")
    assert "Nothing waits for you" in told and "You are on call for *SRE Core*" in told and "+33 ••• 002" in told
    await world.alert()
    await world.advance(minutes=5)
    world.phone("+33600000002").expect_sms("INC-")
    await world.until_home("john", "Redis Cluster Down")
    await world.outside.slack.member("john").click(world.home("john"), "Acknowledge")
    await world.settle()
    await world.until_home("john", "John Doe has it")
    assert "<@U02JOHN> has it" in world.card().words
    world.direct("john")
    world.expect_what_was_said()


async def test_somebody_nobody_declared_is_told_so(world: World) -> None:
    world.outside.workspace.add_user("nobody", user_id="U99NOBODY")
    assert "does not know you yet" in await opened(world, "nobody")


async def test_who_may_edit_is_offered_it_and_others_may_read(sqlite_url: str) -> None:
    texts = [read("organisation.yaml"), read("guide.yaml"), GUS]
    async with world_on(sqlite_url, catalog=texts) as world:
        await opened(world, "gus")
        assert "SRE Core - SEV1" in await press(world, "gus", "Policies")
        gus = world.outside.slack.member("gus")
        assert gus.home and "Edit" not in gus.home.buttons and "New policy" not in gus.home.buttons
        await gus.click(gus.home, "Show")
        await world.settle()
        assert gus.view and "after 5 min" in gus.view.words
        await opened(world, "ada")
        await press(world, "ada", "Policies")
        assert "New policy" in world.home("ada").buttons and "Edit" in world.home("ada").buttons


async def test_two_hundred_policies_are_paged_and_searched(sqlite_url: str) -> None:
    step = "Steps: {1: {delay: 0, type: SLACK, target: ON_CALL}}"
    many = "\n---\n".join(f"Policy: Policy {number:03}\n{step}" for number in range(200))
    async with world_on(sqlite_url, catalog=["people: [{handle: ada, slack: U01ADA, role: admin}]", many]) as world:
        await opened(world, "ada")
        told = await press(world, "ada", "Policies")
        assert "(200)" in told and "Policy 014" in told and "Policy 015" not in told
        told = await press(world, "ada", "Next page")
        assert "Policy 015" in told and "Policy 029" in told
        assert "Policy 000" in await press(world, "ada", "Previous page")
        ada = world.outside.slack.member("ada")
        await ada.select(world.home("ada"), "Search", "policy 19")
        await world.settle()
        assert "(10)" in world.home("ada").words and "Policy 199" in world.home("ada").words
        assert len(world.home("ada").blocks) < 100
        assert not world.outside.workspace.refused


async def test_it_is_in_the_reader_s_language(sqlite_url: str) -> None:
    lea = "people: [{handle: lea, name: Léa, slack: U03LEA, email: lea@example.com, locale: fr}]"
    async with world_on(sqlite_url, catalog=[lea]) as world:
        told = await opened(world, "lea")
        assert "Rien ne vous attend" in told and "inconnu" in told
        for button in ("Incidents", "Politiques", "Runbooks", "Services", "Équipes"):
            await press(world, "lea", button)
        assert not world.outside.workspace.refused
