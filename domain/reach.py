"""What Vigie can send by: the channels that are set up here, and the Slack channels it has seen."""

from __future__ import annotations

from dataclasses import dataclass

from domain.policies import Channel

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
    when nobody has listed them."""

    channels: frozenset[Channel] = frozenset(Channel)
    slack_channels: frozenset[str] | None = None

    def is_off(self, channel: Channel, address: str) -> bool:
        """Whether nothing leaves by `channel`; a Discord webhook needs no Slack."""
        return channel not in self.channels and not address.startswith("https://")

    def lacks_place(self, address: str) -> bool:
        """Whether `address` is a Slack channel that does not exist, as far as anybody knows."""
        if self.slack_channels is None or address.startswith("https://"):
            return False
        return address.removeprefix("#") not in self.slack_channels


EVERYTHING = Reach()
