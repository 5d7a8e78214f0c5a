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
    """`kind` is what the audit log calls it, `plural` where a directory, a load and its drafts have it, `label` the
    field it is known by; `document` is one as it stands in a file."""

    kind: str
    plural: str
    label: str
    document: Callable[[Any, Directory], dict[str, Any]]

    def name(self, value: Any) -> str:
        return str(getattr(value, self.label))

    def known(self, directory: Directory) -> Mapping[str, Any]:
        """Those of a directory, by id."""
        found = getattr(directory, self.plural)
        return {one.id: one for one in found} if isinstance(found, tuple) else found

    def made(self, catalog: Catalog) -> Sequence[Any]:
        """Those of a load. Moved rules, that no file says, come last."""
        found: Sequence[Any] = getattr(catalog, self.plural)
        return found

    def drafts(self, drafts: Drafts) -> Sequence[Any]:
        """What the files of a load say of each, in the order of `made`."""
        found: Sequence[Any] = getattr(drafts, self.plural)
        return found

    def put(self, things: Mapping[str, Any], directory: Directory) -> Directory:
        """`directory` with these things of this sort."""
        is_ordered = isinstance(getattr(directory, self.plural), tuple)
        changed: dict[str, Any] = {self.plural: tuple(things.values()) if is_ordered else dict(things)}
        return replace(directory, **changed)


SORTS = (
    Sort("person", "people", "handle", lambda one, _: dump.person(one)),
    Sort("team", "teams", "name", dump.team),
    Sort("service", "services", "name", dump.service),
    Sort("runbook", "runbooks", "title", dump.runbook),
    Sort("policy", "policies", "name", dump.policy),
    Sort("alert rule", "alert_rules", "name", lambda one, _: intake.dumped_rule(one)),
    Sort("alert mapping", "alert_mappings", "name", lambda one, _: intake.dumped_mapping(one)),
    Sort("heartbeat", "heartbeats", "name", intake.dumped_heartbeat),
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
    now = before
    for sort in SORTS:
        now = sort.put({**sort.known(before), **{one.id: one for one in sort.made(catalog)}}, now)
    return now
