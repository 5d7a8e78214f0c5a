"""The ways out that an installation has set up."""

from __future__ import annotations

import aiohttp

from bot.engine.addresses import Addresses
from bot.engine.deliveries import Transports
from bot.notifiers.base import Chat
from bot.notifiers.discord import DiscordWebhook
from bot.notifiers.email import SmtpEmail
from bot.notifiers.sms import OvhSms
from bot.settings import Settings


def transports(settings: Settings, slack: Chat, addresses: Addresses, session: aiohttp.ClientSession) -> Transports:
    """Slack and Discord always; SMS and e-mail when they are set up."""
    return Transports(
        slack=slack,
        addresses=addresses,
        sms=_sms(settings),
        email=SmtpEmail(settings.smtp_url, settings.sender_address) if settings.smtp_url else None,
        discord=DiscordWebhook(session),
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
