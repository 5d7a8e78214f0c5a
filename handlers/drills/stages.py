"""The drills among incidents, ready to be played: who takes part in each, and the catalog that knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain import drills as rules
from domain.directory import Directory
from domain.drills import Drill
from domain.escalations import Page
from domain.incidents import Incident
from storage import drills
from storage.store import Transaction


@dataclass(frozen=True, slots=True)
class Stage:
    """Where one drill is played."""

    drill: Drill
    directory: Directory


def stages(tx: Transaction, incidents: Mapping[str, Incident], directory: Directory) -> dict[str, Stage]:
    """Of those that are drills; asks nothing when none is."""
    ids = [one.id for one in incidents.values() if one.is_drill]
    return {key: Stage(drill, directory) for key, drill in drills.by_incidents(tx, ids).items()}


def played(pages: Sequence[Page], stage: Stage | None, declined: Sequence[str]) -> Sequence[Page]:
    """The pages that go out: those of a drill to who takes part, all others as they are."""
    return rules.cast(pages, stage.drill, stage.directory, declined) if stage else pages
