"""JSON bodies, strictly: what two programs could read in two ways is refused, and the refusal says where it is."""

from __future__ import annotations

import json
import math
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from operator import indexOf
from typing import Any, NoReturn

from domain.errors import Fault, Invalid

DEEPEST = 64
"""Objects and lists inside each other."""
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""What only an escape can bring into JSON: NUL and surrogates."""
_STEPS = bytes({0x5B: 1, 0x7B: 1, 0x5D: 255, 0x7D: 255}.get(character, 0) for character in range(256))
"""How much deeper each character leads; 255 is -1."""


class BadBody(Invalid):
    """The body is not JSON at all."""


def parse_object(body: bytes, *, is_lenient: bool = False) -> Any:
    """The JSON value in `body`, which is UTF-8. Raises BadBody, which says where it is none. A lenient reader takes the
    ends of lines and tabs in texts that a script has not escaped: no two programs read them in two ways."""
    try:
        # Given bytes, json takes UTF-16 too, and halves of surrogate pairs, which no database does.
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadBody([Fault("", f"the body is not UTF-8 at byte {error.start}")]) from None
    # Only one that opens more than that can be deeper, and counting is cheap.
    if text.count("{") + text.count("[") > DEEPEST:
        _refuse_depth(text)
    try:
        value = (_LENIENT if is_lenient else _DECODER).decode(text)
    except _Ambiguous as error:
        raise BadBody([error.fault(text)]) from None
    except RecursionError:
        raise BadBody([Fault("", "the JSON is nested too deeply")]) from None
    except ValueError as error:
        raise BadBody([Fault("", f"the body is not JSON: {error}")]) from None
    return _storable(value) if _ESCAPED.search(text) or "\0" in text else value


class _Ambiguous(Exception):
    """Something that not every program reads alike: a `name` that is there twice, or what is `written` for a number."""

    def __init__(self, name: str = "", written: str = "") -> None:
        super().__init__(name or written)
        self._name = name
        self._written = written

    def fault(self, text: str) -> Fault:
        """What is wrong, and where in `text`."""
        if self._name:
            return Fault(self._name, f"the name {self._name} is written twice in one object")
        where = _where(text, _bare(text).find(self._written.encode()))
        if self._written.endswith(("NaN", "Infinity")):
            return Fault("", f"{self._written} is not JSON: {where}")
        return Fault("", f"a number is too large: {where}")


def _constant(written: str) -> NoReturn:
    raise _Ambiguous(written=written)


def _number(written: str) -> float:
    value = float(written)
    if math.isinf(value):
        raise _Ambiguous(written=written)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Ambiguous(name=Counter(name for name, _ in pairs).most_common(1)[0][0][:100] or '""')
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_number)
_LENIENT = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant, parse_float=_number, strict=False)


def _refuse_depth(text: str) -> None:
    depths = accumulate(array("b", _bare(text).translate(_STEPS)))
    try:
        place = indexOf(depths, DEEPEST + 1)
    except ValueError:
        return
    message = f"the JSON is nested too deeply, more than {DEEPEST}: {_where(text, place)}"
    raise BadBody([Fault("", message)])


def _bare(text: str) -> bytes:
    """A byte for each character, those inside of texts blank. A body may be a million brackets: none is looked at by
    itself."""
    parts = text.encode("latin-1", "replace").replace(rb"\\", b"  ").replace(rb"\"", b"  ").split(b'"')
    parts[1::2] = map(bytes, map(len, parts[1::2]))
    return b'"'.join(parts)


def _where(text: str, place: int) -> str:
    return f"line {text.count(chr(10), 0, place) + 1} column {place - text.rfind(chr(10), 0, place)} (char {place})"


def members(body: bytes, allowed: Sequence[str]) -> dict[str, str]:
    """The texts of a small JSON object; an empty body has none. Raises Invalid for what is not text or not known."""
    if not body.strip():
        return {}
    value = parse_object(body)
    if not isinstance(value, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    faults = [Fault(name, f"is not known here; {_known(allowed)}") for name in value if name not in allowed]
    faults += [Fault(name, "must be text") for name, given in value.items() if not isinstance(given, str)]
    if faults:
        raise Invalid(faults)
    return dict(value)


def _storable(value: Any) -> Any:
    """Without NUL and halves of surrogate pairs, which no database takes."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_storable(one) for one in value]
    if isinstance(value, dict):
        return {_storable(name): _storable(one) for name, one in value.items()}
    return value


def _known(allowed: Sequence[str]) -> str:
    return f"this takes {', '.join(allowed)}" if allowed else "this takes no fields"
