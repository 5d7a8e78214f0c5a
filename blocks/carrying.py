"""A newer version of a runbook that is under way, said where the work is."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit
from blocks.kit import Block
from blocks.words import Words
from domain import carrying
from domain.runbooks import Run, Runbook

_LISTED = 30


def banner(run: Run, newest: Runbook | None, say: Words) -> list[Block]:
    """What a newer version says otherwise, above the step that waits; nothing when there is none."""
    if newest is None or not carrying.is_newer(run, newest):
        return []
    pairs = carrying.changes(run.runbook, newest)
    changed = [now.order for was, now in pairs if was and now]
    added = [now.order for was, now in pairs if was is None and now]
    gone = [was.order for was, now in pairs if was and now is None]
    parts = [
        say.count("step {orders} changed", "steps {orders} changed", len(changed), orders=orders_words(changed)),
        say.count("step {orders} new", "steps {orders} new", len(added), orders=orders_words(added)),
        say.count("step {orders} gone", "steps {orders} gone", len(gone), orders=orders_words(gone)),
    ]
    told = [part for part, orders in zip(parts, (changed, added, gone), strict=True) if orders]
    out = say.say("🔄 *v{version} is out*", version=newest.version)
    line = say.say("{label}: {value}", label=out, value=say.listed(tuple(told))) if told else out
    rest = say.say("This run keeps v{version} unless you carry it over.", version=run.runbook.version)
    value = f"{run.id}|{newest.version_id}"
    button = kit.button(say.say("Carry the done steps over"), "run.carry.v1", value)
    return [kit.section(f"{line}. {rest}"), *kit.actions([button])]


def orders_words(orders: Sequence[int]) -> str:
    """Steps by their numbers."""
    return ", ".join(str(order) for order in orders[:_LISTED])
