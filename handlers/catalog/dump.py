"""The catalog written out again, in the dialect that `vigie load` reads: loading it changes nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import yaml

from domain.directory import Directory
from domain.oncall import OnCall, Rotation
from domain.people import Person, Service, Team
from domain.policies import Policy, PolicyStep, Target
from domain.runbooks import Runbook, RunbookStep
from handlers.catalog import intake, overrides, preferences, responses
from handlers.catalog.on_call import every_text, hours_text

ORGANISATION, RUNBOOKS, POLICIES, ALERTS = "organisation.yaml", "runbooks.yaml", "policies.yaml", "alerts.yaml"


def files(directory: Directory, now: datetime) -> dict[str, str]:
    """The files that say everything `directory` does at `now`, by name; those that would be empty are left out, but for
    one, which `load` takes. Raises Conflict when something there can't be read."""
    directory.require_whole()
    written = {
        ORGANISATION: organisation(directory, now),
        RUNBOOKS: documents(runbook(one, directory) for one in _by(directory.runbooks, "title")),
        POLICIES: documents(policy(one, directory) for one in _by(directory.policies, "name")),
        ALERTS: yaml_text(intake.dumped(directory)),
    }
    return {name: text for name, text in written.items() if text} or {ORGANISATION: yaml_text({"people": []})}


def organisation(directory: Directory, now: datetime) -> str:
    """People, teams and services, and who stands in for whom from `now` on. A service that no team answers for is
    Vigie's own, made anew when it is needed."""
    services = [one for one in _by(directory.services, "name") if one.team in directory.teams]
    said = {
        "people": [person(one) for one in _by(directory.people, "handle")],
        "teams": [team(one, directory) for one in _by(directory.teams, "name")],
        "services": [service(one, directory) for one in services],
        "overrides": overrides.dumped((one for one in directory.overrides if one.end > now), directory),
    }
    return yaml_text({name: value for name, value in said.items() if value})


def runbook(one: Runbook, directory: Directory) -> dict[str, Any]:
    """A runbook as a document. So is what else is written below by itself: a person, a team, a service."""
    said: dict[str, Any] = {"Title": one.title, "Description": one.description}
    said |= {"Service": directory.service_name(one.service), "Severity": one.severity_filter or ""}
    said |= {"Active": one.is_active, "Four eyes": one.four_eyes or ""}
    steps = {step.order: _runbook_step(step) for step in one.steps}
    return _told(said, but={"Active": True}) | {"Steps": steps}


def runbook_text(one: Runbook, directory: Directory) -> str:
    """A runbook alone, to be copied and pasted."""
    return yaml_text(runbook(one, directory))


def policy(one: Policy, directory: Directory) -> dict[str, Any]:
    """A policy as a document."""
    team = directory.teams.get(one.team)
    said: dict[str, Any] = {"Policy": one.name, "Team": team.name if team else "", "Description": one.description}
    said |= {"Severity": one.severity_filter or "", "Default": one.is_default or ""}
    said |= {"Active": one.is_active, "Ack timeout": one.ack_timeout_minutes or ""}
    said["Steps"] = {step.order: _policy_step(step) for step in one.steps}
    return _told(said, but={"Active": True})


def _by(values: dict[str, Any], name: str) -> list[Any]:
    return sorted(values.values(), key=lambda one: str(getattr(one, name)).casefold())


def person(one: Person) -> dict[str, Any]:
    said: dict[str, Any] = {"handle": one.handle, "name": one.name, "email": one.email, "phone": one.phone}
    said |= {"slack": one.slack, "role": one.role, "locale": one.locale, "active": one.is_active}
    return _told(said | preferences.told(one.preferences), but={"active": True, "test_pages": True})


def team(one: Team, directory: Directory) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "channel": one.channel, "lead": _handle(one.lead, directory)}
    said |= {"members": _handles(one.members, directory), "locale": one.locale}
    said["on_call"] = on_call(one.on_call, directory)
    said |= {"digest": one.digest, "user_group": one.user_group}
    said |= responses.dumped(one.response)
    return _told(said, but={"digest": False})


def on_call(one: OnCall, directory: Directory) -> Any:
    """A schedule as it is written."""
    said: dict[str, Any] = {"timezone": one.timezone, "ical": one.calendar, "hand_off": one.hand_off}
    said["rotations"] = [_rotation(rotation, directory) for rotation in one.rotations]
    return {} if one == OnCall() else _told(said, but={"hand_off": True})


def _rotation(one: Rotation, directory: Directory) -> dict[str, Any]:
    said: dict[str, Any] = {"name": one.name, "start": one.start.isoformat()}
    said |= {"every": every_text(one.every, one.unit), "people": _handles(one.people, directory)}
    said |= {"hours": [hours_text(hours) for hours in one.hours], "layer": one.layer or ""}
    return _told(said)


def service(one: Service, directory: Directory) -> dict[str, Any]:
    answering = directory.teams.get(one.team)
    said = {"name": one.name, "team": answering.name if answering else "", "aliases": list(one.aliases)}
    rest = {"auto_resolve": one.auto_resolve, "stakeholders": list(one.stakeholders)}
    return _told(said | rest, but={"auto_resolve": True})


def _handle(person: str, directory: Directory) -> str:
    found = directory.people.get(person)
    return found.handle if found else ""


def _handles(people: Iterable[str], directory: Directory) -> list[str]:
    return [handle for person in people if (handle := _handle(person, directory))]


def _runbook_step(one: RunbookStep) -> dict[str, Any]:
    return _told(
        {
            "title": one.title,
            "description": one.description,
            "checklist": list(one.checklist),
            "command": one.command,
            "duration": one.expected_duration or "",
            "critical": one.is_critical or "",
            "requires_confirmation": one.requires_confirmation or "",
            "rollback": one.rollback_instructions,
        }
    )


def _policy_step(one: PolicyStep) -> dict[str, Any]:
    said: dict[str, Any] = {"delay": f"{one.delay_minutes} minutes", "type": " + ".join(one.channels)}
    said |= {"target": _target(one.target), "message": one.message, "active": one.is_active}
    return _told(said | {"postmortem": one.requires_postmortem or ""}, but={"active": True})


def _target(one: Target) -> str:
    return f"{one.type.value} ({one.value})" if one.value else one.type.value


def _told(said: dict[str, Any], but: dict[str, Any] | None = None) -> dict[str, Any]:
    """What is said without what is empty, or what goes without saying."""
    usual = but or {}
    return {
        name: _plain(value) for name, value in said.items() if value not in ("", [], {}) and value != usual.get(name)
    }


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def documents(documents: Iterable[dict[str, Any]]) -> str:
    return "---\n".join(yaml_text(document) for document in documents)


def yaml_text(document: dict[str, Any]) -> str:
    if not document:
        return ""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


class _Dumper(yaml.SafeDumper):
    """Writes a text of several lines as such: commands are read by people. What is said twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)
