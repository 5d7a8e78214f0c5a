"""Tokens and the audit log by HTTP, and requests that come twice."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest
from sqlalchemy import event

from tests.stories.test_rest import ADMIN, Api
from tests.world import World

RUNBOOK = {"title": "Restart it", "service": "redis-prod", "steps": [{"title": "Restart", "command": "reboot"}]}


@pytest.fixture
async def admin(world: World) -> Api:
    return Api(world, await world.app.use_cases.tokens.create("admin", ["admin"], ADMIN))


async def test_a_token_is_shown_once_and_revoked_at_once(admin: Api) -> None:
    given = {"name": "grafana", "scopes": ["ingest", "read"], "expires": "90d"}
    status, made, _ = await admin.ask("POST", "tokens/", given)
    assert (status, made["scopes"]) == (201, ["ingest", "read"])
    grafana = Api(admin.world, made["token"])
    assert (await grafana.ask("GET", "incidents/"))[0] == 200
    assert (await grafana.ask("GET", "tokens/"))[0] == 403
    status, shown, _ = await admin.ask("GET", "tokens/grafana/")
    assert "token" not in shown and "hash" not in shown
    assert shown["expires_at"] and shown["revoked_at"] is None
    assert made["token"] not in str((await admin.ask("GET", "tokens/"))[1])
    assert (await admin.ask("DELETE", "tokens/grafana/"))[0] == 204
    assert (await grafana.ask("GET", "incidents/"))[0] == 401
    assert (await admin.ask("DELETE", "tokens/grafana/"))[0] == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "name"),
        ({"name": "a b"}, "name"),
        ({"name": 1}, "name"),
        ({"name": "x", "scopes": "read"}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "expires": "soon"}, "expires"),
        ({"name": "x", "secret": "mine"}, "secret"),
    ],
)
async def test_what_is_wrong_with_a_token_is_named(admin: Api, given: dict[str, Any], field: str) -> None:
    status, problem, _ = await admin.ask("POST", "tokens/", given)
    assert status == 422
    assert field in [error["field"] for error in problem["errors"]]


async def test_the_log_says_who_changed_what(admin: Api) -> None:
    await admin.ask("POST", "runbooks/", RUNBOOK)
    await admin.ask("PATCH", "runbooks/Restart it/", {"description": "After a crash"})
    await admin.ask("DELETE", "runbooks/Restart it/")
    status, log, _ = await admin.ask("GET", "audit/?subject=runbook Restart it&page_size=2")
    assert (status, log["count"], len(log["results"])) == (200, 3, 2)
    assert [one["action"] for one in log["results"]] == ["runbook.delete", "runbook.save"]
    latest = log["results"][1]
    assert latest["actor"] == "token:admin"
    assert (latest["before"]["description"], latest["after"]["description"]) == ("", "After a crash")
    assert log["next"] and log["previous"] is None
    _, oldest, _ = await admin.ask("GET", "audit/?search=restart&ordering=at&from=2020-01-01&page_size=1")
    assert oldest["results"][0]["before"] is None
    status, problem, _ = await admin.ask("GET", "audit/?from=soon&ordering=actor&who=me")
    assert {error["field"] for error in problem["errors"]} == {"from", "ordering", "who"}
    reader = Api(admin.world, await admin.world.app.use_cases.tokens.create("reader", ["read", "write"], ADMIN))
    assert (await reader.ask("GET", "audit/"))[0] == 403


async def test_a_request_that_comes_twice_is_carried_out_once(admin: Api) -> None:
    (shown,) = await opened(admin)
    path = f"incidents/{shown['short_id']}/notes/"
    answers = [await admin.ask("POST", path, {"text": "Looking"}, Idempotency_Key="n1") for _ in range(3)]
    assert len({str(answer) for answer in answers}) == 1
    assert answers[0][0] == 200
    _, found, _ = await admin.ask("GET", f"incidents/{shown['short_id']}/timeline/")
    assert [one["event"] for one in found["results"]].count("note") == 1
    status, problem, _ = await admin.ask("POST", path, {"text": "Another"}, Idempotency_Key="n1")
    assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key")
    status, problem, _ = await admin.ask("POST", path, {"text": "Another"}, Idempotency_Key="n" * 256)
    assert (status, problem["errors"][0]["field"]) == (422, "Idempotency-Key")
    other = Api(admin.world, await admin.world.app.use_cases.tokens.create("other", ["write"], ADMIN))
    assert (await other.ask("POST", path, {"text": "Mine"}, Idempotency_Key="n1"))[0] == 200
    await admin.world.settle()
    admin.world.expect_what_was_said()


async def test_a_key_is_kept_for_nobody_who_may_not_do_it(admin: Api) -> None:
    reader = Api(admin.world, await admin.world.app.use_cases.tokens.create("reader", ["read"], ADMIN))
    said: list[str] = []
    event.listen(admin.world.app.store.engine, "before_cursor_execute", lambda *told: said.append(told[2]))
    status, problem, _ = await reader.ask("POST", "runbooks/", RUNBOOK, Idempotency_Key="k")
    assert (status, problem["title"]) == (403, "Forbidden")
    assert not [statement for statement in said if "repeats" in statement]


async def test_a_sign_of_life_may_have_a_key_and_its_token_as_a_password(admin: Api) -> None:
    secret = await admin.world.app.use_cases.tokens.create("job", ["ingest"], ADMIN)
    await admin.ask("POST", "heartbeats/", {"name": "backup", "service": "redis-prod", "every_minutes": 60})
    job = {"Authorization": f"Basic {b64encode(f'job:{secret}'.encode()).decode()}", "Idempotency_Key": "k"}
    assert (await admin.ask("POST", "heartbeats/backup/", **job))[0] == 200


async def test_many_at_once_are_carried_out_once(admin: Api) -> None:
    (shown,) = await opened(admin)
    path = f"incidents/{shown['short_id']}/notes/"
    asked = [admin.ask("POST", path, {"text": "Looking"}, Idempotency_Key="k") for _ in range(8)]
    statuses = {answer[0] for answer in await asyncio.gather(*asked)}
    assert statuses == {200}
    _, found, _ = await admin.ask("GET", f"incidents/{shown['short_id']}/timeline/")
    assert [one["event"] for one in found["results"]].count("note") == 1
    await admin.world.settle()
    admin.world.expect_what_was_said()


async def test_what_was_refused_may_be_mended_and_sent_again(admin: Api) -> None:
    assert (await admin.ask("POST", "runbooks/", RUNBOOK | {"service": "nope"}, Idempotency_Key="k"))[0] == 422
    status, made, etag = await admin.ask("POST", "runbooks/", RUNBOOK, Idempotency_Key="k")
    assert (status, made["title"]) == (201, "Restart it")
    await admin.ask("PATCH", "runbooks/Restart it/", {"description": "newer"})
    assert await admin.ask("POST", "runbooks/", RUNBOOK, Idempotency_Key="k") == (201, made, etag)
    await admin.world.advance(minutes=25 * 60)
    await admin.world.app.use_cases.repeats.forget()
    assert (await admin.ask("POST", "runbooks/", RUNBOOK, Idempotency_Key="k"))[0] == 409
    admin.world.expect_what_was_said()


async def opened(admin: Api) -> list[dict[str, Any]]:
    await admin.world.alert()
    admin.world.expect_what_was_said()
    _, found, _ = await admin.ask("GET", "incidents/")
    return list(found["results"])
