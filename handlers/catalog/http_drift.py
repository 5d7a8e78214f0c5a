"""`/api/v1/drift/`: what was edited by hand since files were loaded."""

from __future__ import annotations

from aiohttp import web

from domain.drift import Drifted
from handlers.auth import Auth
from handlers.catalog.drift import DriftService
from handlers.catalog.schema_drift import LISTING, Edit
from handlers.incidents.http import moment
from handlers.lists import page_of


def routes(drift: DriftService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        found = (await drift.edited()).edited
        return web.json_response(page_of([edit_fields(one) for one in found], request.rel_url, LISTING))

    return [web.get("/api/v1/drift/", listed)]


def edit_fields(one: Drifted) -> Edit:
    """An edit as JSON."""
    origin = one.origin
    return {
        "kind": one.kind,
        "name": one.name,
        "what": one.what,
        "edited_by": one.by,
        "edited_at": moment(one.at),
        "file": origin.file if origin else "",
        "loaded_by": origin.by if origin else "",
        "loaded_at": moment(origin.at) if origin else None,
        "changes": [{"field": each.field, "before": each.before, "after": each.after} for each in one.changes],
    }
