"""User groups of a Slack workspace (docs.slack.dev, usergroups.*). They are a paid plan's; who may change them is a
workspace's setting."""

from __future__ import annotations

from collections.abc import Sequence

from bot.notifiers.slack_calls import SlackCalls
from domain.errors import DeliveryError


class SlackGroups(SlackCalls):
    """`Groups` of one workspace."""

    async def group(self, handle: str) -> str:
        """The id of the group with a handle such as @sre-oncall. Raises DeliveryError."""
        answer = await self.get("usergroups.list")
        plain = handle.removeprefix("@")
        for one in answer.get("usergroups") or ():
            if one.get("handle") == plain:
                return str(one["id"])
        raise DeliveryError(f"Slack has no user group {handle}", permanent=True)

    async def set_members(self, group: str, users: Sequence[str]) -> None:
        """Have these users in it, and nobody else. Raises DeliveryError."""
        await self.ask("usergroups.users.update", params={"usergroup": group, "users": ",".join(users)})
