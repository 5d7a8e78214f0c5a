"""A forecast as plain values, for `--json` and the API. Pure."""

from __future__ import annotations

from typing import Any

from domain.forecasts import Forecast
from domain.lint import Finding
from domain.simulation import Miss, PlannedPage, PlannedStep, Why


def forecast_fields(forecast: Forecast) -> dict[str, Any]:
    """Names and values that stay the same between versions; times are ISO 8601 with their offset."""
    policy = forecast.policy
    return {
        "service": forecast.service.name,
        "team": forecast.team,
        "severity": forecast.severity.value,
        "at": forecast.at.isoformat(),
        "policy": {"name": policy.name, "version": policy.version} if policy else None,
        "chosen_by": forecast.choice.value if forecast.choice else None,
        "runbooks": [{"title": book.title, "version": book.version} for book in forecast.runbooks],
        "channel": forecast.simulation.incident.channel,
        "steps": [_step(step) for step in forecast.simulation.steps],
    }


def _step(step: PlannedStep) -> dict[str, Any]:
    return {
        "step_order": step.step.order,
        "minute": step.minute,
        "at": step.at.isoformat(),
        "delay_minutes": step.step.delay_minutes,
        "pages": [_page(page) for page in step.pages],
        "unreached": [_miss(miss) for miss in step.misses],
        "next_at_once": step.next_at_once,
        "said_in_step": step.said_in or None,
    }


def _page(page: PlannedPage) -> dict[str, Any]:
    return {
        "notification_type": page.channel.value,
        "name": page.name,
        # A webhook's address is its key.
        "address": "" if page.address.startswith("https://") else page.address,
        "instead_of": page.instead_of.value if page.instead_of else None,
        "covers": list(page.covers),
        "why": _why(page.why),
    }


def _why(why: Why) -> dict[str, Any]:
    return {
        "target_type": why.target.value,
        "team": why.team,
        "rotation": why.rotation,
        "until": why.until.isoformat() if why.until else None,
        "is_lead": why.is_lead,
    }


def _miss(miss: Miss) -> dict[str, Any]:
    return {
        "reason": miss.reason,
        "notification_type": miss.channel.value if miss.channel else None,
        "name": miss.name,
        "instead": [channel.value for channel in miss.instead],
    }


def finding_fields(finding: Finding) -> dict[str, Any]:
    """One finding as plain values."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "step": finding.where.step or None,
        "field": finding.where.field,
        "message": finding.message,
        "fix": finding.fix,
    }
