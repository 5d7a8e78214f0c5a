"""Providers that refuse the account itself: an admin is told once, and it is shown until they take something again."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.demo.ovh_rules import Grant
from bot.demo.provider_faults import Fault
from bot.engine.credit import Credit
from tests.stories.test_links import JOHN
from tests.stories.test_refused_tokens import again
from tests.stories.test_troubles import ready
from tests.world import World, world_on

ADA = "+33600000001"


@pytest.fixture
async def guided(database_url: str) -> AsyncIterator[World]:
    """A Vigie with the guide's policies: whom they page meanwhile is another story's."""
    async with world_on(database_url) as running:
        yield running


REFUSALS = [
    (Fault(status=403, code="INVALID_CREDENTIAL", message="This credential is not valid"), "sms_refused"),
    (Fault(status=401, code="", message="who are you"), "sms_refused"),
    (Fault(status=404, code="", message="This service does not exist"), "sms_refused"),
    (Fault(status=460, code="", message="This service is expired"), "sms_refused"),
    (Fault(status=402, code="", message="pay first"), "no_credit"),
    (Fault(status=403, code="FORBIDDEN", message="Not enough credits on this account"), "no_credit"),
]
SAID = {"sms_refused": "OVH refuses what Vigie asks", "no_credit": "OVH has no SMS credit left"}


@pytest.mark.parametrize(("refusal", "trouble"), REFUSALS)
async def test_an_sms_account_that_is_dead_is_said_once_until_an_sms_goes_out(
    guided: World, refusal: Fault, trouble: str
) -> None:
    ovh = guided.outside.ovh
    ovh.faults.always(refusal)
    await guided.alert()
    await guided.advance(minutes=10)
    assert SAID[trouble] in guided.direct("ada").words
    assert refusal.message in guided.direct("ada").words
    assert f"sms: {trouble} since" in await ready(guided)
    async with guided.http.get("/metrics") as answer:
        assert f'vigie_troubles{{trouble="{trouble}"}} 1.0' in await answer.text()
    told = len(guided.outside.slack.member("ada").direct_messages)
    await guided.alert("Disk full", group="g2", fingerprint="f2")
    await guided.advance(minutes=10)
    assert len(guided.outside.slack.member("ada").direct_messages) == told, "it was told before"
    ovh.faults.clear()
    await guided.alert("Disk full again", group="g3", fingerprint="f3")
    await guided.advance(minutes=10)
    assert await ready(guided) == "none is known to be broken"


async def test_a_number_that_ovh_refuses_is_no_trouble_of_the_account(guided: World) -> None:
    guided.outside.ovh.refused_numbers.add(JOHN)
    await guided.alert()
    await guided.advance(minutes=10)
    assert await ready(guided) == "none is known to be broken"


async def test_keys_that_were_mended_are_seen_when_the_credit_is_read_for_the_first_time(guided: World) -> None:
    credit, ovh = guided.app.use_cases.credit, guided.outside.ovh
    good = ovh.grant
    ovh.grant = Grant(status="expired")
    await credit.look()
    await guided.settle()
    assert "sms: sms_refused since" in await ready(guided)
    ovh.grant = good
    of_the_next_process = Credit(guided.app.store, guided.clock, guided.app.worker.wake)
    of_the_next_process.sms = credit.sms
    await of_the_next_process.look()
    assert await ready(guided) == "none is known to be broken"


async def test_a_mail_server_that_refuses_the_login_is_said_until_it_takes_a_mail(guided: World) -> None:
    mail = guided.outside.mail
    mail.sender_answers["vigie@example.com"] = "530 5.7.0 Authentication required"
    await guided.alert()
    await guided.advance(minutes=30)
    assert "The mail server refuses Vigie" in guided.direct("ada").words
    assert "mail: mail_refused since" in await ready(guided)
    mail.sender_answers.clear()
    await guided.alert("Disk full", group="g2", fingerprint="f2")
    await guided.advance(minutes=30)
    assert await ready(guided) == "none is known to be broken"


async def test_a_mail_server_that_is_not_set_up_any_more_is_no_trouble(guided: World) -> None:
    guided.outside.mail.sender_answers["vigie@example.com"] = "530 5.7.0 Authentication required"
    await guided.alert()
    await guided.advance(minutes=30)
    assert "mail: mail_refused since" in await ready(guided)
    await again(guided, smtp_url="")
    await guided.app.use_cases.refused_cards.look()
    assert await ready(guided) == "none is known to be broken"


async def test_a_login_that_is_refused_while_slack_is_away_is_said_by_sms(guided: World) -> None:
    guided.outside.mail.sender_answers["vigie@example.com"] = "530 5.7.0 Authentication required"
    await guided.slack_goes()
    await guided.alert()
    await guided.advance(minutes=30)
    assert [sms for sms in guided.phone(ADA).texts if "The mail server refuses Vigie" in sms.text]
