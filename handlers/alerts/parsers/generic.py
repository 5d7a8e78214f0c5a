"""Any tool's JSON: what a mapping of the catalog says of it, or the names that most tools use."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from domain.alert_mappings import USUAL, AlertMapping, Paths, at, first
from domain.alerts import Alert, AlertGroup, short
from domain.errors import Fault, Invalid
from domain.known_tools import is_given_back, is_remark, is_taken, mapping_of
from domain.severity_words import clearest, without_accents
from handlers.alerts.parsers.reading import LONGEST_TEXT, WHOLE, flat, lines, moment, scalar, worded

LONGEST_TITLE = 1000
SOURCE = "generic"


def parse(headers: Mapping[str, str], body: object, mapping: AlertMapping = USUAL) -> AlertGroup:
    """The group of one that `body` is, or an empty one; without a mapping that finds a title in it, as the tool is
    known for. Raises Invalid with every field that is wrong."""
    if not isinstance(body, dict):
        raise Invalid([Fault("", "must be a JSON object")])
    if not _title(body, mapping) and mapping_of(body) is not USUAL:
        mapping = USUAL
    is_somebodys, is_given = (mapping is USUAL and found(body) for found in (is_taken, is_given_back))
    if mapping is USUAL:
        if is_remark(body):
            return AlertGroup(source=SOURCE, key="", alerts=())
        mapping = mapping_of(body)

    def text(paths: Paths, limit: int = LONGEST_TEXT) -> str:
        found = (said for read in (scalar, worded) for one in paths if (said := read(at(body, one)).strip()))
        return next(found, "")[:limit]

    whole = _title(body, mapping)
    title = whole[:LONGEST_TITLE]
    if not title:
        raise Invalid([_untitled(body, mapping.title)])
    _, said = first(body, mapping.labels)
    labels = flat(said) if isinstance(said, dict) else {}
    named = {"service": text(mapping.service), "team": text(mapping.team)}
    named["severity"] = clearest([*(text((path,)) for path in mapping.severity), labels.get("severity", "")])
    labels |= {name: value for name, value in named.items() if value}
    cleared = named["severity"] if named["severity"].lower() in _CLEARED else ""
    tool = f"{mapping.name}:" if mapping.name else ""
    # One title is said of many services; one that names none is the same alert wherever it comes from.
    key = text(mapping.key, WHOLE) or "/".join(filter(None, (labels.get("service"), whole)))
    alert = Alert(
        source=SOURCE,
        fingerprint=short(tool + key),
        started_at=moment(first(body, mapping.started)[1]),
        is_firing=not _is_over(text(mapping.status) or cleared, mapping),
        title=title,
        description=lines(first(body, mapping.description)[1]),
        url=text(mapping.url),
        labels=labels,
    )
    told_by = mapping.name.replace("-", " ").title()
    if is_somebodys:
        return AlertGroup(source=SOURCE, key=alert.fingerprint, alerts=(), title=told_by, is_acknowledgement=True)
    group = AlertGroup(source=SOURCE, key=alert.fingerprint, alerts=(alert,), title=title, labels=labels)
    return replace(group, given_back_in=told_by if is_given else "")


def _title(body: object, mapping: AlertMapping) -> str:
    return next((said for one in mapping.title if (said := scalar(at(body, one)).strip())), "")


def _is_over(status: str, mapping: AlertMapping) -> bool:
    """Whether a status says so, whatever stands around its word: `Resolved.`, `✅ OK`."""
    said = status.strip().lower()
    word = _AROUND.sub("", said)
    if said in mapping.resolved or word in mapping.resolved:
        return True
    return mapping.resolved == USUAL.resolved and without_accents(word) in _OVER_IN_FRENCH.split()


_OVER_IN_FRENCH = "resolu resolue termine terminee clos clot ferme fermee retabli retablie"
"""Beside the usual words, which a mapping keeps as they were when it was written."""
_CLEARED = ("clear", "cleared", "ok", "recovered", "resolved")
"""What some tools, which tell no status, say in the place of a severity when an alert is over."""
_AROUND = re.compile(r"^\W+|\W+$")


def _untitled(body: object, paths: Paths) -> Fault:
    """Nothing to call the incident by: nobody could be told of anything."""
    path, value = first(body, paths)
    if isinstance(value, (dict, list)):
        return Fault(path, "must be text")
    return Fault(paths[0] if paths else "title", "is missing or empty: it is the incident's title")
