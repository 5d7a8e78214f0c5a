"""Escalation chains of Grafana OnCall as policies: waits become minutes from the beginning. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from handlers.imports.house import Document, House, channel
from handlers.imports.reading import Export, Said, inside, number, text, texts

_MOST_MINUTES = 10_080
_LEFT = {
    "notify_user_group": "Slack's user groups are not paged: name the people, or their team",
    "trigger_webhook": "nothing is sent to other addresses",
    "trigger_action": "nothing is sent to other addresses",
    "resolve": "an incident ends with its alerts, or by somebody",
    "notify_if_time_from_to": "policies are the same at all hours: what comes after it fires at any time",
    "notify_if_num_alerts_in_window": "one group is one incident, however many alerts: what comes after always fires",
    "repeat_escalation": "a policy ends with its last step; a policy's ack_timeout pages again when nobody goes on",
    "declare_incident": "every group of alerts is an incident here",
}


@dataclass(slots=True)
class _Chain:
    """One chain while it is walked: `minutes` from the beginning."""

    house: House
    name: str
    team: Document
    channel: str
    schedules: Mapping[str, Document]
    minutes: int = 0
    steps: list[Document] = field(default_factory=list)

    def walk(self, said: list[Said]) -> None:
        for one in said:
            kind = text(one, "type")
            if kind == "wait":
                self.minutes = min(self.minutes + math.ceil(number(one, "duration") / 60), _MOST_MINUTES)
            else:
                self._step(kind, one)

    def _step(self, kind: str, said: Said) -> None:
        place = f"chain {self.name}, step {int(number(said, 'position')) + 1} ({kind})"
        if kind in _LEFT:
            self.house.leave(place, _LEFT[kind])
            return
        targets = list(self._targets(kind, said, place))
        by = "SLACK + SMS" if said.get("important") is True else "SLACK"
        for target in targets:
            way = "SLACK" if target.startswith("CHANNEL") else by
            self.steps.append({"delay": f"{self.minutes} minutes", "type": way, "target": target})

    def _targets(self, kind: str, said: Said, place: str) -> Iterator[str]:
        if kind == "notify_on_call_from_schedule":
            yield from self._on_call(text(said, "notify_on_call_from_schedule"), place)
        elif kind in ("notify_persons", "notify_person_next_each_time"):
            if kind == "notify_person_next_each_time":
                self.house.leave(place, "nobody takes turns from alert to alert: all of them are paged")
            keys = texts(said, "persons_to_notify") + texts(said, "persons_to_notify_next_each_time")
            for key in dict.fromkeys(keys):
                if handle := self.house.handle(key):
                    yield f"USER ({handle})"
                else:
                    self.house.leave(f"{place}, person {key}", "they were not exported: fetch users too")
        elif kind == "notify_team_members":
            if self.house.teams.get(text(said, "team_to_notify")) is self.team:
                yield "TEAM"
            else:
                self.house.leave(place, "a policy pages its own team: name the people of the other one")
        elif kind == "notify_whole_channel" and self.channel:
            yield f"CHANNEL ({self.channel})"
        elif kind == "notify_whole_channel":
            self.house.leave(place, "no route of this chain has a Slack channel")
        else:
            self.house.leave(place, "there is nothing like it here")

    def _on_call(self, schedule: str, place: str) -> Iterator[str]:
        """The team's own on-call; of another schedule, the people themselves: rather too many than nobody."""
        other = self.schedules.get(schedule)
        if other is self.team:
            yield "ON_CALL"
            return
        if other is None:
            self.house.leave(f"{place}, schedule {schedule}", "it was not exported: fetch schedules too")
            return
        rotations = other["on_call"].get("rotations", [])
        people = list(dict.fromkeys(handle for one in rotations for handle in one["people"]))
        why = "a policy knows its own team's on-call alone"
        if people:
            self.house.leave(place, f"{why}: everybody in the rotations of {other['name']} is paged")
        else:
            self.house.leave(place, f"{why}, and {other['name']} has no rotation that is here")
        yield from (f"USER ({handle})" for handle in people)


def carried(
    export: Export, house: House, schedules: Mapping[str, Document], channels: Mapping[str, str]
) -> dict[str, Document]:
    """The policies of all chains; gives back whose each chain's is."""
    steps: dict[str, list[Said]] = {}
    for one in export.of("step"):
        steps.setdefault(text(one, "escalation_chain_id"), []).append(one)
    found: dict[str, Document] = {}
    in_use = _by_default(export)
    ordered = sorted(export.of("chain"), key=lambda said: text(said, "id") not in in_use)
    for said in ordered:
        key, name = text(said, "id"), text(said, "name")
        mine = sorted(steps.pop(key, []), key=lambda one: number(one, "position"))
        team = _team(said, mine, house, schedules)
        chain = _Chain(house, name, team, _channel(key, export, channels), schedules)
        chain.walk(mine)
        if not chain.steps:
            house.leave(f"chain {name}", "no step of it pages anybody here")
            house.teams.pop(f"chain:{key}", None)
            continue
        found[key] = team
        house.policies.append(_policy(chain, house))
    for key in steps:
        house.leave(
            f"escalation policies of the chain {key}", "the chain was not exported: fetch escalation_chains too"
        )
    return found


def _by_default(export: Export) -> set[str]:
    """The chains that are the last route of some integration."""
    last = [one for one in export.of("route") if one.get("is_the_last_route") is True]
    last += [inside(one, "default_route") for one in export.of("integration")]
    return {text(one, "escalation_chain_id") for one in last}


def _team(said: Said, steps: list[Said], house: House, schedules: Mapping[str, Document]) -> Document:
    """Whose policy a chain is: the team that it pages first by a schedule, else its own, else one of its name."""
    paged = (text(one, "notify_on_call_from_schedule") for one in steps)
    first = next((schedules[key] for key in paged if key in schedules), None)
    if first is not None:
        return first
    owner = text(said, "team_id")
    if owner in house.teams:
        return house.teams[owner]
    team = house.team(f"chain:{text(said, 'id')}", text(said, "name"))
    named = [key for one in steps for key in texts(one, "persons_to_notify")]
    named += [key for one in steps for key in texts(one, "persons_to_notify_next_each_time")]
    house.join(team, (house.handle(key) for key in named))
    return team


def _channel(chain: str, export: Export, channels: Mapping[str, str]) -> str:
    """The Slack channel of the first route that leads to a chain."""
    routes = [*export.of("route"), *(inside(one, "default_route") for one in export.of("integration"))]
    keys = (text(inside(one, "slack"), "channel_id") for one in routes if text(one, "escalation_chain_id") == chain)
    return next((channels.get(key, key) for key in keys if channel(key)), "")


def _policy(chain: _Chain, house: House) -> dict[str, Any]:
    """A team's first policy is the one it has by default. Which of two fits, only a severity can tell."""
    made: dict[str, Any] = {"Policy": house.unique("policy", chain.name), "Team": chain.team["name"]}
    is_first = all(one["Team"] != chain.team["name"] for one in house.policies)
    if is_first:
        made["Default"] = True
    else:
        made["Active"] = False
        reason = f"{chain.team['name']} has a policy already: give this one a severity, then make it active"
        house.leave(f"chain {chain.name}", reason)
    return made | {"Steps": house.steps(f"chain {chain.name}", chain.steps)}
