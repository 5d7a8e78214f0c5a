"""What Vigie can send by: the channels that are set up here, the Slack channels it has seen, and what is known to be
broken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from domain.notifications import Notification
from domain.policies import Channel
from domain.troubles import BROKEN_PLACES, OF_PROVIDERS, SLACK, Known, is_of_webhook, place_of

NOT_SET_UP = {
    Channel.SLACK: "Slack is not set up",
    Channel.SMS: "SMS is not set up",
    Channel.EMAIL: "e-mail is not set up",
    Channel.PHONE: "telephone calls are not set up",
}
RINGING = frozenset({Channel.SMS, Channel.PHONE})
"""What wakes somebody whose Slack is silent at night."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`channels` are those that are set up; `slack_channels` the names, without #, and ids of those that exist, None
    when nobody has listed them. `broken` has what the last try said of targets that don't work, by their names."""

    channels: frozenset[Channel] = frozenset(Channel)
    slack_channels: frozenset[str] | None = None
    broken: Mapping[str, Known] = field(default_factory=dict)

    def is_off(self, channel: Channel, address: str) -> bool:
        """Whether nothing leaves by `channel`; a Discord webhook needs no Slack."""
        return channel not in self.channels and not address.startswith("https://")

    def lacks_place(self, address: str) -> bool:
        """Whether `address` is a Slack channel that does not exist, as far as anybody knows."""
        if self.slack_channels is None or address.startswith("https://"):
            return False
        return address.removeprefix("#") not in self.slack_channels

    def trouble(self, channel: Channel, address: str, *, is_a_place: bool) -> Known | None:
        """What is known to be wrong with a target: itself, or Slack's token."""
        name = place_of(channel, address, is_a_place=is_a_place)
        of_slack = None if is_of_webhook(name) else self.broken.get(SLACK)
        return (self.broken.get(name) or of_slack) if name else None

    def fault(self, page: Notification) -> str:
        """Why `page` can't go out as it is, "" when nothing is known against it."""
        if self.is_off(page.channel, page.recipient.address):
            return NOT_SET_UP[page.channel]
        known = self.trouble(page.channel, page.recipient.address, is_a_place=page.is_to_a_channel)
        return (known.detail or known.trouble.value) if known else ""

    def is_place_broken(self, page: Notification) -> bool:
        """Whether `page` is to a channel that is archived, gone or closed to Vigie."""
        known = self.trouble(page.channel, page.recipient.address, is_a_place=page.is_to_a_channel)
        return known is not None and known.trouble in BROKEN_PLACES


def broken(troubles: Iterable[Known]) -> dict[str, Known]:
    """Those that keep pages from a target, by its name."""
    return {one.name: one for one in troubles if one.trouble not in OF_PROVIDERS}


EVERYTHING = Reach()
