"""Every webhook: who may send, what is answered, and that nothing at all breaks it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import wall_now
from handlers.alerts.http import Secrets
from handlers.catalog.service import CatalogService
from handlers.tokens.limits import Allowance, Allowances
from storage.store import Store
from tests.integration.http_stage import INCIDENTS, WEBHOOK, Api, api_at, api_on
from tests.world import TESTER, PushedClock, read

PROPERTY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
GRAFANA, SENTRY = "/api/v1/webhooks/grafana/", "/api/v1/webhooks/sentry/"
DATADOG, GENERIC = "/api/v1/webhooks/datadog/", "/api/v1/webhooks/generic/"
ENQUEUE, PAGERDUTY = "/v2/enqueue", "/api/v1/webhooks/pagerduty/"
SIGNED = Secrets(wall_now, grafana=("old secret", "grafana secret"), sentry=("sentry secret",))


def payload(name: str) -> Any:
    return json.loads(read(f"intake/{name}.json"))


def signature(secret: str, signed: bytes) -> str:
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


async def incidents(api: Api) -> list[dict[str, Any]]:
    return list((await api.get(INCIDENTS))["results"])


@pytest.mark.parametrize("source", ["grafana", "datadog", "sentry-metric", "sentry-issue", "generic"])
async def test_each_source_opens_one_incident_and_repeats_fold(store: Store, source: str) -> None:
    body = payload(source) | ({"title": "Backup failed"} if source == "generic" else {})
    path = f"/api/v1/webhooks/{source.partition('-')[0]}/"
    async with api_on(store) as api:
        status, first = await api.post(path, body)
        assert (status, first["opened"]) == (202, True)
        assert await api.post(path, body) == (202, {**first, "opened": False})
        assert (await api.get(INCIDENTS))["count"] == 1


async def test_an_alert_without_a_start_that_fires_again_after_its_end_is_a_new_incident(store: Store) -> None:
    body = payload("datadog")
    async with api_on(store) as api:
        for _ in range(3):
            assert (await api.post(DATADOG, body))[1]["opened"]
            assert not (await api.post(DATADOG, body))[1]["opened"]
            await api.post(DATADOG, body | {"transition": "Recovered"})
            assert not (await api.post(DATADOG, body | {"transition": "Recovered"}))[1]["opened"]
        assert [one["status"] for one in await incidents(api)] == ["RESOLVED"] * 3


async def test_many_triggers_and_ends_of_one_key_at_once(store: Store) -> None:
    """In whatever transactions they land, one is open."""
    body = payload("datadog")
    async with api_on(store) as api:
        sent = [body | {"transition": "Triggered" if n % 2 == 0 else "Recovered"} for n in range(21)]
        for one in sent:
            assert (await api.post(DATADOG, one))[0] == 202
        answers = await asyncio.gather(*(api.post(DATADOG, body) for _ in range(30)))
        assert {status for status, _ in answers} == {202}
        assert [one["status"] for one in await incidents(api)].count("TRIGGERED") == 1


async def test_pagerduty_answers_as_pagerduty_does(store: Store) -> None:
    async with api_on(store) as api:
        body = payload("pagerduty") | {"routing_key": api.token}
        for path in (ENQUEUE, PAGERDUTY):
            answer, said = await api.ask("POST", path, json.dumps(body).encode(), token="")
            assert answer.status == 202
            assert said == {"status": "success", "message": "Event processed", "dedup_key": "checkout/disk"}
        del body["dedup_key"]
        _, said = await api.ask("POST", ENQUEUE, json.dumps(body).encode(), token="")
        made = said["dedup_key"]
        assert len(made) == 32
        assert len(await incidents(api)) == 2
        resolve = {"routing_key": api.token, "event_action": "resolve", "dedup_key": made}
        answer, said = await api.ask("POST", ENQUEUE, json.dumps(resolve).encode(), token="")
        assert (answer.status, said["dedup_key"]) == (202, made)
        assert sorted(one["status"] for one in await incidents(api)) == ["RESOLVED", "TRIGGERED"]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"payload": None}, "payload is missing or blank"),
        ({"payload": {"summary": " ", "source": "x", "severity": "info"}}, "payload.summary is missing or empty"),
        ({"event_action": "explode"}, "event_action must be one of trigger, acknowledge, resolve"),
        ({"routing_key": ""}, "routing_key is missing or blank"),
    ],
)
async def test_pagerduty_refuses_as_pagerduty_does(sqlite_url: str, change: dict[str, Any], error: str) -> None:
    async with api_at(sqlite_url) as api:
        body = payload("pagerduty") | {"routing_key": api.token} | change
        answer, said = await api.ask("POST", ENQUEUE, json.dumps(body).encode(), token="")
        assert (answer.status, said["status"]) == (400, "invalid event")
        assert said["errors"] == [error]
        assert await incidents(api) == []


async def test_a_routing_key_is_a_token_that_may_send(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        reader = await api.tokens.create("reader", ["read"], TESTER)
        for key in ("wrong", reader):
            sent = json.dumps(payload("pagerduty") | {"routing_key": key}).encode()
            answer, said = await api.ask("POST", ENQUEUE, sent, token="")
            assert (answer.status, said["status"]) == (403, "invalid key")


async def test_a_tool_that_can_be_given_an_address_alone_brings_its_token_as_a_password(sqlite_url: str) -> None:
    """Amazon's SNS, Google Cloud and others send no header of their own, but what stands before the host's name."""
    async with api_at(sqlite_url) as api:

        async def status(path: str, written: str, method: str = "POST") -> int:
            given = f"Basic {base64.b64encode(written.encode()).decode()}"
            body = json.dumps({"title": "Down"}).encode()
            return (await api.ask(method, path, body, token="", Authorization=given))[0].status

        assert await status(GENERIC, f"vigie:{api.token}") == 202
        assert await status(GENERIC, api.token) == 202
        assert await status(GENERIC, "vigie:wrong") == 401
        assert await status(GENERIC, ":") == 401
        assert (await api.ask("POST", GENERIC, b"{}", token="", Authorization="Basic é"))[0].status == 401
        # A browser sends a password along by itself: it opens nothing that a page of a stranger's could ask for.
        assert await status(INCIDENTS, f"vigie:{api.token}") == 401
        assert await status(INCIDENTS, f"vigie:{api.token}", "GET") == 401


async def test_a_note_on_an_alert_that_has_ended_opens_nothing(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        alert = {"alertId": "g-1", "message": "Errors", "priority": "P2"}
        for action in ("Create", "AddNote", "Close", "AddNote", "AddTags"):
            assert (await api.post(GENERIC, {"action": action, "alert": alert}))[0] == 202
        assert [one["status"] for one in await incidents(api)] == ["RESOLVED"]
        assert (await api.post(GENERIC, {"action": "Create", "alert": alert}))[1]["opened"]


async def test_an_acknowledgement_elsewhere_is_one_here(store: Store) -> None:
    async with api_on(store) as api:
        await api.post(PAGERDUTY, payload("pagerduty"))
        event = {"event_action": "acknowledge", "dedup_key": "checkout/disk"}
        assert (await api.post(PAGERDUTY, event))[0] == 202
        assert (await api.post(PAGERDUTY, event))[0] == 202
        [one] = await incidents(api)
        assert (one["status"], one["acknowledged_by"]) == ("ACKNOWLEDGED", "PagerDuty")
        assert (await api.post(PAGERDUTY, event | {"dedup_key": "nobody knows"}))[0] == 202


async def test_severity_goes_up_and_not_down(store: Store) -> None:
    async with api_on(store) as api:
        for severity in ("warning", "critical", "info"):
            body = payload("pagerduty")
            body["payload"]["severity"] = severity
            await api.post(PAGERDUTY, body)
        [one] = await incidents(api)
        assert one["severity"] == "SEV1_CRITICAL"
        timeline = (await api.get(f"{INCIDENTS}{one['id']}/timeline/"))["results"]
        raised = [entry for entry in timeline if entry["event"] == "severity_raised"]
        assert [entry["details"]["severity"] for entry in raised] == ["SEV1_CRITICAL"]


async def test_grafana_signs(sqlite_url: str) -> None:
    body, now = json.dumps(payload("grafana")).encode(), int(wall_now().timestamp())
    async with api_at(sqlite_url, SIGNED) as api:

        async def send(given: str, stamp: str = "", sent: bytes = body) -> int:
            headers = {"X_Grafana_Alerting_Signature": given, "X_Grafana_Alerting_Timestamp": stamp}
            told = {name: value for name, value in headers.items() if value}
            return (await api.ask("POST", GRAFANA, sent, token="", **told))[0].status

        assert await send(signature("grafana secret", body)) == 202
        assert await send(signature("old secret", body)) == 202
        assert await send(signature("grafana secret", f"{now}:".encode() + body), str(now)) == 202
        assert await send(signature("grafana secret", body), sent=body + b" ") == 401
        assert await send(signature("sentry secret", body)) == 401
        assert await send("é") == 401
        assert await send("") == 401
        late = now - 600
        assert await send(signature("grafana secret", f"{late}:".encode() + body), str(late)) == 401
        assert await send(signature("grafana secret", f"{now}:".encode() + body), str(now + 1)) == 401
        # A token does not stand for a signature: whoever asked for signatures wants them.
        assert (await api.ask("POST", GRAFANA, body))[0].status == 401
        assert len(await incidents(api)) == 1


async def test_sentry_signs_and_needs_no_token(sqlite_url: str) -> None:
    body = json.dumps(payload("sentry-metric")).encode()
    headers = {"Sentry_Hook_Resource": "metric_alert", "Sentry_Hook_Signature": signature("sentry secret", body)}
    async with api_at(sqlite_url, SIGNED) as api:
        answer, said = await api.ask("POST", SENTRY, body, token="", **headers)
        assert (answer.status, said["opened"]) == (202, True)
        answer, problem = await api.ask("POST", SENTRY, body + b" ", token="", **headers)
        assert (answer.status, answer.content_type) == (401, "application/problem+json")
        assert "Sentry-Hook-Signature" in problem["detail"]


async def test_a_signature_says_nothing_where_no_secret_is_set(sqlite_url: str) -> None:
    body = json.dumps(payload("sentry-metric")).encode()
    async with api_at(sqlite_url) as api:
        signed = signature("sentry secret", body)
        assert (await api.ask("POST", SENTRY, body, token="", Sentry_Hook_Signature=signed))[0].status == 401
        assert (await api.ask("POST", SENTRY, body, Sentry_Hook_Signature="odd"))[0].status == 202


MAPPING = """
alert_mappings:
  - {name: zabbix, title: event.title, key: event.id, severity: level, service: app, status: state, resolved: [OK]}
"""


async def test_any_tool_by_a_mapping_of_the_catalog(store: Store) -> None:
    await CatalogService(store, PushedClock()).load([("m.yaml", MAPPING)], TESTER)
    async with api_on(store) as api:
        status, problem = await api.post(GENERIC, {"nothing": "of the kind"})
        assert (status, problem["errors"][0]["field"]) == (422, "title")
        assert (await api.post(f"{GENERIC}?mapping=Zabbix", payload("generic")))[1]["opened"]
        ended = payload("generic") | {"state": "ok"}
        assert (await api.post(f"{GENERIC}?mapping=zabbix", ended))[0] == 202
        [one] = await incidents(api)
        assert (one["title"], one["severity"], one["status"]) == ("Backup failed", "SEV1_CRITICAL", "RESOLVED")
        status, problem = await api.post(f"{GENERIC}?mapping=nagios", payload("generic"))
        assert (status, problem["errors"]) == (
            422,
            [{"field": "mapping", "message": "there is no mapping nagios; the catalog has zabbix"}],
        )


ASKS = {"Type": "SubscriptionConfirmation", "Message": "May I?", "SubscribeURL": "https://sns.example/"}
BUDGET = {"Type": "Notification", "MessageId": "m1", "Subject": "Budget", "Message": "Exceeded"}
ROBOT = {"monitorID": "7", "monitorFriendlyName": "Shop", "alertType": "1"}


@pytest.mark.parametrize(("name", "query"), [("zabbix", "?mapping=zabbix"), ("default", "")])
async def test_a_mapping_for_one_tool_loses_no_word_of_the_others(store: Store, name: str, query: str) -> None:
    await CatalogService(store, PushedClock()).load([("m.yaml", MAPPING.replace("zabbix", name))], TESTER)
    async with api_on(store) as api:
        for body in (ASKS, BUDGET, ROBOT):
            assert (await api.post(GENERIC + query, body))[1]["opened"]
        assert [one["title"] for one in await incidents(api)] == ["Shop", "Budget", "May I?"]
        await api.post(GENERIC + query, ROBOT | {"alertType": "2"})
        assert [one["status"] for one in await incidents(api)] == ["RESOLVED", "TRIGGERED", "TRIGGERED"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"title": "a", "title": "b"}', "title is written twice"),
        (b'{"title": "NaN", "n": NaN}', "NaN is not JSON: line 1 column 23"),
        (b'{"title": "a",\n "n": -Infinity}', "-Infinity is not JSON: line 2 column 7"),
        (b'{"title": "a", "n": 1e999}', "a number is too large: line 1 column 21"),
        (b'{"title": "\xff"}', "not UTF-8 at byte 11"),
        (b'{"title": ' + b"[" * 65 + b"]" * 65 + b"}", "nested too deeply, more than 64: line 1 column 74"),
        (b'{"title": "a"', "line 1 column 14"),
    ],
)
async def test_what_two_programs_read_in_two_ways_is_refused(sqlite_url: str, body: bytes, says: str) -> None:
    async with api_at(sqlite_url) as api:
        answer, problem = await api.ask("POST", GENERIC, body)
        assert answer.status == 400
        assert says in problem["errors"][0]["message"]


async def test_64_deep_is_not_too_deep_and_brackets_in_texts_are_not_nested(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        deep = b'{"title": "a", "x": ' + b"[" * 63 + b"]" * 63 + b"}"
        assert (await api.ask("POST", GENERIC, deep))[0].status == 202
        assert (await api.post(GENERIC, {"title": "[" * 200 + '"' * 200}))[0] == 202


async def test_what_is_not_seen_is_not_in_a_title(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        await api.post(GENERIC, {"title": "Disk\x07 is\x1b[31m full\u202e\u200b\n\tnow \ud83d\udd25"})
        assert (await incidents(api))[0]["title"] == "Disk is [31m full now 🔥"


async def test_a_body_that_says_it_is_too_large_is_not_waited_for(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        head = (
            f"POST {GENERIC} HTTP/1.1\r\nHost: v\r\nAuthorization: Token {api.token}\r\nContent-Length: 9999999\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", api.client.port)
        writer.write(head.encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_a_long_event_is_not_read_before_its_key_is_known(sqlite_url: str) -> None:
    """To read a megabyte takes a quarter of a second, in which nobody is paged: no stranger may ask for that."""
    async with api_at(sqlite_url) as api:

        async def status(key: str, long: bytes) -> int:
            return (await api.ask("POST", ENQUEUE, b'{"routing_key": "%b", "x": %b' % (key.encode(), long), token=""))[
                0
            ].status

        unreadable = b"[{}," * 10_000
        assert await status("nobodys", unreadable) == 403
        assert await status("", unreadable) == 400
        assert await status(api.token, unreadable) == 400
        inner = json.dumps({"details": {"routing_key": "another"}, "text": "x" * 20_000}).encode()
        event = payload("pagerduty") | {
            "payload": payload("pagerduty")["payload"] | {"custom_details": json.loads(inner)}
        }
        event = {name: event[name] for name in sorted(event, key=lambda name: name == "routing_key")}
        sent = json.dumps(event | {"routing_key": api.token}).encode()
        assert (await api.ask("POST", ENQUEUE, sent, token=""))[0].status == 202


async def test_one_token_that_asks_too_often_keeps_no_other_out(sqlite_url: str) -> None:
    few = Allowances(ingest=Allowance(0.01, 3), other=Allowance(0.01, 2))
    async with api_at(sqlite_url, allowances=few) as api:
        other = await api.tokens.create("other", ["ingest"], TESTER)
        body = json.dumps(payload("datadog")).encode()
        statuses = [(await api.ask("POST", DATADOG, body))[0].status for _ in range(4)]
        assert statuses == [202, 202, 202, 429]
        answer, problem = await api.ask("POST", DATADOG, body)
        assert int(answer.headers["Retry-After"]) >= 90
        assert "tester" in problem["detail"]
        assert (await api.ask("POST", DATADOG, body, token=other))[0].status == 202
        assert (await api.ask("GET", INCIDENTS))[0].status == 200
        sent = json.dumps(payload("pagerduty") | {"routing_key": api.token}).encode()
        answer, said = await api.ask("POST", ENQUEUE, sent, token="")
        assert (answer.status, said["status"]) == (429, "throttle exceeded")
        assert "Retry-After" in answer.headers


async def test_every_answer_and_every_alert_is_counted(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        await api.post(DATADOG, payload("datadog"))
        await api.post(DATADOG, payload("datadog"))
        await api.post(DATADOG, {})
        head = f"POST {DATADOG} HTTP/1.1\r\nHost: v\r\nAuthorization: Token {api.token}\r\nConnection: close\r\n"
        assert (await api.raw(f"{head}Content-Length: 9999999\r\n\r\n".encode())).startswith(b"HTTP/1.1 413 ")
        assert (await api.ask("POST", DATADOG, b"x", Content_Encoding="br"))[0].status == 415
        async with api.client.get("/metrics") as answer:
            assert answer.content_type == "text/plain"
            lines = (await answer.text()).splitlines()
        for line in (
            'vigie_alerts_total{outcome="opened",source="datadog"} 1.0',
            'vigie_alerts_total{outcome="repeated",source="datadog"} 1.0',
            'vigie_intake_requests_total{source="datadog",status="202"} 2.0',
            'vigie_intake_requests_total{source="datadog",status="422"} 1.0',
            'vigie_intake_requests_total{source="datadog",status="413"} 1.0',
            'vigie_intake_requests_total{source="datadog",status="415"} 1.0',
            'vigie_incidents_opened_total{severity="SEV1_CRITICAL",source="datadog"} 1.0',
            'vigie_outbox_depth{lane="direct"} 2.0',
        ):
            assert line in lines


_TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["\0", "\ud800", "resolved", "trigger", "9" * 400])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=8,
)
_SHAPES = [payload(name) for name in ("grafana", "datadog", "sentry-metric", "sentry-issue", "pagerduty", "generic")]


@st.composite
def _near_misses(draw: st.DrawFn) -> bytes:
    """What some source sends, with something else somewhere."""
    body = json.loads(json.dumps(draw(st.sampled_from(_SHAPES))))
    node = body
    while isinstance(node, dict) and node:
        name = draw(st.sampled_from(sorted(node)))
        if draw(st.booleans()) or not isinstance(node[name], dict):
            node[name] = draw(_JSON)
            break
        node = node[name]
    return json.dumps(body).encode()


async def test_no_body_at_all_breaks_any_webhook(store: Store) -> None:
    paths = [GRAFANA, SENTRY, DATADOG, GENERIC, PAGERDUTY, WEBHOOK]
    async with api_on(store) as api:
        loop = asyncio.get_running_loop()

        @PROPERTY
        @given(st.sampled_from(paths), _near_misses() | st.binary(max_size=99))
        def every(path: str, body: bytes) -> None:
            answer, shown = asyncio.run_coroutine_threadsafe(api.ask("POST", path, body), loop).result(20)
            assert answer.status in (202, 400, 422), shown

        await asyncio.to_thread(every)
        found = await incidents(api)
        for one in found:
            await api.get(f"{INCIDENTS}{one['id']}/timeline/")
