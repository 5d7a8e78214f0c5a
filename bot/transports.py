"""The ways out, built from the settings."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.engine.addresses import Addresses
from bot.engine.transports import Transports
from bot.notifiers.destinations import Destinations
from bot.notifiers.discord import DiscordWebhook
from bot.notifiers.email import SmtpEmail
from bot.notifiers.slack import SlackMessages
from bot.notifiers.slack_rooms import SlackRooms
from bot.notifiers.sms import OvhSms
from bot.settings import Settings
from domain.errors import DeliveryError
from storage.store import Store


def ways_out(
    settings: Settings,
    store: Store,
    client: AsyncWebClient,
    seconds: Callable[[], float],
    told: Callable[[DeliveryError | None], None],
) -> Transports:
    """Those that are set up. `seconds` is a monotonic clock of the world; `told` hears how each call of Slack ended."""
    slack = SlackMessages(client, told)
    return Transports(
        slack=slack,
        rooms=SlackRooms(client, told),
        addresses=Addresses(store, slack, seconds),
        sms=_sms(settings),
        email=SmtpEmail(settings.smtp_url, settings.sender_address) if settings.smtp_url else None,
        discord=DiscordWebhook(Destinations()),
    )


def _sms(settings: Settings) -> OvhSms | None:
    if not settings.has_sms:
        return None
    return OvhSms(
        settings.ovh_endpoint,
        settings.ovh_application_key,
        settings.ovh_application_secret,
        settings.ovh_consumer_key,
        settings.ovh_sms_service,
        settings.ovh_sms_sender,
    )
