"""Alert rules name services and teams. Whoever renames one does not send its alerts elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from domain.errors import InUse
from tests.stories.test_alerts import incidents
from tests.world import TESTER, World, read, world_on

RULES = """
services: [{name: shop, team: Platform, aliases: [web-shop]}]
alert_rules:
  - {name: The shop, match: {shop: "*"}, service: web-shop, team: SRE Core}
"""


async def change(world: World, thing: str, **fields: Any) -> None:
    token = await world.app.use_cases.tokens.create(f"ci-{len(str(fields))}", ["read", "admin"], TESTER)
    headers = {"Authorization": f"Token {token}"}
    async with world.http.patch(f"/api/v1/{thing}/", json=fields, headers=headers) as answer:
        assert answer.status == 200, await answer.text()


async def test_what_a_rule_sets_is_found_under_its_new_name(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load([RULES])
        await change(world, "services/shop", name="checkout", aliases=["web-shop"])
        await change(world, "services/checkout", aliases=[])
        await change(world, "teams/SRE%20Core", name="SRE Base")
        await world.alert(shop="x", service="")
        [one] = await incidents(world)
        assert (one["service"], one["team"]) == ("checkout", "SRE Base")


async def test_what_a_rule_sets_is_found_though_files_call_it_otherwise(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load([RULES])
        await change(world, "teams/SRE%20Core", name="SRE Base")
        # The file's name is back, and the alias is gone; neither file says anything of the rule.
        await world.load([read("organisation.yaml"), "services: [{name: shop, team: Platform}]"])
        await world.alert(shop="x", service="")
        [one] = await incidents(world)
        assert (one["service"], one["team"]) == ("shop", "SRE Core")


async def test_an_alias_that_files_give_to_another_service_leads_there(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load([RULES])
        shops = "{name: shop, team: Platform}, {name: new-shop, team: Platform, aliases: [web-shop]}"
        await world.load([f"services: [{shops}]"])
        await world.alert(shop="x", service="")
        [one] = await incidents(world)
        assert one["service"] == "new-shop"


async def test_what_a_rule_sets_is_in_use(database_url: str) -> None:
    async with world_on(database_url) as world:
        await world.load([RULES])
        directory, _ = await world.app.use_cases.oncall.look()
        shop = directory.service_by_name("shop")
        assert shop is not None
        with pytest.raises(InUse, match="is set by the alert rule The shop"):
            await world.app.use_cases.services.remove(shop.id, TESTER)
