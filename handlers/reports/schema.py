"""Figures as the API shows them. Pure."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from domain.reports import Group
from handlers.incidents.schema import FILTERS
from handlers.schema import Endpoint, Endpoints, Moment, Parameter


class Figure(TypedDict):
    """A length of time over `count` incidents, in seconds; null where it is of none."""

    count: int
    mean: float | None
    median: float | None
    p90: float | None


class Report(TypedDict):
    """The incidents of a window."""

    count: int
    open: int
    duplicates: int
    self_resolved: int
    drills: int
    mttd_seconds: Figure
    mtta_seconds: Figure
    mttr_seconds: Figure
    intake_seconds: Figure
    notification_seconds: Figure
    human_seconds: Figure


class GroupReport(Report):
    """Those of one team, service, severity, week or day."""

    key: str


_Window = TypedDict("_Window", {"from": Moment, "to": Moment})


class Metrics(Report, _Window):
    """The figures of a window, and of its groups where they are asked for; days begin on the clocks of `timezone`."""

    timezone: str
    group_by: NotRequired[Group]
    groups: NotRequired[list[GroupReport]]


_PARAMETERS = (
    Parameter("from", "Not before this day or time; 30 days ago unless said"),
    Parameter("to", "Before this day or time; now unless said"),
    *FILTERS,
    Parameter("group_by", ", ".join(f"`{one}`" for one in Group)),
)
ENDPOINTS: Endpoints = {
    ("GET", "/api/v1/metrics/"): Endpoint(
        summary="MTTD, MTTA and MTTR of a window", tag="figures", scope="read", parameters=_PARAMETERS, answer=Metrics
    )
}
