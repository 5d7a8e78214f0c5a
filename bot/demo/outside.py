"""Everything outside Vigie on 127.0.0.1: a Slack workspace with its people, OVH, a mail server, a voice gateway."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.clock import wall_now
from bot.demo.discord import DiscordServer
from bot.demo.mail import SmtpServer
from bot.demo.providers import OvhServer
from bot.demo.rates import RateLimits
from bot.demo.slack import SlackServer
from bot.demo.voice import VoiceServer
from bot.demo.workspace import Workspace
from bot.manifest import events
from bot.scopes import SCOPES


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in the workspace; `slack` is their id there."""

    handle: str
    name: str
    slack: str
    email: str
    locale: str = "en-US"


PEOPLE = (
    Member("ada", "Ada Admin", "U01ADA", "ada@example.com"),
    Member("john", "John Doe", "U02JOHN", "john.doe@example.com"),
    Member("lea", "Léa Lead", "U03LEA", "lea@example.com", "fr-FR"),
    Member("mona", "Mona Manager", "U04MONA", "engineering-manager@company.com"),
    Member("cora", "Cora Chief", "U05CORA", "cto@company.com"),
    Member("gus", "Gus Guest", "U06GUS", "gus@example.com"),
)
CHANNELS = ("sre-incidents", "platform-incidents", "billing-incidents", "general")


class Outside:
    """The far side of the network. `now` is the time that phones and mailboxes write on what they get; `wall` is
    Slack's, in seconds since 1970."""

    def __init__(
        self,
        now: Callable[[], datetime] = wall_now,
        rates: RateLimits | None = None,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.workspace = Workspace(wall=wall)
        for person in PEOPLE:
            self.workspace.add_user(
                person.handle, user_id=person.slack, real_name=person.name, email=person.email, locale=person.locale
            )
        everybody = [*(person.slack for person in PEOPLE), self.workspace.bot.id]
        for channel in CHANNELS:
            self.workspace.add_channel(channel, members=everybody)
        self.slack = SlackServer(self.workspace, rates=rates, scopes=SCOPES, events=events())
        self.ovh = OvhServer(now, wall=wall_now)
        self.mail = SmtpServer(now)
        self.voice = VoiceServer(now)
        self.discord = DiscordServer(now)

    async def start(self) -> None:
        await self.slack.start()
        await self.ovh.start()
        await self.mail.start()
        await self.voice.start()
        await self.discord.start()

    async def stop(self) -> None:
        await self.slack.stop()
        await self.ovh.close()
        await self.mail.close()
        await self.voice.close()
        await self.discord.close()

    def environment(self) -> dict[str, str]:
        """The settings that lead a Vigie here, by their names in the environment."""
        keys = self.ovh.credentials
        return {
            "SLACK_BOT_TOKEN": self.slack.bot_token,
            "SLACK_APP_TOKEN": self.slack.app_token,
            "SLACK_API_URL": self.slack.api_url,
            "OVH_ENDPOINT": self.ovh.url,
            "OVH_APPLICATION_KEY": keys.application_key,
            "OVH_APPLICATION_SECRET": keys.application_secret,
            "OVH_CONSUMER_KEY": keys.consumer_key,
            "OVH_SMS_SERVICE": self.ovh.service,
            "OVH_SMS_SENDER": self.ovh.senders[0],
            "SMTP_URL": self.mail.url,
            "MAIL_FROM": "vigie@example.com",
            "DISCORD_API_URL": f"{self.discord.prefix}v10/",
        }

    def voice_environment(self) -> dict[str, str]:
        """The settings that let Vigie ring telephones here. Calls are off where nobody turns them on."""
        return {
            "PHONE_PROVIDER": "gateway",
            "PHONE_GATEWAY_URL": self.voice.url,
            "PHONE_GATEWAY_SECRET": self.voice.secret,
            "PHONE_PRIVATE_ADDRESSES": "true",
        }
