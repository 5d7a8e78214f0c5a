"""What alerts come in, when it is not their own JSON: forms, and what other services put around it. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl

from handlers.bodies import parse_object

_FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200


def opened(content_type: str, body: bytes) -> object:
    """The JSON of a body; or the fields of a form, which Datadog and others send where they are told to, one of which
    may be the JSON. Raises BadBody."""
    if content_type != _FORM or body.lstrip()[:1] in (b"{", b"["):
        return parse_object(body)
    try:
        fields = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        fields = {}
    whole = fields.get("payload", "") if len(fields) == 1 else ""
    if whole or not fields:
        return parse_object(whole.encode("utf-8", "replace") or body)
    return {name.replace("\0", ""): value.replace("\0", "") for name, value in fields.items()}


def unwrapped(body: object) -> object:
    """What Amazon's SNS carries, when it is a JSON object of its own, else its words; any other body as it is."""
    if not isinstance(body, dict) or body.get("Type") != "Notification" or not isinstance(body.get("Message"), str):
        return body
    said = body["Message"]
    if said.lstrip().startswith("{"):
        return parse_object(said.encode("utf-8", "replace"))
    return {"title": body.get("Subject") or said, "description": said, "key": body.get("MessageId")}
