"""Grafana's webhook contact point (grafana.com/docs, webhook notifier): Alertmanager's body with more in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from domain.alerts import Alert, AlertGroup
from handlers.alerts.parsers import alertmanager, grafana_rules
from handlers.alerts.parsers.reading import LONGEST_TEXT, scalar

SOURCE = "grafana"


def parse(headers: Mapping[str, str], body: object) -> AlertGroup:
    """The group that `body` is. Raises Invalid as Alertmanager's parser does."""
    if grafana_rules.is_rule(body):
        return grafana_rules.parse(SOURCE, body)
    return alertmanager.parse(headers, body, SOURCE, _alert)


def _alert(alert: Alert, sent: Mapping[str, Any]) -> Alert:
    """With the panel that shows it rather than the rule that made it, and with the values that it saw."""
    url = next((text for name in ("panelURL", "dashboardURL") if (text := scalar(sent.get(name)))), alert.url)
    told = alert.description or scalar(sent.get("valueString"))
    return replace(alert, url=url[:LONGEST_TEXT], description=told[:LONGEST_TEXT])
