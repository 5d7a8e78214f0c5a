"""Words outside Slack: what an SMS, a Subject or a terminal line can carry, and how to cut it to fit.

GSM-7: 3GPP TS 23.038 §6.2.1. Part sizes: OVH's SMS guide (160 characters alone, 153 a part when joined;
70 and 67 in Unicode), which is 140 octets a part less 6 octets of joining header.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_Length = Callable[[str], int]

GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM7_EXTENSION = frozenset("^{}[]~\\|€")
"""Characters sent as an escape and a septet: each counts as two."""
_GSM7 = GSM7_BASIC | GSM7_EXTENSION
_SEEN = "".join(re.escape(one) for one in sorted(_GSM7) if not one.isspace())
_IS_TIDY = re.compile(f"[{_SEEN}]+(?:[ \n][{_SEEN}]+)*+")
"""What an SMS takes as it is: most do, and to find that out costs a tenth of going through it."""

SMS_SEPTETS = 160
ELLIPSIS = "…"
_STUMP = 20
_SMS_ELLIPSIS = "..."
_FOREIGN_TOLERATED = 0.2
"""Share of letters GSM-7 lacks up to which they become "?" rather than cost the message half its room."""

_GAPS = re.compile(r"[^\S\u00a0\u202f]+")

_REPLACEMENTS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
        **dict.fromkeys("“”„‟″«»", '"'),
        **dict.fromkeys("‐‑‒–—―−•·▪●◦", "-"),
        **dict.fromkeys("\u00a0\u202f", " "),
        "…": "...",
        "œ": "oe",
        "Œ": "OE",
        "ı": "i",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "TH",
        "ħ": "h",
        "Ħ": "H",
        "ẞ": "SS",
        "ŧ": "t",
        "Ŧ": "T",
        "ŋ": "n",
        "Ŋ": "N",
        "ĸ": "k",
        "ç": "c",
        "→": "->",
        "←": "<-",
        "⇒": "=>",
        "×": "x",
        "÷": "/",
        "°": "o",
        "º": "o",
        "ª": "a",
        "≤": "<=",
        "≥": ">=",
        "≠": "!=",
        "≈": "~",
        "±": "+/-",
        "⁄": "/",
        "µ": "u",
        "μ": "u",
        "©": "(c)",
        "®": "(r)",
        "™": "(tm)",
        "✓": "OK",
        "✔": "OK",
        "✅": "OK",
        "✗": "X",
        "❌": "X",
        "⚠": "!",
        "‼": "!!",
        "⁉": "!?",
        "❗": "!",
        "❓": "?",
        "‹": "<",
        "›": ">",
        "¦": "|",
    }
)
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Controls, NUL, bidirectional marks, zero-width and byte-order marks, tags, halves of surrogate pairs:
# none is visible, each can hide or reorder what a person reads (Unicode TR 36, CVE-2021-42574).
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\ufff0-\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"[^\S\n]+")
_BLANKS_AROUND_BREAK = re.compile(r"(?<! ) *+\n[ \n]*+")
_LONGEST_CLUSTER = 16


def clean(text: str) -> str:
    """`text` without what cannot be seen but can mislead or break an encoder; line breaks become \\n."""
    return _INVISIBLE.sub("", _LINE_BREAKS.sub("\n", text))


def one_line(text: str) -> str:
    """`text` on one line, fit for a Subject, a topic, a table cell or a log line. French keeps the spaces of its
    punctuation."""
    return _GAPS.sub(" ", clean(text)).strip()


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, an ellipsis where something was cut, no accent or emoji cut in half."""
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    return text[: _boundary(text, limit - 1)].rstrip() + ELLIPSIS


def _boundary(text: str, index: int) -> int:
    """The last place at or before `index` where `text` may be cut."""
    for place in range(index, max(index - _LONGEST_CLUSTER, 0), -1):
        if not _joined(text, place):
            return place
    return index


def _joined(text: str, place: int) -> bool:
    """Whether the characters on both sides of `place` are shown as one (a short form of Unicode TR 29)."""
    before, after = text[place - 1], text[place]
    return (
        unicodedata.category(after) in {"Mn", "Me", "Mc"}
        or "\u200d" in (before, after)
        or "\U0001f3fb" <= after <= "\U0001f3ff"
        or (_is_flag_half(after) and _flag_halves_before(text, place) % 2 == 1)
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _flag_halves_before(text: str, place: int) -> int:
    start = place
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return place - start


def is_gsm7(text: str) -> bool:
    return _GSM7.issuperset(text)


def gsm7_length(text: str) -> int:
    """Septets `text` takes, once it is GSM-7: one a character, two for `^{}[]~\\|€`."""
    return len(text) + sum(map(text.count, GSM7_EXTENSION))


def gsm7(text: str) -> str:
    """`text` in GSM-7 as far as its letters exist there: ê becomes e, “ becomes ", an emoji goes.

    Letters of another script stay, since a title without its letters says nothing.
    """
    tidy = _SPACES.sub(" ", unicodedata.normalize("NFC", clean(text)))
    return tidy if is_gsm7(tidy) else _SPACES.sub(" ", "".join(map(_transliterate, tidy)))


def _transliterate(character: str) -> str:
    if character in _GSM7:
        return character
    plain = character.translate(_REPLACEMENTS)
    if plain != character:
        return plain
    parts = "".join(map(_base_letter, unicodedata.normalize("NFKD", character)))
    return parts if parts and is_gsm7(parts) else _foreign(character)


def _base_letter(character: str) -> str:
    """A decomposed character's letter alone: its accents go, and its own replacement is looked up."""
    if unicodedata.category(character).startswith("M"):
        return ""
    return character.translate(_REPLACEMENTS)


def _foreign(character: str) -> str:
    """A letter, or the vowel sign of one, stays; a digit becomes ours; a pictogram or an accent goes."""
    kind = unicodedata.category(character)
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    if kind in {"Mn", "Mc"} and not unicodedata.name(character, "").startswith(("COMBINING", "VARIATION")):
        return character
    return character if kind.startswith("L") else ""


def sms(body: str, tail: str, limit: int = SMS_SEPTETS) -> str:
    """An SMS of one part if it can be: `body`, cut to fit, then `tail`, how to acknowledge, always whole.

    `limit` is a part's septets. In another script than GSM-7 a part holds 70 units instead of 160; what
    does not fit one part then may take two, which is still fewer characters than `limit`.
    """
    body, tail = _tidy(body), _tidy(tail)
    if not is_gsm7(body) and (is_gsm7(tail) and _mostly_gsm7(body)):
        body = "".join(character if is_gsm7(character) else "?" for character in body)
    if is_gsm7(body + tail):
        return _fit(body, tail, _gsm7_room(gsm7_length(tail), limit), gsm7_length)
    return _fit(body, tail, _unicode_room(_utf16_length(body), _utf16_length(tail), limit), _utf16_length)


def _tidy(text: str) -> str:
    if _IS_TIDY.fullmatch(text):
        return text
    return _BLANKS_AROUND_BREAK.sub("\n", gsm7(text).replace("\r", "")).strip()


def _mostly_gsm7(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    foreign = sum(not is_gsm7(letter) for letter in letters)
    return foreign <= _FOREIGN_TOLERATED * len(letters)


def _gsm7_room(tail: int, limit: int) -> int:
    """Septets of the fewest parts that hold the tail; 7 a part go to joining, 1 to an escape kept whole."""
    parts = 1
    while (room := limit if parts == 1 else parts * (limit - 8)) < tail:
        parts += 1
    return room


def _unicode_room(body: int, tail: int, limit: int) -> int:
    """UTF-16 units: one part if all fits in it, else two, else as many as the tail needs."""
    single = limit * 7 // 16
    if body + 1 + tail <= single:
        return single
    parts = 2
    while (room := parts * (single - 3)) < tail:
        parts += 1
    return room


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _fit(body: str, tail: str, room: int, length: _Length) -> str:
    """`body` cut to what `tail` leaves of `room`; without `body` when not even three letters would show."""
    if not tail or not body:
        return tail or _cut(body, room, length)
    left = room - length(tail) - 1
    if length(body) > left and left < len(_SMS_ELLIPSIS) * 2:
        return tail
    return f"{_without_stump(_cut(body, left, length), body)}\n{tail}"


def _without_stump(shown: str, body: str) -> str:
    """A last line of which only a word or two is left says nothing, unless it names the incident."""
    whole, _, last = shown.rpartition("\n")
    is_stump = len(last) < _STUMP and not _SHORT_ID.search(last)
    return whole if shown != body and whole and is_stump else shown


_SHORT_ID = re.compile(r"INC-[A-Z2-9]{6}")


def _cut(text: str, room: int, length: _Length) -> str:
    if length(text) <= room:
        return text
    end = min(len(text) - 1, room)
    while end > 0 and length(text[:end]) > room - len(_SMS_ELLIPSIS):
        end -= 1
    return text[: _boundary(text, end)].rstrip() + _SMS_ELLIPSIS if end else ""
