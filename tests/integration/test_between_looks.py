"""What somebody does between two looks of the engine: what another did a moment before is not undone by it."""

from __future__ import annotations

from domain.people import Actor
from handlers.incidents.help import call_next
from storage import incidents, notifications
from storage.store import Store, Transaction
from tests.integration.test_lifecycle import Night


async def test_help_right_after_it_was_given_on_leaves_whoever_it_was_given_to_paged(store: Store) -> None:
    """Chloé was given it, and is about to be paged, when John asks for help."""
    night = Night(store, 0)
    await night.open()
    await night.lifecycle.reassign(night.name, night.actor("ada"), "cto")
    john = night.actor("john")
    store.write_now(lambda tx: helped(tx, night, john))
    night.settle()
    assert "cto" in paged(store, night)


def helped(tx: Transaction, night: Night, by: Actor) -> None:
    call_next(tx, incidents.find(tx, night.name), by, night.clock.now())


def paged(store: Store, night: Night) -> set[str]:
    """The handles of those who were."""
    made = store.read_now(lambda tx: notifications.of_incident(tx, night.name))
    people = {night.actor(handle).person: handle for handle in ("ada", "john", "lea", "cto")}
    return {people[one.recipient.person] for one in made if one.recipient.person}
