"""What a step's placeholders could not be filled with, and those that stand for several things."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Block
from blocks.text import one_line
from blocks.words import Words
from domain.placeholders import SEVERAL_SHOWN, Facts, Filled, Gap, Why

_GAPS_SHOWN = 10
_VALUE_SHOWN = 80


def placeholder_notes(filled: Filled, known: Facts, say: Words) -> list[Block]:
    """Said before the command: what is missing in it, and which of several alerts it is about."""
    lines = [_gap(gap, known, say) for gap in filled.gaps[:_GAPS_SHOWN]]
    if lines:
        lines.append(say.say("Until then this step can't be Done; Problem and Skip work."))
    unfilled = {gap.name for gap in filled.gaps}
    lines += [_several(name, known, say) for name in filled.several[:_GAPS_SHOWN] if name not in unfilled]
    return [kit.section("\n".join(lines))] if lines else []


def _gap(gap: Gap, known: Facts, say: Words) -> str:
    said = {"name": _called(gap.name), "value": kit.name(next(iter(known.of(gap.name)), ""), _VALUE_SHOWN)}
    match gap.why:
        case Why.MISSING:
            return say.say("⚠️ no value for {name}", **said)
        case Why.UNSAFE:
            return say.say("⚠️ {name} is “{value}”, which a shell could run as a command here: not filled in", **said)
        case Why.OPTION:
            return say.say("⚠️ {name} is “{value}”, which a program would take for an option: not filled in", **said)
        case Why.UNPRINTABLE:
            return say.say("⚠️ {name} has hidden characters or line breaks in it: not filled in", **said)


def _several(name: str, known: Facts, say: Words) -> str:
    """Which one stands in the step, and the others."""
    first, *others = known.of(name)
    shown = ", ".join(kit.name(other, _VALUE_SHOWN) for other in others[:SEVERAL_SHOWN])
    if len(others) > SEVERAL_SHOWN:
        shown += "…"
    said = {"name": _called(name), "value": kit.name(first, _VALUE_SHOWN), "others": shown}
    return say.say("ℹ️ {name} is {value} here; the alerts also say {others}", **said)


def _called(name: str) -> str:
    return kit.escape(f"{{{one_line(name)}}}", 100)
