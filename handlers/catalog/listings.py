"""What lists of the catalog may be asked. Pure."""

from __future__ import annotations

from domain.incidents import Severity
from domain.people import Role
from domain.policies import Channel, TargetType
from handlers.lists import Filter, Listing

_SEVERITY = Filter("severity", "severity_filter", Severity)
_SERVICE, _TEAM, _ACTIVE = Filter("service"), Filter("team"), Filter("is_active")
RUNBOOK_LISTING = Listing(
    orders=("title", "service", "severity_filter", "version"),
    words=("title", "description"),
    filters=(_SERVICE, _SEVERITY, _ACTIVE, Filter("is_four_eyes", "four_eyes")),
    usual="title",
)
POLICY_LISTING = Listing(
    orders=("name", "team", "severity_filter", "version"),
    words=("name", "description"),
    filters=(_TEAM, _SEVERITY, _ACTIVE, Filter("is_default")),
    usual="name",
)
SERVICE_LISTING = Listing(
    orders=("name", "team"), words=("name", "aliases"), filters=(_TEAM, Filter("service", "name")), usual="name"
)
TEAM_LISTING = Listing(
    orders=("name", "channel", "lead"),
    words=("name", "channel", "lead", "members"),
    filters=(Filter("team", "name"), Filter("lead"), Filter("member", "members")),
    usual="name",
)
PERSON_LISTING = Listing(
    orders=("handle", "name", "email", "role"),
    words=("handle", "name", "email", "teams"),
    filters=(Filter("team", "teams"), Filter("role", choices=Role), Filter("locale"), _ACTIVE),
    usual="handle",
)
SCHEDULE_LISTING = Listing(
    orders=("team", "timezone"), words=("team", "timezone"), filters=(_TEAM, Filter("timezone")), usual="team"
)
RUNBOOK_STEP_LISTING = Listing(
    orders=("order", "title", "expected_duration"),
    words=("title", "description", "command"),
    filters=(Filter("is_critical"),),
    is_whole=True,
)
POLICY_STEP_LISTING = Listing(
    orders=("step_order", "delay_minutes"),
    words=("message", "target_type", "target_user", "target_email", "target_channel"),
    filters=(Filter("notification_type", choices=Channel), Filter("target_type", choices=TargetType), _ACTIVE),
    is_whole=True,
)
