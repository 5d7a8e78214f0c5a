"""Runbooks as YAML: the form of an import with its faults, what it would do, what it did; and the way out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blocks import inputs, kit
from blocks.findings import findings
from blocks.import_words import said_fault
from blocks.kit import Block
from blocks.revisions import REVISION_SHOWN
from blocks.runbook_history import said_changes
from blocks.text import clean
from blocks.words import Words, words
from domain.directory import Directory
from domain.errors import Fault
from domain.lint import Finding
from domain.runbooks import Runbook

PASTED_LIMIT = 3000
"""What a field takes; a file takes more."""
_EXTENSIONS = ("yaml", "yml", "txt")
_FITS = 2900
_FAULTS_SHOWN = 30
_SHOWN = 20
_CHANGES_SHOWN = 10
_NAMES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import does to one runbook; `before` is None for a new one, and `kept` runs go on with older versions."""

    before: Runbook | None
    after: Runbook
    findings: tuple[Finding, ...] = ()
    kept: int = 0
    is_change: bool = True


def import_title(locale: str) -> str:
    return words(locale).say("Import runbooks")


def import_form(text: str, locale: str, *, faults: Sequence[Fault] = (), refusal: str = "") -> Block:
    """Paste or choose a file; above it what is wrong with what was there, which stays."""
    say = words(locale)
    blocks = [kit.paragraph(refusal)] if refusal else _faults(faults, say)
    blocks += [
        kit.text_input(
            "text",
            say.say("YAML, pasted"),
            multiline=True,
            optional=True,
            limit=PASTED_LIMIT,
            value=text,
            hint=say.say("One runbook or several, with --- between them, as `vigie dump` and Export YAML write them."),
        ),
        inputs.labelled(
            "file",
            say.say("Or a file, which goes before what is pasted"),
            inputs.file(_EXTENSIONS),
            optional=True,
            hint=say.say("Up to 1 MiB."),
        ),
        kit.context(say.say("Nothing is saved yet: next you see what is added and what changes.")),
    ]
    return kit.modal(
        import_title(locale),
        blocks,
        callback="runbook.import.v1",
        submit=say.say("Look at it"),
        close=say.say("Cancel"),
    )


def _faults(faults: Sequence[Fault], say: Words) -> list[Block]:
    if not faults:
        return []
    title = say.count("❌ *{n} fault: nothing is imported.*", "❌ *{n} faults: nothing is imported.*", len(faults))
    shown = [kit.section(f"• {said_fault(fault, say)}") for fault in faults[:_FAULTS_SHOWN]]
    more = len(faults) - len(shown)
    rest = [kit.context(say.count("and {n} more", "and {n} more", more))] if more else []
    return [kit.section(title), *shown, *rest, kit.divider()]


def preview(found: Sequence[Imported], directory: Directory, locale: str, *, seen: str, told: str = "") -> Block:
    """What the import would do, runbook by runbook; without a way to send it when that is nothing."""
    say = words(locale)
    blocks = [kit.paragraph(told)] if told else []
    blocks.append(kit.section(_summary(found, say)))
    changing = [one for one in found if one.is_change]
    for one in changing[:_SHOWN]:
        blocks += _change(one, directory, say)
    if len(changing) > _SHOWN:
        blocks.append(kit.context(say.count("and {n} more", "and {n} more", len(changing) - _SHOWN)))
    return kit.modal(
        import_title(locale),
        [*blocks, *_practice(changing, locale, say)],
        callback="runbook.preview.v1",
        submit=say.say("Import") if changing else "",
        close=say.say("Cancel") if changing else say.say("Close"),
        metadata=seen,
    )


def _summary(found: Sequence[Imported], say: Words) -> str:
    added = sum(one.before is None for one in found)
    changed = sum(one.is_change for one in found) - added
    if not added + changed:
        return say.say("Everything in it is here already, word for word: there is nothing to import.")
    parts = [
        say.count("{n} runbook is new", "{n} runbooks are new", added) if added else "",
        say.count("{n} runbook changes", "{n} runbooks change", changed) if changed else "",
        say.count("{n} stays as it is", "{n} stay as they are", len(found) - added - changed)
        if len(found) > added + changed
        else "",
    ]
    return f"*{', '.join(part for part in parts if part)}*"


def _change(one: Imported, directory: Directory, say: Words) -> list[Block]:
    name = kit.name(one.after.title)
    if one.before is None:
        steps = say.count("{n} step", "{n} steps", len(one.after.steps))
        return [kit.section(say.say("➕ *{name}*: new, {steps}", name=name, steps=steps))]
    lines = said_changes(one.before, one.after, directory, say)
    more = len(lines) - _CHANGES_SHOWN
    if more > 0:
        lines = [*lines[:_CHANGES_SHOWN], say.count("… and {n} more change", "… and {n} more changes", more)]
    first = say.say("✏️ *{name}*: v{version} changes", name=name, version=one.before.version)
    return [kit.section(kit.clip_markup("\n".join([first, *(f"• {line}" for line in lines)]), REVISION_SHOWN))]


def _practice(changing: Sequence[Imported], locale: str, say: Words) -> list[Block]:
    """What good practice says, when it is one runbook; of several, how much there is to mend in which."""
    if not changing:
        return []
    title = kit.section(say.say("*What good practice says*"))
    if len(changing) == 1:
        return [kit.divider(), title, *findings(changing[0].findings, locale)]
    lines = [
        say.count("{n} thing to mend in {name}", "{n} things to mend in {name}", len(one.findings), name=name)
        for one in changing[:_NAMES_SHOWN]
        if one.findings and (name := kit.name(one.after.title, 80))
    ]
    return [kit.divider(), title, kit.section("\n".join(lines) or say.say("✅ Nothing to mend."))]


def taken(found: Sequence[Imported], locale: str) -> Block:
    """What was imported, and that runs under way go on with what they began with."""
    say = words(locale)
    changed = [one for one in found if one.is_change]
    lines = [
        say.say(
            "✅ *{name}* is saved: it is v{version} now.", name=kit.name(one.after.title, 80), version=one.after.version
        )
        for one in changed[:_NAMES_SHOWN]
    ]
    if len(changed) > _NAMES_SHOWN:
        lines.append(say.count("and {n} more", "and {n} more", len(changed) - _NAMES_SHOWN))
    kept = sum(one.kept for one in changed)
    if kept:
        lines.append(say.count("{n} run under way keeps its version.", "{n} runs under way keep their version.", kept))
    blocks = [kit.section("\n".join(lines) or say.say("Done."))]
    return kit.modal(import_title(locale), blocks, callback="notice.v1", close=say.say("Close"))


def export_title(locale: str) -> str:
    return words(locale).say("Export")


def fits(text: str) -> bool:
    """Whether YAML can be shown to be copied, whole and to the letter."""
    plain = text.strip("\n")
    return len(plain) <= _FITS and clean(plain) == plain


def export(book: Runbook, text: str, locale: str) -> Block:
    """The YAML, to be copied."""
    say = words(locale)
    told = say.say("*{name}*, v{version}. Importing this changes nothing.", name=_name(book), version=book.version)
    return _notice([kit.section(told), kit.preformatted(text, _FITS)], say, locale)


def export_sent(book: Runbook, file: str, locale: str, *, is_sent: bool) -> Block:
    """Where the file is, when the YAML is too long for a modal; or how else to get it."""
    say = words(locale)
    if is_sent:
        told = say.say("*{name}* is too long to show here: it is in your messages with Vigie.", name=_name(book))
        return _notice([kit.section(told), kit.context(kit.name(file))], say, locale)
    told = say.say("Slack did not take the file of *{name}*: the app needs the scope files:write.", name=_name(book))
    other = say.say("`vigie dump` writes it on the server.")
    return _notice([kit.section(told), kit.section(other)], say, locale)


def export_refused(text: str, locale: str) -> Block:
    return _notice([kit.paragraph(text)], words(locale), locale)


def sent_words(book: Runbook, locale: str) -> str:
    """What stands beside the file."""
    return words(locale).say("📖 {name}, v{version}, as YAML", name=_name(book), version=book.version)


def _name(book: Runbook) -> str:
    return kit.name(book.title)


def _notice(blocks: list[Block], say: Words, locale: str) -> Block:
    return kit.modal(export_title(locale), blocks, callback="notice.v1", close=say.say("Close"))
