"""The link in an SMS or a mail: acknowledging with a phone and no Slack."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.text import gsm7_length, is_gsm7
from bot.demo.provider_faults import Fault
from handlers.links.signing import Links
from tests.world import World, world_on
from tests.world import read as payload

KEY = "a-secret-of-the-tests-only"
JOHN = "+33600000002"
PAGE = "0190a6c2-6c1f-7c3e-9b1a-000000000001"


@pytest.fixture
async def world(database_url: str) -> AsyncIterator[World]:
    """A Vigie that phones reach."""
    async with world_on(database_url, public_url="https://vigie.example.com", secret_key=KEY) as running:
        yield running
        running.finish()


async def paged(world: World, title: str = "Redis Cluster Down") -> str:
    """An alert that nobody answers: the link in John's SMS, as a path."""
    await world.alert(title)
    await world.advance(minutes=5)
    text = world.phone(JOHN).expect_sms("INC-").text
    world.direct("john")
    world.card().step(1)
    world.expect_what_was_said()
    found = re.search(r"https://vigie\.example\.com(/a/\S+)", text)
    assert found, text
    return found[1]


async def read(world: World, method: str, path: str) -> tuple[int, str, Any]:
    async with world.http.request(method, path) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_looking_changes_nothing_and_the_button_acknowledges(world: World) -> None:
    path = await paged(world)
    for method in ("GET", "HEAD", "GET"):
        status, page, headers = await read(world, method, path)
        assert status == 200
    assert "Redis Cluster Down" in page and "You acknowledge as" in page and '<form method="post">' in page
    assert "3 of 6 masters are down" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"] and headers["Cache-Control"] == "no-store"
    assert "Nobody has it yet" in world.card().words
    status, page, _ = await read(world, "POST", path)
    await world.settle()
    assert status == 200 and "Nobody else is paged" in page and "Acknowledge</button>" not in page
    assert "<@U02JOHN> has it" in world.card().words
    await world.advance(minutes=30)
    world.expect_what_was_said()
    assert len(world.phone(JOHN).texts) == 1


async def test_who_cannot_take_it_says_so_by_the_link(world: World) -> None:
    path = await paged(world)
    assert "Can&#39;t take it" in (await read(world, "GET", path))[1]
    async with world.http.post(path, data={"act": "decline"}) as answer:
        status, page = answer.status, await answer.text()
    await world.settle()
    assert status == 200 and "noted" in page and "Can&#39;t take it" not in page and "Acknowledge</button>" in page
    assert world.card().reply("John Doe can't take it")
    await world.advance(minutes=4)
    assert len(world.phone(JOHN).texts) == 1
    async with world.http.post(path, data={"act": "decline"}) as answer:
        assert answer.status == 409
    await read(world, "POST", path)
    await world.settle()
    assert "<@U02JOHN> has it" in world.card().words
    async with world.http.post(path, data={"act": "decline"}) as answer:
        assert answer.status == 200
    await world.settle()
    assert "Nobody has it yet" in world.card().words
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def test_whoever_comes_second_is_told_who_has_it(world: World) -> None:
    path = await paged(world)
    await world.card().click("Acknowledge", as_="ada")
    status, page, _ = await read(world, "POST", path)
    assert status == 409 and "Ada" in page
    assert "has it" in (await read(world, "GET", path))[1]
    world.expect_what_was_said()


async def test_an_old_link_does_not_act(world: World) -> None:
    path = await paged(world)
    await world.advance(minutes=24 * 60 + 1)
    status, page, _ = await read(world, "POST", path)
    assert status == 410 and "too old" in page
    assert "Nobody has it yet" in world.card().words
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def test_a_page_that_was_tried_for_a_day_comes_with_a_link_that_acts(world: World) -> None:
    """OVH was away all that time."""
    world.outside.ovh.faults.always(Fault(status=503))
    await world.alert()
    for minutes in (5, 24 * 60, 10):
        await world.advance(minutes=minutes)
    world.outside.ovh.faults.clear()
    await world.advance(minutes=2)
    link = re.search(r"https://vigie\.example\.com(/a/\S+)", world.phone(JOHN).expect_sms("INC-").text)
    assert link and (await read(world, "POST", link[1]))[0] == 200
    await world.settle()
    assert "<@U02JOHN> has it" in world.card().words
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


async def test_a_link_that_was_tampered_with_leads_nowhere(world: World) -> None:
    path = await paged(world)
    for wrong in (path[:-1] + ("A" if path[-1] != "A" else "B"), "/a/x", "/a/" + "x" * 60, path + "x"):
        for method in ("GET", "POST"):
            status, page, _ = await read(world, method, wrong)
            assert status == 404 and "leads nowhere" in page, wrong
    assert (await read(world, "GET", "/a/%3Cscript%3E"))[0] == 404


async def test_a_hostile_title_is_text_on_the_page(world: World) -> None:
    path = await paged(world, "<script>alert(1)</script> & <b>down</b>")
    page = (await read(world, "GET", path))[1]
    assert "<script>" not in page and "&lt;script&gt;" in page


async def test_the_mail_has_the_link_too_and_the_sms_fits_in_one(world: World) -> None:
    await world.alert()
    await world.advance(minutes=15)
    mail = world.outside.mail.inbox.messages[0]
    assert "https://vigie.example.com/a/" in mail.text and "https://vigie.example.com/a/" in mail.html
    for sms in world.outside.ovh.inbox.messages:
        assert is_gsm7(sms.text) and gsm7_length(sms.text) <= 160 and sms.parts == 1, sms.text
    world.expect_what_was_said()
    world.expected |= {sms.tag for sms in world.outside.ovh.inbox.messages}
    world.expected |= {id(mail) for mail in world.outside.mail.inbox.messages}


TO_ALL = """
Policy: Everybody
Default: true
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)", message: "See {incident.url}"}
  2: {delay: 5, type: SMS, target: ON_CALL, message: "See {incident.url}"}
"""


async def test_a_link_that_acts_as_somebody_is_shown_to_nobody_else(sqlite_url: str) -> None:
    how: dict[str, Any] = {"public_url": "https://vigie.example.com", "secret_key": KEY}
    async with world_on(sqlite_url, catalog=[payload("organisation.yaml"), TO_ALL], **how) as world:
        await world.alert()
        await world.advance(minutes=5)
        assert "https://vigie.example.com/a/" in world.phone(JOHN).expect_sms("See").text
        assert not [one for one in world.outside.workspace.messages if "vigie.example.com" in one.words]


@given(st.text(max_size=80))
def test_no_text_but_ours_is_read(token: str) -> None:
    assert Links("https://v.example", KEY).read(token) is None


@given(st.uuids(), st.integers(0, 38), st.characters(codec="ascii"))
def test_a_link_leads_to_its_page_and_no_letter_of_it_can_be_changed(page: Any, place: int, letter: str) -> None:
    links = Links("https://v.example", KEY)
    token = links.to(str(page)).rpartition("/")[2]
    assert len(token) == 39 and links.read(token) == str(page)
    changed = token[:place] + letter + token[place + 1 :]
    assert changed == token or links.read(changed) is None
    assert Links("https://v.example", "another-key-of-the-tests").read(token) is None


def test_without_an_address_or_a_key_there_is_no_link() -> None:
    assert Links("", KEY).to(PAGE) == "" and Links("https://v.example", "").to(PAGE) == ""
    assert Links("https://v.example", "").read("x") is None


def test_a_link_goes_on_to_act_when_there_is_a_new_key() -> None:
    token = Links("https://v.example", KEY).to(PAGE).rpartition("/")[2]
    renewed = Links("https://v.example", "the-key-of-tomorrow", (KEY,))
    assert renewed.read(token) == PAGE and renewed.to(PAGE).rpartition("/")[2] != token


async def test_a_form_that_is_sent_again_takes_nothing_that_was_given_back(world: World) -> None:
    path = await paged(world)
    _, page, _ = await read(world, "GET", path)
    form = {"seen": seen(page)}
    async with world.http.post(path, data=form) as answer:
        assert answer.status == 200
    await give_back(world)
    for again in (form, {}, {"seen": "yesterday"}):
        async with world.http.post(path, data=again) as answer:
            assert answer.status == 409 and "Nobody has it yet" in await answer.text()
    _, page, _ = await read(world, "GET", path)
    async with world.http.post(path, data={"seen": seen(page)}) as answer:
        assert answer.status == 200, "whoever looks anew takes it again"
    await world.settle()
    world.expect_what_was_said()


async def test_what_is_no_form_of_the_page_takes_nothing(world: World) -> None:
    path, form = await paged(world), "application/x-www-form-urlencoded"
    parts = b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Transfer-Encoding: none\r\n\r\nb\r\n--b--\r\n'
    others = (("multipart/form-data", b"x"), ("multipart/form-data; boundary=b", parts))
    encodings = ((f"{form}; charset=none", b"a=b"), (f"{form}; charset=punycode", b"ab"), (form, b"\xff=1"))
    for kind, body in (*others, *encodings):
        async with world.http.post(path, data=body, headers={"Content-Type": kind}) as answer:
            assert (answer.status, answer.content_type) == (400, "application/problem+json")
    assert "Nobody has it yet" in world.card().words


def seen(page: str) -> str:
    found = re.search('name="seen" value="([^"]+)"', page)
    assert found, page
    return found[1]


async def give_back(world: World) -> None:
    incident = (await world.get("/api/v1/incidents/"))[1]["results"][0]["id"]
    status, _ = await world.post({}, f"/api/v1/incidents/{incident}/unacknowledge/")
    assert status == 200
