"""What becomes of an incident that another one was merged into: it is over when all of it is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.demo.provider_faults import Fault
from tests.stories.test_discord import POLICY as TO_DISCORD
from tests.stories.test_heartbeats import BACKUP, beat, silence
from tests.stories.test_lifecycle import catalog
from tests.stories.test_storms import GRAVE, TEXTS, storm
from tests.stories.test_telephone import JOHN, POLICY
from tests.world import World, alert_body, read, world_on


async def declared(world: World, title: str) -> str:
    said = {"title": title, "severity": "SEV1_CRITICAL", "service": "redis-prod"}
    return str((await world.post(said, "/api/v1/incidents/"))[1]["short_id"])


async def test_what_somebody_has_declared_is_not_over_with_the_alerts_of_its_duplicate(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        main = await declared(world, "Nobody can pay")
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
        await world.post(alert_body(status="resolved"))
        await world.advance(minutes=6)
        world.card("Nobody can pay", "Nobody has it yet").reply("All alerts have ended")
        assert [sms.to for sms in world.outside.ovh.inbox.messages] == ["+33600000002"], "it still pages"


async def test_a_source_that_is_heard_ends_nothing_while_the_alerts_of_a_duplicate_fire(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=f"---\n{BACKUP}")) as world:
        await beat(world)
        await silence(world, 6)
        [main] = await silence(world, 2)
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {main['short_id']} {duplicate}", as_="ada")
        await beat(world)
        card = world.card("No sign of life from backup-nightly", "Nobody has it yet")
        card.reply("An alert has ended", "backup-nightly")
        await world.post(alert_body(status="resolved"))
        await world.settle()
        world.card("No sign of life from backup-nightly", "Resolved")


async def test_what_an_alert_has_opened_is_over_when_a_source_that_was_merged_into_it_is_heard_too(
    sqlite_url: str,
) -> None:
    async with world_on(sqlite_url, catalog=catalog(more=f"---\n{BACKUP}")) as world:
        await beat(world)
        await silence(world, 6)
        [silent] = await silence(world, 2)
        between = (await world.alert("Disk Full", group="g2", fingerprint="f2"))["incident"]["short_id"]
        main = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {between} {silent['short_id']}", as_="ada")
        await world.command("/incident", f"merge {main} {between}", as_="ada")
        await world.post(alert_body("Disk Full", group="g2", fingerprint="f2", status="resolved"))
        await world.post(alert_body(status="resolved"))
        await world.settle()
        world.card("Redis Cluster Down", "Nobody has it yet").reply("All alerts have ended")
        await beat(world)
        world.card("Redis Cluster Down", "backup-nightly is heard again")


async def test_what_a_person_has_declared_goes_on_in_the_incident_of_an_alert(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        main = (await world.alert())["incident"]["short_id"]
        duplicate = await declared(world, "Nobody can pay")
        await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
        await world.post(alert_body(status="resolved"))
        await world.settle()
        world.card("Redis Cluster Down", "Nobody has it yet").reply("All alerts have ended")


async def test_what_pages_nobody_goes_on_with_the_policy_of_its_duplicate(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        unpoliced = (await world.alert("Gateway Down", service="api-gateway", group="g2", fingerprint="f2"))["incident"]
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {unpoliced['short_id']} {duplicate}", as_="ada")
        await world.settle()
        card = world.card("Gateway Down", "Nobody has it yet", channel="#platform-incidents")
        card.reply("Its policy Core goes on here")
        await world.advance(minutes=6)
        assert [sms.to for sms in world.outside.ovh.inbox.messages] == ["+33600000001"], "nobody on call: the lead"


async def test_what_a_duplicate_has_decided_and_could_not_send_goes_out_for_what_goes_on(sqlite_url: str) -> None:
    """The last step of its policy is decided, and OVH takes nothing, when somebody merges the two and goes to bed."""
    once = "Policy: Core\nTeam: SRE Core\nSeverity: SEV1\nSteps:\n  1: {delay: 0, type: SMS, target: USER (lea)}"
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), once]) as world:
        unpoliced = (await world.alert("Gateway Down", service="api-gateway", group="g2", fingerprint="f2"))["incident"]
        world.outside.ovh.faults.always(Fault(status=503))
        duplicate = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {unpoliced['short_id']} {duplicate}", as_="ada")
        world.outside.ovh.faults.clear()
        await world.advance(minutes=5)
        (sms,) = world.outside.ovh.inbox.messages
        assert "Gateway Down" in sms.text


async def merged(world: World) -> tuple[str, str]:
    """The incident that goes on, and the one that John was paged for."""
    duplicate = (await world.alert())["incident"]["short_id"]
    main = (await world.alert("Redis is slow", group="g2", fingerprint="f2"))["incident"]["short_id"]
    await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
    return main, duplicate


async def test_who_answers_a_call_for_a_duplicate_is_not_told_to_sleep(sqlite_url: str) -> None:
    """Ada has merged the two while his phone was ringing: nobody has the other one."""
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), POLICY], rings=True) as world:
        _, duplicate = await merged(world)
        call = world.phone(JOHN).expect_call("Redis Cluster Down")
        heard = await world.phone(JOHN).press(call, "1")
        assert "duplicate of another" in heard and "You can sleep" not in heard
        told = await world.command("/incident", f"ack {duplicate}", as_="john")
        assert told is not None and "as a duplicate of another incident" in told.words


async def test_a_link_to_a_duplicate_says_which_goes_on(sqlite_url: str) -> None:
    reached: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": "a-secret-of-the-tests-only"}
    policy = POLICY.replace("type: PHONE, target: ON_CALL", "type: SMS, target: ON_CALL")
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), policy], **reached) as world:
        main, duplicate = await merged(world)
        text = world.phone(JOHN).expect_sms(duplicate).text
        async with world.http.get(text[text.index("/a/") :].split()[0]) as answer:
            assert f"duplicate of {main}" in await answer.text()


async def test_a_duplicate_is_not_said_to_be_resolved(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[read("organisation.yaml"), TO_DISCORD]) as world:
        duplicate = (await world.alert("Replica Lost", group="g2", fingerprint="f2"))["incident"]["short_id"]
        main = (await world.alert())["incident"]["short_id"]
        await world.command("/incident", f"merge {main} {duplicate}", as_="ada")
        await world.settle()
        assert f"Duplicate of {main}" in world.card("Replica Lost").words
        assert f"Duplicate of {main}" in world.discord("Replica Lost").text
        assert "✅" not in world.card("Replica Lost").words + world.discord("Replica Lost").text
        shown = await world.command("/incident", f"show {duplicate}", as_="ada")
        assert shown is not None and f"Duplicate of {main}" in shown.words and "Resolved by" not in shown.words


async def test_a_mail_about_many_is_about_those_alone_and_not_what_one_was_merged_into(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=[GRAVE, TEXTS]) as world:
        ids = await storm(world, 7)
        await world.command("/incident", f"merge {ids[0]} {ids[3]}", as_="ada")
        await world.advance(seconds=61)
        many = world.mailbox("chief@example.com").mails[-1]
        assert "3 incidents under way" in many.subject
        assert ids[6] in many.text and ids[0] not in many.text


@pytest.mark.parametrize("fingerprint", ["f2", "f9"])
async def test_what_was_merged_and_fires_again_is_of_the_incident_that_goes_on(
    database_url: str, fingerprint: str
) -> None:
    """By way of another, too; once that is over it opens one of its own."""
    async with world_on(database_url, catalog=catalog()) as world:
        ids = [(await world.alert(f"Node {n}", group=f"g{n}", fingerprint=f"f{n}"))["incident"] for n in (1, 2, 3)]
        first, second, third = (one["short_id"] for one in ids)
        await world.command("/incident", f"merge {first} {second}", as_="ada")
        await world.command("/incident", f"merge {third} {first}", as_="ada")
        await world.card("Node 3").click("Acknowledge", as_="john")
        await world.alert("Node 2", group="g2", fingerprint="f2", status="resolved")
        again = {"group": "g2", "fingerprint": fingerprint, "started": "2026-11-23T06:00:00Z"}
        assert (await world.alert("Node 2", **again))["incident"]["short_id"] == third
        assert "<@U02JOHN> has it" in world.card("Node 3").words
        await world.post({"note": "mended"}, f"/api/v1/incidents/{third}/resolve/")
        await world.settle()
        anew = {**again, "started": "2026-11-23T07:00:00Z"}
        assert (await world.alert("Node 2", **anew))["incident"]["short_id"] not in (first, second, third)


async def test_who_takes_a_duplicate_in_the_tool_that_sent_it_has_what_it_was_merged_into(sqlite_url: str) -> None:
    async with world_on(sqlite_url, catalog=catalog()) as world:
        said = {"summary": "Redis is down", "source": "redis-1", "severity": "critical", "component": "redis-prod"}
        event = {"event_action": "trigger", "dedup_key": "redis-1", "payload": said}
        main = (await world.alert())["incident"]["short_id"]
        await world.post(event, "/api/v1/webhooks/pagerduty/")
        await world.settle()
        duplicate = (await world.get("/api/v1/incidents/?ordering=-created_at"))[1]["results"][0]
        await world.command("/incident", f"merge {main} {duplicate['short_id']}", as_="ada")
        await world.post({"event_action": "acknowledge", "dedup_key": "redis-1"}, "/api/v1/webhooks/pagerduty/")
        await world.advance(minutes=60)
        assert "PagerDuty has it" in world.card("Redis Cluster Down").words
        assert not world.outside.ovh.inbox.messages
