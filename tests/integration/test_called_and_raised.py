"""Who is called, and not yet paged when the incident gets worse, is paged all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.engine.escalator import fire
from handlers.catalog.service import CatalogService
from handlers.incidents.declaration import Declaration
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.other_ways import OtherWays
from handlers.incidents.relations import RelationService
from handlers.incidents.service import IncidentService
from storage import escalations, notifications
from storage.store import Store
from tests.world import TESTER
from tests.world import read as payload

CLIMBS = """
Policy: Usual
Team: SRE Core
Default: true
Steps:
  1: {delay: 0, type: SMS, target: ON_CALL}
---
Policy: Grave
Team: SRE Core
Severity: SEV1_CRITICAL
Steps:
  1: {delay: 0, type: SLACK, target: "CHANNEL (#sre-incidents)"}
  2: {delay: 5, type: SMS, target: ON_CALL}
"""
NOW = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)


class Standing:
    def now(self) -> datetime:
        return NOW


@pytest.mark.parametrize("first", [0, 2])
async def test_it_climbs_the_other_policy_and_pages_them(store: Store, first: int) -> None:
    """At once, whenever that one has its first step."""
    works = (store, Standing(), lambda: None)
    files = [
        ("o.yaml", payload("organisation.yaml")),
        ("p.yaml", CLIMBS.replace("0, type: SLACK", f"{first}, type: SLACK")),
    ]
    await CatalogService(store, Standing()).load(files, TESTER)  # type: ignore[arg-type]
    said = Declaration(title="Redis is slow", severity="SEV3", service="redis-prod")
    name = (await IncidentService(*works).declare(said, TESTER)).incident.id  # type: ignore[arg-type]
    store.write_now(lambda tx: fire(tx, NOW))
    await LifecycleService(*works).reassign(name, TESTER, "cto")  # type: ignore[arg-type]
    await RelationService(*works, OtherWays()).grade(name, TESTER, "SEV1")  # type: ignore[arg-type]
    store.write_now(lambda tx: fire(tx, NOW))
    made = store.read_now(lambda tx: notifications.of_incident(tx, name))
    paged = {(one.channel.value, one.recipient.name) for one in made if one.round == 2}
    step = set() if first else {("SLACK", "#sre-incidents")}
    assert paged == step | {("SMS", "Chloé Tech"), ("SLACK", "Chloé Tech")}
    climb = store.read_now(lambda tx: escalations.by_incidents(tx, [name]))[name]
    assert (climb.next_step, climb.called, climb.because, climb.caller) == (0 if first else 1, (), "", "")
    assert climb.wake_at == NOW + timedelta(minutes=first or 5)
