"""The catalog by HTTP: the guide's own request, steps, lost updates, what is in use; the same answer as in Slack."""

from __future__ import annotations

from random import Random
from typing import Any
from urllib.parse import quote

import pytest

from domain.people import Actor, Role
from tests.world import World

ADMIN = Actor(key="test", name="test", role=Role.ADMIN)
STEPS = [
    {"title": "Évaluer l'état du cluster", "command": "redis-cli cluster info", "expected_duration": 2},
    {"title": "Basculer", "is_critical": True, "requires_confirmation": True, "rollback_instructions": "Revenir"},
]


class Api:
    """A program with a token of one scope."""

    def __init__(self, world: World, token: str) -> None:
        self.world = world
        self.token = token

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any, str]:
        sent = {"Authorization": f"Token {self.token}"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        how: dict[str, Any] = {} if body is None else {"json": body}
        async with self.world.http.request(method, f"/api/v1/{path}", headers=sent, **how) as answer:
            content = await answer.json(content_type=None) if answer.status != 204 else None
            return answer.status, content, answer.headers.get("ETag", "")


@pytest.fixture
async def admin(world: World) -> Api:
    return Api(world, await world.app.use_cases.tokens.create("admin", ["admin"], ADMIN))


async def service(admin: Api, name: str = "redis-prod") -> str:
    _, found, _ = await admin.ask("GET", f"services/{name}/")
    return str(found["id"])


async def test_the_guide_s_own_request(admin: Api) -> None:
    given = {
        "title": "Redis Cluster Recovery 2",
        "description": "Procédure de récupération d'un cluster Redis en échec",
        "service": await service(admin),
        "severity_filter": "SEV1_CRITICAL",
        "is_active": True,
    }
    status, made, etag = await admin.ask("POST", "runbooks/", given)
    assert status == 201
    assert (made["service"], made["severity_filter"], made["steps"], made["version"]) == (
        "redis-prod",
        "SEV1_CRITICAL",
        [],
        1,
    )
    for step in STEPS:
        status, added, _ = await admin.ask("POST", f"runbooks/{made['id']}/steps/", step)
        assert (status, added["title"]) == (201, step["title"])
    status, made, etag = await admin.ask("GET", f"runbooks/{made['id']}/")
    assert [step["order"] for step in made["steps"]] == [1, 2]
    assert made["version"] == 3
    assert any(finding["rule"] for finding in made["findings"])
    assert etag
    status, changed, _ = await admin.ask(
        "PATCH", f"runbooks/{made['id']}/steps/2/", {"rollback_instructions": "CLUSTER FAILOVER ABORT"}
    )
    assert changed["rollback_instructions"] == "CLUSTER FAILOVER ABORT"
    assert changed["is_critical"] is True
    assert (await admin.ask("GET", f"runbooks/{made['id']}/steps/2/"))[1] == changed
    assert (await admin.ask("DELETE", f"runbooks/{made['id']}/steps/1/", If_Match='"old"'))[0] == 412
    assert (await admin.ask("DELETE", f"runbooks/{made['id']}/steps/1/"))[0] == 204
    _, shorter, _ = await admin.ask("GET", f"runbooks/{made['id']}/")
    assert [step["title"] for step in shorter["steps"]] == ["Basculer"]
    home = await admin.world.home("ada")
    await home.click("Runbooks")
    assert "Redis Cluster Recovery 2" in home.words


async def test_a_policy_comes_and_goes_and_home_says_so(admin: Api) -> None:
    steps = [{"delay_minutes": 0, "notification_type": ["SLACK", "SMS"], "target_type": "ON_CALL", "message": "Debout"}]
    given = {"name": "Nuit", "team": "SRE Core", "severity_filter": "SEV2_HIGH", "steps": steps}
    status, made, etag = await admin.ask("POST", "policies/", given)
    assert status == 201
    assert made["steps"][0]["notification_type"] == ["SLACK", "SMS"]
    status, again, _ = await admin.ask("POST", "policies/", given)
    assert status == 409
    status, again, _ = await admin.ask("POST", "policies/", given, Idempotency_Key="one")
    assert (status, again["id"]) == (201, made["id"])
    status, lost, _ = await admin.ask("PATCH", f"policies/{made['id']}/", {"name": "Soir"}, If_Match='"stale"')
    assert (status, lost["status"]) == (412, 412)
    status, changed, newer = await admin.ask("PATCH", f"policies/{made['id']}/", {"name": "Soir"}, If_Match=etag)
    assert (status, changed["name"], changed["version"], changed["id"]) == (200, "Soir", 2, made["id"])
    home = await admin.world.home("ada")
    await home.click("Policies")
    assert "Soir" in home.words
    status, _, _ = await admin.ask("DELETE", f"policies/{made['id']}/", If_Match=newer)
    assert status == 204
    assert (await admin.ask("GET", f"policies/{made['id']}/"))[0] == 404


async def test_what_slack_wrote_the_api_reads(admin: Api) -> None:
    status, found, _ = await admin.ask("GET", "policies/?team=SRE Core&severity=SEV1&search=core")
    assert (status, found["count"], found["next"]) == (200, 1, None)
    (one,) = found["results"]
    assert [step["delay_minutes"] for step in one["steps"]] == [0, 5, 15, 30, 60]
    status, same, _ = await admin.ask("PUT", f"policies/{one['id']}/", one)
    assert (status, same["version"]) == (200, one["version"])


async def test_pages_and_orders(admin: Api) -> None:
    status, first, _ = await admin.ask("GET", "people/?page_size=2&ordering=-handle")
    assert (status, len(first["results"]), first["count"] > 2) == (200, 2, True)
    assert first["next"].endswith("page=2")
    handles = [one["handle"] for one in first["results"]]
    assert handles == sorted(handles, reverse=True)
    for query, field in (("page_size=101", "page_size"), ("ordering=colour", "ordering"), ("colour=1", "colour")):
        status, problem, _ = await admin.ask("GET", f"people/?{query}")
        assert (status, problem["errors"][0]["field"]) == (422, field)


async def test_what_is_wrong_is_named(admin: Api) -> None:
    wrong: list[tuple[str, Any, str]] = [
        ("runbooks/", {"steps": STEPS}, "title"),
        ("runbooks/", {"title": "X", "titel": "Y"}, "titel"),
        *((f"{kind}/", {"title": "X", "nope": None}, "nope") for kind in ("runbooks", "services", "teams", "people")),
        ("policies/", {"name": "X", "nope": None}, "nope"),
        ("runbooks/", {"title": "X", "steps": [{"title": "Y", "nope": None}]}, "steps[1].nope"),
        ("runbooks/", {"title": "X", "service": "nothing"}, "service"),
        ("runbooks/", {"title": "X", "steps": [{"command": "ls"}]}, "steps[1].title"),
        ("policies/", {"name": "X", "steps": []}, "steps"),
        (
            "policies/",
            {"name": "X", "steps": [{"delay_minutes": 0, "notification_type": "PIGEON", "target_type": "TEAM"}]},
            "steps[1].notification_type",
        ),
        ("services/", {"name": "X"}, "team"),
        ("people/", {"handle": "x", "phone": "12"}, "phone"),
        ("teams/", {"name": "X", "lead": "nobody"}, "lead"),
    ]
    for path, body, field in wrong:
        status, problem, _ = await admin.ask("POST", path, body)
        assert status == 422, (path, body, problem)
        assert field in [error["field"] for error in problem["errors"]], problem
    for body in ([], "x", None):
        assert (await admin.ask("POST", "runbooks/", body))[0] in (400, 422)


async def test_who_may(world: World, admin: Api) -> None:
    writer = Api(world, world.token)
    status, problem, _ = await writer.ask("POST", "policies/", {"name": "X"})
    assert (status, "admin" in problem["detail"]) == (403, True)
    assert (await writer.ask("POST", "runbooks/", {"title": "Mine"}))[0] == 201


async def test_what_is_in_use_stays(admin: Api) -> None:
    world = admin.world
    await world.alert()
    for path, words in (
        ("runbooks/Redis Cluster Recovery/", "is_active"),
        ("services/redis-prod/", "open"),
        ("teams/SRE Core/", "in use"),
    ):
        status, problem, _ = await admin.ask("DELETE", path)
        assert status == 409, problem
        assert words in problem["detail"]
    world.expect_what_was_said()


async def test_what_an_incident_knew_stays_when_it_is_over(admin: Api) -> None:
    world = admin.world
    await world.alert()
    [policy] = (await admin.ask("GET", "policies/?search=SRE Core - SEV1"))[1]["results"]
    for state in ("open", "over"):
        if state == "over":
            await world.alert(status="resolved")
            await world.advance(minutes=11)
        for path in ("runbooks/Redis Cluster Recovery/", f"policies/{policy['id']}/"):
            status, problem, _ = await admin.ask("DELETE", path)
            assert (status, "is_active" in problem["detail"]) == (409, True), (state, path)
    assert (await admin.ask("DELETE", "runbooks/API Gateway High Latency Investigation/"))[0] == 204
    world.expect_what_was_said()


async def test_organisation_and_schedule(admin: Api) -> None:
    status, team, _ = await admin.ask(
        "POST", "teams/", {"name": "Data", "channel": "data", "lead": "ada", "members": ["john"]}
    )
    assert (status, team["channel"], team["lead"]) == (201, "#data", "ada")
    assert (await admin.ask("POST", "services/", {"name": "kafka", "team": "Data"}))[0] == 201
    rotation = {"name": "primary", "start": "2026-01-05T09:00", "every": "1w", "people": ["john", "ada"]}
    status, schedule, etag = await admin.ask(
        "PUT", "schedules/Data/", {"timezone": "Europe/Paris", "rotations": [rotation]}
    )
    assert (status, schedule["timezone"], schedule["rotations"][0]["people"]) == (200, "Europe/Paris", ["john", "ada"])
    status, _, _ = await admin.ask("PUT", "schedules/Data/", {"timezone": "UTC"}, If_Match='"stale"')
    assert status == 412
    assert (await admin.ask("PUT", "schedules/Data/", {"timezone": "UTC"}, If_Match=etag))[0] == 200
    assert (await admin.ask("DELETE", "services/kafka/"))[0] == 204
    assert (await admin.ask("DELETE", "teams/Data/"))[0] == 204
    status, problem, _ = await admin.ask("PUT", "schedules/SRE Core/", {"timezone": "Mars/Olympus"})
    assert status == 422
    assert any("timezone" in error["field"] for error in problem["errors"])
    await admin.world.settle()
    admin.world.expect_what_was_said()


SCRAPS: tuple[Any, ...] = (
    *("", " ", "x", "é\u2028\u0085\x7f\u202e", "a: b", "{}", "- x", "&a *a", "!!python/object:os.system x", "1e5", "~"),
    *(
        "null",
        "SEV1",
        "ON_CALL",
        "SLACK + SMS",
        "5 minutes",
        "Europe/Paris",
        "#sre-incidents",
        "ada",
        "\0",
        "'",
        '"',
        "%",
    ),
    *(0, -1, 10**30, 1.5, True, False, None, [], {}, [[]], [None], [{}], {"x": 1}, ["ada", "ada"], "y" * 4000),
)
"""What hurts somewhere: YAML in JSON, odd characters, wrong kinds, too much."""
FIELDS = {
    "runbooks": ("title", "description", "service", "severity_filter", "is_active", "four_eyes", "steps", "x"),
    "policies": ("name", "team", "severity_filter", "is_default", "ack_timeout_minutes", "steps", "policy"),
    "services": ("name", "team", "aliases", "auto_resolve"),
    "teams": ("name", "channel", "lead", "members", "locale", "on_call", "digest"),
    "people": ("handle", "name", "email", "phone", "slack", "role", "locale", "is_active"),
}
STEP = ("order", "title", "command", "checklist", "expected_duration", "delay_minutes", "notification_type", "target")
PARAMETERS = ("search", "team", "ordering", "page", "severity", "z")


async def test_whatever_comes_is_answered_by_a_word_and_not_by_a_fault(admin: Api) -> None:
    chance, tokens = Random(20261123), admin.world.app.use_cases.tokens

    def scrap(depth: int = 0) -> Any:
        if depth < 2 and chance.random() < 0.3:
            return {name: scrap(depth + 1) for name in chance.sample(STEP, 3)}
        if depth < 2 and chance.random() < 0.3:
            return [scrap(depth + 1) for _ in range(chance.randint(0, 3))]
        return chance.choice(SCRAPS)

    for number in range(300):
        if number % 50 == 0:
            # A token has its limit, which is another story.
            admin.token = await tokens.create(f"hostile-{number}", ["admin"], ADMIN)
        kind = chance.choice(list(FIELDS))
        body = {name: scrap() for name in FIELDS[kind] if chance.random() < 0.6}
        method, path = chance.choice([("POST", f"{kind}/"), ("PATCH", f"{kind}/x/"), ("PUT", f"{kind}/ada/")])
        status, said, _ = await admin.ask(method, path, body)
        assert status < 429, (method, path, body, said)
        assert status in (200, 201) or said["status"] == status
        query = f"{chance.choice(PARAMETERS)}={quote(str(chance.choice(SCRAPS)))}"
        status, said, _ = await admin.ask("GET", f"{kind}/?{query}")
        assert status in (200, 422), (kind, query, said)
    admin.world.expect_what_was_said()


async def test_another_name_keeps_what_is_its_own(admin: Api) -> None:
    status, renamed, _ = await admin.ask("PATCH", "people/lea/", {"handle": "leah"})
    assert (status, renamed["handle"]) == (200, "leah"), renamed
    status, renamed, _ = await admin.ask("PATCH", "services/api-gateway/", {"name": " gateway "})
    assert (status, renamed["name"]) == (200, "gateway"), renamed
    assert (await admin.ask("PATCH", "people/leah/", {"handle": "john"}))[0] in (409, 422)


async def test_people_are_changed_by_the_rules_of_slack(admin: Api) -> None:
    status, said, _ = await admin.ask("PATCH", "people/ada/", {"is_active": False})
    assert status in (409, 422), said
    status, said, _ = await admin.ask("PATCH", "people/john/", {"is_active": False})
    assert status == 409
    assert "still in use" in said["detail"]
    status, said, _ = await admin.ask("PATCH", "people/john/", {"phone": "+33600000001"})
    assert (status, said["errors"][0]["field"]) == (422, "phone")
    status, said, _ = await admin.ask("PATCH", "people/john/", {"slack": ""})
    assert (status, said["slack"]) == (200, "")
    many = [f"alias-{number}" for number in range(60)]
    status, said, _ = await admin.ask("PATCH", "services/redis-prod/", {"aliases": many})
    assert (status, said["errors"][0]["field"]) == (422, "aliases")
