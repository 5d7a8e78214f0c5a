"""Groups of which some alerts can't be read: the others page, and the answer, the log and the figures name the rest."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from storage.store import Store
from tests.integration.http_stage import INCIDENTS, WEBHOOK, api_at, api_on
from tests.world import alert_body

GRAFANA = WEBHOOK.replace("alertmanager", "grafana")
MISSING = object()


def group_with(bad: Any) -> dict[str, Any]:
    """Two alerts as they should be, and `bad` between them."""
    body = alert_body(fingerprint="first")
    body["alerts"] = [body["alerts"][0], bad, alert_body(fingerprint="last")["alerts"][0]]
    return body


def spoilt(**said: Any) -> dict[str, Any]:
    alert: dict[str, Any] = alert_body(fingerprint="spoilt")["alerts"][0] | said
    return {name: value for name, value in alert.items() if value is not MISSING}


@pytest.mark.parametrize("path", [WEBHOOK, GRAFANA])
@pytest.mark.parametrize(
    ("bad", "field"),
    [
        pytest.param(spoilt(startsAt=MISSING), "alerts[1].startsAt", id="no start"),
        pytest.param(spoilt(startsAt="1815-06-18T11:30:00Z"), "alerts[1].startsAt", id="before 1970"),
        pytest.param(spoilt(startsAt="yesterday"), "alerts[1].startsAt", id="no time"),
        pytest.param(spoilt(startsAt=7), "alerts[1].startsAt", id="a number"),
        pytest.param(spoilt(status="odd"), "alerts[1].status", id="an odd status"),
        pytest.param(spoilt(labels={"shard": 3}), "alerts[1].labels.shard", id="a label"),
        pytest.param(spoilt(annotations={"value": None}), "alerts[1].annotations.value", id="an annotation"),
        pytest.param(None, "alerts[1]", id="null"),
    ],
)
async def test_one_alert_that_cannot_be_read_does_not_hold_up_the_others(
    sqlite_url: str, path: str, bad: Any, field: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with api_at(sqlite_url) as api:
        status, answer = await api.post(path, group_with(bad))
        assert (status, answer["opened"]) == (202, True)
        assert {error["field"] for error in answer["errors"]} == {field}
        assert all(error["message"] for error in answer["errors"])
        assert (await api.get(INCIDENTS))["count"] == 1
        [said] = [record for record in caplog.records if record.levelno == logging.WARNING]
        assert field in said.getMessage()
        async with api.client.get("/metrics") as figures:
            source = path.strip("/").rpartition("/")[2]
            counted = await figures.text()
        assert f'vigie_alerts_total{{outcome="opened",source="{source}"}} 2.0' in counted
        assert f'vigie_alerts_total{{outcome="unreadable",source="{source}"}} 1.0' in counted


async def test_the_group_sent_again_says_the_same_and_opens_nothing(store: Store) -> None:
    async with api_on(store) as api:
        _, first = await api.post(WEBHOOK, group_with(None))
        assert await api.post(WEBHOOK, group_with(None)) == (202, {**first, "opened": False})
        assert (await api.get(INCIDENTS))["count"] == 1


async def test_an_alert_that_is_mended_joins_the_others(store: Store) -> None:
    async with api_on(store) as api:
        await api.post(WEBHOOK, group_with(spoilt(status="odd")))
        _, answer = await api.post(WEBHOOK, group_with(spoilt()))
        assert answer == {"incident": answer["incident"], "opened": False}
        [incident] = (await api.get(INCIDENTS))["results"]
        detail = await api.get(f"{INCIDENTS}{incident['id']}/")
        assert [entry["event"] for entry in detail["timeline"]].count("alert_added") == 1


async def test_a_group_without_any_alert_that_can_be_read_is_refused(sqlite_url: str) -> None:
    async with api_at(sqlite_url) as api:
        status, problem = await api.post(WEBHOOK, {"alerts": [spoilt(status="odd"), None]})
        assert status == 422
        assert [error["field"] for error in problem["errors"]] == ["alerts[0].status", "alerts[1]"]


async def test_a_panel_belongs_to_the_alert_that_it_came_with(store: Store) -> None:
    body = group_with(None)
    body["alerts"][0]["status"] = "odd"
    body["alerts"][2] |= {"annotations": {"summary": "Slow"}, "valueString": "4 s"}
    async with api_on(store) as api:
        _, answer = await api.post(GRAFANA, body)
        assert (await api.get(f"{INCIDENTS}{answer['incident']['id']}/"))["title"] == "Slow"
