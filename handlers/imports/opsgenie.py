"""What Opsgenie's configuration backup or its API wrote, as Vigie's files: users, teams with their routing rules,
schedules with their overrides, escalations, integrations. Pure; `now` tells what is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.imports import opsgenie_escalations
from handlers.imports.house import Document, House
from handlers.imports.opsgenie_schedules import RotationsOf
from handlers.imports.reading import Export, Record, Said, Shapes, inside, items, read, text
from handlers.imports.stretches import zone_of

KINDS = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "escalations": "escalation",
    "integrations": "integration",
    "forwardings": "forwarding",
    "policies": "alert policy",
    "heartbeats": "heartbeat",
    "maintenance": "maintenance",
    "customuserroles": "role",
    "services": "service",
}
SHAPES: Shapes = (
    ("user", lambda said: "fullName" in said or ("user" in said and "notificationRuleList" in said)),
    ("team", lambda said: "members" in said or "team" in said),
    ("schedule", lambda said: "rotations" in said or "schedule" in said),
    ("escalation", lambda said: "rules" in said),
    ("forwarding", lambda said: "fromUser" in said),
    ("heartbeat", lambda said: "intervalUnit" in said),
    ("integration", lambda said: "integration" in said or ("type" in said and "enabled" in said)),
)
_ROLES = {"owner": "admin", "admin": "admin", "user": "operator", "observer": "viewer", "stakeholder": "viewer"}
_INTAKES = {
    "prometheus": "alertmanager",
    "grafana": "grafana",
    "grafanav2": "grafana",
    "datadog": "datadog",
    "sentry": "sentry",
    "pagerduty": "pagerduty",
}
_PHONES = ("sms", "voice", "mobile")
_NOT_OURS = {
    "forwarding": "somebody stands in by /oncall override",
    "alert policy": "rules for alerts do some of it: write them by labels (docs/intake.md)",
    "heartbeat": "write it under heartbeats, and let its source call the address here (docs/intake.md)",
    "maintenance": "silence alerts where they come from, or snooze the incident",
    "role": "there are four roles: viewer, responder, operator, admin",
    "service": "the integrations are the services",
}


def carried(files: Sequence[tuple[str, bytes]], now: datetime) -> House:
    """A house of what `files` (name, JSON) export. Raises Invalid for what is no JSON."""
    export = _unwrapped(read(files, KINDS, SHAPES))
    house = House()
    _people(export, house)
    schedules = _teams_and_schedules(export, house, now)
    teams = opsgenie_escalations.carried(export, house, schedules)
    _integrations(export, house, teams)
    house.tell_who_pages_nobody()
    for kind, reason in _NOT_OURS.items():
        for said in export.of(kind):
            house.leave(f"{kind} {_name_of(kind, said)}", reason)
    for name in export.unknown:
        house.leave(name, "has something in it that is not known; keep the folders of the backup: users, teams, …")
    return house


def _name_of(kind: str, said: Said) -> str:
    whose = text(inside(said, "fromUser"), "username", "id")
    return whose if kind == "forwarding" and whose else text(said, "name", "description", "id")


def _unwrapped(export: Export) -> Export:
    """Without the wrapping that the backup has around some things; what stands beside a thing stays with it."""
    records = []
    for record in export.records:
        inner = inside(record.said, record.kind.rpartition(" ")[2])
        said = {**{name: value for name, value in record.said.items() if not isinstance(value, dict)}, **inner}
        records.append(Record(record.kind, said if inner else record.said, record.file))
    return Export(tuple(records), export.unknown, export.halves)


def _people(export: Export, house: House) -> None:
    with_rules = False
    for said in export.of("user"):
        email = text(said, "username")
        known = {"username": email, "email": email, "name": text(said, "fullName")}
        role = _ROLES.get(text(inside(said, "role"), "name").casefold(), "")
        locale = text(said, "locale").casefold()[:2]
        language = locale if locale in ("en", "fr") else ""
        more = {"role": role, "phone": _phone(said), "locale": language, "active": said.get("blocked") is not True}
        house.person(text(said, "id") or email, {**known, **more})
        with_rules |= bool(items(said, "notificationRuleList"))
    if with_rules:
        reason = "how people are told is a matter of the policies here: every step goes by SLACK and SMS"
        house.leave("notification rules of the users", reason)


def _phone(said: Said) -> str:
    """The first number of somebody's contacts, which Opsgenie writes as 33-600000001."""
    for one in items(said, "userContacts"):
        if text(one, "contactMethod").casefold() in _PHONES and text(one, "to"):
            written = text(one, "to").replace("-", "")
            return written if written.startswith("+") else f"+{written}"
    return ""


def _teams_and_schedules(export: Export, house: House, now: datetime) -> dict[str, Document]:
    """Which team is on call by each schedule. A team has one, the one paged most: another is a team of its own."""
    for said in export.of("team"):
        team = house.team(text(said, "id"), text(said, "name"))
        members = [(house.handle(text(inside(one, "user"), "id")), text(one, "role")) for one in items(said, "members")]
        house.join(team, (handle for handle, _ in members))
        lead = next((handle for handle, role in members if handle and role.casefold() == "admin"), "")
        if lead:
            team["lead"] = lead
        house.to_do.append(f"give the team {team['name']} its Slack channel: Opsgenie exports none")
    found: dict[str, Document] = {}
    paged = Counter(opsgenie_escalations.paged(export))
    for said in sorted(export.of("schedule"), key=lambda said: -paged[text(said, "id")]):
        key, name, owner = text(said, "id"), text(said, "name"), text(inside(said, "ownerTeam"), "id")
        if said.get("enabled") is False:
            house.leave(f"schedule {name}", "it is switched off")
            continue
        is_free = owner in house.teams and "on_call" not in house.teams[owner]
        team = house.team(owner if is_free else f"schedule:{key}", name)
        if owner in house.teams and not is_free:
            reason = f"{house.teams[owner]['name']} has a schedule already: it is a team of its own, {team['name']}"
            house.leave(f"schedule {name}", reason)
        _schedule(said, team, house, now)
        found[key] = team
    return found


def _schedule(said: Said, team: Document, house: House, now: datetime) -> None:
    name, zone = text(said, "name"), text(said, "timezone", "timeZone")
    if zone and zone_of(zone) != zone:
        house.leave(f"schedule {name}, time zone {zone}", "there is no such zone: it is UTC here")
    team["on_call"] = {"timezone": zone_of(zone)}
    moving = RotationsOf(house, team, name, zone_of(zone), now)
    moving.carry(items(said, "rotations"))
    moving.stand_in(items(said, "scheduleOverrideList") + items(said, "overrides"))


def _integrations(export: Export, house: House, teams: Mapping[str, Document]) -> None:
    """Each integration is a service of the team that it belongs to, and its alerts come with a token."""
    for place, said in enumerate(export.of("integration"), 1):
        name = text(said, "name") or text(said, "type")
        owner = text(inside(said, "ownerTeam"), "id") or text(said, "teamId")
        if said.get("enabled") is False:
            house.leave(f"integration {name}", "it is switched off")
            continue
        team = teams.get(owner)
        if team is None:
            house.leave(f"integration {name}", "it belongs to no team that is here: declare the service and its team")
            continue
        token = house.token(name, place)
        house.service(name, team, token)
        intake = _INTAKES.get(text(said, "type").casefold(), "generic")
        house.to_do.append(
            f"for {name}: vigie token create {token} --scope ingest, then send to /api/v1/webhooks/{intake}/ with it"
        )
