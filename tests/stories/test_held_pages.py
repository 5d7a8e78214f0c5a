"""A page that would wait for long, since its reader has had as many of its kind as anybody gets, goes another way."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from bot.demo.provider_faults import Fault
from tests.stories.test_storms import JOHN, ORGANISATION, TEXTS
from tests.world import World, alert_body, world_on

BOTH = TEXTS.replace("type: SMS,", "type: SLACK + SMS,")
ALONE = ORGANISATION.replace(", email: john@example.com", "").replace("slack: U02JOHN, ", "")


async def fires(world: World, number: int, severity: str = "critical") -> str:
    """One more incident, a minute after the last: its short id."""
    await world.advance(minutes=1)
    body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity=severity)
    status, said = await world.post(body)
    assert status == 202
    await world.settle()
    return str(said["incident"]["short_id"])


async def sent(world: World, short_id: str) -> list[str]:
    """The channels by which an incident's pages have left."""
    _, pages = await world.get(f"/api/v1/incidents/{short_id}/notifications/")
    return sorted(page["channel"] for page in pages["results"] if page["sent_at"])


async def test_a_sev1_beyond_the_sms_that_anybody_gets_goes_by_slack_at_once(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS]) as world:
        ids = [await fires(world, number) for number in range(8)]
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 5 + [["SLACK"]] * 3
        direct = [one.words for one in world.outside.slack.member("john").direct_messages]
        assert all(any(one in words for words in direct) for one in ids[5:])
        await world.advance(minutes=15)
        assert "3 incidents want you" in world.phone(JOHN).texts[5].text, "they stay in the SMS that gathers"
        assert len(world.phone(JOHN).texts) == 6
        world.expect_what_was_said()


async def test_what_nobody_would_wake_for_waits_five_minutes_before_it_does(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[ORGANISATION, TEXTS]) as world:
        ids = [await fires(world, number, "info") for number in range(12)]
        ways = [await sent(world, one) for one in ids]
        assert ways[:3] == [["SMS"]] * 3
        assert ["SLACK"] in ways and [] in ways, "those that would wait for long, and those that would not"
        assert ways == sorted(ways, key=lambda way: (["SMS"], ["SLACK"], []).index(way))
        world.expect_what_was_said()


async def test_slack_away_and_no_sms_left_leaves_the_mail(database_url: str) -> None:
    async with world_on(database_url, catalog=[ORGANISATION, BOTH]) as world:
        await world.slack_goes()
        ids = [await fires(world, number) for number in range(7)]
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 5 + [["EMAIL"]] * 2
        assert len(world.mailbox("john@example.com").mails) == 2
        await world.slack_returns()
        world.expect_what_was_said()


async def test_a_page_behind_sms_that_ovh_does_not_take_goes_by_slack_at_once(database_url: str) -> None:
    """They count from when they arrive, and it would wait for a quarter of an hour from then on."""
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS]) as world:
        world.outside.ovh.faults.always(Fault(status=503))
        for number in range(3):
            await fires(world, number, "info")
        await world.advance(minutes=9)
        behind = await fires(world, 9, "info")
        assert await sent(world, behind) == ["SLACK"]
        world.outside.ovh.faults.clear()
        await world.advance(minutes=1)
        assert len(world.phone(JOHN).texts) == 3
        await world.advance(minutes=16)
        assert behind in world.phone(JOHN).texts[3].text, "it stays in the SMS that gathers"
        world.expect_what_was_said()


async def test_a_message_that_gathers_and_that_slack_does_not_take_finds_the_mail(database_url: str) -> None:
    """Direct messages were gathered when Slack went away, and as many SMS as anybody gets went out since."""
    async with world_on(database_url, catalog=[ORGANISATION, TEXTS.replace("SMS", "SLACK")]) as world:
        await fire_at_once(world, range(9))
        await world.slack_goes()
        await world.advance(seconds=16)
        await fire_at_once(world, range(10, 13))
        await world.advance(minutes=2)
        ids = await fire_at_once(world, range(20, 24))
        await world.advance(minutes=2)
        for one in ids:
            assert (await sent(world, one))[:1] in (["SMS"], ["EMAIL"]), "nobody was told of it for minutes"
        await world.slack_returns()
        world.expect_what_was_said()


async def fire_at_once(world: World, numbers: Iterable[int], severity: str = "critical") -> list[str]:
    """Incidents that come together: their short ids."""
    found = []
    for number in numbers:
        body = alert_body(f"Down {number}", group=f"g{number}", fingerprint=f"f{number}", severity=severity)
        status, said = await world.post(body)
        assert status == 202
        found.append(str(said["incident"]["short_id"]))
    await world.settle()
    return found


async def test_whoever_has_no_other_way_waits_for_the_sms_that_gathers(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[ALONE, TEXTS]) as world:
        ids = [await fires(world, number) for number in range(7)]
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 5 + [[]] * 2
        await world.advance(minutes=15)
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 7
        world.expect_what_was_said()


@pytest.mark.parametrize("taken", ["the one of the other way", "another"])
async def test_an_acknowledgement_takes_it_out_of_the_sms_too(sqlite_url: str, taken: str) -> None:
    async with world_on(sqlite_url, catalog=[ORGANISATION, TEXTS]) as world:
        ids = [await fires(world, number) for number in range(7)]
        whose = ids[5] if taken == "the one of the other way" else ids[6]
        assert (await world.post({}, f"/api/v1/incidents/{whose}/acknowledge/"))[0] == 200
        await world.advance(minutes=15)
        gathered = world.phone(JOHN).texts[5].text
        assert whose not in gathered and next(one for one in ids[5:] if one != whose) in gathered
        world.expect_what_was_said()


@pytest.mark.parametrize("how", ["alert", "person"])
async def test_what_turns_out_to_be_a_sev1_waits_no_longer(sqlite_url: str, how: str) -> None:
    async with world_on(sqlite_url, catalog=[ALONE, TEXTS]) as world:
        ids = [await fires(world, number, "info") for number in range(7)]
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 3 + [[]] * 4
        if how == "alert":
            worse = alert_body("Down 6", group="g6", fingerprint="f6 too", severity="critical")
            assert (await world.post(worse))[0] == 202
            await world.settle()
        else:
            assert (await world.post({"severity": "SEV1"}, f"/api/v1/incidents/{ids[6]}/severity/"))[0] == 200
            await world.settle()
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 3 + [[]] * 3 + [["SMS"]]
        await world.advance(minutes=15)
        assert "3 incidents want you" in world.phone(JOHN).texts[4].text
        assert len(world.phone(JOHN).texts) == 5
        world.expect_what_was_said()


async def test_a_message_for_many_whose_answer_was_lost_is_looked_for_though_one_page_is_left(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[ALONE, TEXTS]) as world:
        ids = [await fires(world, number, "info") for number in range(5)]
        assert [await sent(world, one) for one in ids] == [["SMS"]] * 3 + [[]] * 2
        world.outside.ovh.faults.next(Fault(status=500, accept=True))
        await world.advance(minutes=15)
        texts = world.phone(JOHN).texts
        assert "2 incidents want you" in texts[3].text and len(texts) == 4
        assert (await world.post({}, f"/api/v1/incidents/{ids[3]}/acknowledge/"))[0] == 200
        await world.advance(seconds=2)
        assert len(world.phone(JOHN).texts) == 4
        assert await sent(world, ids[4]) == ["SMS"]
        world.expect_what_was_said()


DIRECT = TEXTS.replace("SMS", "SLACK")


async def test_direct_messages_that_slack_never_took_count_for_nobody(sqlite_url: str) -> None:
    """Slack was away, and others were told another way: whoever is paged first once it is back had none of them."""
    async with world_on(sqlite_url, catalog=[ALONE.replace("phone:", "slack: U02JOHN, phone:"), DIRECT]) as world:
        await world.slack_goes()
        for number in range(8):
            short_id = await fires(world, number, "info")
            assert (await world.post({}, f"/api/v1/incidents/{short_id}/acknowledge/"))[0] == 200
        await world.slack_returns()
        assert not world.outside.slack.member("john").direct_messages
        assert await sent(world, await fires(world, 99, "info")) == ["SLACK"]
        world.expect_what_was_said()


async def test_sms_that_nobody_wants_any_more_before_they_left_count_for_nobody(database_url: str) -> None:
    async with world_on(database_url, catalog=[ALONE, TEXTS]) as world:
        world.outside.ovh.faults.always(Fault(status=402))
        for number in range(3):
            short_id = await fires(world, number, "info")
            assert (await world.post({}, f"/api/v1/incidents/{short_id}/acknowledge/"))[0] == 200
        world.outside.ovh.faults.clear()
        await world.advance(minutes=1)
        assert not world.phone(JOHN).texts
        assert await sent(world, await fires(world, 99, "info")) == ["SMS"]
        world.expect_what_was_said()


async def test_a_message_for_many_that_nobody_wants_any_more_counts_for_nobody(database_url: str) -> None:
    async with world_on(database_url, catalog=[ALONE, TEXTS]) as world:
        for short_id in await fire_at_once(world, range(4), "info"):
            assert (await world.post({}, f"/api/v1/incidents/{short_id}/acknowledge/"))[0] == 200
        assert len(world.phone(JOHN).texts) == 2
        await world.advance(minutes=1)
        assert await sent(world, await fires(world, 99, "info")) == ["SMS"]
        world.expect_what_was_said()


async def test_what_is_kept_for_a_sev1_and_comes_late_counts_from_its_arrival_too(database_url: str) -> None:
    async with world_on(database_url, catalog=[ALONE, TEXTS]) as world:
        world.outside.ovh.faults.always(Fault(status=402))
        await fire_at_once(world, range(5))
        await world.advance(minutes=12)
        world.outside.ovh.faults.clear()
        await world.advance(minutes=4)
        assert len(world.phone(JOHN).texts) == 5
        await fire_at_once(world, range(10, 13))
        assert len(world.phone(JOHN).texts) == 5, "a quarter of an hour after they were decided, not after they came"
        await world.advance(minutes=16)
        assert len(world.phone(JOHN).texts) == 6
        world.expect_what_was_said()


async def test_a_message_for_many_of_which_all_was_taken_before_it_left_counts_for_nothing(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[ORGANISATION, TEXTS]) as world:
        held = (await fire_at_once(world, range(5), "warning"))[2:]
        for one in held:
            status, _ = await world.post({}, f"/api/v1/incidents/{one}/acknowledge/")
            assert status == 200
        await world.advance(seconds=31)
        assert len(world.phone(JOHN).texts) == 2
        fresh = await fires(world, 9, "warning")
        assert await sent(world, fresh) == ["SMS"]
        world.expect_what_was_said()


async def test_sms_to_a_number_that_ovh_refuses_count_for_nobody(sqlite_url: str) -> None:
    """Each is refused, and goes another way, at once."""
    async with world_on(sqlite_url, catalog=[ORGANISATION, TEXTS]) as world:
        world.outside.ovh.refused_numbers.add(JOHN)
        ids = await fire_at_once(world, range(4), "info")
        assert [await sent(world, one) for one in ids] == [["SLACK"]] * 4
        world.expect_what_was_said()
