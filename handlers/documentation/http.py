"""`/api/schema/` (OpenAPI 3.1) and `/api/docs/`, its page: Swagger UI, served from here and asking nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from aiohttp import web

from domain.errors import NotFound

SCHEMA, DOCS = "/api/schema/", "/api/docs/"
_ASSETS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript", "favicon-32x32.png": "image/png"}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vigie: the API</title>
<link rel="stylesheet" href="{DOCS}swagger-ui.css"><link rel="icon" href="{DOCS}favicon-32x32.png">
</head>
<body>
<div id="page"></div>
<noscript>The description itself is at <a href="{SCHEMA}">{SCHEMA}</a>.</noscript>
<script src="{DOCS}swagger-ui-bundle.js"></script><script src="{DOCS}start.js"></script>
</body>
</html>
"""
_START = f"""SwaggerUIBundle({{
  url: "{SCHEMA}", dom_id: "#page", deepLinking: true, docExpansion: "none", filter: true, tryItOutEnabled: true,
  persistAuthorization: false, validatorUrl: null
}});
"""


def routes(document: Callable[[], dict[str, Any]]) -> list[web.RouteDef]:
    """Neither takes a token: they name nobody. `document` makes the description."""
    made = cache(lambda: json.dumps(document()).encode())

    async def schema(_: web.Request) -> web.Response:
        body = await asyncio.to_thread(made)
        return web.Response(body=body, content_type="application/json")

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html", headers={"Content-Security-Policy": _POLICY})

    async def asset(request: web.Request) -> web.StreamResponse:
        name = request.match_info["asset"]
        if name == "start.js":
            return web.Response(text=_START, content_type="text/javascript")
        if name not in _ASSETS:
            raise NotFound("nothing is at this address")
        headers = {"Content-Type": _ASSETS[name], "Cache-Control": "public, max-age=86400"}
        return web.FileResponse(_static() / name, headers=headers)

    return [web.get(SCHEMA, schema), web.get(DOCS, page), web.get(DOCS + "{asset}", asset)]


@cache
def _static() -> Path:
    """Where the package has Swagger UI's files; it is not imported, for it does nothing else that is needed."""
    return Path(str(distribution("swagger-ui-py").locate_file("swagger_ui/static")))
