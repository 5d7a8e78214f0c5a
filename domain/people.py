"""People, teams and services: who there is, what each may do, and whom a policy's target means."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from domain.oncall import OnCall
from domain.preferences import Preferences
from domain.responses import Response


class Role(StrEnum):
    """What somebody may do; each role includes those before it."""

    VIEWER = "viewer"
    RESPONDER = "responder"
    OPERATOR = "operator"
    ADMIN = "admin"


class Permission(StrEnum):
    """An action that a role allows."""

    ACKNOWLEDGE = "acknowledge"
    STEP = "step"
    NOTE = "note"
    ESCALATE = "escalate"
    MITIGATE = "mitigate"
    REASSIGN = "reassign"
    LEAD = "lead"
    ROOM = "room"
    """Open an incident's war room."""
    SEVERITY = "severity"
    MERGE = "merge"
    COVER = "cover"
    """Take over somebody's on-call in one's own team, and ask others to take one's own."""
    POSTMORTEM = "postmortem"
    """Write post-mortems and their actions."""
    WAIVE = "waive"
    """Say that there will be no post-mortem."""
    RESOLVE = "resolve"
    DECLARE = "declare"
    DRILL = "drill"
    SCHEDULES = "schedules"
    """Write a team's rotations, and put others on call."""
    RUNBOOKS = "runbooks"
    POLICIES = "policies"
    PEOPLE = "people"
    TOKENS = "tokens"


_RANK = {role: rank for rank, role in enumerate(Role)}
_NEEDS = {
    Permission.ACKNOWLEDGE: Role.RESPONDER,
    Permission.STEP: Role.RESPONDER,
    Permission.NOTE: Role.RESPONDER,
    Permission.ESCALATE: Role.RESPONDER,
    Permission.MITIGATE: Role.RESPONDER,
    Permission.REASSIGN: Role.RESPONDER,
    Permission.LEAD: Role.RESPONDER,
    Permission.ROOM: Role.RESPONDER,
    Permission.SEVERITY: Role.OPERATOR,
    Permission.MERGE: Role.OPERATOR,
    Permission.COVER: Role.RESPONDER,
    Permission.POSTMORTEM: Role.RESPONDER,
    Permission.WAIVE: Role.OPERATOR,
    Permission.RESOLVE: Role.OPERATOR,
    Permission.DECLARE: Role.OPERATOR,
    Permission.DRILL: Role.OPERATOR,
    Permission.SCHEDULES: Role.OPERATOR,
    Permission.RUNBOOKS: Role.OPERATOR,
    Permission.POLICIES: Role.ADMIN,
    Permission.PEOPLE: Role.ADMIN,
    Permission.TOKENS: Role.ADMIN,
}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can be paged or who acts.

    `phone` is E.164, `slack` a Slack user id ("" when not known yet). People in the catalog are operators unless
    it says otherwise: whoever is on call must be able to resolve.
    """

    id: str
    handle: str
    name: str
    email: str = ""
    phone: str = ""
    slack: str = ""
    role: Role = Role.OPERATOR
    locale: str = ""
    is_active: bool = True
    preferences: Preferences = field(default_factory=Preferences)


@dataclass(frozen=True, slots=True)
class Team:
    """People who share a channel and a rotation. `lead` and `members` are people's ids. With `digest`, the channel
    reads the figures of the week on Mondays."""

    id: str
    name: str
    channel: str = ""
    lead: str = ""
    members: tuple[str, ...] = ()
    locale: str = ""
    on_call: OnCall = field(default_factory=OnCall)
    digest: bool = False
    user_group: str = ""
    """A Slack user group that follows who is on call: its id, or its handle such as @sre-oncall."""
    response: Response = field(default_factory=Response)
    """What is done about its grave incidents."""

    def has(self, person: str) -> bool:
        """Whether somebody (an id) leads it, is a member or is in a rotation."""
        # Asked of each team for each person: nothing is put together for it.
        return bool(person) and (person == self.lead or person in self.members or self.on_call.has(person))


@dataclass(frozen=True, slots=True)
class Service:
    """Something that can break, and the team (an id) that answers for it."""

    id: str
    name: str
    team: str = ""
    aliases: tuple[str, ...] = ()
    auto_resolve: bool = True
    stakeholders: tuple[str, ...] = ()
    """E-mail addresses that are told of its grave incidents, beside those of the team."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever asks for a change: a person, an API token, an alert source or Vigie itself.

    `key` is stable ("person:<id>", "slack:U01ADA", "token:<name>", "source:alertmanager", "vigie"); `name` is what
    people read.
    """

    key: str
    name: str
    role: Role = Role.RESPONDER
    slack: str = ""
    person: str = ""


TRIAGE = "triage"
"""The service of alerts whose service nobody declared: Vigie makes it when the first of them comes."""
VIGIE = Actor(key="vigie", name="Vigie", role=Role.ADMIN)


def may(role: Role, permission: Permission) -> bool:
    """Whether `role` allows `permission`: one answer for every surface."""
    return _RANK[role] >= _RANK[_NEEDS[permission]]


def needed(permission: Permission) -> Role:
    """The least role that allows `permission`."""
    return _NEEDS[permission]
