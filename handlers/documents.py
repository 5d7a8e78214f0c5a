"""Answers by HTTP that are documents: whether Markdown is wanted, and how it is sent."""

from __future__ import annotations

from aiohttp import web

from domain.errors import Fault, Invalid
from handlers.media import liking

_FORMATS = ("json", "markdown")


def wants_markdown(request: web.Request) -> bool:
    """By `?format=`, else by `Accept`: JSON, unless Markdown is liked better. Raises Invalid for another format."""
    said = request.query.get("format", "")
    if said:
        if said not in _FORMATS:
            raise Invalid([Fault("format", f"must be one of {', '.join(_FORMATS)}")])
        return said == "markdown"
    accept = request.headers.get("Accept", "")
    return liking(accept, "text/markdown") > liking(accept, "application/json")


def markdown(text: str, name: str) -> web.Response:
    """A document; a browser saves it as `name`."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(text=text, content_type="text/markdown", charset="utf-8", headers=headers)
