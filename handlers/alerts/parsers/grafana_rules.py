"""Grafana's webhook before its alerts were Alertmanager's (up to version 8, gone in 11): one rule and its state."""

from __future__ import annotations

from domain.alerts import Alert, AlertGroup, short
from handlers.alerts.parsers.reading import Reader

_SIGNS = ("ruleName", "evalMatches", "ruleId", "ruleUrl")
_ENDS = ("ok", "paused")
_STATES = ("alerting", "no_data", "pending", "unknown", *_ENDS)


def is_rule(body: object) -> bool:
    """Whether this is such a body."""
    return isinstance(body, dict) and "alerts" not in body and any(name in body for name in _SIGNS)


def parse(source: str, body: object) -> AlertGroup:
    """The group of one that `body` is. Raises Invalid with every field that is wrong."""
    sent = Reader(body)
    state = sent.choice("state", _STATES)
    name = sent.text("ruleName", "title", required=True, limit=1000)
    number, organisation = sent.text("ruleId"), sent.text("orgId")
    rule = (
        "/".join(part for part in ("rule", organisation, number) if part) if number not in ("", "0") else f"rule/{name}"
    )
    tags, matches = sent.labels("tags"), sent.raw("evalMatches")
    values = [Reader(one) for one in matches[:20] if isinstance(one, dict)] if isinstance(matches, list) else []
    seen = [f"{one.text('metric')}: {one.text('value')}" for one in values]
    description = sent.text("message") or "\n".join(seen)
    url = sent.text("ruleUrl", "rule_url")
    sent.close()
    labels = {**_shared([one.labels("tags") for one in values]), **tags, "alertname": name}
    labels = {label: value for label, value in labels.items() if value}
    alert = Alert(
        source=source,
        fingerprint=short(rule),
        is_firing=state not in _ENDS,
        title=name,
        description=description,
        url=url,
        labels=labels,
    )
    return AlertGroup(source=source, key=alert.fingerprint, alerts=(alert,), title=name, url=url, labels=labels)


def _shared(several: list[dict[str, str]]) -> dict[str, str]:
    """The tags that every series has with the same value."""
    first = several[0] if several else {}
    return {name: value for name, value in first.items() if all(one.get(name) == value for one in several)}
