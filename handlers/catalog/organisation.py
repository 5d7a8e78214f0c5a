"""People, teams with their rotations, services: from fields to drafts. Pure."""

from __future__ import annotations

import re

from domain import user_groups
from domain.escalations import TEAM_LEAD
from domain.organisation import HANDLE, LONGEST_EMAIL, SLACK, is_email
from domain.people import Role
from handlers.catalog import on_call, preferences, responses
from handlers.catalog.drafts import Drafts, OnCallDraft, PersonDraft, ServiceDraft, TeamDraft
from handlers.catalog.phones import e164
from handlers.catalog.source import Fields

_CHANNEL_ID = r"[CG][A-Z0-9]{5,20}"
CHANNEL = re.compile(rf"#?(?:(?![A-Z])[\w-]){{1,80}}|{_CHANNEL_ID}")
LOCALES = ("en", "fr")
_GROUP = "must be a Slack user group such as @sre-oncall, or its id"


def read(document: Fields, drafts: Drafts) -> None:
    """Everything that one organisation document says."""
    drafts.people += [_person(fields) for fields in document.mappings("people")]
    drafts.teams += [_team(fields) for fields in document.mappings("teams")]
    drafts.services += [_service(fields) for fields in document.mappings("services")]


def _person(fields: Fields) -> PersonDraft:
    handle = fields.text("handle", required=True, limit=60).removeprefix("@")
    if handle and not HANDLE.fullmatch(handle):
        fields.fault("handle", "must be letters, digits, . _ or -, such as ada or john.doe")
    if handle.casefold() == TEAM_LEAD:
        fields.fault("handle", f"{TEAM_LEAD} means whoever leads the team: take another name")
    draft = PersonDraft(
        fields=fields,
        handle=handle,
        name=fields.text("name", limit=100) or handle,
        email=email(fields, "email"),
        phone=_phone(fields),
        slack=_matched(fields, "slack", SLACK, "must be a Slack user id such as U01ADA"),
        role=_role(fields),
        locale=_locale(fields),
        is_active=fields.flag("active", "is_active", default=True),
        preferences=preferences.read(fields),
    )
    fields.close()
    return draft


def email(fields: Fields, name: str) -> str:
    """An address of one mailbox."""
    written = fields.text(name, limit=LONGEST_EMAIL)
    if written and not is_email(written):
        fields.fault(name, "must be an e-mail address such as ada@example.com")
        return ""
    return written


def _phone(fields: Fields) -> str:
    written = fields.text("phone", limit=40)
    if not written:
        return ""
    number = e164(written)
    if not number:
        fields.fault("phone", "must be a number with its country, such as +33600000001")
    return number


def _role(fields: Fields) -> Role:
    written = fields.text("role").lower()
    if written and written not in list(Role):
        fields.fault("role", f"must be one of {', '.join(Role)}")
    return Role(written) if written in list(Role) else Role.OPERATOR


def _locale(fields: Fields) -> str:
    written = fields.text("locale").lower()
    if written and written not in LOCALES:
        fields.fault("locale", f"must be one of {', '.join(LOCALES)}")
    return written


def _matched(fields: Fields, name: str, pattern: re.Pattern[str], message: str) -> str:
    written = fields.text(name, limit=100)
    if written and not pattern.fullmatch(written):
        fields.fault(name, message)
        return ""
    return written


def _team(fields: Fields) -> TeamDraft:
    written = fields.mapping("on_call")
    draft = TeamDraft(
        fields=fields,
        name=fields.text("name", required=True, limit=100),
        channel=channel(fields, "channel"),
        lead=fields.text("lead").removeprefix("@"),
        members=tuple(name.removeprefix("@") for name in fields.texts("members")),
        locale=_locale(fields),
        on_call=on_call.read(written) if written else OnCallDraft(),
        digest=fields.flag("digest", default=False),
        user_group=user_groups.written(_matched(fields, "user_group", user_groups.GROUP, _GROUP)),
        response=responses.read(fields),
    )
    fields.close()
    return draft


def channel(fields: Fields, name: str) -> str:
    """A Slack channel, as #name or by its id."""
    return with_hash(_matched(fields, name, CHANNEL, "must be a Slack channel such as #sre-incidents"))


def with_hash(channel: str) -> str:
    """A channel's name as people write it; an id stays as it is."""
    is_named = channel and not channel.startswith("#") and not re.fullmatch(_CHANNEL_ID, channel)
    return f"#{channel}" if is_named else channel


def _service(fields: Fields) -> ServiceDraft:
    draft = ServiceDraft(
        fields=fields,
        name=fields.text("name", required=True, limit=100),
        team=fields.text("team", required=True),
        aliases=tuple(fields.texts("aliases")),
        auto_resolve=fields.flag("auto_resolve", default=True),
        stakeholders=responses.stakeholders(fields),
    )
    fields.close()
    return draft
