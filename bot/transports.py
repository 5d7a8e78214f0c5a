"""The ways out, built from the settings."""

from __future__ import annotations

from collections.abc import Callable

from slack_sdk.web.async_client import AsyncWebClient

from bot.clock import wall_now
from bot.engine.addresses import Addresses
from bot.engine.transports import Transports
from bot.notifiers.base import CallNotifier
from bot.notifiers.destinations import Destinations
from bot.notifiers.discord import DiscordWebhook
from bot.notifiers.email import SmtpEmail
from bot.notifiers.ovh_calls import OvhCalls
from bot.notifiers.slack import SlackMessages
from bot.notifiers.slack_groups import SlackGroups
from bot.notifiers.slack_rooms import SlackRooms
from bot.notifiers.sms import OvhSms
from bot.notifiers.voice_gateway import VoiceGateway
from bot.settings import Settings
from domain.clock import Clock
from domain.errors import DeliveryError
from storage.store import Store


def ways_out(
    settings: Settings,
    store: Store,
    client: AsyncWebClient,
    seconds: Callable[[], float],
    clock: Clock,
    told: Callable[[DeliveryError | None], None],
) -> Transports:
    """Those that are set up. `seconds` is a monotonic clock of the world; `told` hears how each call of Slack ended."""
    slack = SlackMessages(client, told)
    return Transports(
        slack=slack,
        rooms=SlackRooms(client, told),
        groups=SlackGroups(client, told),
        addresses=Addresses(store, slack, seconds, clock.now),
        sms=_sms(settings),
        email=SmtpEmail(settings.smtp_url, settings.sender_address) if settings.smtp_url else None,
        phone=phone(settings),
        discord=_discord(settings),
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


def phone(settings: Settings) -> CallNotifier | None:
    """The way to ring telephones that is set up. Raises RuntimeError outside a running loop."""
    match settings.phone_provider:
        case "gateway":
            url, secret = settings.phone_gateway_url, settings.phone_gateway_secret
            return VoiceGateway(url, secret, wall_now, is_private_allowed=settings.phone_private_addresses)
        case "ovh":
            return OvhCalls(
                settings.ovh_endpoint,
                settings.ovh_application_key,
                settings.ovh_application_secret,
                settings.ovh_consumer_key,
                settings.phone_ovh_billing_account,
                settings.phone_ovh_line,
            )
        case _:
            return None


def _discord(settings: Settings) -> DiscordWebhook:
    if not settings.discord_api_url:
        return DiscordWebhook(Destinations())
    # Whoever runs Vigie named it: it may be anywhere.
    anywhere = Destinations(is_private_allowed=True, schemes=("http", "https"))
    return DiscordWebhook(anywhere, api=settings.discord_api_url)
