"""How people are reached: changed by themselves, proved by a code, tried out with a test."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import select

from bot.demo.provider_faults import Fault
from storage import catalog
from storage.audit_tables import AuditRow
from storage.catalog import table
from storage.contact_tables import ContactCodeRow
from tests.stories.modals import Modal
from tests.world import World, read, world_on

PHONE = "+33600000002"
GUESTS = """
people:
  - {handle: vera, name: Vera Viewer, slack: U04VERA, role: viewer}
"""


async def contacts(world: World, name: str, button: str = "How you are reached") -> Modal:
    """Somebody looks at how they are reached."""
    home = await world.home(name)
    await home.click(button)
    return Modal(world, name)


def code_in(message: str) -> str:
    found = re.search(r"\b(\d{6})\b", message)
    assert found, message
    return found[1]


async def test_a_phone_is_verified_by_the_code_that_it_gets(world: World) -> None:
    john = await contacts(world, "john")
    assert "+33600000002 (not verified ⚠️)" in john.words
    await john.click("Verify the phone")
    code = code_in(world.phone(PHONE).expect_sms("is your Vigie code, good for 10 minutes").text)
    kept = await world.app.store.read(lambda tx: tx.execute(select(table(ContactCodeRow))).one())
    assert code not in str(kept)
    wrong = await john.submit({"code": f"{(int(code) + 1) % 1_000_000:06}"})
    assert "tries left: 4" in str(wrong.errors)
    assert (await john.submit({"code": f"{code[:3]} {code[3:]}"})).outcome == "updated"
    assert "+33600000002 ✅" in john.words
    assert "john.doe@example.com (not verified ⚠️)" in john.words
    await john.click("Verify the e-mail address")
    mail = world.mailbox("john.doe@example.com").expect_mail("Your Vigie code", "within 10 minutes")
    await john.submit({"code": code_in(mail.subject)})
    assert "not verified" not in john.words
    assert "Verify the phone" not in john.buttons
    assert "not verified" not in (await world.home("john")).words
    await world.load([read("organisation.yaml")])
    assert "not verified" not in (await world.home("john")).words
    actions = await world.app.store.read(lambda tx: list(tx.execute(select(table(AuditRow).c.action)).scalars()))
    assert actions.count("person.verify") == 2


async def test_a_new_phone_pages_at_once_and_is_not_verified(world: World) -> None:
    john = await contacts(world, "john")
    await john.click("Change")
    refused = await john.submit({"phone": "12"})
    assert "must be a number with its country" in refused.errors["phone"].lower()
    refused = await john.submit({"phone": "+33600000003", "email": "ada@example.com"})
    assert "Léa Lead's already" in refused.errors["phone"]
    assert "Ada Admin's already" in refused.errors["email"]
    await john.submit({"phone": "+33 6 39 98 00 77", "email": "john.doe@example.com"})
    assert "+33639980077 (not verified ⚠️)" in john.words
    await world.alert()
    await world.advance(minutes=5)
    world.phone("+33639980077").expect_sms("Redis Cluster Down")
    world.expect_what_was_said()


async def test_in_french_a_number_needs_no_country(database_url: str) -> None:
    async with world_on(database_url, locale="fr") as world:
        lea = await contacts(world, "lea", "Comment vous joindre")
        await lea.click("Modifier")
        await lea.submit({"phone": "06 39 98 00 77"})
        assert "+33639980077 (non vérifié ⚠️)" in lea.words
        await lea.click("Vérifier le téléphone")
        code = code_in(world.phone("+33639980077").expect_sms("est votre code Vigie").text)
        await lea.submit({"code": code})
        assert "+33639980077 ✅" in lea.words
        world.finish()


async def test_five_tries_three_codes_ten_minutes(world: World) -> None:
    john = await contacts(world, "john")
    await john.click("Verify the phone")
    code = code_in(world.phone(PHONE).expect_sms().text)
    wrong = f"{(int(code) + 1) % 1_000_000:06}"
    for _ in range(4):
        await john.submit({"code": wrong})
    assert "too many wrong codes" in (await john.submit({"code": wrong})).errors["code"].lower()
    assert "too many wrong codes" in (await john.submit({"code": code})).errors["code"].lower()
    assert "six digits" in (await john.submit({"code": "hello"})).errors["code"]
    await john.click("Send another code")
    second = code_in(world.phone(PHONE).expect_sms().text)
    await world.advance(minutes=1)
    await john.click("Send another code")
    third = code_in(world.phone(PHONE).expect_sms().text)
    if second != third:
        assert "tries left" in (await john.submit({"code": second})).errors["code"]
    await john.click("Send another code")
    assert "three codes went out" in john.words.lower()
    await world.advance(minutes=11)
    john = await contacts(world, "john")
    await john.click("Verify the phone")
    fourth = code_in(world.phone(PHONE).expect_sms().text)
    await world.advance(minutes=10)
    assert "too old" in (await john.submit({"code": fourth})).errors["code"]


async def test_a_code_that_is_refused_is_said(world: World) -> None:
    world.outside.ovh.refused_numbers.add(PHONE)
    john = await contacts(world, "john")
    await john.click("Verify the phone")
    await john.member.close()
    john = await contacts(world, "john")
    assert f"The last code by Phone did not go out: OVH refused the number {PHONE}" in john.words


async def test_an_answer_that_is_lost_sends_no_second_sms(world: World) -> None:
    world.outside.ovh.faults.next(Fault(cut=True, accept=True))
    john = await contacts(world, "john")
    await john.click("Verify the phone")
    await world.advance(seconds=5)
    await john.submit({"code": code_in(world.phone(PHONE).expect_sms().text)})
    assert f"{PHONE} ✅" in john.words


async def test_nobody_changes_what_is_another_s(database_url: str) -> None:
    catalog_texts = [read("organisation.yaml"), read("guide.yaml"), GUESTS]
    async with world_on(database_url, catalog=catalog_texts) as world:
        world.outside.workspace.add_user("vera", user_id="U04VERA")
        directory = await world.app.store.read(catalog.directory)
        ada = directory.person_by_handle("ada")
        assert ada
        vera = await contacts(world, "vera")
        assert "Phone" in vera.words
        await vera.click("Change")
        metadata = vera.view.body["private_metadata"]
        vera.view.body["private_metadata"] = metadata.replace(metadata.split("|")[0], ada.id)
        await vera.submit({"phone": "+33639980077"})
        assert "only an admin changes how others are reached" in vera.words.lower()
        vera = await contacts(world, "vera")
        await vera.click("Change")
        await vera.submit({"phone": "+33639980077"})
        assert "+33639980077 (not verified ⚠️)" in vera.words
        world.finish()


async def test_a_stranger_learns_whom_to_ask(world: World) -> None:
    world.outside.workspace.add_user("sam", user_id="U09SAM")
    home = await world.home("sam")
    assert "Ask an admin: <@U01ADA>" in home.words
    assert "🧪 Test me" not in home.buttons
    said = await world.command("/oncall", "test-me", as_="sam")
    assert said and "ask an admin, such as Ada Admin" in said.words


async def test_who_has_changed_it_meanwhile_is_said(world: World) -> None:
    one, other = await contacts(world, "john"), await contacts(world, "john")
    await one.click("Change")
    first = one.view
    await other.member.close()
    other = await contacts(world, "john")
    await other.click("Change")
    await other.submit({"phone": "+33639980077"})
    assert first is not other.view
    ada = Modal(world, "ada")
    home = await world.home("ada")
    await home.click("People")
    await home.click("person.show.v1", value=(await person(world, "john")).id)
    await ada.click("Edit")
    john = await contacts(world, "john")
    await john.click("Change")
    await john.submit({"phone": "+33639980078"})
    await ada.submit({"name": "Johnny"})
    assert "John Doe changed this meanwhile" in ada.words
    await ada.click("Reload")
    await ada.submit({"name": "Johnny Doe"})
    assert "Johnny Doe" in ada.words
    assert (await person(world, "john")).phone == "+33639980078"


async def person(world: World, handle: str) -> Any:
    return (await world.app.store.read(catalog.directory)).person_by_handle(handle)


async def test_a_changed_contact_takes_its_proof_along(world: World) -> None:
    """A code that was on its way to the number of before proves nothing of the new one."""
    john = await contacts(world, "john")
    await john.click("Verify the phone")
    code = code_in(world.phone(PHONE).expect_sms().text)
    stale = john.view.body
    await john.member.close()
    john = await contacts(world, "john")
    await john.click("Change")
    await john.submit({"phone": "+33639980077"})
    await john.click("Verify the phone")
    fresh = code_in(world.phone("+33639980077").expect_sms().text)
    assert stale["callback_id"] == "contacts.code.v1"
    if code != fresh:
        assert "tries left" in (await john.submit({"code": code})).errors["code"]
    await john.submit({"code": fresh})
    assert "+33639980077 ✅" in john.words
