"""A team's schedule while somebody changes it: its rotations put and taken away, and what is wrong with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from domain import sequences
from domain.directory import Directory
from domain.errors import Conflict, Fault, Invalid
from domain.oncall import OnCall, Rotation

MOST_ROTATIONS = 12
MOST_PEOPLE = 50
LONGEST_NAME = 100
LONGEST_HOURS = 3000
MOST_EVERY = 366
HIGHEST_LAYER = 9


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """What `author` has written of a team's schedule so far. `base` is what it began from.

    `edition` grows when the form is drawn anew, so that nothing typed into the one before stays in it."""

    author: str
    team: str
    base: OnCall
    on_call: OnCall
    edition: int = 0


def rotation_at(draft: ScheduleDraft, position: int) -> Rotation:
    """The rotation at `position`, counted from 1. Raises Conflict when there is none any more."""
    if not 1 <= position <= len(draft.on_call.rotations):
        raise Conflict("that rotation is no longer there")
    return draft.on_call.rotations[position - 1]


def with_rotation(draft: ScheduleDraft, position: int, rotation: Rotation) -> ScheduleDraft:
    """With `rotation` at `position`, or for 0 at the end. Raises Invalid by field."""
    wrong = list(rotation_faults(rotation))
    if not position and len(draft.on_call.rotations) >= MOST_ROTATIONS:
        wrong.append(Fault("name", f"a schedule takes at most {MOST_ROTATIONS} rotations"))
    if wrong:
        raise Invalid(wrong)
    if not position:
        return _with(draft, (*draft.on_call.rotations, rotation))
    rotation_at(draft, position)
    kept = draft.on_call.rotations
    return _with(draft, (*kept[: position - 1], rotation, *kept[position:]))


def without_rotation(draft: ScheduleDraft, position: int, seen: str = "") -> ScheduleDraft:
    """Without the rotation at `position`, if it is the one that was `seen` there. Raises Conflict."""
    if not sequences.is_there(draft.on_call.rotations, position, seen):
        return draft
    rotation_at(draft, position)
    kept = draft.on_call.rotations
    return _with(draft, (*kept[: position - 1], *kept[position:]))


def _with(draft: ScheduleDraft, rotations: tuple[Rotation, ...]) -> ScheduleDraft:
    return replace(draft, on_call=replace(draft.on_call, rotations=rotations))


def rotation_faults(rotation: Rotation) -> Iterator[Fault]:
    """Why a rotation can't be kept as it is."""
    if not rotation.name:
        yield Fault("name", "give it a name")
    if not rotation.people:
        yield Fault("people", "choose at least one person")
    if len(rotation.people) > MOST_PEOPLE:
        yield Fault("people", f"a rotation takes at most {MOST_PEOPLE} people")
    if not 1 <= rotation.every <= MOST_EVERY:
        yield Fault("every", f"must be from 1 to {MOST_EVERY}")
    if not 0 <= rotation.layer <= HIGHEST_LAYER:
        yield Fault("layer", f"must be from 0 to {HIGHEST_LAYER}")


def as_if_saved(draft: ScheduleDraft, directory: Directory) -> Directory:
    """The catalog with the draft in it."""
    team = replace(directory.teams[draft.team], on_call=draft.on_call)
    return replace(directory, teams={**directory.teams, team.id: team})
