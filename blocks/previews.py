"""What a policy does before it is saved: what good practice says, who is paged, now or another time, what changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from blocks import inputs, kit
from blocks.findings import findings
from blocks.forecasts import simulation
from blocks.incidents import severity_name
from blocks.kit import Block
from blocks.menus import MOST_OPTIONS, Choice, menu
from blocks.words import Words, words
from domain.directory import Directory
from domain.incidents import Severity
from domain.previews import Preview

SERVICE = "policy.service.v1"
DRAFT, SAVED = "draft", "saved"


@dataclass(frozen=True, slots=True)
class Place:
    """Which policy is looked at: one as it is saved, or the reader's draft of it ("" for a new one)."""

    kind: str
    key: str

    def __str__(self) -> str:
        return f"{self.kind}|{self.key}"

    @classmethod
    def of(cls, text: str) -> Place:
        """What a button or a form carries."""
        kind, _, key = text.partition("|")
        return cls(kind if kind == DRAFT else SAVED, key)


@dataclass(frozen=True, slots=True)
class Asked:
    """An incident that is supposed: of which service (its id), how bad, when (aware)."""

    service: str
    severity: Severity
    at: datetime


def preview(shown: Preview, key: str, locale: str) -> list[Block]:
    """What stands below the steps of the draft `key`; at most some fifty blocks: a modal takes a hundred."""
    say = words(locale)
    blocks = [kit.divider(), kit.section(say.say("*What good practice says*")), *findings(shown.findings, locale)]
    blocks += [kit.divider(), kit.section(say.say("*Who is paged, if it happened now*"))]
    if shown.forecast is None:
        return [*blocks, kit.context(say.say("No service's incident gets this policy as it is."))]
    return [*blocks, *simulation(shown.forecast, locale), *another_time(Place(DRAFT, key), say), *_changes(shown, say)]


def another_time(place: Place, say: Words) -> list[Block]:
    """The way to the same for another incident and another time."""
    return kit.actions([kit.button(say.say("🔮 At another time…"), "policy.preview.v1", str(place))])


def _changes(shown: Preview, say: Words) -> list[Block]:
    head = [kit.divider(), kit.section(say.say("*What changes against today*"))]
    if not shown.changes:
        return [*head, kit.context(say.say("Nothing changes for it."))]
    return [*head, *findings(shown.changes, say.language)]


def form(
    shown: Preview, place: Place, directory: Directory, locale: str, *, asked: Asked | None = None, at: datetime
) -> Block:
    """Which incident, when; below it, once it is `asked`, who is paged then and what changes. `at` is aware."""
    say = words(locale)
    forecast = shown.forecast
    service = asked.service if asked else (forecast.service.id if forecast else "")
    severity = asked.severity if asked else (forecast.severity if forecast else Severity.SEV1)
    choices = services(directory)
    picked = [inputs.option(severity_name(one), one.value) for one in Severity]
    blocks = [
        menu(
            "service",
            say.say("Service"),
            SERVICE,
            choices,
            chosen=service,
            is_asked_for=len(choices) > MOST_OPTIONS,
        ),
        inputs.labelled("severity", say.say("Severity"), inputs.select(picked, severity.value)),
        inputs.labelled("at", say.say("When?"), inputs.moment(asked.at if asked else at)),
    ]
    if asked and forecast:
        blocks += [kit.divider(), *simulation(forecast, locale)]
        blocks += _changes(shown, say) if place.kind == DRAFT else []
    return kit.modal(
        preview_title(locale),
        blocks,
        callback="policy.preview.v1",
        submit=say.say("Who is paged?"),
        close=say.say("Back"),
        metadata=str(place),
    )


def no_service(locale: str) -> Block:
    """Nothing can happen yet that anybody is paged for."""
    say = words(locale)
    text = say.say("There is no service yet. Add one first: its incidents are what a policy pages for.")
    return kit.modal(preview_title(locale), [kit.section(text)], callback="notice.v1", close=say.say("Back"))


def preview_title(locale: str) -> str:
    return words(locale).say("Who is paged?")


def services(directory: Directory, wanted: str = "") -> list[Choice]:
    """Every service with `wanted` in its name, under its team."""
    named = [
        Choice(one.name, one.id, team.name if (team := directory.teams.get(one.team)) else "")
        for one in directory.services.values()
        if wanted.casefold() in one.name.casefold()
    ]
    return sorted(named, key=lambda choice: (choice.group.casefold(), choice.text.casefold()))
