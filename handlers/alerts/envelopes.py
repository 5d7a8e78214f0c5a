"""What alerts come in, when it is not their own JSON: forms, and what other services put around it. Pure."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any
from urllib.parse import parse_qsl

from domain.alert_mappings import USUAL, at, first
from domain.known_tools import mapping_of
from handlers.alerts.parsers.reading import scalar
from handlers.bodies import BadBody, parse_object

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200


def opened(content_type: str, body: bytes) -> object:
    """The JSON of a body; or the fields of a form, which Datadog and others send where they are told to, one of which
    may be the JSON. Raises BadBody."""
    if content_type != _FORM or body.removeprefix(BOM_UTF8).lstrip()[:1] in (b"{", b"["):
        return parse_object(body, is_lenient=True)
    try:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        fields = {}
    whole = fields.get("payload", "") if len(fields) == 1 else ""
    if whole or not fields:
        return parse_object(whole.encode("utf-8", "replace") or body, is_lenient=True)
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in fields.items()}


def unwrapped(body: object) -> object:
    """What Amazon's SNS carries, when it is a JSON object of its own, with what the envelope says for one that has no
    title; else its words; any other body as it is."""
    if not isinstance(body, dict) or not _is_message(body):
        return body
    said, subject, number = body["Message"], body.get("Subject"), body.get("MessageId")
    carried = _object(said)
    if carried is None:
        return in_words(body)
    if mapping_of(carried) is not USUAL or any(scalar(at(carried, path)).strip() for path in USUAL.title):
        return carried
    around: dict[str, Any] = {"Subject": subject or said, "description": said}
    if not first(carried, (*USUAL.key, *USUAL.status))[0]:
        # It may be another thing each time, whatever the subject calls it.
        around["key"] = number
    return carried | {name: value for name, value in around.items() if not carried.get(name)}


def _object(said: str) -> dict[str, Any] | None:
    """A JSON object, None when it is something else: then these are words, and somebody may have to read them."""
    try:
        found = parse_object(said.encode("utf-8", "replace"), is_lenient=True)
    except BadBody:
        return None
    return found if isinstance(found, dict) else None


def in_words(body: object) -> dict[str, Any] | None:
    """What SNS says in words, by the names that most tools use; None for any other body, and for JSON that it
    carries."""
    if isinstance(body, dict) and _is_message(body) and _object(body["Message"]) is None:
        said = body["Message"]
        return {"title": body.get("Subject") or said, "description": said, "key": body.get("MessageId")}
    return _subscription(body)


def _is_message(body: dict[str, Any]) -> bool:
    return body.get("Type") == "Notification" and isinstance(body.get("Message"), str)


def _subscription(body: object) -> dict[str, Any] | None:
    """A topic of SNS that asks whether it may send here, or says that it no longer does, in its own words: whoever sees
    the address says yes by opening it, and it is sent to nobody else. None for any other body."""
    if not isinstance(body, dict) or body.get("Type") not in ("SubscriptionConfirmation", "UnsubscribeConfirmation"):
        return None
    topic = body.get("TopicArn") if body["Type"] == "SubscriptionConfirmation" else body.get("MessageId")
    said = {"title": body.get("Message"), "key": topic, "url": body.get("SubscribeURL")}
    return {**said, "severity": "low"}
