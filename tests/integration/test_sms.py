"""`OvhSms` against a server as strict as OVH."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.demo.ovh_rules import Credentials
from bot.demo.provider_faults import Fault
from bot.demo.providers import OvhServer
from bot.engine.delivered import NoLongerWanted
from bot.notifiers.base import Fate, Sms
from bot.notifiers.ovh_api import endpoint_url
from bot.notifiers.sms import OvhSms
from domain.errors import DeliveryError
from domain.troubles import OVH_REFUSES
from tests.world import PAYLOADS

SATURDAY_NIGHT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PAGE = Sms("+33600000001", "SEV1 redis-prod: cluster down\nhttps://vigie.example.com/a/x", "notification-1")


@contextlib.asynccontextmanager
async def ovh_and_sms(
    sender: str = "VIGIE", credentials: Credentials | None = None, service: str = "sms-demo-1"
) -> AsyncIterator[tuple[OvhServer, OvhSms]]:
    async with OvhServer(lambda: SATURDAY_NIGHT) as server:
        keys = credentials or server.credentials
        sms = OvhSms(server.url, keys.application_key, keys.application_secret, keys.consumer_key, service, sender)
        try:
            yield server, sms
        finally:
            await sms.close()


async def refusal(sending: Awaitable[object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sending
    return caught.value


async def test_an_sms_arrives_and_its_receipt_is_ovhs_number() -> None:
    async with ovh_and_sms() as (server, sms):
        receipt = await sms.send(PAGE)
        received = await server.inbox.wait_for(lambda message: message.to == PAGE.to)
    assert receipt.reference == str(received.reference)
    assert (received.text, received.tag, received.sender) == (PAGE.text, PAGE.tag, "VIGIE")
    assert received.at == SATURDAY_NIGHT


async def test_an_sms_goes_out_at_night_and_at_weekends() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.send(PAGE)
        assert len(server.inbox) == 1
        assert server.held_at_night == []


async def test_without_a_sender_a_short_number_sends() -> None:
    async with ovh_and_sms(sender="") as (server, sms):
        await sms.send(PAGE)
        assert server.inbox.messages[0].sender == "short number"
        assert await sms.sender_status() == "enable"


async def test_accents_and_foreign_letters_are_signed_as_sent() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.send(Sms("+33600000001", "Été à Łódź, Привет, 10 € [ok]", "étiquette & co/1"))
        assert server.inbox.messages[0].text == "Été à Łódź, Привет, 10 € [ok]"
        assert await sms.lookup("étiquette & co/1")


async def test_a_number_in_invalid_receivers_is_a_refusal_despite_the_200() -> None:
    async with ovh_and_sms() as (server, sms):
        server.refused_numbers.add(PAGE.to)
        error = await refusal(sms.send(PAGE))
        assert await sms.lookup(PAGE.tag) is None
    assert (error.permanent, error.ambiguous) == (True, False)
    assert PAGE.to in error.reason


async def test_a_number_that_is_not_e164_is_refused() -> None:
    async with ovh_and_sms() as (_, sms):
        assert (await refusal(sms.send(Sms("0600000001", "x", "t")))).permanent


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (Credentials(application_key="other"), "application key is invalid"),
        (Credentials(application_secret="other"), "Invalid signature"),
        (Credentials(consumer_key="other"), "credential is not valid"),
    ],
)
async def test_wrong_keys_stay_wrong(keys: Credentials, words: str) -> None:
    async with ovh_and_sms(credentials=keys) as (_, sms):
        error = await refusal(sms.send(PAGE))
    assert error.permanent
    assert words in error.reason


async def test_an_unknown_service_or_sender_stays_wrong() -> None:
    async with ovh_and_sms(service="sms-other-1") as (_, sms):
        assert (await refusal(sms.send(PAGE))).permanent
    async with ovh_and_sms(sender="OTHER") as (_, sms):
        assert (await refusal(sms.send(PAGE))).permanent
        assert (await refusal(sms.sender_status())).permanent


@pytest.mark.parametrize(
    ("fault", "retry_after", "ambiguous"),
    [
        (Fault(status=429, retry_after=7), 7.0, False),
        (Fault(status=503, retry_after=2), 2.0, False),
        (Fault(status=500), None, True),
        (Fault(status=502, raw=b"<html>Bad gateway</html>"), None, True),
    ],
)
async def test_limits_and_breakdowns_pass(fault: Fault, retry_after: float | None, ambiguous: bool) -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(fault)
        error = await refusal(sms.send(PAGE))
        assert (error.permanent, error.retry_after, error.ambiguous) == (False, retry_after, ambiguous)
        await sms.send(PAGE)
        assert len(server.inbox) == 1


async def test_an_answer_that_is_not_json_is_ambiguous() -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(Fault(raw=b"<html>hello</html>", accept=True))
        assert (await refusal(sms.send(PAGE))).ambiguous


async def test_a_certificate_that_nobody_trusts_is_held_against_the_account() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(PAYLOADS / "self-signed.pem")
    between = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    sms = OvhSms(f"https://127.0.0.1:{between.sockets[0].getsockname()[1]}", "key", "secret", "consumer", "sms-demo-1")
    error = await refusal(sms.send(PAGE))
    await sms.close()
    between.close()
    assert (error.is_mendable, error.ambiguous, error.code) == (True, False, OVH_REFUSES)


async def test_a_lost_answer_is_ambiguous_and_lookup_finds_the_sms() -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(Fault(accept=True, cut=True))
        error = await refusal(sms.send(PAGE))
        assert (error.permanent, error.ambiguous) == (False, True)
        found = await sms.lookup(PAGE.tag)
        assert found is not None
        assert found.reference == str(server.inbox.messages[0].reference)


async def test_lookup_of_what_never_arrived_finds_nothing() -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(Fault(cut=True))
        assert (await refusal(sms.send(PAGE))).ambiguous
        assert await sms.lookup(PAGE.tag) is None


async def test_lookup_finds_an_sms_still_queued_at_ovh() -> None:
    async with ovh_and_sms() as (server, sms):
        server.hold = True
        server.faults.next(Fault(accept=True, cut=True))
        await refusal(sms.send(PAGE))
        found = await sms.lookup(PAGE.tag)
        assert found is not None
        assert found.detail == "pending"
        assert await sms.lookup("another") is None
        server.release()
        assert (await sms.lookup(PAGE.tag)) is not None


async def test_lookup_does_not_go_through_all_that_others_have_waiting() -> None:
    """A shop that writes to its customers on Monday has hundreds in /jobs, and OVH takes 60 calls a minute."""
    async with ovh_and_sms() as (server, sms):
        server.hold = True
        for number in range(60):
            await sms.send(replace(PAGE, tag=f"shop-{number}"))
        before = len(server.requests)
        assert await sms.lookup(PAGE.tag) is None
        assert len(server.requests) - before < 30
        assert await sms.lookup("shop-59") is not None, "the newest are looked into"


@pytest.mark.parametrize("body", [b"null", b"[]", b'"done"', b""])
async def test_a_yes_without_its_particulars_is_a_doubt(body: bytes) -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(Fault(status=200, raw=body))
        error = await refusal(sms.send(PAGE))
        assert (error.permanent, error.ambiguous) == (False, True)


async def test_a_slow_answer_does_not_hold_back_the_others() -> None:
    async with ovh_and_sms() as (server, sms):
        server.faults.next(Fault(accept=True, delay=0.4))
        slow = asyncio.create_task(sms.send(PAGE))
        await server.inbox.wait_for(lambda message: message.tag == PAGE.tag)
        await sms.send(Sms("+33600000002", "second", "notification-2"))
        assert not slow.done()
        await slow


async def test_an_answer_that_comes_byte_by_byte_is_given_up() -> None:
    is_over = asyncio.Event()

    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()
        is_over.set()

    server = await asyncio.start_server(dripping, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    sms = OvhSms(url, "key", "secret", "consumer", "sms-demo-1", read_seconds=0.2)
    async with asyncio.timeout(20):
        error = await refusal(sms.credits())
    await sms.close()
    await is_over.wait()
    server.close()
    assert (error.permanent, error.ambiguous) == (False, False)


async def test_nobody_listening_is_not_ambiguous() -> None:
    async with OvhServer(lambda: SATURDAY_NIGHT) as server:
        url, keys = server.url, server.credentials
    sms = OvhSms(url, keys.application_key, keys.application_secret, keys.consumer_key, "sms-demo-1")
    error = await refusal(sms.send(PAGE))
    await sms.close()
    assert (error.permanent, error.ambiguous) == (False, False)


async def test_nobody_listening_any_more_is_not_ambiguous() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.warm_up()
        await server.close()
        for _ in range(3):
            # The loop hears that the connection is closed.
            await asyncio.sleep(0)
        error = await refusal(sms.send(PAGE))
    assert (error.permanent, error.ambiguous) == (False, False)


async def test_the_clock_is_asked_once_for_all() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.warm_up()
        await asyncio.gather(*(sms.send(Sms("+33600000001", f"{n}", f"n-{n}")) for n in range(40)))
        assert len(server.inbox) == 40
        assert [path for _, path in server.requests].count("/1.0/auth/time") == 1


async def test_a_clock_that_jumped_is_asked_again() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.send(PAGE)
        server.clock_skew = 3600
        assert not (await refusal(sms.send(PAGE))).permanent
        await sms.send(PAGE)
        assert len(server.inbox) == 2


async def test_whether_it_is_still_wanted_is_asked_once_ovh_has_told_its_time() -> None:
    """That may take long, and somebody take the incident meanwhile."""

    async def taken() -> None:
        raise NoLongerWanted

    async with ovh_and_sms() as (server, sms):
        server.outage = Fault(status=200, raw=b"1763694000", delay=0.7)
        with pytest.raises(NoLongerWanted):
            await sms.send(PAGE, taken)
        assert server.requests == [("GET", "/1.0/auth/time")]


async def test_an_outage_before_the_send_is_not_ambiguous() -> None:
    async with ovh_and_sms() as (server, sms):
        server.outage = Fault(status=500)
        error = await refusal(sms.send(PAGE))
        assert (error.permanent, error.ambiguous) == (False, False)


async def test_credits_and_sender() -> None:
    async with ovh_and_sms() as (server, sms):
        server.credits_left = 12.5
        assert await sms.credits() == 12.5
        await sms.send(PAGE)
        assert await sms.credits() == 11.5
        assert await sms.sender_status() == "enable"


async def test_a_receipt_is_asked_for_by_the_pages_own_name() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.send(PAGE)
        assert (await sms.fate(PAGE.tag)).delivered_at == SATURDAY_NIGHT
        assert (await sms.fate("never sent")) == Fate()
        server.unreachable_numbers.add("+33600000009")
        await sms.send(Sms("+33600000009", "x", "n-9"))
        assert (await sms.fate("n-9")).failure == "the phone's network refused it: Absent subscriber"
        server.hold = True
        await sms.send(Sms("+33600000003", "x", "n-3"))
        assert (await sms.fate("n-3")) == Fate()


@pytest.mark.parametrize("fate", ["silent", "switched_off", "slow"])
async def test_what_may_still_arrive_is_no_refusal(fate: str) -> None:
    async with ovh_and_sms() as (server, sms):
        server.network.slow_receipts[PAGE.to] = timedelta(minutes=fate == "slow")
        lost = {"silent": server.network.silent, "switched_off": server.network.switched_off}
        lost.get(fate, set()).add(PAGE.to)
        await sms.send(PAGE)
        assert (await sms.fate(PAGE.tag)) == Fate()


async def test_of_two_under_one_tag_the_one_that_arrived_counts() -> None:
    async with ovh_and_sms() as (server, sms):
        await sms.send(PAGE)
        server.unreachable_numbers.add(PAGE.to)
        await sms.send(PAGE)
        assert (await sms.fate(PAGE.tag)).delivered_at == SATURDAY_NIGHT


async def test_stray_ovh_variables_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLIENT_ID", "CLIENT_SECRET", "ENDPOINT", "APPLICATION_KEY", "CONSUMER_KEY"):
        monkeypatch.setenv(f"OVH_{name}", "stray")
    async with ovh_and_sms() as (server, sms):
        await sms.send(PAGE)
        assert len(server.inbox) == 1


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("ovh-eu", "https://eu.api.ovh.com/1.0"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/1.0"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000/1.0"),
        ("http://127.0.0.1:8000/1.0/", "http://127.0.0.1:8000/1.0"),
    ],
)
def test_an_endpoint_is_a_region_or_a_url(endpoint: str, url: str) -> None:
    assert endpoint_url(endpoint) == url


@pytest.mark.parametrize("endpoint", ["ovh-mars", "", "ftp://127.0.0.1", "http://"])
def test_another_endpoint_is_named_in_the_error(endpoint: str) -> None:
    with pytest.raises(ValueError, match="unknown OVH endpoint"):
        endpoint_url(endpoint)


def test_missing_keys_are_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="consumer key"):
        OvhSms("ovh-eu", "key", "secret", "", "sms-demo-1")
    with pytest.raises(ValueError, match="SMS service"):
        OvhSms("ovh-eu", "key", "secret", "consumer", "")
