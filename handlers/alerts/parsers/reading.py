"""Fields of what sources send: read leniently where a page is at stake, named when they can't be read at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from domain.alerts import short
from domain.errors import Fault, Invalid

LONGEST_TEXT = 4000
MOST_LABELS = 200
WHOLE = 1 << 20
"""As long as a body may be."""
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
"""A day around the first year or the last one has no name in some zone, and a database can't give it back."""

_FIRST_COUNTED = 2000
"""Fewer seconds since 1970 than that are none: a day without its dashes, a duration, a number of something."""


class Reader:
    """One JSON object, at `place` in the body. Faults are gathered: `close` raises them all at once."""

    def __init__(self, value: object, place: str = "", faults: list[Fault] | None = None) -> None:
        self.faults: list[Fault] = [] if faults is None else faults
        self._place = place
        self._value: Mapping[str, Any] = value if isinstance(value, dict) else {}
        if not isinstance(value, dict):
            self.faults.append(Fault(place, "must be a JSON object"))

    def has(self, name: str) -> bool:
        return self._value.get(name) is not None

    def fault(self, name: str, message: str) -> None:
        self.faults.append(Fault(self.at(name), message))

    def at(self, name: str) -> str:
        """Where a field stands, from the top of the body."""
        return f"{self._place}.{name}" if self._place else name

    def raw(self, name: str) -> Any:
        return self._value.get(name)

    def text(self, *names: str, limit: int = LONGEST_TEXT, required: bool = False) -> str:
        """The first of these fields that says something, as text. One too long is cut, and numbers are text too; an
        object or a list says nothing here, which is a fault where it is `required`."""
        said = next((found for name in names if (found := scalar(self._value.get(name))).strip()), "")
        if not said and required:
            wrong = next((name for name in names if isinstance(self._value.get(name), (dict, list))), "")
            self.fault(wrong or names[0], "must be text" if wrong else "is missing or empty")
        return said[:limit]

    def key(self, *names: str, required: bool = False) -> str:
        """As `text`, of what tells one alert from another: one too long keeps what it differs by."""
        return short(self.text(*names, limit=WHOLE, required=required))

    def texts(self, *names: str) -> str:
        """As `text`, of a field that may be a list or an object as well: its texts with commas between."""
        for name in names:
            value = self._value.get(name)
            if isinstance(value, list) and any(scalar(one) for one in value):
                return ",".join(filter(None, map(scalar, value)))
            if isinstance(value, dict) and (told := flat(value)):
                return ",".join(f"{label}:{said}" for label, said in told.items())
        return self.text(*names, limit=WHOLE)

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of `choices`, in any case."""
        said = self.text(name).strip().lower()
        if said in choices:
            return said
        self.fault(name, f"must be one of {', '.join(choices)}")
        return ""

    def inner(self, name: str, *, required: bool = False) -> Reader:
        """The object in a field; an empty one when it is missing and need not be there."""
        value = self._value.get(name)
        return Reader({} if value is None and not required else value, self.at(name), self.faults)

    def labels(self, name: str) -> dict[str, str]:
        """An object of texts; what is not text is left out."""
        value = self._value.get(name)
        return flat(value) if isinstance(value, dict) else {}

    def moment(self, *names: str) -> datetime | None:
        """A time, as ISO 8601 or since 1970; None for what can't be read as one."""
        return next((found for name in names if (found := moment(self._value.get(name)))), None)

    def close(self) -> None:
        if self.faults:
            raise Invalid(self.faults)


def worded(value: object) -> str:
    """As `scalar`; of an object what it is called or says, of a list the first of it."""
    found = value[0] if isinstance(value, list) and value else value
    if isinstance(found, dict):
        return next((said for name in _SAYS if (said := scalar(found.get(name))).strip()), "")
    return scalar(found)


_SAYS = ("name", "value", "title", "label", "slug", "id", "href", "url")


def scalar(value: object) -> str:
    """A text, number or truth as text; "" for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else ""


def lines(value: object) -> str:
    """A description, which may be an object: its texts, a line each."""
    told = "\n".join(f"{name}: {said}" for name, said in flat(value).items()) if isinstance(value, dict) else ""
    return (told or scalar(value))[:LONGEST_TEXT]


def flat(value: Mapping[str, Any]) -> dict[str, str]:
    """The fields that are scalars, as labels."""
    told = ((name, scalar(one)) for name, one in value.items())
    return dict([(name[:200], said[:LONGEST_TEXT]) for name, said in told if said][:MOST_LABELS])


def moment(value: object) -> datetime | None:
    """A time, in UTC. Python reads at most six digits of a second; Go writes nine."""
    try:
        if isinstance(value, str) and not value.isdigit():
            read = datetime.fromisoformat(_six_digits(value))
            found = read if read.tzinfo else read.replace(tzinfo=UTC)
            return found.astimezone(UTC) if _FIRST_YEAR <= found.year <= _LAST_YEAR else None
        if isinstance(value, (int, float, str)) and not isinstance(value, bool):
            return _by_digits(str(value)) or _since_1970(float(value))
    except (ValueError, OverflowError, OSError):
        pass
    return None


def _by_digits(written: str) -> datetime | None:
    """20261127, 202611270415 or 20261127041500, which as a number is long ago or centuries away."""
    if len(written) not in (8, 12, 14) or not written.isdecimal():
        return None
    day, time = written[:8], written[8:]
    try:
        found = datetime.fromisoformat(f"{day}T{time}" if time else day).replace(tzinfo=UTC)
    except ValueError:
        return None
    return found if _FIRST_COUNTED <= found.year < _FIRST_COUNTED + 100 else None


def _since_1970(number: float) -> datetime | None:
    """Seconds, or milliseconds, microseconds or nanoseconds; a small number counts something else."""
    unit = next((unit for most, unit in ((1e11, 1), (1e14, 1e3), (1e17, 1e6)) if number < most), 1e9)
    found = datetime.fromtimestamp(number / unit, UTC)
    return found if _FIRST_COUNTED <= found.year <= _LAST_YEAR else None


def _six_digits(written: str) -> str:
    head, dot, rest = written.partition(".")
    if not dot:
        return written
    digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
    return f"{head}.{digits[:6].ljust(6, '0')}{rest[len(digits) :]}"
