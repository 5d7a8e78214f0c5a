"""Every reader of what strangers write, as a function of bytes. What it may raise is a refusal; else it is a fault."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.notifiers.smtp_url import parse_smtp_url
from domain import commands, placeholders, replies, snoozes, templates
from domain.directory import Directory
from domain.errors import Fault, Invalid, VigieError
from domain.redaction import redacted
from handlers.alerts.envelopes import opened, unwrapped
from handlers.alerts.parsers import alertmanager, datadog, generic, grafana, pagerduty, sentry
from handlers.bodies import members, parse_object
from handlers.catalog.catalog import read, resolve
from handlers.commands import split
from handlers.imports import oncall, opsgenie
from handlers.imports.house import House
from handlers.links.signing import Links
from handlers.oncall import moments
from handlers.oncall.calendar_files import events
from tests.world import alert_body

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
PAYLOADS = Path(__file__).parent.parent / "payloads"
LINKS = Links("https://vigie.example.com", "a key of more than sixteen letters")
Target = Callable[[bytes], object]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _webhook(parse: Callable[[Mapping[str, str], object], object]) -> Target:
    return lambda data: parse({}, parse_object(data))


def _catalog(data: bytes) -> object:
    faults: list = []  # type: ignore[type-arg]
    drafts = read([("any.yaml", _text(data))], faults)
    if faults:
        raise Invalid(faults)
    return resolve(drafts, Directory(), lambda: "an id")


def _link(data: bytes) -> None:
    """Nothing but what Vigie signed is read as a link of its own."""
    text = _text(data)
    found = LINKS.read(text)
    assert found is None or LINKS.to(found).endswith(f"/{text}")


def _typed(data: bytes) -> None:
    text = _text(data)
    split(text)
    moments.length(text)
    moments.asking(text.split())
    moments.moment(text, "Europe/Paris", NOW)


def _command(data: bytes) -> None:
    """A step's command: read for what it changes and lacks, and for what stands in it for the incident's facts."""
    text = _text(data)
    list(commands.commands(text))
    commands.changing(text)
    commands.lacks(text)
    placeholders.named(text)
    placeholders.unknown(text)
    placeholders.quoted_around(text)


def _template(data: bytes) -> None:
    """What is not in the closed list stays as written."""
    text = _text(data)
    templates.unknown(text)
    assert templates.fill(text, {}) == text


def _redacted(data: bytes) -> None:
    text = _text(data)
    assert redacted(redacted(text)) == redacted(text)


def _imported(carried: Callable[[Sequence[tuple[str, bytes]], datetime], House]) -> Target:
    """Whatever is carried over can be loaded."""

    def target(data: bytes) -> None:
        written = carried([("export.json", data)], NOW).files()
        faults: list[Fault] = []
        resolve(read(list(written.items()), faults), Directory(), lambda: "an id")
        assert not faults, faults

    return target


def _enveloped(data: bytes) -> None:
    generic.parse({}, unwrapped(opened("application/x-www-form-urlencoded", data)))


def _answered(data: bytes) -> None:
    text = _text(data)
    replies.read(text)
    with suppress(Invalid):
        snoozes.until(text, NOW, "Europe/Paris")


TARGETS: dict[str, Target] = {
    "json": parse_object,
    "members": lambda data: members(data, ("note", "until")),
    "alertmanager": _webhook(alertmanager.parse),
    "grafana": _webhook(grafana.parse),
    "datadog": _webhook(datadog.parse),
    "sentry": _webhook(sentry.parse),
    "pagerduty": _webhook(pagerduty.parse),
    "generic": _webhook(generic.parse),
    "yaml": _catalog,
    "calendar": lambda data: events(_text(data), "Europe/Paris", NOW, NOW + timedelta(days=14)),
    "smtp": lambda data: parse_smtp_url(_text(data)),
    "link": _link,
    "typed": _typed,
    "command": _command,
    "template": _template,
    "redaction": _redacted,
    "opsgenie": _imported(opsgenie.carried),
    "oncall": _imported(oncall.carried),
    "envelope": _enveloped,
    "answer": _answered,
}


def tried(name: str, data: bytes) -> None:
    """Give a target `data`; a refusal is as good as an answer. Whatever else it raises is a fault of Vigie's."""
    try:
        TARGETS[name](data)
    except UnicodeError:
        raise
    except VigieError:
        pass
    except ValueError:
        # Only this one is to say no that way: its caller is the settings' own check.
        if name != "smtp":
            raise


def seeds(name: str) -> list[bytes]:
    """What is well formed, to be bent."""
    if name in _SEEDS:
        return _SEEDS[name]
    if (PAYLOADS / "imports" / name).is_dir():
        return [file.read_bytes() for file in sorted((PAYLOADS / "imports" / name).rglob("*.json"))]
    return [*(file.read_bytes() for file in sorted((PAYLOADS / "intake").glob(f"{name}*.json")))]


_SEEDS = {
    "envelope": [
        b"payload=%7B%22title%22%3A%20%22Disk%20full%22%7D",
        b"title=Disk+full&priority=P2&tags=env%3Aprod",
        json.dumps({"Type": "Notification", "Message": json.dumps({"title": "a"}), "Subject": "s"}).encode(),
    ],
    "answer": [b"12a", b"ack INC-ABC234\nsent from my phone", b"1d2h30m", b"until 09:00"],
    "json": [(PAYLOADS / "alertmanager-webhook.json").read_bytes()],
    "alertmanager": [json.dumps(alert_body()).encode()],
    "generic": [json.dumps({"title": "Backup failed", "priority": "P2", "labels": {"env": "prod", "n": 3}}).encode()],
    "members": [json.dumps({"note": "n", "until": "2h"}).encode()],
    "yaml": [(PAYLOADS / file).read_bytes() for file in ("organisation.yaml", "guide.yaml")],
    "calendar": [
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//EN\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Paris:"
        b"20261123T090000\r\nDTEND:20261124T080000Z\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=9\r\nSUMMARY:ada: first\r\n"
        b"EXDATE:20261130T090000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    ],
    "smtp": [b"smtp://vigie:pa%24s@mail.example.com:587?tls=starttls"],
    "link": [LINKS.to("0190a0b0-c0d0-7000-8000-000000000001").rpartition("/")[2].encode()],
    "typed": [b"SRE Core at 2026-12-01 03:00", b"1d2h30", b"03:00"],
    "command": [b"kubectl -n {service} rollout restart deploy/{label.app} && redis-cli -h 'a b' ping # {incident.url}"],
    "template": [b"{incident.short_id} {minutes} {incident.title!r} {0} {{x}} {incident.__class__}"],
    "redaction": [b"smtp://a:b@c xoxb-1-2 Authorization: Bearer abcdefghijklmnopq password=x /a/AAAA.BBBB"],
}
