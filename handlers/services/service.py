"""Services kept by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from domain import organisation as rules
from domain.clock import Clock
from domain.directory import Directory
from domain.people import Actor, Permission, Service
from handlers.catalog.edits import check, check_current, check_unused, digest, keep, named, record
from handlers.incidents.service import permit
from handlers.services.forms import ServiceForm
from storage import catalog, incidents
from storage.identifiers import new_id
from storage.store import Store, Transaction, serialise

NEW = Service(id="", name="")


@dataclass(frozen=True, slots=True)
class Editing:
    """A service with what the catalog says; `seen` tells what the form began from."""

    service: Service
    directory: Directory
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Saved:
    """A service as it is now; `is_gone` when it was deleted."""

    service: Service
    directory: Directory
    is_changed: bool = True
    is_gone: bool = False


class ServiceService:
    """Look, write, take away. `wake` is called after a change."""

    def __init__(self, store: Store, clock: Clock, wake: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._wake = wake

    async def show(self, service: str) -> Editing:
        """A service as it is. Raises NotFound."""
        directory = await self._store.read(catalog.directory)
        return Editing(named(directory.services, service, "service"), directory)

    async def begin(self, service: str, actor: Actor) -> Editing:
        """A service to change, "" for a new one. Raises Forbidden, NotFound."""
        permit(actor, Permission.PEOPLE)
        if not service:
            return Editing(NEW, await self._store.read(catalog.directory))
        found = await self.show(service)
        return replace(found, seen=digest(found.service))

    async def save(self, service: str, seen: str, actor: Actor, form: ServiceForm) -> Saved:
        """A service as the form says. Raises Invalid by field, Outdated when somebody was faster, Forbidden."""
        permit(actor, Permission.PEOPLE)

        def work(tx: Transaction) -> Saved:
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.services, service, "service") if service else None
            if before:
                check_current(tx, directory, before, seen)
            after = _said(form, before or NEW)
            check(rules.service_faults(after, directory))
            is_changed = keep(tx, actor, before, after, catalog.put_service, self._clock.now())
            return Saved(after, catalog.directory(tx), is_changed)

        return await self._changed(work)

    async def remove(self, service: str, actor: Actor) -> Saved:
        """Without this service. Raises InUse, NotFound, Forbidden."""
        permit(actor, Permission.PEOPLE)

        def work(tx: Transaction) -> Saved:
            # What an incident that opens now is about stays: nothing opens meanwhile.
            serialise(tx, "intake")
            serialise(tx, "catalog")
            directory = catalog.directory(tx)
            before = named(directory.services, service, "service")
            check_unused(_uses(tx, before, directory))
            catalog.drop_service(tx, before)
            record(tx, actor, "delete", before, None, self._clock.now())
            return Saved(before, directory, is_gone=True)

        return await self._changed(work)

    async def _changed(self, work: Callable[[Transaction], Saved]) -> Saved:
        saved = await self._store.write(work)
        self._wake()
        return saved


def _said(form: ServiceForm, before: Service) -> Service:
    return Service(
        id=before.id or new_id(),
        name=form.name,
        team=form.team,
        aliases=before.aliases if form.aliases is None else form.aliases,
        auto_resolve=form.auto_resolve,
        stakeholders=before.stakeholders if form.stakeholders is None else form.stakeholders,
    )


def _uses(tx: Transaction, service: Service, directory: Directory) -> Iterator[str]:
    yield from rules.uses_of_service(service, directory)
    for short_id in incidents.open_of(tx, service=service.id):
        yield f"the incident {short_id} is open"
