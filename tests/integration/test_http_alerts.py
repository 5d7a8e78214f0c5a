"""The webhook: whatever comes, it is taken durably or refused in words, and never breaks anything."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.store import Store
from tests.integration.http_stage import INCIDENTS, WEBHOOK, api_at, api_on
from tests.world import alert_body, read

MEBIBYTE = 1024 * 1024
PROPERTY = settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def test_recorded_payloads_open_one_incident(store: Store) -> None:
    recorded = json.loads(read("alertmanager-webhook.json"))
    async with api_on(store) as api:
        _, first = await api.post(WEBHOOK, recorded["first_firing"]["body"])
        status, second = await api.post(WEBHOOK, recorded["with_resolved"]["body"])
        assert first["opened"]
        assert first["incident"]["short_id"].startswith("INC-")
        assert (status, second["opened"]) == (202, False)
        assert second["incident"]["id"] == first["incident"]["id"]
        assert (await api.get(INCIDENTS))["count"] == 1


async def test_an_end_that_never_began_changes_nothing(store: Store) -> None:
    async with api_on(store) as api:
        assert await api.alert(status="resolved") == {"incident": None, "opened": False}
        assert (await api.get(INCIDENTS))["count"] == 0


async def test_many_at_once_are_each_kept(store: Store) -> None:
    async with api_on(store) as api:
        answers = await asyncio.gather(*(api.alert(group=f"g{n}", fingerprint=f"f{n}") for n in range(100)))
        assert len({answer["incident"]["short_id"] for answer in answers}) == 100
        assert (await api.get(INCIDENTS))["count"] == 100


async def test_a_group_of_5000_alerts_is_one_incident(store: Store) -> None:
    body = alert_body()
    one = {"status": "firing", "labels": {"severity": "info"}, "startsAt": "2026-11-23T04:01:55Z"}
    body["alerts"] = [{**one, "fingerprint": f"{number}"} for number in range(5000)]
    sent = json.dumps(body).encode()
    assert len(sent) < MEBIBYTE
    async with api_on(store) as api:
        answer, shown = await api.ask("POST", WEBHOOK, sent)
        assert (answer.status, shown["opened"]) == (202, True)
        assert (await api.get(INCIDENTS))["count"] == 1
        assert (await api.ask("POST", WEBHOOK, sent))[1]["opened"] is False


async def test_compressed_and_unlabelled_bodies_are_read(store: Store) -> None:
    body = json.dumps(alert_body()).encode()
    async with api_on(store) as api:
        answer, shown = await api.ask("POST", WEBHOOK, gzip.compress(body), Content_Encoding="gzip")
        assert (answer.status, shown["opened"]) == (202, True)
        answer, shown = await api.ask("POST", WEBHOOK.rstrip("/"), b"\xef\xbb\xbf" + body, Content_Type="text/plain")
        assert (answer.status, shown["opened"]) == (202, False)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        json.dumps(alert_body()).encode("utf-16"),
        json.dumps(alert_body(name="half")).encode().replace(b"half", b"\xed\xa0\x80"),
        b'{"alerts": ' + b"[" * 100_000,
        b'{"alerts": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "words", "bytes", "utf-16", "half a pair", "nested", "a number too long"],
)
async def test_what_is_not_json_is_refused(sqlite_url: str, body: bytes) -> None:
    async with api_at(sqlite_url) as api:
        answer, problem = await api.ask("POST", WEBHOOK, body)
        assert (answer.status, answer.content_type) == (400, "application/problem+json")
        assert problem["title"] == "Bad Request"
        assert problem["errors"][0]["message"]


@pytest.mark.parametrize(
    "start", ["", "yesterday", "2026-11-23", "0001-01-01T00:00:01+14:00", "9999-12-31T23:59:59-14:00", "99999999999"]
)
async def test_a_start_that_is_no_time_is_named(sqlite_url: str, start: str) -> None:
    async with api_at(sqlite_url) as api:
        status, problem = await api.post(WEBHOOK, alert_body(started=start))
        assert status == 422
        assert [error["field"] for error in problem["errors"]] == ["alerts[0].startsAt"]


async def test_an_alert_is_the_same_in_any_zone(store: Store) -> None:
    async with api_on(store) as api:
        assert (await api.alert(started="2026-11-23T05:01:55.123456789+01:00"))["opened"]
        assert not (await api.alert(started="2026-11-23T04:01:55Z"))["opened"]


async def test_faults_are_told_but_not_by_the_thousand(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        answer, problem = await api.ask("POST", WEBHOOK, json.dumps({"alerts": [7] * 5000}).encode())
        assert answer.status == 422
        assert len(problem["errors"]) == 100
        assert problem["errors"][1] == {"field": "alerts[1]", "message": "must be an object"}
        assert len(problem["detail"]) == 1000


async def test_more_than_a_mebibyte_is_refused(sqlite_url: str) -> None:
    async def in_pieces() -> Any:
        for _ in range(20):
            yield b"x" * (MEBIBYTE // 10)

    async with api_at(sqlite_url) as api:
        headers = {"Authorization": f"Token {api.token}"}
        for body in (io.BytesIO(b"x" * (MEBIBYTE + 1)), in_pieces()):
            async with api.client.post(WEBHOOK, data=body, headers=headers) as answer:
                assert (answer.status, (await answer.json())["status"]) == (413, 413)
        bomb = gzip.compress(b" " * 50 * MEBIBYTE)
        assert (await api.ask("POST", WEBHOOK, bomb, Content_Encoding="gzip"))[0].status == 413


async def test_a_body_that_is_not_compressed_as_it_says(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        head = f"POST {WEBHOOK} HTTP/1.1\r\nHost: vigie\r\nConnection: close\r\nAuthorization: Token {api.token}\r\n"
        answer = await api.raw(f"{head}Content-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip".encode())
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert b"application/problem+json" in answer


_TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(["\0", "\ud800", "x" * 5000, "firing", "resolved"])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)
_NAMES = ("status", "labels", "annotations", "startsAt", "endsAt", "generatorURL", "fingerprint")
_LABELS = st.dictionaries(st.sampled_from(["service", "severity", "team"]) | _TEXTS, _TEXTS, max_size=4)
_STARTS = st.datetimes().map(lambda moment: moment.isoformat() + "+14:00")


@st.composite
def _near_misses(draw: st.DrawFn) -> bytes:
    """An alert that is nearly right, or right in odd words."""
    body = alert_body(fingerprint=draw(_TEXTS), group=draw(_TEXTS), started=draw(_STARTS))
    body["alerts"][0] |= {"labels": draw(_LABELS), "annotations": draw(_LABELS), "status": "firing"}
    body["alerts"][0] |= draw(st.dictionaries(st.sampled_from(_NAMES), _JSON, max_size=1))
    body |= draw(st.dictionaries(st.sampled_from(sorted(body)), _JSON, max_size=1))
    return json.dumps(body).encode()


async def test_no_body_at_all_breaks_it(store: Store) -> None:
    """Nor what is read afterwards."""
    async with api_on(store) as api:
        loop = asyncio.get_running_loop()

        @PROPERTY
        @given(st.binary(max_size=200) | _JSON.map(lambda value: json.dumps(value).encode()) | _near_misses())
        def every(body: bytes) -> None:
            answer, shown = asyncio.run_coroutine_threadsafe(api.ask("POST", WEBHOOK, body), loop).result(20)
            assert answer.status in (202, 400, 422), shown

        await asyncio.to_thread(every)
        found = await api.get(f"{INCIDENTS}?page_size=100")
        assert found["count"] > 0
        await api.get(f"{INCIDENTS}{found['results'][0]['id']}/timeline/")
