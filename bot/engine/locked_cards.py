"""Cards in a workspace that lets nobody edit what was posted, or only for a while: one that says that nobody has the
incident, though somebody does, is as bad as none. It is posted anew; not for every change, but each time that somebody
else has it, or nobody."""

from __future__ import annotations

from datetime import datetime

from blocks.kit import Message
from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.engine.lost_answers import posted_already
from bot.notifiers.base import Chat
from domain.incidents import Incident, Status
from storage.messages import Place
from storage.outbox import Parcel


def is_out_of_date(context: Context, incident: Incident) -> bool:
    """Whether the card that stands there may say something else of who has the incident."""
    is_as_it_began = incident.status is Status.TRIGGERED and not _round(context, incident)
    return not is_as_it_began and _standing(context, incident) not in context.places


async def post_again(
    slack: Chat, parcel: Parcel, context: Context, incident: Incident, card: Place, said: Message, since: datetime
) -> Delivered:
    """The card once more, below the `card` that has to stay as it is; and that this was said."""
    posted = await posted_already(slack, parcel, context, card.channel, card.key, since)
    if posted is None or posted.ts == card.ts:
        posted = await slack.post(card.channel, said.text, said.blocks, key=card.key)
    keys = (card.key, _standing(context, incident))
    return Delivered(posted.ts, tuple(Place(key, incident.id, posted.channel, posted.ts) for key in keys))


def _standing(context: Context, incident: Incident) -> str:
    """The name under which is kept that a card was posted anew to say this: each time that the incident is somebody's,
    or nobody's, has its own."""
    parts = ("said", incident.id, incident.status.value, str(_round(context, incident)), incident.owner)
    return ":".join((*parts, "snoozed") if incident.is_snoozed else parts)


def _round(context: Context, incident: Incident) -> int:
    climb = context.climbs.get(incident.id)
    return climb.round if climb else 0
