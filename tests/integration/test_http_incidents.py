"""Incidents by HTTP: the contract's fields, lists that are asked for in every way, and what the buttons do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from bot.clock import SystemClock
from domain.directory import Directory
from domain.errors import Invalid
from handlers.catalog.service import CatalogService
from handlers.incidents.query import query_of
from storage.store import Store
from tests.integration.http_stage import INCIDENTS, Api, api_at, api_on
from tests.world import TESTER, read

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
FIELDS = (
    *("id", "short_id", "title", "description", "severity", "status", "service", "lead", "detected_at", "created_at"),
    *("acknowledged_at", "acknowledged_by", "resolved_at", "resolution_note", "kpis"),
    *("team", "root_cause", "source", "url"),
)


async def opened(api: Api, **said: Any) -> str:
    return INCIDENTS + str((await api.alert(**said))["incident"]["short_id"]) + "/"


async def test_an_incident_has_the_contracts_fields(store: Store) -> None:
    async with api_on(store) as api:
        shown = await api.get(await opened(api, service="nobody-knows"))
        assert set(FIELDS) <= set(shown)
        assert re.fullmatch(r"INC-[A-HJKMNP-Z2-9]{6}", shown["short_id"])
        assert (shown["status"], shown["severity"], shown["service"]) == ("TRIGGERED", "SEV1_CRITICAL", "triage")
        assert MOMENT.fullmatch(shown["created_at"]) and MOMENT.fullmatch(shown["detected_at"])
        assert shown["acknowledged_at"] is shown["acknowledged_by"] is shown["resolved_at"] is shown["lead"] is None
        assert set(shown["kpis"]) == {"mttd_seconds", "mtta_seconds", "mttr_seconds"}
        assert "created" in [entry["event"] for entry in shown["timeline"]]
        assert all(set(entry) == {"at", "event", "by", "details"} for entry in shown["timeline"])
        [listed] = (await api.get(INCIDENTS))["results"]
        assert listed == {name: value for name, value in shown.items() if name != "timeline"}


async def test_it_is_found_by_either_name(store: Store) -> None:
    async with api_on(store) as api:
        path = await opened(api)
        shown = await api.get(path)
        for name in (shown["id"], shown["id"].upper(), shown["short_id"].lower()):
            assert await api.get(f"{INCIDENTS}{name}") == shown


@pytest.mark.parametrize("name", ["INC-AAAAAA", "%00", "%ED%A0%80", "a%2Fb", "x" * 3000, "'%20OR%201=1"])
async def test_a_name_that_nothing_has(store: Store, name: str) -> None:
    async with api_on(store) as api:
        for method, rest in (("GET", ""), ("GET", "timeline/"), ("GET", "notifications/"), ("POST", "acknowledge/")):
            answer, problem = await api.ask(method, f"{INCIDENTS}{name}/{rest}")
            assert (answer.status, problem["status"]) == (404, 404)


async def test_acknowledged_noted_and_resolved(store: Store) -> None:
    async with api_on(store) as api:
        path = await opened(api)
        status, shown = await api.post(f"{path}acknowledge/")
        assert (status, shown["status"], shown["acknowledged_by"]) == (200, "ACKNOWLEDGED", "tester")
        assert shown["kpis"]["mtta_seconds"] is not None and shown["kpis"]["mttr_seconds"] is None
        status, problem = await api.post(f"{path}acknowledge/", {})
        assert (status, "already acknowledged by tester" in problem["detail"]) == (409, True)
        assert (await api.post(f"{path}notes", {"text": "Disk is full"}))[0] == 200
        status, shown = await api.post(f"{path}resolve", {"resolution_note": "Freed it", "root_cause": "Logs"})
        assert (status, shown["status"], shown["resolution_note"]) == (200, "RESOLVED", "Freed it")
        assert shown["root_cause"] == "Logs"
        assert shown["kpis"]["mttr_seconds"] is not None
        timeline = await api.get(f"{path}timeline/")
        assert timeline["count"] == len(timeline["results"])
        assert timeline["results"] == shown["timeline"]
        assert "Disk is full" in [entry["details"].get("text") for entry in timeline["results"]]
        assert (await api.post(f"{path}resolve/", {"note": "Again"}))[0] == 409
        assert (await api.post(f"{path}escalate/"))[0] == 409


async def test_escalating_without_a_policy_is_refused_in_words(store: Store) -> None:
    async with api_on(store) as api:
        status, problem = await api.post(await opened(api) + "escalate/")
        assert (status, problem["detail"]) == (409, "the escalation policy has no further step")
        assert (await api.get(INCIDENTS))["results"][0]["status"] == "TRIGGERED"


@pytest.mark.parametrize(
    ("action", "body", "status", "field"),
    [
        ("acknowledge", {"note": "x"}, 422, "note"),
        ("acknowledge", [], 422, ""),
        ("resolve", None, 422, "note"),
        ("resolve", {"note": "  "}, 422, "note"),
        ("resolve", {"note": 7}, 422, "note"),
        ("resolve", {"note": "x", "cause": "y"}, 422, "cause"),
        ("escalate", {"now": "yes"}, 422, "now"),
        ("notes", None, 422, "text"),
        ("notes", {"text": None}, 422, "text"),
        ("notes", "text", 422, ""),
    ],
)
async def test_a_wrong_body_changes_nothing(
    sqlite_url: str, action: str, body: object, status: int, field: str
) -> None:
    async with api_at(sqlite_url) as api:
        path = await opened(api)
        before = await api.get(path)
        given_status, problem = await api.post(f"{path}{action}/", body)
        assert (given_status, [error["field"] for error in problem["errors"]]) == (status, [field])
        assert (await api.ask("POST", f"{path}{action}/", b"{"))[0].status == 400
        assert await api.get(path) == before


async def test_lists_are_filtered_searched_ordered_and_paged(store: Store) -> None:
    await CatalogService(store, SystemClock()).load([("o.yaml", read("organisation.yaml"))], TESTER)
    async with api_on(store) as api:
        for number, (severity, service) in enumerate([("info", "redis"), ("critical", "redis-prod"), ("low", "?")]):
            path = await opened(
                api,
                name=f"No {number} 50%",
                severity=severity,
                service=service,
                group=f"g{number}",
                fingerprint=f"f{number}",
            )
        await api.post(f"{path}acknowledge/")
        team = (await api.get(f"{INCIDENTS}?service=redis"))["results"][0]["team"]

        async def titles(query: str) -> str:
            found = await api.get(f"{INCIDENTS}?{query}")
            return "".join(one["title"][3] for one in found["results"])

        assert await titles("") == "210"
        assert await titles("ordering=created_at") == "012"
        assert await titles("ordering=severity") == "102"
        assert await titles("severity=SEV1,SEV3_MEDIUM") == "10"
        assert await titles("severity=SEV1&severity=sev4_low") == "21"
        assert await titles("status=acknowledged") == "2"
        assert await titles("status=triggered&severity=SEV1") == "1"
        assert await titles("service=redis") == await titles("service=REDIS-PROD") == "10"
        assert await titles(f"team={team}&ordering=title&page_size=1&page=2") == "1"
        assert await titles("search=no%201") == "1"
        assert await titles("status=&severity=&service=&team=&search=&ordering=&page=&page_size=") == "210"
        assert await titles("search=50%25_") == await titles("search=%00nothing") == ""


async def test_pages_follow_each_other_and_end(store: Store) -> None:
    async with api_on(store) as api:
        for number in range(5):
            await opened(api, group=f"g{number}", fingerprint=f"f{number}")
        path, seen = f"{INCIDENTS}?page_size=2&status=triggered", []
        while path:
            page = await api.get(path)
            assert page["count"] == 5
            seen += [one["id"] for one in page["results"]]
            path = page["next"]
        assert len(seen) == len(set(seen)) == 5
        assert (await api.get(page["previous"]))["results"][0]["id"] == seen[2]
        assert (await api.get(f"{INCIDENTS}?page=9"))["results"] == []


@pytest.mark.parametrize(
    "query",
    [
        *("status=open", "severity=bad", "service=nope", "team=%00", "ordering=lead", "page=0"),
        *("page=1e3", "page=%C2%B2", "page_size=101", "page_size=-1", "serivce=redis"),
    ],
)
async def test_a_wrong_parameter_is_named(sqlite_url: str, query: str) -> None:
    async with api_at(sqlite_url) as api:
        answer, problem = await api.ask("GET", f"{INCIDENTS}?{query}")
        assert answer.status == 422
        assert [error["field"] for error in problem["errors"]] == [query.partition("=")[0]]


async def test_keys_that_differ_at_their_end_alone_are_two_incidents(sqlite_url: str) -> None:
    """The second was taken for the first, and paged nobody."""
    async with api_at(sqlite_url) as api:
        said = b'{"title": "Slow", "severity": "SEV4"}'
        declared = [
            (await api.ask("POST", INCIDENTS, said, Idempotency_Key=f"{'build/' * 40}{number}"))[1]["id"]
            for number in (1, 2, 1)
        ]
        assert declared[0] == declared[2] != declared[1]


async def test_a_key_that_is_no_text_is_refused_by_its_name(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        head = f"POST {INCIDENTS} HTTP/1.1\r\nHost: v\r\nConnection: close\r\nAuthorization: Token {api.token}\r\n"
        said = b'{"title": "Slow", "severity": "SEV4"}'
        sent = head.encode() + b"Idempotency-Key: caf\xe9\r\nContent-Length: %d\r\n\r\n" % len(said) + said
        answer = await api.raw(sent)
        assert answer.startswith(b"HTTP/1.1 422 ")
        assert b'"field": "Idempotency-Key"' in answer
        kept = await api.raw(sent.replace(b"\xe9", "é".encode()))
        assert kept.startswith(b"HTTP/1.1 201 ")


_KNOWN = ("status", "severity", "service", "team", "search", "ordering", "page", "page_size")
_VALUES = st.text(max_size=12) | st.sampled_from(["SEV1", "triggered,resolved", "-title", "7", "100"])


@given(st.lists(st.tuples(st.sampled_from(_KNOWN) | st.text(max_size=5), _VALUES), max_size=6))
def test_every_query_is_answered_or_refused_by_name(pairs: list[tuple[str, str]]) -> None:
    faults: set[str] = set()
    try:
        query, _ = query_of(MultiDict(pairs), Directory())
        assert 1 <= query.limit <= 100
        assert "\0" not in query.search
    except Invalid as refused:
        faults = {fault.field for fault in refused.faults} or {"nothing named"}
    assert faults <= {name for name, _ in pairs}
