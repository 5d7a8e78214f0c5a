"""What the public API of Grafana OnCall lists, as Vigie's files: users, teams, schedules with their shifts, escalation
chains with their policies, integrations with their routes. Pure; `now` tells what is over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from handlers.catalog.on_call import is_calendar
from handlers.imports import oncall_chains
from handlers.imports.house import Document, House, channel
from handlers.imports.oncall_shifts import CLOCK_OF_THE_PAGES, ShiftsOf
from handlers.imports.reading import Export, Said, Shapes, inside, read, text, texts
from handlers.imports.stretches import zone_of

KINDS = {
    "users": "user",
    "teams": "team",
    "schedules": "schedule",
    "shifts": "shift",
    "oncallshifts": "shift",
    "escalationchains": "chain",
    "escalationpolicies": "step",
    "integrations": "integration",
    "routes": "route",
    "slackchannels": "channel",
    "usergroups": "group",
    "personalnotificationrules": "personal",
    "webhooks": "webhook",
    "outgoingwebhooks": "webhook",
}
SHAPES: Shapes = (
    ("step", lambda said: "escalation_chain_id" in said and "integration_id" not in said and "type" in said),
    ("route", lambda said: "integration_id" in said),
    ("integration", lambda said: "default_route" in said),
    ("shift", lambda said: "duration" in said and "start" in said),
    ("schedule", lambda said: "on_call_now" in said or "ical_url_primary" in said),
    ("personal", lambda said: "user_id" in said and "type" in said),
    ("user", lambda said: "username" in said),
    ("channel", lambda said: "slack_id" in said),
    ("team", lambda said: "avatar_url" in said or "grafana_id" in said),
    ("chain", lambda said: {"id", "name", "team_id"} == said.keys()),
)
_ROLES = {"admin": "admin", "editor": "operator", "user": "operator", "viewer": "viewer"}
_INTAKES = {
    "alertmanager": "alertmanager",
    "grafana": "grafana",
    "grafana_alerting": "grafana",
    "legacy_grafana_alerting": "grafana",
    "legacy_alertmanager": "alertmanager",
    "datadog": "datadog",
    "sentry": "sentry",
    "pagerduty": "pagerduty",
}
PAGES_ARE_OURS = (
    "how people are told is a matter of the policies here: ordinary steps go by SLACK, important ones by SLACK and SMS"
)


def carried(files: Sequence[tuple[str, bytes]], now: datetime) -> House:
    """A house of what `files` (name, JSON) export. Raises Invalid for what is no JSON."""
    export = read(files, KINDS, SHAPES)
    house = House()
    _people(export, house)
    schedules = _schedules(export, house, now)
    chains = oncall_chains.carried(export, house, schedules, _channels(export))
    _integrations(export, house, chains)
    house.tell_who_pages_nobody()
    for kind, reason in _NOT_OURS:
        for said in export.of(kind):
            house.leave(f"{kind} {text(said, 'name', 'id')}", reason)
    if export.of("personal") or export.of("step"):
        house.leave("personal notification rules", PAGES_ARE_OURS)
    for name in export.halves:
        house.leave(name, "it is one page of several: fetch the next ones too, by ?page=2 and so on")
    for name in export.unknown:
        house.leave(name, "has something in it that is not known; name it like its address, such as users.json")
    return house


_NOT_OURS = (
    ("group", "Slack's user groups are not paged: name the people, or their team"),
    ("webhook", "nothing is sent to other addresses: take Vigie's API and its audit log"),
)


def _people(export: Export, house: House) -> None:
    for said in export.of("user"):
        slack = said.get("slack")
        accounts = [one for one in slack if isinstance(one, dict)] if isinstance(slack, list) else []
        known = {
            "username": text(said, "username"),
            "email": text(said, "email"),
            "name": text(said, "name", "username"),
        }
        role = _ROLES.get(text(said, "role").casefold(), "")
        house.person(text(said, "id") or text(said, "username"), {**known, "role": role, **_slack(accounts)})
    if house.people:
        house.to_do.append("give people their phone numbers: Grafana OnCall exports none")


def _slack(accounts: Sequence[Said]) -> dict[str, str]:
    return {"slack": text(accounts[0], "user_id")} if accounts else {}


def _channels(export: Export) -> dict[str, str]:
    """Slack's channels by their id, as people call them."""
    named = {text(said, "slack_id"): text(said, "name").removeprefix("#") for said in export.of("channel")}
    return {key: f"#{name}" for key, name in named.items() if key and channel(f"#{name}")}


def _schedules(export: Export, house: House, now: datetime) -> dict[str, Document]:
    """Which team is on call by each schedule. A team has one, the one paged most: another is a team of its own."""
    for said in export.of("team"):
        house.team(text(said, "id"), text(said, "name"))
    for said in export.of("user"):
        for key in texts(said, "teams"):
            if key in house.teams:
                house.join(house.teams[key], [house.handle(text(said, "id"))])
    channels, shifts = _channels(export), {text(one, "id"): one for one in export.of("shift")}
    found: dict[str, Document] = {}
    paged = Counter(text(one, "notify_on_call_from_schedule") for one in export.of("step"))
    for said in sorted(export.of("schedule"), key=lambda said: -paged[text(said, "id")]):
        key, owner = text(said, "id"), text(said, "team_id")
        is_free = owner in house.teams and "on_call" not in house.teams[owner]
        team = house.team(owner if is_free else f"schedule:{key}", text(said, "name"))
        if owner in house.teams and not is_free:
            reason = f"{house.teams[owner]['name']} has a schedule already: it is a team of its own, {team['name']}"
            house.leave(f"schedule {text(said, 'name')}", reason)
        _schedule(said, team, shifts, house, now)
        _set_channel(team, text(inside(said, "slack"), "channel_id"), channels)
        found[key] = team
    return found


def _schedule(said: Said, team: Document, shifts: Mapping[str, Said], house: House, now: datetime) -> None:
    ids = texts(said, "shifts")
    name, zone = text(said, "name"), _clock_of(said, [shifts[key] for key in ids if key in shifts])
    if zone == CLOCK_OF_THE_PAGES != text(said, "time_zone") and text(said, "type") == "web":
        house.to_do.append(f"{name} hands over by UTC, as there: say its timezone and starts anew if clocks change")
    if zone and zone_of(zone) != zone:
        house.leave(f"schedule {name}, time zone {zone}", "there is no such zone: it is UTC here")
    team["on_call"] = {"timezone": zone_of(zone)}
    address = text(said, "ical_url_primary")
    if address.startswith(("https://", "http://")) and is_calendar(address):
        team["on_call"]["ical"] = address
    elif address:
        house.leave(f"schedule {name}, calendar", "nothing can be at its address: give another")
    if text(said, "ical_url_overrides"):
        house.leave(f"schedule {name}, calendar of overrides", "a team has one calendar: put these shifts in it")
    for key in ids:
        if key not in shifts:
            house.leave(f"schedule {name}, shift {key}", "it was not exported: fetch on_call_shifts too")
    ShiftsOf(house, team, name, zone_of(zone), now).carry([shifts[key] for key in ids if key in shifts])


def _clock_of(said: Said, shifts: Sequence[Said]) -> str:
    """The clock by which a schedule's turns change: their own, where they agree on one."""
    usual = CLOCK_OF_THE_PAGES if text(said, "type") == "web" else text(said, "time_zone")
    own = {text(one, "time_zone") or usual for one in shifts if text(one, "frequency")}
    return own.pop() if len(own) == 1 else usual


def _set_channel(team: Document, key: str, channels: Mapping[str, str]) -> None:
    if key and not team.get("channel") and channel(key):
        team["channel"] = channels.get(key, key)


def _integrations(export: Export, house: House, chains: Mapping[str, Document]) -> None:
    """Each integration is a service of the team whose chain is its last route, and its alerts come with a token."""
    routes = export.of("route")
    for place, said in enumerate(export.of("integration"), 1):
        key, name = text(said, "id"), text(said, "name") or text(said, "type")
        mine = [one for one in routes if text(one, "integration_id") == key]
        last = next((one for one in mine if one.get("is_the_last_route") is True), inside(said, "default_route"))
        _routes(name, mine, house)
        team = chains.get(text(last, "escalation_chain_id")) or house.teams.get(text(said, "team_id"))
        if team is None:
            house.leave(f"integration {name}", "nobody is paged by it: it has neither a chain that is here, nor a team")
            continue
        _set_channel(team, text(inside(last, "slack"), "channel_id"), _channels(export))
        token = house.token(name, place)
        house.service(name, team, token)
        intake = _INTAKES.get(text(said, "type").casefold(), "generic")
        house.to_do.append(
            f"for {name}: vigie token create {token} --scope ingest, then send to /api/v1/webhooks/{intake}/ with it"
        )


def _routes(name: str, routes: Sequence[Said], house: House) -> None:
    for one in routes:
        if one.get("is_the_last_route") is not True:
            pattern = text(one, "routing_regex")
            house.leave(
                f"integration {name}, route {pattern[:100]}",
                "it looks into the whole of the alert: write an alert rule by its labels (docs/intake.md)",
            )
