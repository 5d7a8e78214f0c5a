"""Slack user groups, set to whoever is on call. A refusal is written down and said once; no page ever waits for it."""

from __future__ import annotations

from datetime import datetime

from bot.engine.context import Context
from bot.engine.delivered import Delivered
from bot.notifiers.base import Groups
from domain.clock import Clock
from domain.errors import DeliveryError
from domain.notices import NoticeKind
from domain.user_groups import Followed, is_id, wanted
from storage import catalog, notices, user_groups
from storage.outbox import Parcel
from storage.store import Store, Transaction


class UserGroups:
    """Sets one at a time, to whoever is on call when it leaves."""

    def __init__(self, store: Store, slack: Groups | None, clock: Clock) -> None:
        self._store = store
        self._slack = slack
        self._clock = clock

    async def deliver(self, parcel: Parcel, context: Context, since: datetime) -> Delivered:
        """Set the group that the parcel names; a refusal for good is kept. Raises DeliveryError."""
        group, now = parcel.subject, self._clock.now()
        users = wanted(context.directory, now).get(group, ())
        if not users or self._slack is None:
            return Delivered()
        # Queued while another was on its way, which has set it meanwhile.
        kept = await self._store.read(lambda tx: user_groups.all_of(tx).get(group))
        if kept and not kept.is_due(users, now):
            return Delivered()
        failure = ""
        try:
            await self._slack.set_members(group if is_id(group) else await self._slack.group(group), users)
        except DeliveryError as error:
            if error.is_outage or error.ambiguous or error.retry_after is not None:
                raise
            failure = error.reason
        followed = Followed(group=group, users=users, failure=failure, set_at=now)
        await self._store.write(lambda tx: _keep(tx, followed, now))
        return Delivered(group)


def _keep(tx: Transaction, followed: Followed, now: datetime) -> None:
    before = user_groups.all_of(tx).get(followed.group)
    user_groups.put(tx, followed)
    if not followed.failure or (before and before.failure == followed.failure):
        return
    teams = [one for one in catalog.directory(tx).teams.values() if one.user_group == followed.group and one.channel]
    details = {"group": followed.group, "failure": followed.failure}
    about = f"{followed.group}:{now.isoformat()}"
    said = [notices.notice(NoticeKind.USER_GROUP, f"{one.id}:{about}", team=one.id, details=details) for one in teams]
    notices.tell(tx, said, now, {one.id: one.channel for one in teams})
