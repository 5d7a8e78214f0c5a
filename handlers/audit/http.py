"""`/api/v1/audit/`: who changed what, when, from what to what."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from domain.errors import Fault, Invalid
from domain.webhooks import without_secrets
from handlers import parameters
from handlers.audit import schema
from handlers.audit.service import AuditService, Change, Query
from handlers.auth import Auth
from handlers.incidents.http import moment
from handlers.parameters import Page

_KNOWN = ("actor", "action", "subject", "search", "from", "to", "ordering", "page", "page_size")
_ORDERS = ("-at", "at")


def routes(audit: AuditService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `admin`: the log names people and what was theirs."""

    async def listed(request: web.Request) -> web.Response:
        await auth.require(request, "admin")
        query, page = _query(request.query)
        count, found = await audit.found(query)
        results = [_fields(one) for one in found]
        return web.json_response({"count": count, **page.links(request.rel_url, count), "results": results})

    return [web.get("/api/v1/audit/", listed)]


def _query(given: MultiMapping[str]) -> tuple[Query, Page]:
    """Raises Invalid naming each parameter that is wrong."""
    faults = parameters.unknown(given, _KNOWN)
    page = parameters.page(given, faults)
    since, until = (parameters.moment(given, name, faults) for name in ("from", "to"))
    ordering = given.get("ordering", _ORDERS[0])
    if ordering not in _ORDERS:
        faults.append(Fault("ordering", f"must be one of {', '.join(_ORDERS)}"))
    if faults:
        raise Invalid(faults)
    words = {name: parameters.text(given, name) for name in ("actor", "action", "subject", "search")}
    is_oldest_first = ordering == "at"
    query = Query(
        **words, since=since, until=until, is_oldest_first=is_oldest_first, offset=page.offset, limit=page.size
    )
    return query, page


def _fields(one: Change) -> schema.AuditEntry:
    return {
        "id": one.id,
        "at": moment(one.at),
        "actor": one.actor,
        "action": one.action,
        "subject": one.subject,
        "before": _shown(one.before),
        "after": _shown(one.after),
    }


def _shown(said: Any) -> Any:
    """What a thing said, without the keys of webhooks."""
    return json.loads(without_secrets(json.dumps(said))) if said else said
