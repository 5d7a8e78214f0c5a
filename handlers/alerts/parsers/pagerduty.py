"""PagerDuty's Events API version 2 (developer.pagerduty.com, events-api-v2): trigger, acknowledge, resolve.

Strict where PagerDuty is, or a tool would never learn; what it does not check is read as well as it can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.alerts import Alert, AlertGroup
from domain.errors import Fault, Invalid
from handlers.alerts.parsers.reading import Reader, flat, lines, scalar

SOURCE = "pagerduty"
ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
LONGEST_DEDUP_KEY = 255
LONGEST_SUMMARY = 1024


def routing_key(body: object) -> str:
    """The token in `body`. Raises Invalid when there is none."""
    found = body.get("routing_key") if isinstance(body, dict) else None
    if not isinstance(body, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    if not isinstance(found, str) or not found.strip():
        raise Invalid([Fault("routing_key", "is missing or blank")])
    return found.strip()


def parse(_: Mapping[str, str], body: object, made_key: str = "") -> AlertGroup:
    """The group of one that `body` is, by its dedup_key; `made_key` is for a trigger that brings none. Raises Invalid
    with every field that is wrong."""
    sent = Reader(body)
    action = sent.choice("event_action", ACTIONS)
    given = sent.text("dedup_key", limit=LONGEST_DEDUP_KEY + 1)
    if isinstance(sent.raw("dedup_key"), (dict, list)):
        sent.fault("dedup_key", "must be text")
    if len(given) > LONGEST_DEDUP_KEY:
        sent.fault("dedup_key", f"must be at most {LONGEST_DEDUP_KEY} characters")
    elif not given and action in ("acknowledge", "resolve"):
        sent.fault("dedup_key", "is missing or blank")
    payload = _payload(sent) if action == "trigger" else None
    sent.close()
    if action == "acknowledge":
        return AlertGroup(source=SOURCE, key=given, alerts=(), is_acknowledgement=True)
    return _group(given or made_key, sent, payload)


def _payload(sent: Reader) -> Reader:
    if not isinstance(sent.raw("payload"), dict):
        sent.fault("payload", "is missing or blank")
        return Reader({})
    payload = sent.inner("payload")
    for name in ("summary", "source"):
        payload.text(name, required=True)
    payload.choice("severity", SEVERITIES)
    return payload


def _group(key: str, sent: Reader, payload: Reader | None) -> AlertGroup:
    said = payload or Reader({})
    details = said.raw("custom_details")
    labels = flat(details) if isinstance(details, dict) else {}
    told = {"host": "source", "component": "component", "group": "group", "class": "class", "severity": "severity"}
    labels |= {label: value for label, name in told.items() if (value := said.text(name))}
    labels.setdefault("service", labels.get("component", ""))
    labels = {name: value for name, value in labels.items() if value}
    title = " ".join(said.text("summary", limit=LONGEST_SUMMARY).split())
    alert = Alert(
        source=SOURCE,
        fingerprint=key,
        started_at=said.moment("timestamp"),
        is_firing=payload is not None,
        title=title,
        description=lines(details),
        url=_link(sent.raw("links")) or sent.text("client_url"),
        labels=labels,
    )
    return AlertGroup(source=SOURCE, key=key, alerts=(alert,), title=title, labels=labels)


def _link(links: Any) -> str:
    first = links[0] if isinstance(links, list) and links else None
    return scalar(first.get("href"))[:2000] if isinstance(first, dict) else ""
