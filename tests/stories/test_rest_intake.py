"""Rules for alerts, mappings of tools and heartbeats by HTTP: made, changed, put in order, taken away."""

from __future__ import annotations

from typing import Any

from tests.stories.test_rest import ADMIN, Api
from tests.stories.test_rest import admin as admin
from tests.world import World, alert_body


async def _rules(admin: Api) -> list[tuple[int, str]]:
    _, said, _ = await admin.ask("GET", "alert-rules/")
    return [(one["position"], one["name"]) for one in said["results"]]


async def test_rules_are_asked_in_the_order_in_which_they_are_put(world: World, admin: Api) -> None:
    for name in ("one", "two", "three"):
        status, made, _ = await admin.ask("POST", "alert-rules/", {"name": name, "match": {"env": name}})
        assert (status, made["name"], made["match"]) == (201, name, {"env": [name]}), made
    assert await _rules(admin) == [(1, "one"), (2, "two"), (3, "three")]
    status, moved, etag = await admin.ask("PATCH", "alert-rules/three/", {"position": 1})
    assert (status, moved["position"]) == (200, 1)
    assert await _rules(admin) == [(1, "three"), (2, "one"), (3, "two")]
    assert (await admin.ask("PATCH", "alert-rules/three/", {"hold_minutes": 5}, If_Match='"old"'))[0] == 412
    status, held, _ = await admin.ask("PATCH", "alert-rules/three/", {"hold_minutes": 20}, If_Match=etag)
    assert (status, held["hold_minutes"], [one["rule"] for one in held["findings"]]) == (200, 20, ["hold-is-short"])
    assert (await admin.ask("PUT", "alert-rules/three/", {**held, "name": "third", "hold_minutes": 0}))[0] == 200
    assert (await admin.ask("PATCH", "alert-rules/third/", {"name": "two"}))[0] == 409
    assert (await admin.ask("DELETE", "alert-rules/third/"))[0] == 204
    assert await _rules(admin) == [(1, "one"), (2, "two")]
    status, said, _ = await admin.ask("POST", "alert-rules/", {"name": "x", "match": {"a": "b"}, "service": "nothing"})
    assert (status, [one["field"] for one in said["errors"]]) == (422, ["service"])
    status, said, _ = await admin.ask("POST", "alert-rules/", {"name": "x"})
    assert (status, [one["field"] for one in said["errors"]]) == (422, ["match"])
    _, found, _ = await admin.ask("GET", "audit/?search=alert rule three")
    assert {one["action"] for one in found["results"]} == {"alert rule.save"}


async def test_a_rule_counts_at_once(world: World, admin: Api) -> None:
    assert (await admin.ask("POST", "alert-rules/", {"name": "dev", "match": {"env": "dev*"}, "drop": True}))[0] == 201
    status, taken = await world.post(alert_body(env="dev-3"))
    assert (status, taken) == (202, {"incident": None, "opened": False})


async def test_a_mapping_reads_what_comes(world: World, admin: Api) -> None:
    given: dict[str, Any] = {"name": "lighthouse", "title": "event.what", "status": ["event.how"], "key": "event.id"}
    status, made, _ = await admin.ask("POST", "alert-mappings/", given)
    assert (status, made["title"], made["key"], made["url"]) == (201, ["event.what"], ["event.id"], [])
    assert (await admin.ask("PUT", "alert-mappings/lighthouse/", {**made, "resolved": ["gone"]}))[0] == 200
    body = {"event": {"what": "Dark", "how": "gone", "id": "7"}}
    tool = Api(world, await world.app.use_cases.tokens.create("tool", ["ingest"], ADMIN))
    assert (await tool.ask("POST", "webhooks/generic/?mapping=lighthouse", body))[0] == 202
    assert (await admin.ask("DELETE", "alert-mappings/lighthouse/"))[0] == 204
    status, said, _ = await admin.ask("POST", "alert-mappings/", {"name": "empty"})
    assert (status, [one["field"] for one in said["errors"]]) == (422, ["title"])


async def test_a_heartbeat_is_set_and_heard(world: World, admin: Api) -> None:
    given = {"name": "backup", "service": "redis-prod", "every_minutes": 60}
    status, made, _ = await admin.ask("POST", "heartbeats/", given)
    assert (status, made["service"], made["grace_minutes"]) == (201, "redis-prod", 1)
    assert (await admin.ask("POST", "heartbeats/backup/"))[1]["heard_at"]
    _, shown, etag = await admin.ask("GET", "heartbeats/backup/")
    assert (shown["id"], shown["is_silent"]) == (made["id"], False)
    status, changed, _ = await admin.ask("PUT", "heartbeats/backup/", {**shown, "every_minutes": 5}, If_Match=etag)
    assert (status, changed["every_minutes"]) == (200, 5)
    assert (await admin.ask("PATCH", "heartbeats/backup/", {"every_minutes": 9}, If_Match=etag))[0] == 412
    assert (await admin.ask("DELETE", "heartbeats/backup/"))[0] == 204
    assert (await admin.ask("GET", "heartbeats/backup/"))[0] == 404
    status, said, _ = await admin.ask("POST", "heartbeats/", {"name": "x y", "service": "redis-prod"})
    assert (status, sorted(one["field"] for one in said["errors"])) == (422, ["every_minutes", "name"])
