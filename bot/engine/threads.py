"""Which channel and which thread a message belongs to."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.context import Context
from domain.incidents import Incident
from domain.notifications import Notification
from storage.messages import Place


def is_in_another_thread(place: Place, card: Place | None) -> bool:
    """Whether a reply is older than its card: the card that it hung under was deleted, and stands elsewhere now."""
    return card is not None and place.channel == card.channel and float(place.ts) < float(card.ts)


def is_own_channel(page: Notification, incident: Incident, context: Context, known: Callable[[str], str]) -> bool:
    """Whether a page goes to the channel where the card is."""
    if not page.is_to_a_channel:
        return False
    card = context.places.get(f"card:{incident.id}")
    address = known(page.recipient.address)
    return address == known(incident.channel) or (card is not None and address == card.channel)
