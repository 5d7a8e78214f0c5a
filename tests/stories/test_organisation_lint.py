"""What good practice says of people, teams and services: below them in Slack for whoever may mend it, and the same by
HTTP when they are read or saved."""

from __future__ import annotations

from tests.stories.test_organisation import of_person, of_service, opened
from tests.stories.test_rest import Api
from tests.stories.test_rest import admin as admin
from tests.world import World


async def test_slack_and_the_api_say_the_same(world: World, admin: Api) -> None:
    _, service, _ = await admin.ask("GET", "services/api-gateway/")
    [finding] = service["findings"]
    assert finding["rule"] == "service-policy"
    assert finding["message"] == "no policy pages anybody for api-gateway at SEV1, SEV2, SEV3, SEV4"
    assert finding["message"] in (await of_service(world, "api-gateway")).words.replace("No policy", "no policy")
    assert "no policy pages" not in (await of_service(world, "api-gateway", as_="john")).words.lower()
    status, team, _ = await admin.ask("PATCH", "teams/Platform/", {"channel": "", "locale": "fr"})
    assert (status, "team-channel" in [one["rule"] for one in team["findings"]]) == (200, True)
    status, saved, _ = await admin.ask("PATCH", "people/john/", {"phone": ""})
    assert (status, "person-rings" in [one["rule"] for one in saved["findings"]]) == (200, True)
    assert "at night nothing rings" in (await of_person(world, "john")).words
    await admin.ask("PATCH", "people/ada/", {"locale": "fr"})
    assert "la nuit, rien ne sonne" in (await of_person(world, "john", part="Personnes")).words
    assert (
        "personne ne voit les cartes de ses incidents"
        in (await opened(world, "ada", "Équipes", "team.show.v1", team["id"])).words
    )
    _, schedule, _ = await admin.ask("GET", "schedules/Platform/")
    assert [one["rule"] for one in schedule["findings"]] == ["on-call-somebody"]
