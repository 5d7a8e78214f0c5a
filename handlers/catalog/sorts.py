"""The eight sorts of things that files declare: how each is named, found, and written out again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from domain.alert_mappings import AlertMapping
from domain.alert_rules import AlertRule
from domain.directory import Directory
from domain.heartbeats import Heartbeat
from domain.people import Person, Service, Team
from domain.policies import Policy
from domain.runbooks import Runbook
from handlers.catalog import dump, intake
from handlers.catalog.catalog import Catalog, unversioned
from handlers.catalog.drafts import Drafts

Value: TypeAlias = Person | Team | Service | Runbook | Policy | AlertRule | AlertMapping | Heartbeat


@dataclass(frozen=True, slots=True)
class Sort:
    """`kind` is what the audit log calls it, `label` the field it is known by; `known` are those of a directory by id,
    `made` and `drafts` those of a load, in one order (moved rules, that no file says, come last); `document` is one as
    it stands in a file."""

    kind: str
    label: str
    known: Callable[[Directory], Mapping[str, Any]]
    made: Callable[[Catalog], Sequence[Any]]
    drafts: Callable[[Drafts], Sequence[Any]]
    document: Callable[[Any, Directory], dict[str, Any]]

    def name(self, value: Any) -> str:
        return str(getattr(value, self.label))


SORTS = (
    Sort("person", "handle", lambda d: d.people, lambda c: c.people, lambda d: d.people, lambda p, _: dump.person(p)),
    Sort("team", "name", lambda d: d.teams, lambda c: c.teams, lambda d: d.teams, dump.team),
    Sort("service", "name", lambda d: d.services, lambda c: c.services, lambda d: d.services, dump.service),
    Sort("runbook", "title", lambda d: d.runbooks, lambda c: c.runbooks, lambda d: d.runbooks, dump.runbook),
    Sort("policy", "name", lambda d: d.policies, lambda c: c.policies, lambda d: d.policies, dump.policy),
    Sort(
        "alert rule",
        "name",
        lambda directory: {rule.id: rule for rule in directory.alert_rules},
        lambda catalog: catalog.alert_rules,
        lambda drafts: drafts.alert_rules,
        lambda rule, _: intake.dumped_rule(rule),
    ),
    Sort(
        "alert mapping",
        "name",
        lambda directory: directory.alert_mappings,
        lambda catalog: catalog.alert_mappings,
        lambda drafts: drafts.alert_mappings,
        lambda mapping, _: intake.dumped_mapping(mapping),
    ),
    Sort(
        "heartbeat",
        "name",
        lambda directory: directory.heartbeats,
        lambda catalog: catalog.heartbeats,
        lambda drafts: drafts.heartbeats,
        intake.dumped_heartbeat,
    ),
)


def content(value: Value) -> dict[str, Any]:
    """Plain values for comparison and for the audit log."""
    bare = unversioned(value) if isinstance(value, (Runbook, Policy)) else value
    return {name: _plain(one) for name, one in asdict(bare).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value if isinstance(value, (bool, int, float, type(None))) else str(value)


def after(before: Directory, catalog: Catalog) -> Directory:
    """`before` with what a load puts in it."""
    return replace(
        before,
        people=before.people | {one.id: one for one in catalog.people},
        teams=before.teams | {one.id: one for one in catalog.teams},
        services=before.services | {one.id: one for one in catalog.services},
        runbooks=before.runbooks | {one.id: one for one in catalog.runbooks},
        policies=before.policies | {one.id: one for one in catalog.policies},
        alert_rules=tuple({one.id: one for one in (*before.alert_rules, *catalog.alert_rules)}.values()),
    )
