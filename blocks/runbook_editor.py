"""A runbook in modals: read by everybody, written by operators, with its history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from blocks import inputs, kit
from blocks.findings import findings
from blocks.incidents import severity_name
from blocks.kit import Block, Confirm
from blocks.menus import MOST_OPTIONS, Choice, menu
from blocks.overtaken import overtaken
from blocks.runbook_steps import brief, read
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.directory import Directory
from domain.drafts import Draft
from domain.incidents import Severity
from domain.lint import Finding
from domain.people import Actor, Permission, may
from domain.runbook_drafts import LONGEST_TEXT, LONGEST_TITLE, MOST_STEPS
from domain.runbooks import Runbook, RunbookStep
from domain.sequences import mark

EVERY = "every"
"""The value of "every service" and of "every severity"."""
SERVICE = "runbook.service.v1"
STEPS_A_PAGE = 12
"""Steps of a page to read: six blocks each, and a modal takes a hundred."""
_PAGE_BYTES = 180_000
"""A view takes 250 kB in all; the description is up to 36 of them."""
_TITLE_SHOWN = 80


def title(locale: str) -> str:
    return words(locale).say("Runbook")


def shown(book: Runbook, directory: Directory, actor: Actor, locale: str, page: int = 1) -> Block:
    """A runbook to read, some steps at a time; whoever may change it has the buttons for it."""
    say = words(locale)
    pages = _pages(book, say)
    page = min(max(page, 1), len(pages))
    blocks = [kit.header(f"📖 {book.title}"), kit.context(" · ".join(_facts(book, directory, say)))]
    if book.description.strip():
        blocks.append(kit.paragraph(book.description))
    blocks += kit.actions(_buttons(book, actor, say))
    return kit.modal(
        title(locale),
        [*blocks, *pages[page - 1], *_pager(book, page, len(pages), say)],
        callback="runbook.show.v1",
        close=say.say("Close"),
        metadata=book.id,
    )


def _pages(book: Runbook, say: Words) -> list[list[Block]]:
    """The steps in as few pages as Slack's limits allow; of the longest there are, one fills a page."""
    pages: list[list[Block]] = [[]]
    count = size = 0
    for step in book.steps:
        made = read(step, say)
        length = len(json.dumps(made))
        if count and (count == STEPS_A_PAGE or size + length > _PAGE_BYTES):
            pages.append([])
            count = size = 0
        pages[-1] += made
        count, size = count + 1, size + length
    return pages


def _pager(book: Runbook, page: int, last: int, say: Words) -> list[Block]:
    if last == 1:
        return []
    buttons = []
    if page > 1:
        buttons.append(kit.button(say.say("◀ Previous"), "runbook.page.v1.previous", f"{book.id}|{page - 1}"))
    if page < last:
        buttons.append(kit.button(say.say("Next ▶"), "runbook.page.v1.next", f"{book.id}|{page + 1}"))
    return [kit.context(say.say("Page {page} of {pages}", page=page, pages=last)), *kit.actions(buttons)]


def _facts(book: Runbook, directory: Directory, say: Words) -> list[str]:
    expected = sum(step.expected_duration for step in book.steps)
    service = directory.service_name(book.service)
    facts = [
        kit.name(service, 80) if service else say.say("every service"),
        severity_name(book.severity_filter) if book.severity_filter else say.say("every severity"),
        say.count("{n} step", "{n} steps", len(book.steps)),
        say.say("⏱️ about {time}", time=say.minutes(expected)) if expected else "",
        say.say("four eyes") if book.four_eyes else "",
        "" if book.is_active else say.say("(inactive)"),
        f"v{book.version}",
    ]
    return [fact for fact in facts if fact]


def _buttons(book: Runbook, actor: Actor, say: Words) -> list[Block]:
    export = kit.button(say.say("Export YAML"), "runbook.export.v1", book.id)
    evidence = kit.button(say.say("Evidence"), "runbook.evidence.v1", book.id)
    if not may(actor.role, Permission.RUNBOOKS):
        return [evidence, export]
    switch = say.say("Deactivate") if book.is_active else say.say("Activate")
    name = clip(one_line(book.title), _TITLE_SHOWN)
    asked = (
        say.say("“{name}” is attached to no incident from now on. Runs that are under way go on.", name=name)
        if book.is_active
        else say.say("“{name}” is attached to incidents again from now on.", name=name)
    )
    dialog = Confirm(say.say("Are you sure?"), asked, switch, say.say("Cancel"))
    verb = "off" if book.is_active else "on"
    return [
        kit.button(say.say("Edit"), "runbook.edit.v1", book.id, style="primary"),
        kit.button(say.say("History"), "runbook.history.v1", book.id),
        evidence,
        export,
        kit.button(switch, "runbook.switch.v1", f"{book.id}|{verb}", confirm=dialog),
    ]


def editor(
    draft: Draft[Runbook], directory: Directory, found: Sequence[Finding], locale: str, *, is_resumed: bool = False
) -> Block:
    """The form of a runbook with its steps; below them what good practice finds, before it is saved."""
    say = words(locale)
    steps = draft.document.steps
    blocks = _resumed(draft, say) if is_resumed else []
    blocks += [*_header(draft, directory, say), kit.divider(), kit.section(say.say("*Steps*"))]
    blocks += [_editable(step, len(steps), say) for step in steps[:MOST_STEPS]]
    if not steps:
        blocks.append(kit.section(say.say("No step yet: add the first.")))
    if len(steps) < MOST_STEPS:
        blocks += kit.actions([kit.button(say.say("➕ Add a step"), "runbook.add.v1", "add")])
    blocks += [kit.divider(), kit.section(say.say("*What good practice says*")), *findings(found, locale)]
    return kit.modal(
        say.say("New runbook") if draft.is_new else say.say("Edit the runbook"),
        blocks,
        callback="runbook.edit.v1",
        submit=say.say("Save"),
        close=say.say("Cancel"),
        metadata=f"{draft.key}|{draft.edition}",
    )


def _resumed(draft: Draft[Runbook], say: Words) -> list[Block]:
    told = kit.section(say.say("📝 This is your draft of another time, not saved yet."))
    return [told, *kit.actions([kit.button(say.say("Start over"), "runbook.restart.v1", draft.key or "new")])]


def header_fields(edition: int) -> dict[str, str]:
    """The blocks of the form by what they ask; drawn anew, they have other names, and nothing typed stays in them."""
    return {name: f"{name}:{edition}" for name in ("title", "service", "severity", "flags", "description")}


def _header(draft: Draft[Runbook], directory: Directory, say: Words) -> list[Block]:
    book, fields = draft.document, header_fields(draft.edition)
    choices = services(directory, say)
    return [
        kit.text_input(fields["title"], say.say("Title"), limit=LONGEST_TITLE, value=book.title),
        menu(
            fields["service"],
            say.say("Service"),
            SERVICE,
            choices,
            chosen=book.service or EVERY,
            is_asked_for=len(choices) > MOST_OPTIONS,
        ),
        inputs.labelled(fields["severity"], say.say("Severity"), _severities(book, say)),
        inputs.labelled(fields["flags"], say.say("Use"), _flags(book, say), optional=True),
        kit.text_input(
            fields["description"],
            say.say("What it mends, and when to use it"),
            multiline=True,
            optional=True,
            limit=LONGEST_TEXT,
            value=book.description,
        ),
    ]


def services(directory: Directory, say: Words, wanted: str = "") -> list[Choice]:
    """The services whose name has `wanted` in it, and every one of them together."""
    named = sorted(directory.services.values(), key=lambda service: service.name.casefold())
    found = [Choice(service.name, service.id) for service in named if wanted.casefold() in service.name.casefold()]
    return [Choice(say.say("Every service"), EVERY), *found]


def _severities(book: Runbook, say: Words) -> Block:
    options = [inputs.option(say.say("Every severity"), EVERY)]
    options += [inputs.option(severity_name(severity), severity.value) for severity in Severity]
    return inputs.select(options, book.severity_filter.value if book.severity_filter else EVERY)


def _flags(book: Runbook, say: Words) -> Block:
    options = [
        inputs.option(say.say("Active"), "active"),
        inputs.option(say.say("Four eyes: a second person for every critical step"), "four_eyes"),
    ]
    chosen = [("active", book.is_active), ("four_eyes", book.four_eyes)]
    return inputs.checkboxes(options, [value for value, is_chosen in chosen if is_chosen])


def _editable(step: RunbookStep, count: int, say: Words) -> Block:
    """A step with what can be done to it."""
    choices, seen = [inputs.option(say.say("Edit"), f"edit:{step.order}")], mark(step)
    if step.order > 1:
        choices.append(inputs.option(say.say("Move up"), f"up:{step.order}:{seen}"))
    if step.order < count:
        choices.append(inputs.option(say.say("Move down"), f"down:{step.order}:{seen}"))
    choices.append(inputs.option(say.say("Remove"), f"remove:{step.order}:{seen}"))
    return kit.section(brief(step, say), inputs.menu("runbook.step.v1", choices)) | {"block_id": f"step:{step.order}"}


def saved(book: Runbook, kept: Mapping[int, int], locale: str, *, is_changed: bool) -> Block:
    """What became of it, and that runs under way go on with what they began with."""
    say = words(locale)
    said = {"name": kit.name(book.title), "version": book.version}
    if is_changed:
        lines = [say.say("✅ *{name}* is saved: it is v{version} now.", **said)]
    else:
        lines = [say.say("*{name}* says the same as before: it stays v{version}.", **said)]
    if not book.is_active:
        lines.append(say.say("It is not active: no incident gets it."))
    lines += [
        say.count("{n} run under way keeps v{old}.", "{n} runs under way keep v{old}.", count, old=number)
        for number, count in list(kept.items())[:10]
    ]
    return kit.modal(
        title(locale), [kit.section("\n".join(lines))], callback="notice.v1", close=say.say("Close"), metadata=book.id
    )


def outdated(text: str, key: str, locale: str) -> Block:
    """Somebody was faster: nothing is overwritten and nothing is lost, and the author chooses."""
    return overtaken(title(locale), text, "runbook", key, locale)
