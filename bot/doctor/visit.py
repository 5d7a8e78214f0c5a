"""A visit of the doctor: everything opened, looked at all at once, and closed again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, aclosing

import aiohttp

from bot.doctor.database import Database
from bot.doctor.findings import SECONDS, Check, Finding, examine
from bot.doctor.house import House
from bot.doctor.mail import Mail
from bot.doctor.phone import Phone
from bot.doctor.reach import Reach
from bot.doctor.slack import Slack
from bot.doctor.sms import Sms
from bot.doctor.workspace import Workspace
from bot.settings import Settings

_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS - 0.5)


async def visit(
    settings: Settings, wrong: Mapping[str, str], seconds: float = SECONDS
) -> AsyncGenerator[Finding, None]:
    """The findings, as they come; `wrong` is what `settings.survey` found, and what hangs on it is left out."""
    async with AsyncExitStack() as stack:
        checks = await _checks(settings, wrong, stack)
        examining = await stack.enter_async_context(aclosing(examine(checks, seconds)))
        async for finding in examining:
            yield finding


async def _checks(settings: Settings, wrong: Mapping[str, str], stack: AsyncExitStack) -> list[Check]:
    checks = House(settings, wrong).checks
    database = None
    if not _any(wrong, "DATABASE_URL"):
        database = Database(settings.database_url, settings.keys)
        stack.push_async_callback(database.close)
        checks += [*database.checks, *Reach(settings, database).checks]
    if not _any(wrong, "SLACK_"):
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=_TIMEOUT))
        slack = Slack(settings, session)
        stack.push_async_callback(slack.close)
        checks += [*slack.checks, *(Workspace(slack, database).checks if database else [])]
    if not _any(wrong, "OVH_"):
        sms = Sms(settings, database)
        stack.push_async_callback(sms.close)
        checks += sms.checks
    if not _any(wrong, "PHONE_", "OVH_"):
        phone = Phone(settings, database)
        stack.push_async_callback(phone.close)
        checks += phone.checks
    if not _any(wrong, "SMTP_URL", "MAIL_FROM"):
        checks += Mail(settings, database).checks
    return checks


def _any(wrong: Mapping[str, str], *beginnings: str) -> bool:
    return any(name.startswith(beginnings) for name in wrong)
