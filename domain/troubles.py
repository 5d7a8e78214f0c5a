"""What stands in a page's way for longer than a moment: a channel that is gone, an account that is closed, credit that
runs out. An admin is told once, and it is shown until it works again. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.directory import Directory
from domain.notifications import Notification
from domain.policies import Channel
from domain.webhooks import is_webhook, redacted


class Trouble(StrEnum):
    """What is wrong; the values are kept."""

    ARCHIVED = "archived"
    GONE = "gone"
    NOT_A_MEMBER = "not_a_member"
    MAY_NOT_POST = "may_not_post"
    MISSING_SCOPE = "missing_scope"
    WEBHOOK_GONE = "webhook_gone"
    USER_GONE = "user_gone"
    UNAUTHORIZED = "unauthorized"
    NO_SOCKETS = "no_sockets"
    LOW_CREDIT = "low_credit"
    NO_CREDIT = "no_credit"
    SMS_REFUSED = "sms_refused"
    MAIL_REFUSED = "mail_refused"
    CALLS_REFUSED = "calls_refused"


RIGHTS = (
    "missing_scope",
    "no_permission",
    "access_denied",
    "accesslimited",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "team_access_not_granted",
)
"""Slack's names for what its administrators, or those of the organisation, let the app not do."""
WEBHOOK_REFUSES = ("10003", "10015", "50027")
"""Discord's numbers for a thread, a webhook and a key that are not there (any more)."""
_CODES = {
    "is_archived": Trouble.ARCHIVED,
    "channel_not_found": Trouble.GONE,
    "not_in_channel": Trouble.NOT_A_MEMBER,
    "method_not_supported_for_channel_type": Trouble.NOT_A_MEMBER,
    "restricted_action": Trouble.MAY_NOT_POST,
    "restricted_action_read_only_channel": Trouble.MAY_NOT_POST,
    "restricted_action_thread_only_channel": Trouble.MAY_NOT_POST,
    "is_inactive": Trouble.ARCHIVED,
    **dict.fromkeys(RIGHTS, Trouble.MISSING_SCOPE),
    **dict.fromkeys(WEBHOOK_REFUSES, Trouble.WEBHOOK_GONE),
    "user_disabled": Trouble.USER_GONE,
    "user_not_found": Trouble.USER_GONE,
    "users_not_found": Trouble.USER_GONE,
    "cannot_dm_bot": Trouble.USER_GONE,
}
_OF_THE_TOKEN = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
BROKEN_PLACES = frozenset(
    {
        Trouble.ARCHIVED,
        Trouble.GONE,
        Trouble.NOT_A_MEMBER,
        Trouble.MAY_NOT_POST,
        Trouble.MISSING_SCOPE,
        Trouble.WEBHOOK_GONE,
    }
)
SLACK, WEBHOOK = "slack", "webhook"
DIRECT = "slack:direct"
"""All direct messages: what the app may not do for one person it may do for nobody."""
SLACK_SOCKETS = "slack:sockets"
SMS_CREDIT = "sms:credit"
SMS_KEYS, SMS_NO_CREDIT, MAIL_LOGIN, CALLS_LINE = "sms:keys", "sms:no_credit", "mail:login", "calls:line"
OF_PROVIDERS = frozenset(
    {Trouble.LOW_CREDIT, Trouble.NO_CREDIT, Trouble.SMS_REFUSED, Trouble.MAIL_REFUSED, Trouble.CALLS_REFUSED}
)
"""Those of a whole way out, and of no target."""
OVH_REFUSES, NO_CREDIT_LEFT, SMTP_REFUSES, GATEWAY_REFUSES = "REFUSED", "NO_CREDIT", "SMTP_REFUSED", "GATEWAY_REFUSED"
"""What a transport calls a refusal of the account, where its provider has no name for it that is known here."""
NOT_GRANTED = "NOT_GRANTED_CALL"
"""OVH's name for good keys that may not do what is asked, and may do something else."""
OVH_KEYS = frozenset(
    {"INVALID_KEY", "INVALID_CREDENTIAL", "INVALID_SIGNATURE", "NOT_CREDENTIAL", NOT_GRANTED, OVH_REFUSES}
)
"""OVH's names for keys that it does not take, or not for what they are there for."""
LOW_CREDITS = 20
"""SMS that are left when an admin is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A trouble that lasts. `name` is the target's: `channel:#sre`, `person:U01ADA`, `webhook:` and what may be shown
    of it, or one of Vigie's own; `label` is what people call it."""

    name: str
    trouble: Trouble
    label: str
    detail: str
    since: datetime


def classify(code: str, *, is_to_a_person: bool) -> Trouble | None:
    """What Slack's refusal, or Discord's, says of the target, None when it says nothing of it. A direct channel that is
    gone is an account that is."""
    if code in _OF_THE_TOKEN:
        return Trouble.UNAUTHORIZED
    found = _CODES.get(code)
    if found is Trouble.MISSING_SCOPE:
        return found
    return Trouble.USER_GONE if found in BROKEN_PLACES and is_to_a_person else found


def account(channel: Channel, code: str) -> tuple[str, Trouble] | None:
    """The name and the kind of what a provider holds against the account itself, None when it is only this message that
    it refuses."""
    if channel is Channel.SMS and code == NO_CREDIT_LEFT:
        return SMS_NO_CREDIT, Trouble.NO_CREDIT
    if channel is Channel.SMS and code in OVH_KEYS:
        return SMS_KEYS, Trouble.SMS_REFUSED
    if channel is Channel.EMAIL and code == SMTP_REFUSES:
        return MAIL_LOGIN, Trouble.MAIL_REFUSED
    if channel is Channel.PHONE and code in (*OVH_KEYS, NO_CREDIT_LEFT, GATEWAY_REFUSES):
        return CALLS_LINE, Trouble.CALLS_REFUSED
    return None


ACCOUNTS = {
    Channel.SMS: frozenset({SMS_KEYS, SMS_NO_CREDIT}),
    Channel.EMAIL: frozenset({MAIL_LOGIN}),
    Channel.PHONE: frozenset({CALLS_LINE}),
}
"""What is over once a provider takes something."""


_OF_CHANNELS = {name: channel for channel, names in ACCOUNTS.items() for name in names} | {SMS_CREDIT: Channel.SMS}


def is_counted_on(name: str, directory: Directory, channels: Collection[Channel]) -> bool:
    """Whether pages may still go where a trouble of that name is: at a target that the catalog names no more, and by a
    channel that is not set up any more, nobody is paged."""
    if name in _OF_CHANNELS:
        return _OF_CHANNELS[name] in channels
    kind, _, address = name.partition(":")
    return kind not in ("channel", "person", WEBHOOK) or address in _addresses(directory)


def _addresses(directory: Directory) -> frozenset[str]:
    teams = (team.channel for team in directory.teams.values())
    targets = (redacted(step.target.value) for policy in directory.policies.values() for step in policy.steps)
    people = [person for person in directory.people.values() if person.is_active]
    # Slack finds by e-mail only those whose id nobody knows.
    former = {person.email for person in people if person.slack}
    return frozenset((*teams, *targets, *(person.slack or person.email for person in people))) - former


def target(page: Notification | None, channel: str) -> tuple[str, str]:
    """The name and the label of whatever a message in Slack or Discord went to: a page's own address, else the
    incident's `channel`; ("", "") for what goes another way."""
    if page is None:
        return (f"channel:{channel}", channel) if channel else ("", "")
    name = place_of(page.channel, page.recipient.address, is_a_place=page.is_to_a_channel)
    label = redacted(page.recipient.address) if is_of_webhook(name) else page.recipient.name
    return (name, label) if name else ("", "")


def is_of_webhook(name: str) -> bool:
    """Whether a target's name stands for a webhook: Slack has nothing to do with it."""
    return name.startswith(f"{WEBHOOK}:")


def channel_of(name: str) -> str:
    """The channel that a target's name stands for, "" when it stands for none."""
    kind, _, channel = name.partition(":")
    return channel if kind == "channel" else ""


def place_of(channel: Channel, address: str, *, is_a_place: bool) -> str:
    """The name of what `address` is, for a channel or a person in Slack, or a webhook; "" for what goes another way."""
    if channel is not Channel.SLACK:
        return ""
    if is_webhook(address):
        return f"{WEBHOOK}:{redacted(address)}"
    return f"{'channel' if is_a_place else 'person'}:{address}"
