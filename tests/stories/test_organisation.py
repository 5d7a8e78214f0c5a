"""People, teams and services from Slack: made, changed and taken away by admins, read by everybody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from domain.directory import Directory
from domain.people import Role
from storage import catalog
from storage.audit_tables import AuditRow
from storage.catalog import table
from tests.stories.modals import Modal
from tests.world import World, alert_body, read, world_on


async def directory(world: World) -> Directory:
    return await world.app.store.read(catalog.directory)


async def section(world: World, name: str, section: str) -> Modal:
    """Somebody turns to a section of their Home tab; what opens from there is before them."""
    home = await world.home(name)
    await home.click(section)
    return Modal(world, name)


async def opened(world: World, name: str, part: str, action: str, key: str) -> Modal:
    """Somebody opens one thing of a section."""
    modal = await section(world, name, part)
    home = await world.home(name)
    await home.click(action, value=key)
    return modal


async def of_person(world: World, handle: str, as_: str = "ada", part: str = "People") -> Modal:
    person = (await directory(world)).person_by_handle(handle)
    assert person
    return await opened(world, as_, part, "person.show.v1", person.id)


async def of_team(world: World, name: str, as_: str = "ada") -> Modal:
    team = (await directory(world)).team_by_name(name)
    assert team
    return await opened(world, as_, "Teams", "team.show.v1", team.id)


async def of_service(world: World, name: str, as_: str = "ada") -> Modal:
    service = (await directory(world)).service_by_name(name)
    assert service
    return await opened(world, as_, "Services", "service.show.v1", service.id)


async def new(world: World, part: str, button: str, as_: str = "ada") -> Modal:
    home = await world.home(as_)
    await home.click(part)
    await home.click(button)
    return Modal(world, as_)


async def test_a_new_colleague_from_slack_to_the_first_page(world: World) -> None:
    world.outside.workspace.add_user("bob", user_id="U07BOB")
    ada = await new(world, "People", "➕ New person")
    wrong = {
        "name": "Bob Builder",
        "handle": "ada",
        "email": "ADA@example.com",
        "phone": "0600000009",
        "slack": "U01ADA",
    }
    refused = await ada.submit(wrong)
    assert refused.errors["handle"] == "Ada is Ada Admin's already."
    assert "is Ada Admin's already" in refused.errors["email"]
    assert "is Ada Admin's already" in refused.errors["slack"]
    assert "with its country" in refused.errors["phone"]
    assert "are" not in refused.errors.get("name", "")
    await ada.submit({"handle": "bob", "email": "bob@example.com", "phone": "+33 6 00 00 00 09", "slack": "U07BOB"})
    assert "*Bob Builder* is saved" in ada.words
    assert "Not verified yet" in ada.words
    bob = (await directory(world)).person_by_handle("bob")
    assert bob and bob.phone == "+33600000009" and bob.slack == "U07BOB" and bob.role is Role.OPERATOR
    ada = await of_team(world, "SRE Core")
    await ada.click("Edit")
    members = [option["value"] for option in ada.view.values["members"]["several"]["selected_options"]]
    await ada.submit({"members": [*members, bob.id], "lead": bob.id})
    team = (await directory(world)).team_by_name("SRE Core")
    assert team and team.lead == bob.id and team.members[-1] == bob.id and len(team.members) == 4
    assert team.channel == "#sre-incidents" and team.on_call.rotations
    shown = await of_person(world, "bob", as_="john")
    assert "SRE Core: lead, member" in shown.words
    assert "+33600000009" not in shown.words and "+336…09" in shown.words
    assert shown.buttons == []
    await world.alert()
    await world.advance(minutes=15)
    world.phone("+33600000009").expect_sms("ESCALADE NIVEAU 2")
    world.phone("+33600000002").expect_sms()
    world.mailbox("bob@example.com").expect_mail()
    world.expect_what_was_said()
    actions = await audit(world)
    assert ("person.save", "person bob") in actions and ("team.save", "team SRE Core") in actions


async def audit(world: World) -> list[tuple[str, str]]:
    rows = table(AuditRow)
    return await world.app.store.read(
        lambda tx: [(row.action, row.subject) for row in tx.execute(select(rows.c.action, rows.c.subject))]
    )


async def test_whoever_is_needed_does_not_go(world: World) -> None:
    ada = await of_person(world, "john")
    await ada.click("Remove", confirm=True)
    assert "Still in use, nothing is changed" in ada.words
    assert "is a member of SRE Core; is in the rotation primary of SRE Core" in ada.words
    await ada.member.close()
    ada = await of_person(world, "john")
    await ada.click("Edit")
    await ada.submit({"flags": []})
    assert "Still in use" in ada.words
    ada = await of_team(world, "SRE Core")
    await ada.click("Remove", confirm=True)
    assert "answers for the service redis-prod" in ada.words
    assert "has the policy SRE Core - SEV1" in ada.words
    ada = await of_service(world, "redis-prod")
    await ada.click("Remove", confirm=True)
    assert "has the runbook" in ada.words
    john = (await directory(world)).person_by_handle("john")
    assert john and john.is_active


async def test_whoever_the_past_names_is_switched_off(world: World) -> None:
    cora = "people: [{handle: dora, name: Dora, slack: U08DORA}, {handle: dan, name: Dan, email: dan@example.com}]"
    await world.load([cora])
    world.outside.workspace.add_user("dora", user_id="U08DORA")
    await world.alert()
    card = world.card()
    await card.click("Acknowledge", as_="dora")
    ada = await of_person(world, "dora")
    await ada.click("Remove", confirm=True)
    assert "the incident INC-" in ada.words and "is open" in ada.words
    await card.click("Resolve", as_="ada")
    await world.submit("ada", "Resolve", {"note": "Restarted"})
    for handle, told in (("dora", "is inactive: nobody pages them"), ("dan", "is gone")):
        ada = await of_person(world, handle)
        await ada.click("Remove", confirm=True)
        assert told in ada.words
    people = (await directory(world)).people.values()
    assert {one.handle: one.is_active for one in people if one.handle in ("dora", "dan")} == {"dora": False}
    world.expect_what_was_said()


async def test_whoever_is_switched_off_is_not_paged_by_their_address_either(world: World) -> None:
    await world.load([read("organisation.yaml").replace("handle: cto,", "handle: cto, active: false,")])
    await world.alert()
    await world.advance(minutes=61)
    world.mailbox("cto@company.com").expect_mail("ESCALADE DIRECTION")
    assert not world.phone("+33600000005").texts
    assert "cto@company.com has no phone number" in world.card().reply("step 5 of 5: cto").words
    world.expect_what_was_said()
    for texts in (world.outside.ovh.inbox.messages, world.outside.mail.inbox.messages):
        world.expected |= {getattr(one, "tag", id(one)) for one in texts}


async def test_the_last_admin_stays(world: World) -> None:
    ada = await of_person(world, "ada")
    await ada.click("Edit")
    refused = await ada.submit({"role": "responder"})
    assert "make somebody else an admin first" in refused.errors["role"]
    refused = await ada.submit({"role": "admin", "flags": ["active", "unlink"]})
    assert "make somebody else an admin first" in refused.errors["flags"]
    await ada.member.close()
    ada = await of_person(world, "lea")
    await ada.click("Edit")
    await ada.submit({"role": "admin"})
    ada = await of_person(world, "ada")
    await ada.click("Edit")
    assert (await ada.submit({"role": "responder"})).outcome == "updated"
    ada = await of_person(world, "ada")
    assert ada.buttons == ["Contacts"]


async def test_with_admins_of_the_installation_the_last_may_go(database_url: str) -> None:
    async with world_on(database_url, admin_users="U09ROOT") as world:
        world.outside.workspace.add_user("root", user_id="U09ROOT")
        root = await of_person(world, "ada", as_="root")
        await root.click("Edit")
        await root.submit({"role": "viewer"})
        home = await world.home("root")
        await home.click("➕ Add me")
        root = Modal(world, "root")
        await root.submit({"name": "Root", "handle": "root"})
        made = (await directory(world)).person_by_slack("U09ROOT")
        assert made and made.role is Role.ADMIN
        assert "How you are reached" in (await world.home("root")).buttons
        world.finish()


async def test_a_service_with_its_aliases(world: World) -> None:
    ada = await new(world, "Services", "➕ New service")
    refused = await ada.submit({"name": "billing-api", "team": "Platform", "aliases": "redis, bill"})
    assert refused.errors == {"aliases": "Redis is redis-prod's already."}
    await ada.submit({"aliases": "bill\nbill, billing", "flags": []})
    made = (await directory(world)).service_by_name("BILL")
    assert made and made.name == "billing-api" and made.aliases == ("bill", "billing") and not made.auto_resolve
    status, _ = await world.post(alert_body("Late invoices", service="bill", severity="info"))
    assert status == 202
    await world.settle()
    ada = await of_service(world, "billing-api")
    assert "bill, billing" in ada.words and "Platform" in ada.words
    await ada.click("Remove", confirm=True)
    assert "is open" in ada.words
    world.expect_what_was_said()


async def test_a_team_made_and_taken_away(world: World) -> None:
    ada = await new(world, "Teams", "➕ New team")
    channel = world.outside.workspace.channel("platform-incidents").id
    refused = await ada.submit({"name": "sre core", "channel": channel})
    assert "there is a team sre core already" in refused.errors["name"].lower()
    await ada.submit({"name": "Payments", "locale": "Français", "lead": "Léa Lead"})
    made = (await directory(world)).team_by_name("Payments")
    assert made and made.channel == "#platform-incidents" and made.locale == "fr" and not made.members
    ada = await of_team(world, "Payments")
    assert "nobody is on call" in ada.words
    await ada.click("Remove", confirm=True)
    assert "*Payments* is gone" in ada.words
    assert (await directory(world)).team_by_name("Payments") is None
    assert ("team.delete", "team Payments") in await audit(world)


async def test_a_handle_that_policies_page_stays(world: World) -> None:
    policy = "Policy: Call Ada\nTeam: Platform\nSteps: [{delay: 0 minutes, type: SLACK, target: USER (ada)}]"
    await world.load([policy])
    ada = await of_person(world, "ada")
    await ada.click("Edit")
    refused = await ada.submit({"handle": "countess"})
    assert "policy Call Ada pages this handle" in refused.errors["handle"]
    await ada.submit({"handle": "ada", "name": "Ada Lovelace"})
    ada = await of_person(world, "ada")
    await ada.click("Remove", confirm=True)
    assert "is paged by step 1 of the policy Call Ada" in ada.words


async def test_a_handle_that_an_open_incident_pages_stays(world: World) -> None:
    policy = "Policy: Later\nTeam: SRE Core\nSeverity: SEV4\nSteps: [{{delay: 9 min, type: SMS, target: USER ({})}}]"
    await world.load([policy.format("ada")])
    await world.alert(severity="SEV4_LOW")
    await world.load([policy.format("lea")])
    ada = await of_person(world, "ada")
    await ada.click("Edit")
    refused = await ada.submit({"handle": "countess"})
    assert "is open and pages this handle" in refused.errors["handle"]
    await world.alert(severity="SEV4_LOW", status="resolved")
    await ada.submit({"handle": "countess"})
    assert (await directory(world)).person_by_handle("countess")
    world.expect_what_was_said()


@pytest.mark.parametrize("name", ["john", "sam"])
async def test_who_is_no_admin_reads_and_is_refused(world: World, name: str) -> None:
    """A responder, and a guest whom nobody declared."""
    world.outside.workspace.add_user("sam", user_id="U09SAM")
    for part, button in (("People", "➕ New person"), ("Teams", "➕ New team"), ("Services", "➕ New service")):
        home = await world.home(name)
        await home.click(part)
        assert button not in home.buttons
    shown = await of_team(world, "SRE Core", as_=name)
    assert "On call now" in shown.words and "<@U02JOHN>" in shown.words
    assert shown.buttons == (["Edit the schedule"] if name == "john" else [])
    forged = await of_service(world, "redis-prod", as_=name)
    ada = await of_service(world, "redis-prod", as_="ada")
    button = next(one for block in ada.view.blocks for one in block.get("elements", ()) if one.get("action_id"))
    forged.view.body["blocks"].append({"type": "actions", "block_id": "forged", "elements": [button]})
    await forged.click("Edit")
    assert "takes the role admin" in forged.words


async def test_from_a_team_to_its_schedule(world: World) -> None:
    john = await of_team(world, "SRE Core", as_="john")
    await john.click("Edit the schedule")
    assert "every 1 week" in john.words.replace("*", "")
    await john.member.select(john.view, "schedule.rotation.v1", "Remove", block_id="rotation:1")
    await world.settle()
    await john.submit()
    assert "is saved" in john.words
    ada = await of_team(world, "SRE Core")
    assert "nobody is on call" in ada.words
    await ada.click("Remove", confirm=True)
    assert "the rotation" not in ada.words and "answers for the service" in ada.words
    assert "no longer on call" in world.direct("john").words


async def test_in_french(database_url: str) -> None:
    text = read("organisation.yaml").replace("slack: U03LEA, locale: fr", "slack: U03LEA, locale: fr, role: admin")
    async with world_on(database_url, catalog=[text, read("guide.yaml")]) as world:
        home = await world.home("lea")
        await home.click("Personnes")
        assert "4 personnes" in home.words and "➕ Nouvelle personne" in home.buttons
        lea = await of_person(world, "john", as_="lea", part="Personnes")
        await lea.click("Supprimer", confirm=True)
        assert "Encore utilisé, rien n'est changé" in lea.words
        assert "est dans la rotation primary de SRE Core" in lea.words
        world.finish()


async def test_what_is_typed_to_its_limit(world: World) -> None:
    ada = await new(world, "Services", "➕ New service")
    values: dict[str, Any] = {"name": "x" * 100, "aliases": "\n".join(f"alias {n}" for n in range(300))}
    refused = await ada.submit(values)
    assert "at most 50 aliases" in refused.errors["aliases"]
    refused = await ada.submit({"aliases": "y" * 101})
    assert "longer than 100" in refused.errors["aliases"]
    assert (await ada.submit({"aliases": "y" * 100})).outcome == "updated"


@pytest.mark.parametrize(("name", "is_known"), [("john", True), ("sam", False)])
async def test_who_is_no_admin_reads_in_french(database_url: str, name: str, is_known: bool) -> None:
    people = read("organisation.yaml").replace("handle: john,", "handle: john, locale: fr,")
    async with world_on(database_url, catalog=[people, read("guide.yaml")]) as world:
        world.outside.workspace.add_user("sam", user_id="U09SAM", locale="fr-FR")
        home = await world.home(name)
        assert ("Comment vous joindre" in home.buttons) is is_known
        assert ("Demandez à un administrateur\u00a0: <@U01ADA>" in home.words) is not is_known
        for part, button in (("Personnes", "➕ Nouvelle personne"), ("Services", "➕ Nouveau service")):
            await home.click(part)
            assert button not in home.buttons
        shown = await of_person(world, "lea", as_=name, part="Personnes")
        assert "+336…03 (non vérifié ⚠️)" in shown.words and "responsable, membre" in shown.words
        assert shown.buttons == []
        world.finish()
