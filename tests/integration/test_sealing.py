"""Secrets at rest: what stood in clear is sealed once, no sooner than every process can open it, and keys change."""

from __future__ import annotations

import pytest

from bot.notifiers.calendars import CalendarSource
from domain.errors import DeliveryError
from domain.webhooks import label
from handlers.catalog.service import CatalogService
from storage import catalog, sealing
from storage.presence import Presence
from storage.store import Store
from storage.vault import MARK, Vault
from tests.secrets import raw
from tests.world import TESTER, PushedClock, read

WEBHOOK = "https://discord.com/api/webhooks/42/token-of-the-webhook"
CALENDAR = "https://calendars.example.com/hidden/team.ics"
POLICY = f"""
Policy: Out loud
Team: SRE Core
Steps: {{1: {{delay: 0 minutes, type: SLACK, target: CHANNEL ({WEBHOOK})}}}}
"""
TEAM = f"""
teams: [{{name: Abroad, channel: "#general", lead: john, members: [john], on_call: {{ical: "{CALENDAR}"}}}}]
"""
ORGANISATION = read("organisation.yaml")
OLD, NEW, OTHER = "the-key-of-before", "the-key-of-today", "somebody-elses-key"


async def loaded(store: Store) -> None:
    files = [("organisation.yaml", ORGANISATION), ("policy.yaml", POLICY), ("team.yaml", TEAM)]
    await CatalogService(store, PushedClock()).load(files, TESTER)


def addresses(store: Store) -> set[str]:
    """The webhook and the calendar, as the catalog has them."""
    found = store.read_now(catalog.directory)
    targets = {step.target.value for policy in found.policies.values() for step in policy.steps if step.target.value}
    return targets | {team.on_call.calendar for team in found.teams.values() if team.on_call.calendar}


async def test_what_stood_in_clear_is_sealed_once_and_opens_with_its_keys(database_url: str) -> None:
    before = Store(database_url)
    await loaded(before)
    assert "token-of-the-webhook" in raw(before) and "hidden/team.ics" in raw(before)
    before.close()
    for keys in ([OLD], [NEW, OLD], [NEW]):
        store = Store(database_url, keys)
        is_other = keys != [NEW]
        assert sealing.begin(store) is is_other and not sealing.begin(store)
        said = raw(store)
        assert "token-of-the-webhook" not in said and "hidden/team.ics" not in said and MARK in said
        assert addresses(store) == {WEBHOOK, CALENDAR}
        store.close()
    stranger = Store(database_url, [OTHER])
    assert addresses(stranger) == {label(WEBHOOK), label(CALENDAR)}
    assert sealing.begin(stranger), "what it can't open it leaves"
    assert stranger.read_now(catalog.directory).sealed_off == ("policy Out loud", "the calendar of Abroad")
    stranger.close()
    again = Store(database_url, [NEW])
    assert addresses(again) == {WEBHOOK, CALENDAR} and not again.read_now(catalog.directory).sealed_off
    again.close()


async def test_no_sooner_than_every_process_can_open_it(postgresql_url: str) -> None:
    older, newer = Store(postgresql_url), Store(postgresql_url, [NEW])
    await loaded(older)
    elsewhere, here = Presence(older, "older"), Presence(newer, "newer")
    await elsewhere.announce()
    await here.announce()
    assert not sealing.begin(newer)
    await loaded(newer)
    assert addresses(older) == {WEBHOOK, CALENDAR}
    await elsewhere.close()
    assert sealing.begin(newer) and "token-of-the-webhook" not in raw(newer)
    await here.close()
    older.close()
    newer.close()


async def test_a_process_that_wrote_in_clear_seals_that_too(database_url: str) -> None:
    late, early = Store(database_url, [NEW]), Store(database_url, [NEW])
    assert sealing.begin(early)
    await loaded(late)
    assert "token-of-the-webhook" in raw(late)
    assert sealing.begin(late) and "token-of-the-webhook" not in raw(late)
    late.close()
    early.close()


def test_the_same_is_sealed_to_the_same_and_says_which_it_is() -> None:
    vault, same = Vault([NEW]), Vault([NEW, OLD])
    assert vault.seal(WEBHOOK) == WEBHOOK, "nothing is sealed until it is said"
    vault.use(vault.primary)
    same.use(same.primary)
    sealed = vault.seal(f"i1:0:1:SLACK:{WEBHOOK}")
    assert sealed == same.seal(f"i1:0:1:SLACK:{WEBHOOK}") and sealed.endswith(label(WEBHOOK))
    assert same.open(sealed) == f"i1:0:1:SLACK:{WEBHOOK}"
    assert vault.seal("#general") == "#general" == vault.open("#general")
    for scheme in ("HTTPS", "Https"):
        aloud = CALENDAR.replace("https", scheme).replace("http:", f"{scheme}:")
        assert vault.open(vault.seal(aloud)) == aloud != vault.seal(aloud)
        assert vault.seal(aloud).endswith(label(CALENDAR).partition(":")[2])


async def test_an_address_that_no_key_opens_is_said_to_be_lost() -> None:
    with pytest.raises(DeliveryError, match="SECRET_KEY"):
        await CalendarSource().fetch(label(CALENDAR))
