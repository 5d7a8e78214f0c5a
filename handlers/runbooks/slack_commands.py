"""`/runbook`: the runbooks, to read, and one started in an incident's thread."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import catalog as looks
from blocks import evidence as evidence_looks
from blocks import runbook_findings
from blocks.catalog import Row
from blocks.incident_lists import A_PAGE, Page
from blocks.kit import Message
from domain.directory import Directory
from domain.errors import Fault, Invalid, NotFound
from domain.evidence import Evidence, never_run
from domain.lint import Finding
from domain.people import Permission
from domain.runbook_lint import lint_runbook
from domain.runbooks import Runbook
from handlers import forms
from handlers.commands import Command, Shortcut, Subcommand, chosen_by_name, named, unquoted
from handlers.incidents.service import IncidentService, permit
from handlers.runbooks.evidence import EvidenceService
from handlers.runbooks.service import RunbookService
from handlers.slack import Body, People
from handlers.switchboard import Asked, Switchboard, show

COMMANDS = (
    Command(
        "/runbook",
        "Runbooks: read one, start one in an incident's thread",
        (
            Subcommand("list", aliases=("ls",)),
            Subcommand("show", "name"),
            Subcommand("start", "INC-… [name]", Permission.STEP),
            Subcommand("attach", "INC-… name", Permission.STEP, ("replace",)),
            Subcommand("lint", "[name]", aliases=("check",)),
            Subcommand("stats", "[name]", aliases=("evidence", "figures")),
        ),
    ),
)
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()
_PAGES = re.compile(r"runbook\.list\.(previous|next)\.v1")


def register(
    app: AsyncApp,
    runbooks: RunbookService,
    known: EvidenceService,
    incidents: IncidentService,
    people: People,
    board: Switchboard,
) -> None:
    """Put the answers on `board`, and the buttons that turn pages in `app`."""

    async def listed(asked: Asked) -> None:
        await asked.say(_page(await incidents.directory(), 0, await asked.locale()))

    async def shown(asked: Asked) -> None:
        directory, locale = await incidents.directory(), await asked.locale()
        wanted = " ".join(asked.said.arguments)
        if not wanted:
            await asked.say(_page(directory, 0, locale))
            return
        book = chosen_by_name(wanted, _by_title(directory), "runbook")
        await asked.say(looks.runbook(book, directory.service_name(book.service), locale))

    async def start(asked: Asked) -> None:
        await _start(asked, runbooks, incidents)

    async def attach(asked: Asked) -> None:
        await _attach(asked, runbooks, incidents)

    async def lint(asked: Asked) -> None:
        await _lint(asked, await incidents.directory(), known)

    async def stats(asked: Asked) -> None:
        await _stats(asked, known)

    answers = {"list": listed, "show": shown, "start": start, "attach": attach, "lint": lint, "stats": stats}
    board.answer(COMMANDS, {("/runbook", name): answer for name, answer in answers.items()})

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _ = forms.turned(forms.value(body))
        await show(respond, _page(await incidents.directory(), offset, await people.locale(body)), replace=True)


async def _attach(asked: Asked, runbooks: RunbookService, incidents: IncidentService) -> None:
    """The runbook that is named, also in the place of one that nobody has begun."""
    said = named(asked.said.rest)
    actor, locale = await asked.actor(), await asked.locale()
    permit(actor, Permission.STEP)
    wanted = unquoted(said.rest)
    if not (said.incident and wanted):
        raise Invalid([Fault("incident", "say which incident and which runbook: /runbook attach INC-… name")])
    detail = await incidents.show(said.incident)
    book = chosen_by_name(wanted, _active(detail.directory), "runbook")
    await runbooks.attach(detail.incident.id, book.version_id, actor)
    await asked.say(looks.started(detail.incident, book, locale))


async def _lint(asked: Asked, directory: Directory, known: EvidenceService) -> None:
    """What good practice finds in the runbook that is named, else in how many of them."""
    wanted, locale = " ".join(asked.said.arguments), await asked.locale()
    if wanted:
        book = chosen_by_name(wanted, _by_title(directory), "runbook")
        seen = await known.of(book.id)
        await asked.say(runbook_findings.of_one(book, lint_runbook(book, seen.evidence), locale))
        return
    each = await known.each()
    # Half a second for five hundred of them, in which the loop would send no page.
    found = await asyncio.to_thread(_findings, directory, each)
    await asked.say(runbook_findings.of_all(found, locale))


def _findings(directory: Directory, each: Mapping[str, Evidence]) -> dict[str, tuple[Finding, ...]]:
    return {book.title: lint_runbook(book, each.get(book.id)) for book in directory.runbooks.values()}


async def _stats(asked: Asked, known: EvidenceService) -> None:
    """What the runs of the runbook that is named say, else how often each was used."""
    wanted, locale = " ".join(asked.said.arguments), await asked.locale()
    directory, runs = await known.runs()
    if not wanted:
        books = tuple(directory.runbooks.values())
        await asked.say(evidence_looks.of_all(books, runs, never_run(books, runs), locale))
        return
    seen = await known.of(chosen_by_name(wanted, _by_title(directory), "runbook").id)
    await asked.say(evidence_looks.message(seen.runbook, seen.evidence, locale))


async def _start(asked: Asked, runbooks: RunbookService, incidents: IncidentService) -> None:
    """The runbook that is named, else the one that fits; of several, the asker is asked which."""
    said = named(asked.said.rest)
    actor, locale = await asked.actor(), await asked.locale()
    permit(actor, Permission.STEP)
    if not said.incident:
        raise Invalid([Fault("incident", "say which incident: /runbook start INC-… name")])
    detail = await incidents.show(said.incident)
    wanted = unquoted(said.rest)
    if wanted:
        fitting: tuple[Runbook, ...] = (chosen_by_name(wanted, _active(detail.directory), "runbook"),)
    else:
        fitting = detail.directory.runbooks_for(detail.incident.service, detail.incident.severity)
    if not fitting:
        raise NotFound("no runbook fits this incident; say which: /runbook start INC-… name")
    if len(fitting) > 1:
        await asked.say(looks.which_runbook(detail.incident, fitting, locale))
        return
    await runbooks.start(detail.incident.id, fitting[0].version_id, actor)
    await asked.say(looks.started(detail.incident, fitting[0], locale))


def _by_title(directory: Directory) -> dict[str, Runbook]:
    return {book.title: book for book in directory.runbooks.values()}


def _active(directory: Directory) -> dict[str, Runbook]:
    return {title: book for title, book in _by_title(directory).items() if book.is_active}


def _page(directory: Directory, offset: int, locale: str) -> Message:
    ordered = sorted(directory.runbooks.values(), key=lambda book: book.title.casefold())
    rows = [
        Row(book.title, directory.service_name(book.service), book.severity_filter, len(book.steps), book.is_active)
        for book in ordered[offset : offset + A_PAGE]
    ]
    return looks.runbook_list(rows, Page(offset=offset, count=len(ordered)), locale)
