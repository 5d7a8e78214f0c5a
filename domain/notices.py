"""What people are told that belongs to no incident: that they are on call now, or no more, and what was asked of them.
Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.directory import Directory


class NoticeKind(StrEnum):
    """What is told."""

    COMES_ON = "comes_on"
    GOES_OFF = "goes_off"
    COVERS = "covers"
    """Somebody put them on call."""
    RELIEVED = "relieved"
    """Somebody is on call in their place."""
    COVER_ENDED = "cover_ended"
    """They do not stand in any more."""
    SWAP_ASKED = "swap_asked"
    SWAP_ANSWERED = "swap_answered"
    CALENDAR = "calendar"
    """A calendar can't be read; or can again."""
    POSTMORTEM_DUE = "postmortem_due"
    """A post-mortem is not there on the day when it has to be."""
    ACTION_DUE = "action_due"
    """Somebody promised something until today, or before."""
    TROUBLE = "trouble"
    """Something stands in the way of pages, and an admin can mend it."""
    USER_GROUP = "user_group"
    """Slack does not let a user group follow who is on call."""
    NOT_REACHED = "not_reached"
    """Somebody of their team can't be reached for sure."""
    DIGEST = "digest"
    """The figures of a team's week."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell `person` (an id), or with "" the channel of `team`. `key` is what it is about: told once."""

    id: str
    key: str
    kind: NoticeKind
    team: str = ""
    person: str = ""
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What changes for one person at a moment: the teams (ids) that they come on call for, or go off."""

    person: str
    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


def hand_overs(before: Mapping[str, tuple[str, ...]], now: Mapping[str, tuple[str, ...]]) -> tuple[HandOver, ...]:
    """Who comes on call and who goes off, between two looks; a team that was never looked at before tells nobody."""
    on: dict[str, list[str]] = {}
    off: dict[str, list[str]] = {}
    for team, people in now.items():
        was = before.get(team)
        if was is None:
            continue
        for person in people:
            if person not in was:
                on.setdefault(person, []).append(team)
        for person in was:
            if person not in people:
                off.setdefault(person, []).append(team)
    return tuple(HandOver(one, tuple(on.get(one, ())), tuple(off.get(one, ()))) for one in dict.fromkeys((*on, *off)))


def as_is(one: Notice, directory: Directory, now: datetime) -> Notice | None:
    """A notice without the teams for which its person did not stay on call, or off, until it leaves; None when that is
    none of them."""
    if one.kind not in (NoticeKind.COMES_ON, NoticeKind.GOES_OFF):
        return one
    is_on = one.kind is NoticeKind.COMES_ON
    teams = one.details.get("teams", "").split(",")
    left = [team for team in teams if (one.person in _on_call(directory, team, now)) is is_on]
    return replace(one, details={**one.details, "teams": ",".join(left)}) if left else None


def _on_call(directory: Directory, team: str, now: datetime) -> set[str]:
    return {person.id for person in directory.on_call(team, now)}
