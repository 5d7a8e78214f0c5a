"""Every address that Vigie answers at over HTTP, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.api import ENDPOINTS, openapi
from bot.figures import Figures
from bot.readiness import Readiness
from bot.use_cases import UseCases
from handlers.alerts import http as alerts_http
from handlers.audit import http as audit_http
from handlers.auth import Auth
from handlers.catalog import http as catalog_http
from handlers.catalog import http_drift
from handlers.coverage import http as coverage_http
from handlers.documentation import http as documentation_http
from handlers.drills import http as drills_http
from handlers.health import http as health_http
from handlers.heartbeats import http as heartbeats_http
from handlers.incidents import http as incidents_http
from handlers.incidents import http_lifecycle, http_receipts
from handlers.links import http as links_http
from handlers.media import negotiated, remembered
from handlers.metrics import http as metrics_http
from handlers.oncall import http as oncall_http
from handlers.policies import http as policies_http
from handlers.postmortems import http as postmortems_http
from handlers.repeats.http import once
from handlers.reports import http as reports_http
from handlers.storms import http as storms_http
from handlers.telephone import http as telephone_http
from handlers.tokens import http as tokens_http
from handlers.tokens import schema as tokens_schema
from handlers.trials import http as trials_http
from handlers.updates import http as updates_http


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """What HTTP needs beside the use cases; `locale` is the installation's."""

    auth: Auth
    secrets: alerts_http.Secrets
    gateway: telephone_http.Gateway
    figures: Figures
    readiness: Readiness
    locale: str


def routes(to: UseCases, by: Gates) -> list[web.RouteDef]:
    """All of them."""
    found = [_negotiated(_once(route, to, by)) for route in _rest(to, by)]
    return [
        *alerts_http.routes(to.alerts, by.auth, by.secrets, by.figures.request),
        *found,
        *health_http.routes(by.readiness),
        *metrics_http.routes(by.figures),
        *documentation_http.routes(openapi),
        *oncall_http.routes(to.feeds, to.links.of_calendars, by.locale),
        *links_http.routes(to.acknowledgements, to.links, by.locale),
        *storms_http.routes(to.storms, to.links.of_storms, by.auth, by.locale),
        *trials_http.routes(to.trials, to.links.of_trials, by.locale),
        *telephone_http.routes(to.telephone, to.trials, to.links, by.gateway, by.locale),
    ]


def _rest(to: UseCases, by: Gates) -> list[web.RouteDef]:
    """What scripts ask and change."""
    removers = {"service": to.services.remove, "team": to.teams.remove, "person": to.people.remove}
    return [
        *incidents_http.routes(to.incidents, by.auth, by.locale),
        *http_receipts.routes(to.incidents, by.auth),
        *http_lifecycle.routes(to.incidents, to.lifecycle, to.relations, by.auth),
        *updates_http.routes(to.incidents, to.updates, to.rooms, by.auth),
        *catalog_http.routes(to.records, removers, by.auth),
        *http_drift.routes(to.drift, by.auth),
        *coverage_http.routes(to.coverage, by.auth),
        *policies_http.routes(to.judgement, by.auth),
        *postmortems_http.routes(to.postmortems, by.auth, by.locale),
        *reports_http.routes(to.reports, by.auth),
        *drills_http.routes(to.drills, by.auth, by.locale),
        *heartbeats_http.routes(to.heartbeats, to.records, by.auth),
        *tokens_http.routes(to.tokens, by.auth),
        *audit_http.routes(to.audit, by.auth),
    ]


def _once(route: web.RouteDef, to: UseCases, by: Gates) -> web.RouteDef:
    """A POST that may be sent again when its answer was lost. A token is shown once, and kept nowhere."""
    if route.method != "POST" or route.path == tokens_schema.BASE:
        return route
    scope = ENDPOINTS[route.method, route.path].scope
    return web.post(route.path, once(route.handler, to.repeats, by.auth, scope))


def _negotiated(route: web.RouteDef) -> web.RouteDef:
    """As its description says."""
    one = ENDPOINTS[route.method, route.path]
    if not one.is_strict:
        return route
    handler = remembered(route.handler) if route.method == "GET" else route.handler
    handler = negotiated(handler, one.media if one.answer else (), takes_json=bool(one.body))
    return web.RouteDef(route.method, route.path, handler, route.kwargs)
