"""What its runs say about a runbook: the real minutes beside the declared ones, what is skipped, what nobody tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import kit
from blocks.findings import findings as shown_findings
from blocks.kit import Block, Message
from blocks.runbook_editor import title
from blocks.words import Words, words
from domain.evidence import Evidence, StepEvidence, findings
from domain.runbooks import Runbook

_STEPS_SHOWN = 30
_NAMES_SHOWN = 20


def shown(book: Runbook, known: Evidence, locale: str) -> Block:
    """The evidence in the runbook's modal."""
    say = words(locale)
    back = kit.actions([kit.button(say.say("◀ Back"), "runbook.back.v1", book.id)])
    blocks = [kit.header(f"📖 {book.title}"), *_said(known, locale, say), *back]
    return kit.modal(title(locale), blocks, callback="runbook.evidence.v1", close=say.say("Close"), metadata=book.id)


def message(book: Runbook, known: Evidence, locale: str) -> Message:
    """The same for whoever asks by command."""
    say = words(locale)
    heading = say.say("What its runs say about {name}", name=kit.name(book.title))
    return Message(heading, [kit.section(f"*{heading}*"), *_said(known, locale, say)])


def of_all(books: Sequence[Runbook], runs: Mapping[str, int], unused: Sequence[Runbook], locale: str) -> Message:
    """How often each runbook was used, and which never."""
    say = words(locale)
    heading = say.say("How often runbooks were used")
    used = sorted((book for book in books if runs.get(book.id)), key=lambda book: (-runs[book.id], book.title))
    lines = [
        say.say("• {name}: {times}", name=kit.name(book.title), times=_times(runs[book.id], say))
        for book in used[:_NAMES_SHOWN]
    ]
    blocks = [kit.section("\n".join([f"*{heading}*", *(lines or [say.say("None was used yet.")])]))]
    if unused:
        names = "\n".join(f"• {kit.name(book.title)}" for book in unused[:_NAMES_SHOWN])
        never = say.say("*Never used*: try them before the night that needs them")
        blocks.append(kit.section(f"{never}\n{names}"))
        if len(unused) > _NAMES_SHOWN:
            more = len(unused) - _NAMES_SHOWN
            blocks.append(kit.context(say.count("and {n} more", "and {n} more", more)))
    return Message(heading, blocks)


def _times(runs: int, say: Words) -> str:
    return say.count("{n} run", "{n} runs", runs)


def _said(known: Evidence, locale: str, say: Words) -> list[Block]:
    if not known.runs:
        return [kit.section(say.say("Never used: no run has settled a step of it yet."))]
    blocks = [kit.context(say.say("Over {runs}, of every version.", runs=_times(known.runs, say)))]
    steps = [_step(step, say) for step in known.steps[:_STEPS_SHOWN]]
    blocks += [kit.section("\n".join(steps[place : place + 10])) for place in range(0, len(steps), 10)]
    skipped = [_place(step, say.say("{n}×", n=step.skipped)) for step in known.most_skipped[:5]]
    never = [_place(step, "") for step in known.never_exercised[:10]]
    lines = [
        say.say("*Most skipped*: {steps}", steps=", ".join(skipped)) if skipped else "",
        say.say("*Never carried out*: {steps}", steps=", ".join(never)) if never else "",
    ]
    if any(lines):
        blocks.append(kit.section("\n".join(line for line in lines if line)))
    found = tuple(findings(known))
    return [*blocks, *(shown_findings(found, locale) if found else [])]


def _place(step: StepEvidence, more: str) -> str:
    return " ".join(part for part in (f"{step.order}.", kit.name(step.title, 60), more) if part)


def _step(step: StepEvidence, say: Words) -> str:
    said = {"order": step.order, "title": kit.name(step.title, 80)}
    if step.median is None:
        facts = [say.say("never measured")]
    else:
        facts = [say.say("{time} in the middle", time=say.minutes(step.median))]
    if step.declared:
        facts.append(say.say("declared {time}", time=say.minutes(step.declared)))
    if step.problems:
        facts.append(say.count("{n} problem", "{n} problems", step.problems))
    if step.rolled_back:
        facts.append(say.count("rolled back {n} time", "rolled back {n} times", step.rolled_back))
    return say.say("{order}. {title}: {facts}", facts=" · ".join(facts), **said)
