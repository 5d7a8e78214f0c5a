"""A post-mortem as the API shows it. Pure."""

from __future__ import annotations

from typing_extensions import TypedDict

from domain.postmortems import Section, State
from domain.runbooks import RunState, StepState
from handlers.incidents.schema import ONE, Kpis
from handlers.schema import Day, Endpoint, Endpoints, Moment, Parameter


class RunStep(TypedDict):
    """What became of a runbook's step."""

    order: int
    title: str
    state: StepState
    has_problem: bool
    note: str | None
    by: str | None
    confirmed_by: str | None
    started_at: Moment | None
    finished_at: Moment | None


class Run(TypedDict):
    """The runbook that was followed."""

    title: str
    version: int
    state: RunState
    steps: list[RunStep]


class Action(TypedDict):
    """Something to be done, by whom and until when."""

    id: str
    text: str
    owner: str | None
    due_on: Day
    is_done: bool
    done_at: Moment | None
    done_by: str | None


class Postmortem(TypedDict):
    """What happened and what is learned. `state` is null where none is asked for."""

    incident: str
    state: State | None
    step: int | None
    asked_by: str | None
    due_on: Day | None
    version: int
    written_by: str | None
    written_at: Moment | None
    published_version: int | None
    published_at: Moment | None
    published_by: str | None
    waived_by: str | None
    waived_because: str | None
    sections: dict[Section, str]
    kpis: Kpis
    runbook: Run | None
    actions: list[Action]


_FORMAT = Parameter("format", "`markdown` for a document; so does `Accept: text/markdown`")
ENDPOINTS: Endpoints = {
    ("GET", ONE + "postmortem/"): Endpoint(
        summary="What was learned",
        tag="incidents",
        scope="read",
        answer=Postmortem,
        parameters=(_FORMAT,),
        media=("application/json", "text/markdown"),
    )
}
