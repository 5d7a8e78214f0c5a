"""Home tabs in the database: whose follow what changes, one row a person, after everything else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.drafts import Draft
from domain.home import Place, Section
from domain.incidents import Severity, Status
from domain.policies import Channel, Policy, PolicyStep, Target, TargetType
from storage import catalog, drafts, homes, incidents, outbox, versions
from storage.outbox import HOMES, PRIORITY, Kind
from storage.store import Store
from tests.unit.block_samples import INCIDENT

NOW = datetime(2026, 11, 23, 3, 8, tzinfo=UTC)
POLICY = Policy(
    id="p",
    name="Policy",
    severity_filter=Severity.SEV1,
    steps=(PolicyStep(order=1, delay_minutes=0, channels=(Channel.SMS,), target=Target(TargetType.ON_CALL)),),
)


def waiting(store: Store) -> list[str]:
    return [parcel.subject for parcel in store.write_now(lambda tx: outbox.due(tx, NOW + homes.KEPT_FRESH, 99, HOMES))]


def test_two_changes_are_one_refresh_a_person(store: Store) -> None:
    store.write_now(lambda tx: homes.opened(tx, "U2", NOW))
    store.write_now(lambda tx: homes.opened(tx, "U1", NOW))
    store.write_now(lambda tx: homes.refresh(tx, NOW + timedelta(seconds=2)))
    store.write_now(lambda tx: homes.refresh(tx, NOW + timedelta(seconds=1)))
    assert sorted(waiting(store)) == ["U1", "U2"]
    assert sorted(PRIORITY, key=lambda kind: PRIORITY[kind])[-2:] == [Kind.HOME, Kind.GROUP]


def test_after_a_day_a_home_rests(store: Store) -> None:
    store.write_now(lambda tx: homes.opened(tx, "U1", NOW))
    store.write_now(lambda tx: homes.go(tx, "U2", Place(Section.TEAMS, "sre", 3), NOW + timedelta(hours=1)))
    store.write_now(lambda tx: homes.refresh(tx, NOW + homes.KEPT_FRESH))
    assert waiting(store) == ["U2"]
    store.write_now(lambda tx: homes.forget(tx, NOW + homes.KEPT_FRESH))
    assert store.read_now(lambda tx: homes.place_of(tx, "U2")) == Place(Section.TEAMS, "sre", 3)
    assert store.write_now(lambda tx: homes.opened(tx, "U2", NOW)) == Place(Section.TEAMS, "sre", 3)


def test_a_draft_comes_back_as_it_went(store: Store) -> None:
    draft = Draft("person:ada", replace(POLICY, version_id="v", version=0), 2)
    store.write_now(lambda tx: drafts.POLICIES.put(tx, draft, NOW))
    found = store.read_now(lambda tx: drafts.POLICIES.find(tx, "person:ada", "p"))
    assert found == draft
    assert found.document.severity_filter is Severity.SEV1
    assert store.read_now(lambda tx: drafts.POLICIES.find(tx, "person:bob", "p")) is None
    store.write_now(lambda tx: drafts.POLICIES.put(tx, replace(draft, author="person:bob"), NOW + drafts.KEPT * 2))
    assert store.read_now(lambda tx: drafts.POLICIES.find(tx, "person:ada", "p")) is None
    store.write_now(lambda tx: drafts.POLICIES.drop(tx, "person:bob", "p"))
    assert store.read_now(lambda tx: drafts.POLICIES.find(tx, "person:bob", "p")) is None


def test_versions_say_who_and_when_and_what_they_hold(store: Store) -> None:
    first = store.write_now(lambda tx: catalog.put_policy(tx, POLICY))
    second = store.write_now(lambda tx: catalog.put_policy(tx, replace(POLICY, description="louder"), "Ada", NOW))
    kept = store.read_now(lambda tx: versions.history(tx, "p", 9))
    assert [(one.said, one.by, one.at) for one in kept] == [(second, "Ada", NOW), (first, "", None)]
    assert store.read_now(lambda tx: versions.of_policy(tx, "p", 3)) is None
    opened = [
        replace(INCIDENT, id=str(n), short_id=f"INC-{n}", policy_version=first.version_id, status=status)
        for n, status in enumerate(Status)
    ]
    store.write_now(lambda tx: incidents.add(tx, opened))
    assert store.read_now(lambda tx: incidents.open_by_policy(tx, "p")) == {1: 3}
    assert store.read_now(lambda tx: incidents.open_by_policy(tx, "other")) == {}


def test_somebody_holds_what_they_acknowledged(store: Store) -> None:
    mine = replace(INCIDENT, id="1", short_id="INC-1", status=Status.ACKNOWLEDGED, acknowledged_slack="U1")
    led = replace(mine, id="2", short_id="INC-2", acknowledged_slack="", lead="ada")
    others = replace(mine, id="3", short_id="INC-3", acknowledged_slack="", lead="")
    done = replace(mine, id="4", short_id="INC-4", status=Status.RESOLVED)
    store.write_now(lambda tx: incidents.add(tx, [mine, led, others, done]))

    def held(person: str, slack: str) -> set[str]:
        return set(store.read_now(lambda tx: incidents.held_by(tx, person, slack, 9)))

    assert held("ada", "U1") == {"1", "2"}
    assert held("ada", "") == {"2"}
    assert held("", "") == set()
