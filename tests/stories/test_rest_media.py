"""What programs send and take: JSON, said or not; who wants something else is told so, and alerts come in anyhow."""

from __future__ import annotations

import json

from aiohttp.typedefs import LooseHeaders

from tests.stories.test_rest import ADMIN, Api
from tests.stories.test_rest import admin as admin
from tests.world import alert_body

FORM = "application/x-www-form-urlencoded"


async def _asked(admin: Api, method: str, path: str, body: str | None = None, **said: str) -> tuple[int, str]:
    headers: LooseHeaders = {"Authorization": f"Token {admin.token}"} | {
        k.replace("_", "-"): v for k, v in said.items()
    }
    async with admin.world.http.request(
        method, path, headers=headers, data=None if body is None else body.encode(), skip_auto_headers=["Content-Type"]
    ) as answer:
        await answer.read()
        return answer.status, answer.content_type


async def test_a_body_is_json_where_json_is_taken(admin: Api) -> None:
    runbook = "/api/v1/runbooks/Redis Cluster Recovery/"
    body = json.dumps({"description": "Relire"})
    for kind in ("application/json", "application/json; charset=utf-8", "application/merge-patch+json", FORM, ""):
        said = {"Content_Type": kind} if kind else {}
        assert (await _asked(admin, "PATCH", runbook, body, **said))[0] == 200, kind
    refused = (415, "application/problem+json")
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "nonsense"):
        assert await _asked(admin, "PATCH", runbook, body, Content_Type=kind) == refused, kind
    assert await _asked(admin, "PATCH", runbook, "description=Relire", Content_Type=FORM) == refused
    # What has no body has none of another kind.
    assert (await _asked(admin, "POST", "/api/v1/incidents/INC-AAAAAA/acknowledge/", Content_Type="text/plain"))[
        0
    ] == 404


async def test_an_answer_is_json_for_whoever_takes_it(admin: Api) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    for accept in ("*/*", "application/json", "application/*;q=0.1", browser, "nonsense"):
        assert await _asked(admin, "GET", "/api/v1/runbooks/", Accept=accept) == (200, "application/json"), accept
    refused = (406, "application/problem+json")
    for accept in ("text/html", "application/xml", "application/json;q=0, text/csv"):
        assert await _asked(admin, "GET", "/api/v1/runbooks/", Accept=accept) == refused, accept
    before = await admin.ask("GET", "runbooks/?search=unread")
    body = json.dumps({"title": "unread"})
    assert await _asked(admin, "POST", "/api/v1/runbooks/", body, Accept="text/html") == refused
    assert await admin.ask("GET", "runbooks/?search=unread") == before


async def test_alerts_come_in_whatever_they_say_of_themselves(admin: Api) -> None:
    tool = Api(admin.world, await admin.world.app.use_cases.tokens.create("tool", ["ingest"], ADMIN))
    # Over before it was known, so that nobody hears of it.
    body = json.dumps(alert_body(status="resolved"))
    for said in ({"Content_Type": FORM}, {"Content_Type": "text/plain"}, {"Accept": "text/html"}):
        assert (await _asked(tool, "POST", "/api/v1/webhooks/alertmanager/", body, **said))[0] == 202
