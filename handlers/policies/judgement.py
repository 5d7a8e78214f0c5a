"""Policies and runbooks judged before they are saved, and nights foretold. Nothing here changes or sends anything."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

from domain.clock import Clock
from domain.coverage import Hole, holes
from domain.differences import difference
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.forecasts import Forecast, forecast, known_service
from domain.incidents import Severity
from domain.lint import Finding
from domain.people import Actor, Permission, Service
from domain.policies import Channel, Policy
from domain.policy_lint import lint_policy
from domain.previews import Preview, preview
from domain.reach import Reach, broken
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook
from handlers.editing.service import in_catalog, written
from handlers.incidents.service import permit
from storage import catalog, drafts, messages, troubles
from storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What a policy does about an incident at `at` (aware), with the catalog that it was read from."""

    preview: Preview
    directory: Directory
    at: datetime


class JudgementService:
    """Answers for editors, commands and the API. `channels` are those that are set up."""

    def __init__(self, store: Store, clock: Clock, channels: frozenset[Channel]) -> None:
        self._store = store
        self._clock = clock
        self._channels = channels

    async def simulate(self, service: str, severity: Severity, at: datetime | None = None) -> Forecast:
        """Who would be paged for an incident that opens at `at`: now, unless said; a naive time is the team's wall
        clock. Raises NotFound."""
        return await self._store.read(lambda tx: self._forecast(tx, service, severity, at))

    async def lint_policy(self, draft: Policy) -> tuple[Finding, ...]:
        """What `draft` lacks, with the people and channels of now."""

        def work(tx: Transaction) -> tuple[Finding, ...]:
            return lint_policy(draft, catalog.directory(tx), self._reach(tx))

        return await self._store.read(work)

    def lint_runbook(self, draft: Runbook) -> tuple[Finding, ...]:
        """What `draft` lacks; a runbook needs nobody else to be judged."""
        return lint_runbook(draft)

    async def compare(
        self, draft: Policy, service: str, severity: Severity, at: datetime | None = None
    ) -> tuple[Finding, ...]:
        """What saving `draft` would change about an incident of `service`. Raises NotFound."""

        def work(tx: Transaction) -> tuple[Finding, ...]:
            before = self._forecast(tx, service, severity, at)
            changed = _with(catalog.directory(tx), draft)
            after = forecast(service, severity, before.at, changed, self._reach(tx))
            return difference(before.simulation, after.simulation)

        return await self._store.read(work)

    async def holes(self, service: str, severity: Severity) -> tuple[tuple[Hole, ...], Directory]:
        """Where the next two weeks have nobody for a service (a name or an alias). Raises NotFound."""
        now = self._clock.now()
        directory, what = await self._store.read(lambda tx: (catalog.directory(tx), self._reach(tx)))
        found = known_service(service, directory)
        swept = await asyncio.to_thread(holes, directory, what, now)
        mine = (hole for hole in swept if found.name in hole.services and hole.severity is severity)
        return tuple(mine), directory

    async def preview(
        self,
        place: tuple[str, str],
        actor: Actor,
        example: tuple[str, Severity] | None = None,
        at: datetime | None = None,
    ) -> Foreseen:
        """What a policy does: `place` is ("saved", its id), or ("draft", its id or "") for what `actor` has written.
        `example` is a service's id and a severity. Raises NotFound, Conflict when the draft is gone, Forbidden."""

        def work(tx: Transaction) -> Foreseen:
            directory = catalog.directory(tx)
            policy = _looked_at(tx, place, actor, directory)
            supposed = (_service(directory, example[0]), example[1]) if example else None
            moment = at or self._clock.now()
            return Foreseen(preview(policy, directory, moment, self._reach(tx), supposed), directory, moment)

        return await self._store.read(work)

    def _forecast(self, tx: Transaction, service: str, severity: Severity, at: datetime | None) -> Forecast:
        directory = catalog.directory(tx)
        return forecast(service, severity, at or self._clock.now(), directory, self._reach(tx))

    def _reach(self, tx: Transaction) -> Reach:
        return reach(tx, self._channels)


def _looked_at(tx: Transaction, place: tuple[str, str], actor: Actor, directory: Directory) -> Policy:
    kind, key = place
    if kind == "draft":
        permit(actor, Permission.POLICIES)
        return written(tx, drafts.POLICIES, key, actor, "policy").document
    return in_catalog(directory.policies, key, "policy")


def _service(directory: Directory, service: str) -> Service:
    if service not in directory.services:
        raise Invalid([Fault("service", "that service is no longer there")])
    return directory.services[service]


def reach(tx: Transaction, channels: frozenset[Channel]) -> Reach:
    """Channels by name and by id; before Slack was ever listed, nothing is known to be missing. `channels` are those
    that are set up. What the last try found broken is."""
    known = messages.channels(tx)
    names = {name for name in known if not name.startswith(("@", "mailto:"))}
    places = frozenset({*names, *(known[name] for name in names)})
    return Reach(channels, places or None, broken(troubles.listed(tx)))


def _with(directory: Directory, draft: Policy) -> Directory:
    return replace(directory, policies={**directory.policies, draft.id: draft})
