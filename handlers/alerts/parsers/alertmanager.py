"""Alertmanager's webhook, version 4 (prometheus.io, alerting/latest/configuration, webhook_config).

Unknown fields are ignored: newer versions add some. An alert that is absent says nothing: a truncated group drops its
tail, ended alerts too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from domain.alerts import UNDATED, Alert, AlertGroup, short
from domain.errors import Fault, Invalid
from handlers.alerts.parsers.reading import moment, scalar

SOURCE = "alertmanager"
MOST_ALERTS = 5000
_LONGEST_KEY = 2000
_LONGEST_FINGERPRINT = 200
_LONGEST_URL = 4000


Finish = Callable[[Alert, Mapping[str, Any]], Alert]


def parse(
    _: Mapping[str, str], body: object, source: str = SOURCE, finish: Finish = lambda alert, sent: alert
) -> AlertGroup:
    """The group that `body` (decoded JSON) is; `source` is whoever else speaks the same, and `finish` adds to an alert
    what else of theirs was sent of it. Alerts that can't be read are left out. Raises Invalid with every field that is
    wrong when none can."""
    if not isinstance(body, dict):
        raise Invalid([Fault("", "must be a JSON object, as the webhook sends it")])
    sent = body.get("alerts")
    if not isinstance(sent, list) or not sent or len(sent) > MOST_ALERTS:
        raise Invalid([Fault("alerts", f"must be a list of 1 to {MOST_ALERTS} alerts")])
    common = _told(body.get("commonLabels"))
    key = short(scalar(body.get("groupKey")).replace("\0", ""), _LONGEST_KEY)
    alerts, left_out = _readable(sent, source, finish)
    if not alerts:
        raise Invalid(list(chain.from_iterable(left_out)))
    annotations = _told(body.get("commonAnnotations"))
    url = _address(scalar(body.get("externalURL")))
    title = annotations.get("summary", "") or _title(alerts, common)
    return AlertGroup(
        source=source,
        key=key,
        alerts=alerts,
        title=title,
        url=url,
        labels=common,
        is_truncated=scalar(body.get("truncatedAlerts")) not in ("", "0"),
        left_out=left_out,
    )


def _readable(
    sent: Sequence[object], source: str, finish: Finish
) -> tuple[tuple[Alert, ...], tuple[tuple[Fault, ...], ...]]:
    """The alerts, and what is wrong with each of the others. One without its start is among these: taken for one that
    never told any, it would open an incident with each repeat, once somebody has resolved the first by hand."""
    alerts: list[Alert] = []
    left_out: list[tuple[Fault, ...]] = []
    for number, one in enumerate(sent):
        faults: list[Fault] = []
        place = f"alerts[{number}]"
        if not isinstance(one, dict):
            left_out.append((Fault(place, "must be an object"),))
            continue
        alert = _alert(one, place, source, faults)
        if faults:
            left_out.append(tuple(faults))
        else:
            alerts.append(finish(alert, one))
    return tuple(alerts), tuple(left_out)


def _alert(sent: Mapping[str, Any], place: str, source: str, faults: list[Fault]) -> Alert:
    labels = _texts(sent.get("labels", {}), f"{place}.labels", faults)
    annotations = _texts(sent.get("annotations", {}), f"{place}.annotations", faults)
    status = _text(sent, "status", place, faults).strip().lower()
    if status not in ("firing", "resolved"):
        faults.append(Fault(f"{place}.status", 'must be "firing" or "resolved"'))
    started = _text(sent, "startsAt", place, faults)
    started_at = _moment(started, f"{place}.startsAt", faults)
    ended_at = _read(scalar(sent.get("endsAt"))) if status == "resolved" else None
    fingerprint = short(scalar(sent.get("fingerprint")).replace("\0", "") or _fingerprint(labels), _LONGEST_FINGERPRINT)
    return Alert(
        source=source,
        fingerprint=fingerprint,
        started=_second(started_at) if started_at else UNDATED,
        ended=_second(ended_at) if ended_at else UNDATED,
        started_at=started_at,
        is_firing=status == "firing",
        title=annotations.get("summary", "") or labels.get("alertname", ""),
        description=annotations.get("description", "") or annotations.get("message", ""),
        url=_address(scalar(sent.get("generatorURL"))),
        labels=labels,
    )


@lru_cache(maxsize=1024)
def _second(moment: datetime) -> str:
    """The start to the second: the same alert is sent with a fraction when it fires, and without when it ends."""
    return moment.replace(microsecond=0).isoformat()


def _fingerprint(labels: Mapping[str, str]) -> str:
    """Labels are an alert's identity in Prometheus; versions before 0.20 sent no fingerprint of them."""
    return "\x1f".join(f"{name}={labels[name]}" for name in sorted(labels))


def _address(written: str) -> str:
    """An address that fits; half of one leads nowhere."""
    return written if len(written) <= _LONGEST_URL else ""


def _title(alerts: tuple[Alert, ...], common: Mapping[str, str]) -> str:
    firing = next((alert for alert in alerts if alert.is_firing), alerts[0])
    return firing.title or common.get("alertname", "") or "Alert without a name"


def _text(sent: Mapping[str, Any], name: str, place: str, faults: list[Fault]) -> str:
    value = sent.get(name, "")
    if isinstance(value, str) or value is None:
        return value or ""
    faults.append(Fault(f"{place}.{name}" if place else name, "must be text"))
    return ""


def _told(sent: object) -> dict[str, str]:
    """What alerts have in common, and each says itself: what is no text says nothing."""
    found = sent.items() if isinstance(sent, dict) else ()
    told = ((str(name).replace("\0", ""), scalar(value).replace("\0", "")) for name, value in found)
    return {name: said for name, said in told if said}


def _texts(sent: object, place: str, faults: list[Fault]) -> dict[str, str]:
    if sent is None:
        return {}
    if not isinstance(sent, dict):
        faults.append(Fault(place, "must be an object of texts"))
        return {}
    for name, value in sent.items():
        if not isinstance(value, str):
            faults.append(Fault(f"{place}.{name}", "must be text"))
    return {str(name).replace("\0", ""): str(value).replace("\0", "") for name, value in sent.items()}


def _moment(written: str, place: str, faults: list[Fault]) -> datetime | None:
    """An RFC 3339 time with its zone, in UTC; None for that which Go writes for none."""
    found = _read(written)
    if found is None and not written.startswith(_NEVER):
        faults.append(Fault(place, "must be a time such as 2026-11-23T04:01:55Z"))
    return found


@lru_cache(maxsize=1024)
def _read(written: str) -> datetime | None:
    """Alerts that one rule fired together began together."""
    return moment(written) if "T" in written and _ZONE.search(written) else None


_NEVER = "0001-01-01T00:00:00"
_ZONE = re.compile(r"(?:[zZ]|[+-]\d\d:?\d\d(?::?\d\d(?:\.\d+)?)?)$")
