"""`SmtpEmail` against a server that refuses what a strict relay refuses."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.mail import SmtpServer, complaint_about
from bot.demo.provider_faults import Fault
from bot.engine.delivered import NoLongerWanted
from bot.notifiers.base import Email
from bot.notifiers.dialling import Address
from bot.notifiers.email import SmtpEmail, compose
from bot.notifiers.senders import mailbox
from bot.notifiers.smtp_url import Tls, parse_smtp_url
from domain.errors import DeliveryError
from domain.troubles import SMTP_REFUSES

NOW = datetime(2026, 11, 23, 3, 4, 5, tzinfo=UTC)
PAGE = Email(
    to="ada@example.com",
    subject="SEV1 redis-prod : cluster arrêté",
    text="Le cluster est arrêté.\n.\n" + "é" * 1200,
    html="<p>Le cluster est <b>arrêté</b>.</p>" + "x" * 1200,
    message_id="<notification-1@vigie.example.com>",
    sent_at=NOW,
)
ADDRESSED = b"From: a@b\r\nTo: c@d\r\nMessage-ID: <a@b>\r\n"


@contextlib.asynccontextmanager
async def relay_and_mail(
    timeout: float = 15.0, credentials: tuple[str, str] | None = None
) -> AsyncIterator[tuple[SmtpServer, SmtpEmail]]:
    async with SmtpServer(lambda: NOW, credentials=credentials) as server:
        yield server, SmtpEmail(server.url, "Vigie <vigie@example.com>", timeout=timeout)


@contextlib.contextmanager
def black_hole() -> Iterator[int]:
    """A port of this machine that answers nothing to whoever connects: more wait there than it lets wait."""
    with contextlib.ExitStack() as opened:
        listening = opened.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):
            waiting = opened.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def address(port: int) -> Address:
    return (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("127.0.0.1", port))


async def refusal(sending: Awaitable[object]) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        await sending
    return caught.value


async def test_a_first_address_that_leads_nowhere_costs_a_moment() -> None:
    with black_hole() as nowhere:
        async with SmtpServer(lambda: NOW) as server:

            async def resolve(host: str, port: int) -> list[Address]:
                return [address(nowhere), address(port)]

            async with asyncio.timeout(10):
                await SmtpEmail(server.url, "vigie@example.com", resolve=resolve).send(PAGE)
    assert [one.subject for one in server.inbox.messages] == [PAGE.subject]


async def test_one_look_up_of_a_name_serves_all_who_wait() -> None:
    asked, known = 0, asyncio.Event()
    async with SmtpServer(lambda: NOW) as server:

        async def resolve(host: str, port: int) -> list[Address]:
            nonlocal asked
            asked += 1
            await known.wait()
            return [address(port)]

        mail = SmtpEmail(server.url, "vigie@example.com", timeout=0.3, resolve=resolve)
        for _ in range(2):
            failed = await asyncio.gather(*(refusal(mail.send(PAGE)) for _ in range(5)))
            assert [(one.permanent, one.ambiguous) for one in failed] == [(False, False)] * 5
        assert asked == 1
        known.set()
        await SmtpEmail(server.url, "vigie@example.com", resolve=resolve).send(PAGE)
    assert len(server.inbox.messages) == 1


async def test_a_mail_that_nobody_wants_any_more_stops_before_its_content() -> None:
    async def taken() -> None:
        raise NoLongerWanted

    async with relay_and_mail() as (server, mail):
        with pytest.raises(NoLongerWanted):
            await mail.send(PAGE, taken)
        await mail.send(replace(PAGE, subject="the next"))
    assert [one.subject for one in server.inbox.messages] == ["the next"]


async def test_a_mail_arrives_whole_in_both_forms() -> None:
    async with relay_and_mail() as (server, mail):
        receipt = await mail.send(PAGE)
        received = await server.inbox.wait_for(lambda message: message.to == PAGE.to)
    assert receipt.reference == PAGE.message_id
    assert receipt.detail.startswith("250 ")
    assert received.subject == PAGE.subject
    assert received.text == PAGE.text + "\n"
    assert received.html == PAGE.html + "\n"
    assert received.sender == "vigie@example.com"


async def test_headers_say_who_when_and_that_a_machine_wrote() -> None:
    async with relay_and_mail() as (server, mail):
        await mail.send(replace(PAGE, headers=(("X-Vigie-Incident", "INC-ABC234"),)))
        message = server.inbox.messages[0].message
    assert message["From"] == "Vigie <vigie@example.com>"
    assert message["Date"] == "Mon, 23 Nov 2026 03:04:05 +0000"
    assert message["Message-ID"] == PAGE.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Vigie-Incident"] == "INC-ABC234"
    assert message["References"] is None


async def test_a_thread_survives_long_ids() -> None:
    references = tuple(f"<{letter * 70}@vigie.example.com>" for letter in "abc")
    async with relay_and_mail() as (server, mail):
        await mail.send(replace(PAGE, references=references, message_id=f"<{'m' * 90}@vigie.example.com>"))
        message = server.inbox.messages[0].message
    assert message["References"].split() == list(references)
    assert message["In-Reply-To"] == references[-1]


async def test_a_subject_cannot_begin_a_header() -> None:
    async with relay_and_mail() as (server, mail):
        await mail.send(
            replace(
                PAGE,
                subject="down\r\nBcc: eve@example.com\r\n\r\nbody",
                headers=(("X-Note", "a\nReply-To: eve@example.com"),),
                references=("<a@b>\r\nCc: eve@example.com",),
            )
        )
        message = server.inbox.messages[0].message
    assert message["Subject"] == "down Bcc: eve@example.com body"
    assert {message["Bcc"], message["Cc"], message["Reply-To"]} == {None}


@pytest.mark.parametrize("to", ["", "ada", "a@b.fr, c@d.fr", "a@b.fr>\r\nRCPT TO:<c@d.fr", "é@example.com", "@b.fr"])
async def test_what_is_not_one_address_is_refused_without_asking(to: str) -> None:
    async with relay_and_mail() as (server, mail):
        error = await refusal(mail.send(replace(PAGE, to=to)))
        assert (error.permanent, error.ambiguous, server.connections) == (True, False, 0)


async def test_text_that_cannot_be_encoded_is_refused_without_asking() -> None:
    async with relay_and_mail() as (_, mail):
        assert (await refusal(mail.send(replace(PAGE, text="half \ud800")))).permanent


async def test_a_domain_with_accents_is_written_in_ascii() -> None:
    async with relay_and_mail() as (server, mail):
        await mail.send(replace(PAGE, to="Ada <ada@exämple.com>"))
        assert server.inbox.messages[0].to == "ada@xn--exmple-cua.com"


@pytest.mark.parametrize(("answer", "permanent"), [("550 5.1.1 no such user", True), ("451 4.7.1 greylisted", False)])
async def test_a_refused_recipient(answer: str, permanent: bool) -> None:
    async with relay_and_mail() as (server, mail):
        server.recipient_answers[PAGE.to] = answer
        error = await refusal(mail.send(PAGE))
        assert (error.permanent, error.ambiguous) == (permanent, False)
        assert answer in f"{error.reason}"
        await mail.send(replace(PAGE, to="bob@example.com"))
        assert [message.to for message in server.inbox.messages] == ["bob@example.com"]


@pytest.mark.parametrize(("status", "permanent"), [(554, True), (452, False)])
async def test_refused_content_is_not_ambiguous(status: int, permanent: bool) -> None:
    async with relay_and_mail() as (server, mail):
        server.faults.next(Fault(status=status, message="no"))
        error = await refusal(mail.send(PAGE))
        assert (error.permanent, error.ambiguous, len(server.inbox)) == (permanent, False, 0)


async def test_no_reply_after_the_content_is_ambiguous() -> None:
    async with relay_and_mail() as (server, mail):
        server.faults.next(Fault(accept=True, cut=True))
        error = await refusal(mail.send(PAGE))
        assert (error.permanent, error.ambiguous, len(server.inbox)) == (False, True, 1)


async def test_a_slow_reply_after_the_content_is_ambiguous() -> None:
    async with relay_and_mail(timeout=0.3) as (server, mail):
        server.faults.next(Fault(accept=True, delay=5))
        error = await refusal(mail.send(PAGE))
        assert (error.permanent, error.ambiguous, len(server.inbox)) == (False, True, 1)


class SlowToPart(SmtpServer):
    """One that takes its time over the last word."""

    async def handle_QUIT(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's name
        await asyncio.sleep(3)
        return "221 bye"


async def test_a_goodbye_that_is_slow_leaves_no_doubt() -> None:
    async with SlowToPart(lambda: NOW) as server:
        receipt = await SmtpEmail(server.url, "vigie@example.com", timeout=1.0).send(PAGE)
    assert (receipt.reference, len(server.inbox)) == (PAGE.message_id, 1)


async def test_a_server_that_says_nothing_is_not_ambiguous() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        mail = SmtpEmail(f"smtp://127.0.0.1:{port}?tls=none", "vigie@example.com", timeout=0.2)
        error = await refusal(mail.send(PAGE))
    assert (error.permanent, error.ambiguous) == (False, False)


@contextlib.asynccontextmanager
async def scripted(answer_to_data: bytes) -> AsyncIterator[tuple[list[bytes], SmtpEmail]]:
    """What a relay has read, line by line, that says `answer_to_data`, reads on, and hangs up if that is empty."""
    read: list[bytes] = []
    has_gone = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay\r\n")
        while line := await reader.readline():
            read.append(line.strip())
            writer.write(answer_to_data if line == b"DATA\r\n" else b"250 OK\r\n")
            if not answer_to_data and line == b"DATA\r\n":
                break
        writer.close()
        await writer.wait_closed()
        has_gone.set()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield read, SmtpEmail(f"smtp://127.0.0.1:{port}?tls=none", "vigie@example.com")
        await asyncio.wait_for(has_gone.wait(), 5)


async def test_whether_a_mail_is_wanted_is_asked_when_the_server_waits_for_its_content() -> None:
    """A process that is frozen while the server says 354 must ask again before it writes: another may have sent it."""
    async with scripted(b"354 go on\r\n") as (read, mail):

        async def taken() -> None:
            assert read[-1] == b"DATA"
            raise NoLongerWanted

        with pytest.raises(NoLongerWanted):
            await mail.send(PAGE, taken)
    assert read[-1] == b"DATA", "nothing was written after it, so nothing was handed in"


async def test_a_server_that_hangs_up_before_the_content_has_nothing() -> None:
    async with scripted(b"") as (read, mail):
        error = await refusal(mail.send(PAGE))
    assert (read[-1], error.permanent, error.ambiguous) == (b"DATA", False, False)


@pytest.mark.parametrize(("answer", "permanent"), [(b"451 later\r\n", False), (b"554 no\r\n", True)])
async def test_a_server_that_does_not_want_the_content(answer: bytes, permanent: bool) -> None:
    async with scripted(answer) as (_, mail):
        error = await refusal(mail.send(PAGE))
    assert (error.permanent, error.ambiguous) == (permanent, False)
    assert error.reason.startswith(f"SMTP {answer.split()[0].decode()}")


async def test_nobody_listening_is_temporary() -> None:
    async with relay_and_mail() as (server, mail):
        await server.close()
        error = await refusal(mail.send(PAGE))
        assert (error.permanent, error.ambiguous) == (False, False)


async def test_a_login_opens_the_door() -> None:
    async with relay_and_mail(credentials=("ada", "secret")) as (server, mail):
        await mail.check()
        await mail.send(PAGE)
        assert len(server.inbox) == 1


async def test_a_wrong_login_stays_wrong_and_is_not_told() -> None:
    async with SmtpServer(lambda: NOW, credentials=("ada", "secret")) as server:
        mail = SmtpEmail(f"smtp://ada:wrong@127.0.0.1:{server.port}?tls=none", "vigie@example.com")
        for attempt in (mail.check(), mail.send(PAGE)):
            error = await refusal(attempt)
            assert error.permanent and error.is_mendable
            assert error.reason.startswith("SMTP 535") and error.code == SMTP_REFUSES
            assert "wrong" not in error.reason


async def test_encryption_is_never_given_up() -> None:
    async with SmtpServer(lambda: NOW) as server:
        mail = SmtpEmail(f"smtp://127.0.0.1:{server.port}", "vigie@example.com")
        error = await refusal(mail.send(PAGE))
        assert error.permanent and error.is_mendable
        assert "STARTTLS" in error.reason
        assert len(server.inbox) == 0


async def test_a_sender_that_is_refused_is_no_fault_of_the_mail() -> None:
    async with relay_and_mail() as (server, mail):
        server.sender_answers["vigie@example.com"] = "553 5.7.1 not your address"
        error = await refusal(mail.send(PAGE))
        assert error.permanent and error.is_mendable
        server.sender_answers["vigie@example.com"] = "552 5.3.4 too large"
        assert not (await refusal(mail.send(PAGE))).is_mendable


async def test_many_mails_at_once_all_arrive() -> None:
    async with relay_and_mail() as (server, mail):
        pages = [replace(PAGE, to=f"p{n}@example.com", message_id=f"<{n}@vigie>") for n in range(30)]
        await asyncio.gather(*map(mail.send, pages))
        assert len(await server.inbox.wait_for_count(30)) == 30


@given(st.text(), st.text(), st.text(), st.lists(st.text(), max_size=3))
def test_no_text_makes_a_mail_that_a_strict_relay_refuses(
    subject: str, text: str, note: str, references: list[str]
) -> None:
    address = mailbox("ada@example.com", "x")
    headers = (("X-Note", note),)
    page = replace(PAGE, subject=subject, text=text, headers=headers, references=tuple(references))
    try:
        raw = compose(page, address, address).as_bytes()
    except ValueError:
        return
    assert complaint_about(raw) == ""
    names = [line.partition(b":")[0] for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert names.count(b"X-Note") == 1
    assert b"Bcc" not in names


@given(st.text(st.one_of(st.characters(), st.sampled_from('@<>,;:"()[].\\ '))))
def test_a_mailbox_is_one_address_or_a_value_error(text: str) -> None:
    try:
        address = mailbox(text, "x")
    except ValueError:
        return
    assert address.addr_spec.isascii()
    assert not set(address.addr_spec) & set("<>\r\n")


def test_a_url_is_read_with_its_escapes() -> None:
    server = parse_smtp_url("smtp://ada%40example.com:p%3A%2F%40ss%23@mail.example.com:2525?tls=tls")
    assert (server.host, server.port, server.tls) == ("mail.example.com", 2525, Tls.TLS)
    assert (server.username, server.password) == ("ada@example.com", "p:/@ss#")
    assert "p:/@ss#" not in repr(server)


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [
        ("smtp://mail.example.com", 587, Tls.STARTTLS),
        ("smtp://mail.example.com?tls=tls", 465, Tls.TLS),
        ("smtp://[::1]?tls=none", 25, Tls.NONE),
    ],
)
def test_a_url_says_its_defaults(url: str, port: int, tls: Tls) -> None:
    server = parse_smtp_url(url)
    assert (server.port, server.tls) == (port, tls)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mail.example.com:587", "begin with smtp://"),
        ("smtps://mail.example.com", "begin with smtp://"),
        ("smtp://", "no host"),
        ("smtp://mail.example.com:port", "port"),
        ("smtp://mail.example.com:99999", "port"),
        ("smtp://mail.example.com?tls=maybe", "starttls, tls or none"),
        ("smtp://mail.example.com?ssl=1", "'ssl'"),
        ("smtp://ada@mail.example.com", "user without a password"),
        ("smtp://ada:se#cret@mail.example.com", "SMTP_URL"),
        ("smtp://mail.example.com/inbox", "after the host"),
    ],
)
def test_a_wrong_url_says_what_is_wrong_and_no_secret(url: str, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        parse_smtp_url(url)
    assert "cret" not in str(caught.value)


def test_a_wrong_sender_is_an_error_at_once() -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        SmtpEmail("smtp://127.0.0.1?tls=none", "not an address")
    assert mailbox('"Vigie on call" <v@example.com>', "x").display_name == "Vigie on call"


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        (b"Date: Mon, 23 Nov 2026 03:04:05 +0000\r\n" + ADDRESSED + b"\r\nx\r\n", ""),
        (ADDRESSED + b"\r\nx\r\n", "not exactly one"),
        (b"Subject: \xc3\xa9\r\n\r\nx\r\n", "eight-bit header"),
        (b"Subject: x\r\n\r\n" + b"x" * 999 + b"\r\n", "line over 998"),
    ],
)
def test_the_double_is_strict(raw: bytes, complaint: str) -> None:
    assert complaint_about(raw).startswith(complaint)
    assert bool(complaint_about(raw)) is bool(complaint)
