"""Escalations of Opsgenie as policies, and the routing rules of its teams as the severities that they are for. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from handlers.imports.house import Document, House
from handlers.imports.reading import Export, Said, inside, items, number, text

_MOST_MINUTES = 10_080
_UNITS = {"minutes": 1, "hours": 60, "days": 1440, "seconds": 1 / 60}
_PRIORITIES = {"P1": "SEV1_CRITICAL", "P2": "SEV2_HIGH", "P3": "SEV3_MEDIUM", "P4": "SEV4_LOW", "P5": "SEV4_LOW"}
_OTHERS = {
    "next": "whoever is next in the rotation is not paged apart: it is whoever is on call",
    "previous": "whoever was before in the rotation is not paged apart: it is whoever is on call",
    "random": "nobody is drawn by lot: all members are paged",
}


def carried(export: Export, house: House, schedules: Mapping[str, Document]) -> dict[str, Document]:
    """The policies of all escalations; gives back the teams by Opsgenie's ids, for whatever else belongs to them."""
    teams = {key: team for key, team in house.teams.items() if not key.startswith("schedule:")}
    rules = {text(said, "id"): _routing(said, house) for said in export.of("team")}
    for said in _escalations(export):
        owner = text(inside(said, "ownerTeam"), "id")
        team = (
            teams.get(owner)
            or _first_team(said, schedules)
            or house.team(f"escalation:{text(said, 'id')}", _name(said))
        )
        steps = list(_steps(said, team, house, schedules))
        if not steps:
            house.leave(f"escalation {_name(said)}", "no rule of it pages anybody here")
            house.teams.pop(f"escalation:{text(said, 'id')}", None)
            continue
        if inside(said, "repeat"):
            reason = "a policy ends with its last step; a policy's ack_timeout pages again when nobody goes on"
            house.leave(f"escalation {_name(said)}, repeat", reason)
        _policies(said, team, steps, rules.get(owner, {}), house)
    return teams


def paged(export: Export) -> Iterator[str]:
    """The schedules (ids) that rules page, as often as they do."""
    for said in _escalations(export):
        for rule in items(said, "rules"):
            yield from (text(one, "id") for one in _recipients(rule) if text(one, "type").casefold() == "schedule")


def _escalations(export: Export) -> list[Said]:
    """Those there are; and for each schedule that a team's routing rule pages at once, one that does the same."""
    found = export.of("escalation")
    for team in export.of("team"):
        notified = [inside(rule, "notify") for rule in _rules(team) if _severity(rule) is not None]
        direct = {text(one, "id"): one for one in notified if text(one, "type").casefold() == "schedule"}
        found += [{**one, "ownerTeam": team, "rules": [{"recipient": one}]} for one in direct.values()]
    return found


def _rules(team: Said) -> list[Said]:
    found = items(team, "teamRoutingRules") or items(team, "routingRules")
    return sorted(found, key=lambda one: number(one, "order"))


def _name(said: Said) -> str:
    return text(said, "name", "id")


def _first_team(said: Said, schedules: Mapping[str, Document]) -> Document | None:
    keys = (text(recipient, "id") for rule in items(said, "rules") for recipient in _recipients(rule))
    return next((schedules[key] for key in keys if key in schedules), None)


def _recipients(rule: Said) -> list[Said]:
    """One, or as some exports have it, several."""
    return items(rule, "recipient") or ([inside(rule, "recipient")] if inside(rule, "recipient") else [])


def _steps(said: Said, team: Document, house: House, schedules: Mapping[str, Document]) -> Iterator[Document]:
    rules = sorted(items(said, "rules"), key=_minutes)
    for place, rule in enumerate(rules, 1):
        where = f"escalation {_name(said)}, rule {place}"
        if text(rule, "condition") == "if-not-closed":
            house.leave(where, "an acknowledgement ends the escalation here, also of what is not closed")
        for recipient in _recipients(rule):
            for target in _targets(rule, recipient, where, team, house, schedules):
                yield {"delay": f"{_minutes(rule)} minutes", "type": "SLACK + SMS", "target": target}


def _minutes(rule: Said) -> int:
    """When a rule is due, from the beginning, which is how Opsgenie counts too."""
    delay = inside(rule, "delay")
    amount = number(delay, "timeAmount") if delay else number(rule, "delay")
    unit = _UNITS.get(text(delay, "timeUnit").casefold(), 1)
    return min(math.ceil(amount * unit), _MOST_MINUTES)


def _targets(
    rule: Said, recipient: Said, where: str, team: Document, house: House, schedules: Mapping[str, Document]
) -> Iterator[str]:
    kind, key, how = text(recipient, "type").casefold(), text(recipient, "id"), text(rule, "notifyType").casefold()
    if kind == "user" and house.handle(key):
        yield f"USER ({house.handle(key)})"
    elif kind == "schedule" and key in schedules:
        if how in ("next", "previous"):
            house.leave(where, _OTHERS[how])
        yield from _on_call(schedules[key], where, team, house)
    elif kind == "team" and house.teams.get(key) is team:
        yield from _of_team(how, where, team, house)
    elif kind == "team" and key in house.teams:
        other = house.teams[key]
        reason = f"a policy knows its own team alone: every member of {other['name']} is paged"
        house.leave(where, reason if other["members"] else f"{other['name']} has no members that are here")
        yield from (f"USER ({handle})" for handle in other["members"])
    else:
        house.leave(f"{where}, {kind} {text(recipient, 'username', 'name', 'id')}", "it is not among what was exported")


def _on_call(other: Document, where: str, team: Document, house: House) -> Iterator[str]:
    """The team's own on-call; of another schedule, the people themselves: rather too many than nobody."""
    if other is team:
        yield "ON_CALL"
        return
    people = dict.fromkeys(handle for one in other["on_call"].get("rotations", []) for handle in one["people"])
    reason = f"a policy knows its own team's on-call alone: everybody in the rotations of {other['name']} is paged"
    house.leave(where, reason if people else f"{other['name']} has no rotation that is here")
    yield from (f"USER ({handle})" for handle in people)


def _of_team(how: str, where: str, team: Document, house: House) -> Iterator[str]:
    if how == "random":
        house.leave(where, _OTHERS[how])
    if how in ("all", "users", "random"):
        yield "TEAM"
    elif how == "admins" and team.get("lead"):
        yield "USER (team_lead)"
    elif how == "admins":
        house.leave(where, "no admin of the team is here")
    elif team.get("on_call", {}).get("rotations"):
        yield "ON_CALL"
    else:
        yield "TEAM"


def _routing(said: Said, house: House) -> dict[str, list[str]]:
    """For which severities ("" for all) a team's routing rules lead to each escalation, by its id. What is so at all
    hours counts before what is so at some."""
    found: dict[str, list[str]] = {}
    for rule in sorted(_rules(said), key=lambda one: bool(inside(one, "timeRestriction"))):
        notify, name = inside(rule, "notify"), f"team {text(said, 'name')}, routing rule {text(rule, 'name', 'id')}"
        key, severity = text(notify, "id"), _severity(rule)
        if inside(rule, "timeRestriction"):
            house.leave(name, "policies are the same at all hours")
        if severity is None or text(notify, "type").casefold() not in ("escalation", "schedule"):
            house.leave(name, "a policy is chosen by severity: write an alert rule by labels for anything else")
        elif any(severity in others for one, others in found.items() if one != key):
            house.leave(name, "another rule is for the same severity: here it is that one's escalation alone")
        else:
            found.setdefault(key, []).append(severity)
    return found


def _severity(rule: Said) -> str | None:
    """What a rule is for: "" for all, None for what severities can't say."""
    criteria = inside(rule, "criteria")
    conditions = items(criteria, "conditions")
    if rule.get("isDefault") is True or (text(criteria, "type") in ("", "match-all") and not conditions):
        return ""
    if len(conditions) != 1 or conditions[0].get("not") is True:
        return None
    (one,) = conditions
    is_priority = text(one, "field") == "priority" and text(one, "operation") == "equals"
    return _PRIORITIES.get(text(one, "expectedValue").upper()) if is_priority else None


def _policies(said: Said, team: Document, steps: list[Document], rules: Mapping[str, list[str]], house: House) -> None:
    """One for each severity that leads to it; the team's default by its default rule, or because it is its first."""
    severities = list(dict.fromkeys(rules.get(text(said, "id"), [])))
    others = [one for one in house.policies if one["Team"] == team["name"]]
    if not severities and (rules or others):
        _policy(said, team, steps, {"Active": False}, house)
        house.leave(f"escalation {_name(said)}", "no routing rule leads to it: give it a severity, then make it active")
        return
    for severity in severities or [""]:
        has_default = any(one.get("Default") for one in others)
        _policy(said, team, steps, {"Severity": severity} if severity else {"Default": not has_default}, house)


def _policy(said: Said, team: Document, steps: list[Document], how: Document, house: House) -> None:
    severity = str(how.get("Severity", "")).partition("_")[0]
    name = f"{_name(said)[:90]} {severity}".strip()
    made: dict[str, Any] = {"Policy": house.unique("policy", name), "Team": team["name"]}
    if text(said, "description"):
        made["Description"] = text(said, "description")[:3000]
    made |= {key: value for key, value in how.items() if key != "Default" or value}
    house.policies.append(made | {"Steps": house.steps(f"escalation {_name(said)}", steps)})
