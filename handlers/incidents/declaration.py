"""Pure: what somebody says when they declare an incident, checked against the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.alerts import short
from domain.directory import Directory
from domain.errors import Fault, Invalid
from domain.people import TRIAGE, Actor, Service
from domain.severities import Severity, severity_named
from handlers.incidents.opening import LONGEST_DESCRIPTION, LONGEST_TITLE, Draft, triage

LONGEST_URL = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """An incident as a person or a tool declares it. `service` is an id or a name, "" for the triage service;
    `severity` is one of the contract's or its first half, "SEV1".

    `key` makes a form that is sent twice one incident: it is the same both times, and nobody else's.
    """

    title: str
    severity: str
    description: str = ""
    service: str = ""
    url: str = ""
    source: str = "slack"
    key: str = ""


def draft_of(said: Declaration, directory: Directory, actor: Actor, now: datetime) -> Draft:
    """What is to open. Raises Invalid naming every field that is wrong."""
    severity = severity_named(said.severity)
    service = service_named(said.service, directory)
    title = " ".join(said.title.split())
    faults = []
    if not title:
        faults.append(Fault("title", "say in a few words what is wrong"))
    elif len(title) > LONGEST_TITLE:
        faults.append(Fault("title", f"is longer than {LONGEST_TITLE} characters"))
    if len(said.description) > LONGEST_DESCRIPTION:
        faults.append(Fault("description", f"is longer than {LONGEST_DESCRIPTION} characters"))
    if severity is None:
        faults.append(Fault("severity", f"must be one of {', '.join(one.value for one in Severity)}"))
    if service is None:
        faults.append(Fault("service", "no service is called that"))
    if faults or severity is None or service is None:
        raise Invalid(faults)
    return Draft(
        title=title,
        description=said.description.strip(),
        severity=severity,
        service=service,
        source=said.source,
        by=actor.name,
        key=short(said.key),
        url=said.url[:LONGEST_URL],
        detected_at=now,
    )


def service_named(text: str, directory: Directory) -> Service | None:
    """The service with this id, name or alias; the triage service when there is no `text`."""
    if not text.strip() or text.strip().casefold() == TRIAGE:
        return triage(directory)
    return directory.services.get(text) or directory.service_by_name(text)


def service_of(text: str, directory: Directory) -> Service:
    """What `service_named` will find when the incident opens: triage may not be there before its first."""
    if directory.service_by_name(TRIAGE):
        return service_named(text, directory) or triage(directory)
    awaited = Service(id="", name=TRIAGE, team=min(directory.teams, default=""))
    return directory.services.get(text) or directory.service_by_name(text) or awaited
