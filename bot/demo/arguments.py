"""Reading a Web API request: query, form or JSON body, as slack_sdk sends any of them."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from bot.demo.errors import SlackError

JSON = dict[str, Any]


class Arguments:
    """The arguments of one call, with Slack's idea of types (a form knows only strings)."""

    def __init__(self, values: JSON) -> None:
        self.values = values

    def __contains__(self, name: str) -> bool:
        return self.values.get(name) is not None

    def text(self, name: str, default: str = "") -> str:
        """A string argument, empty when absent."""
        value = self.values.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """A string that must be there, else invalid_arguments."""
        value = self.text(name)
        if not value:
            raise SlackError("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A boolean: slack_sdk sends "1" and "0", JSON sends true and false."""
        value = self.values.get(name)
        return default if value is None else str(value).lower() in ("1", "true")

    def integer(self, name: str, default: int) -> int:
        """A whole number, else invalid_arguments."""
        value = self.text(name, str(default))
        if not value.lstrip("-").isdigit():
            raise SlackError("invalid_arguments", [f"[ERROR] must be an integer: {name}"])
        return int(value)

    def names(self, name: str) -> list[str]:
        """A list given as a JSON list or as text with commas."""
        value = self.values.get(name)
        items = value if isinstance(value, list) else str(value or "").split(",")
        return [str(item).strip() for item in items if str(item).strip()]

    def structure(self, name: str, error: str) -> Any:
        """A JSON value, possibly sent as a string; `error` when it is not JSON."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except json.JSONDecodeError:
            raise SlackError(error) from None


async def read_arguments(request: web.Request) -> Arguments:
    """Everything the request carries, body over query."""
    values: JSON = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            raise SlackError("invalid_json") from None
        if not isinstance(body, dict):
            raise SlackError("json_not_object")
        values |= body
    else:
        values |= dict(await request.post())
    return Arguments(values)
