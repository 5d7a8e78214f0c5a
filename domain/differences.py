"""What a change of a policy, a rotation or a person changes about a night: two simulations compared. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from domain.lint import WHOLE, Finding, Level, ordered
from domain.policies import Channel
from domain.reach import RINGING
from domain.simulation import PlannedPage, Simulation

_Key = tuple[Channel, str]
_IS_MEANT = "nothing to do when that is meant"


def difference(before: Simulation, after: Simulation) -> tuple[Finding, ...]:
    """Pages added, removed and moved, gravest first; nothing when both nights are the same. That nobody is paged any
    more, or rung, is an error."""
    return ordered([*_silence(before, after), *_pages(before, after)])


def _silence(before: Simulation, after: Simulation) -> Iterator[Finding]:
    severity = after.incident.severity.level
    if before.pages and not after.pages:
        message = f"{severity} pages nobody any more"
        yield Finding("nobody-paged", Level.ERROR, WHOLE, message, "give the policy a step that reaches somebody")
    elif _rings(before) and not _rings(after):
        message = f"{severity} rings nobody's telephone any more"
        yield Finding("nobody-rung", Level.ERROR, WHOLE, message, "keep a step with SMS or a call to a person")


def _rings(simulation: Simulation) -> bool:
    return any(page.channel in RINGING for _, page in simulation.pages)


def _pages(before: Simulation, after: Simulation) -> Iterator[Finding]:
    earlier, later = _minutes(before), _minutes(after)
    names = {_key(page): page.name for simulation in (before, after) for _, page in simulation.pages}
    for key in dict.fromkeys((*earlier, *later)):
        gone = sorted((earlier.get(key, Counter()) - later.get(key, Counter())).elements())
        new = sorted((later.get(key, Counter()) - earlier.get(key, Counter())).elements())
        whom = f"{names[key]} by {key[0].value}"
        common = min(len(gone), len(new))
        for was, now in zip(gone, new, strict=False):
            level = Level.WARNING if now > was else Level.INFO
            yield Finding("page-moved", level, WHOLE, f"{whom}: at {now} min instead of {was}", _IS_MEANT)
        for was in gone[common:]:
            yield Finding("page-removed", Level.WARNING, WHOLE, f"{whom}: no longer at {was} min", _IS_MEANT)
        for now in new[common:]:
            yield Finding("page-added", Level.INFO, WHOLE, f"{whom}: new at {now} min", _IS_MEANT)


def _key(page: PlannedPage) -> _Key:
    return page.channel, page.address


def _minutes(simulation: Simulation) -> dict[_Key, Counter[int]]:
    """When each address is paged by each channel."""
    found: dict[_Key, Counter[int]] = {}
    for minute, page in simulation.pages:
        found.setdefault(_key(page), Counter())[minute] += 1
    return found
