"""A page that did not reach its person: their next channel is decided and queued with what said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.fallbacks import instead
from domain.incidents import Incident
from domain.notifications import Notification, Recipient, page_key
from domain.policies import Channel
from domain.timeline import Entry, Event
from handlers.incidents import transitions
from storage import catalog, escalations, notifications, outbox
from storage.identifiers import new_id
from storage.outbox import Kind, Parcel
from storage.store import Transaction

_INSTEAD = "; instead of "


@dataclass(frozen=True, slots=True)
class OtherWays:
    """`channels` are those that are set up here."""

    channels: frozenset[Channel] = frozenset(Channel)

    def take(self, tx: Transaction, page: Notification, incident: Incident, reason: str, now: datetime) -> None:
        """The next channel of whoever `page` did not reach, once; that it failed, and why, is said in the thread."""
        made_so_far = notifications.of_incident(tx, incident.id)
        climb = escalations.by_incidents(tx, [incident.id])[incident.id]
        ways = instead(page, made_so_far, incident, catalog.directory(tx), now, self.channels, climb.declined)
        others = [_instead(page, channel, recipient, now) for channel, recipient in ways]
        made = [
            (other, page_key(incident.id, page.round, page.step, other.channel, other.recipient)) for other in others
        ]
        taken = notifications.taken(tx, [key for _, key in made])
        made = [(other, key) for other, key in made if key not in taken]
        notifications.add(tx, made)
        outbox.put(
            tx, [Parcel(kind=Kind.PAGE, incident=incident.id, subject=other.id, due_at=now) for other, _ in made]
        )
        details: dict[str, str | int] = {
            "channel": page.channel.value,
            "name": page.recipient.name,
            "reason": reason[:500],
            "instead": ", ".join(dict.fromkeys(other.channel.value for other, _ in made)),
        }
        failed = Entry(incident=incident.id, at=now, event=Event.NOTIFICATION_FAILED, details=details)
        transitions.record(tx, now, failed)


def _instead(page: Notification, channel: Channel, recipient: Recipient, now: datetime) -> Notification:
    return Notification(
        id=new_id(),
        incident=page.incident,
        step=page.step,
        channel=channel,
        recipient=recipient,
        message=page.message,
        why=f"{page.why.partition(_INSTEAD)[0]}{_INSTEAD}{page.channel.value} to {page.recipient.name}",
        is_bundle_of=page.is_bundle_of,
        fallback_of=page.id,
        round=page.round,
        decided_at=now,
    )
