"""Which page an acknowledgement came by, which its receipt ends with; and who was paged."""

from __future__ import annotations

from datetime import datetime

from domain.incidents import Incident
from domain.notifications import NotificationState
from domain.people import Actor
from storage import messages, notifications, receipts
from storage.store import Transaction


def credit(tx: Transaction, incident: Incident, place: tuple[str, str], now: datetime) -> None:
    """Somebody took `incident` by the button of the message at `place`, a channel's id and a time stamp; of a card, the
    channel's own page counts."""
    page = _page_at(tx, incident, place) if all(place) else ""
    if page:
        receipts.acknowledged(tx, page, now)


def was_paged(tx: Transaction, incident: Incident, actor: Actor) -> bool:
    """Whether a page about `incident` was meant for whoever acts."""
    pages = notifications.of_incident(tx, incident.id) if actor.person else []
    return any(page.recipient.person == actor.person for page in pages)


def _page_at(tx: Transaction, incident: Incident, place: tuple[str, str]) -> str:
    places = messages.of_incidents(tx, [incident.id]).values()
    key = next((one.key for one in places if (one.channel, one.ts) == place), "")
    if key.startswith("page:"):
        return key.removeprefix("page:")
    return _page_of_channel(tx, incident, place[0]) if key.startswith("card:") else ""


def _page_of_channel(tx: Transaction, incident: Incident, channel: str) -> str:
    """The last page that went to a channel, which stands under its card."""
    known = messages.channels(tx)
    sent = [
        page.id
        for page in notifications.of_incident(tx, incident.id)
        if page.is_to_a_channel
        and page.state is NotificationState.SENT
        and known.get(page.recipient.address.removeprefix("#"), page.recipient.address) == channel
    ]
    return sent[-1] if sent else ""
