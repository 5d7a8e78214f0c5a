"""What an admin changes in Slack is seen by whoever keeps the files, before a load undoes it."""

from __future__ import annotations

import pytest

from domain.errors import Overwrites
from handlers.catalog.service import CatalogService
from tests.world import TESTER, World, read

FILES = [("0.yaml", read("organisation.yaml")), ("1.yaml", read("guide.yaml"))]


async def test_an_admin_sees_at_home_what_the_files_do_not_say(world: World) -> None:
    home = await world.home("ada")
    assert "not in the files" not in home.words
    token = await world.app.use_cases.tokens.create("ci", ["read", "admin"], TESTER)
    headers = {"Authorization": f"Token {token}"}
    async with world.http.patch("/api/v1/people/john/", json={"phone": "+33699999998"}, headers=headers) as answer:
        assert answer.status == 200
    await world.settle()
    assert "1 edit is not in the files" in home.words
    assert "the person john was edited by the token ci" in home.words
    assert "phone: +33600000002 → +33699999998" in home.words
    status, said = await world.get("/api/v1/drift/", token)
    assert (status, said["count"], said["results"][0]["edited_by"]) == (200, 1, "token:ci")
    john = await world.home("john")
    assert "not in the files" not in john.words
    with pytest.raises(Overwrites):
        await CatalogService(world.app.store, world.clock).load(FILES, TESTER)
    await world.load([read("organisation.yaml"), read("guide.yaml")])
    await world.settle()
    assert "not in the files" not in home.words
