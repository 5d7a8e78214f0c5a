"""What files said when they were loaded, inside the transaction of a load: what it undoes, and what is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain import drift
from domain.directory import Directory
from domain.drift import Drift, Drifted, Origin
from domain.people import Actor
from handlers.catalog.catalog import Catalog
from handlers.catalog.drafts import Drafts
from handlers.catalog.sorts import SORTS, Sort, content
from storage import origins as kept
from storage.store import Transaction

Origins = Mapping[str, Origin]


@dataclass(frozen=True, slots=True)
class Declared:
    """One thing that a file declares: how it is there already (None when it is not), and as it will be."""

    sort: Sort
    file: str
    before: Any
    value: Any

    @property
    def name(self) -> str:
        return self.sort.name(self.value)


def declared(drafts: Drafts, catalog: Catalog, before: Directory) -> Iterator[Declared]:
    """Everything that the files of a load declare."""
    for sort in SORTS:
        known = sort.known(before)
        for draft, value in zip(sort.drafts(drafts), sort.made(catalog), strict=False):
            yield Declared(sort, draft.fields.faults.file, known.get(value.id), value)


def as_files_call(directory: Directory, drafts: Drafts, origins: Origins) -> Directory:
    """`directory` with the names that the files know things by: what was called otherwise by hand is no other thing."""
    found = directory
    for sort in SORTS:
        known = sort.known(directory)
        names = {sort.name(one).casefold() for one in known.values()}
        said = {_draft_name(sort, draft).casefold() for draft in sort.drafts(drafts)}
        old = (origins[thing] for thing in known if thing in origins)
        renamed = {
            origin.thing: replace(known[origin.thing], **{sort.label: origin.name})
            for origin in old
            if origin.name.casefold() in said - names and sort.name(known[origin.thing]).casefold() not in said
        }
        if renamed:
            found = sort.put({**known, **renamed}, found)
    return found


def _draft_name(sort: Sort, draft: Any) -> str:
    return str(getattr(draft, sort.label))


def lost(
    tx: Transaction, things: Iterable[Declared], origins: Origins, before: Directory, now: Directory
) -> list[Drifted]:
    """What was edited by hand, and would not be there any more."""
    found = list(_lost(things, origins, before, now))
    return [one for one in _with_authors(tx, found) if one.what is not Drift.MADE or one.by]


def _lost(things: Iterable[Declared], origins: Origins, before: Directory, now: Directory) -> Iterator[Drifted]:
    removed = {
        (one.kind, one.name.casefold()): one for one in origins.values() if one.thing not in _known(one.kind, before)
    }
    for one in things:
        origin = origins.get(one.value.id)
        gone = removed.get((one.sort.kind, one.name.casefold()))
        if one.before is None:
            if gone is not None:
                yield Drifted(what=Drift.REMOVED, kind=gone.kind, name=gone.name, origin=gone)
        elif content(one.before) != content(one.value):
            yield from _undone(one, origin, before, now)


def _undone(one: Declared, origin: Origin | None, before: Directory, now: Directory) -> Iterator[Drifted]:
    """The edits of a thing that loading it undoes, if there are any."""
    is_now = one.sort.document(one.before, before)
    loading = drift.changes(is_now, one.sort.document(one.value, now))
    name = one.sort.name(one.before)
    if origin is None:
        yield Drifted(what=Drift.MADE, kind=one.sort.kind, name=name, changes=drift.changed_back(loading))
    elif drift.is_edited(origin, content(one.before), is_now):
        undone = drift.lost(drift.edits(origin, is_now), loading)
        if undone:
            yield Drifted(what=Drift.EDITED, kind=one.sort.kind, name=name, changes=undone, origin=origin)


def drifted(tx: Transaction, directory: Directory, origins: Origins) -> tuple[Drifted, ...]:
    """Everything that no longer is as the files said when they were loaded."""
    return tuple(_with_authors(tx, list(_drifted(directory, origins))))


def _drifted(directory: Directory, origins: Origins) -> Iterator[Drifted]:
    for origin in origins.values():
        value = _known(origin.kind, directory).get(origin.thing)
        if value is None:
            yield Drifted(what=Drift.REMOVED, kind=origin.kind, name=origin.name, origin=origin)
            continue
        sort = _SORTS[origin.kind]
        document = sort.document(value, directory)
        if drift.is_edited(origin, content(value), document):
            edited = drift.edits(origin, document)
            yield Drifted(what=Drift.EDITED, kind=sort.kind, name=sort.name(value), changes=edited, origin=origin)


_SORTS = {sort.kind: sort for sort in SORTS}


def _known(kind: str, directory: Directory) -> Mapping[str, Any]:
    return _SORTS[kind].known(directory)


def _with_authors(tx: Transaction, found: list[Drifted]) -> list[Drifted]:
    """Each with who did it. A load is no edit."""
    edits = kept.last_edits(tx, {one.subject for one in found})
    told = []
    for one in found:
        action, actor, at = edits.get(one.subject, ("", "", None))
        told.append(one if not action or action.endswith(".load") else replace(one, by=actor, at=at))
    return told


def left(things: Iterable[Declared], origins: Origins, files: Iterable[str], before: Directory) -> list[Origin]:
    """What these files said once and say no more, and is still there: a load takes nothing away."""
    said, loaded = {one.value.id for one in things}, set(files)
    gone = (one for one in origins.values() if one.file in loaded and one.thing not in said)
    return [one for one in gone if one.thing in _known(one.kind, before)]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the files say from now on and did not before, and what is forgotten (ids): it is not there any more, and
    they say it anew or no longer."""

    new: tuple[Origin, ...]
    over: tuple[str, ...]


def memory(things: Iterable[Declared], origins: Origins, now: Directory, actor: Actor, at: datetime) -> Memory:
    """What is to be remembered of a load."""
    said = [_origin(one, now, actor, at) for one in things]
    declared, files = {(one.kind, one.name.casefold()) for one in said}, {one.file for one in said}
    over = (
        one.thing
        for one in origins.values()
        if one.thing not in _known(one.kind, now) and ((one.kind, one.name.casefold()) in declared or one.file in files)
    )
    return Memory(tuple(one for one in said if not _is_known(one, origins.get(one.thing))), tuple(over))


def _origin(one: Declared, now: Directory, actor: Actor, at: datetime) -> Origin:
    return Origin(
        thing=one.value.id,
        kind=one.sort.kind,
        name=one.name,
        file=one.file,
        content=content(one.value),
        document=one.sort.document(one.value, now),
        at=at,
        by=actor.key,
    )


def _is_known(new: Origin, old: Origin | None) -> bool:
    if old is None:
        return False
    return (old.name, old.file, old.content) == (new.name, new.file, new.content)
