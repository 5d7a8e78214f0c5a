"""Answers by HTTP that are documents: whether Markdown is wanted, and how it is sent."""

from __future__ import annotations

import re

from aiohttp import web

from domain.errors import Fault, Invalid

_FORMATS = ("json", "markdown")
_QUALITY = re.compile(r"\s*;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*$")


def wants_markdown(request: web.Request) -> bool:
    """By `?format=`, else by `Accept`: JSON, unless Markdown is liked better. Raises Invalid for another format."""
    said = request.query.get("format", "")
    if said:
        if said not in _FORMATS:
            raise Invalid([Fault("format", f"must be one of {', '.join(_FORMATS)}")])
        return said == "markdown"
    liked = _liked(request.headers.get("Accept", ""))
    return liked.get("text/markdown", 0.0) > max(liked.get("application/json", 0.0), 0.0)


def _liked(accept: str) -> dict[str, float]:
    """How much each type is liked, from 0 to 1."""
    found = {}
    for part in accept.split(","):
        quality = _QUALITY.search(part)
        name = part.partition(";")[0].strip().lower()
        found[name] = float(quality[1]) if quality else 1.0
    return found


def markdown(text: str, name: str) -> web.Response:
    """A document; a browser saves it as `name`."""
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return web.Response(text=text, content_type="text/markdown", charset="utf-8", headers=headers)
