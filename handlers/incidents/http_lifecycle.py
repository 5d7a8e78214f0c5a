"""An incident's further life by HTTP: what the buttons do, by the same use cases."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from domain import wall_clock
from domain.errors import Fault, Invalid
from domain.incidents import Incident
from domain.people import Actor
from handlers.auth import Auth
from handlers.bodies import members
from handlers.incidents.http import named, now_of
from handlers.incidents.lifecycle import LifecycleService
from handlers.incidents.relations import RelationService
from handlers.incidents.schema import ONE
from handlers.incidents.service import IncidentService

Act = Callable[[str, Actor, dict[str, str]], Awaitable[Incident]]


def routes(
    incidents: IncidentService, lifecycle: LifecycleService, relations: RelationService, auth: Auth
) -> list[web.RouteDef]:
    """All of them take the scope `write`, and answer with the incident as it is now."""

    def route(verb: str, fields: tuple[str, ...], act: Act) -> web.RouteDef:
        async def handle(request: web.Request) -> web.Response:
            actor = await auth.require(request, "write")
            given = members(await request.read(), fields)
            return await now_of(incidents, await act(named(request), actor, given))

        return web.post(f"{ONE}{verb}/", handle)

    async def snooze(name: str, actor: Actor, given: dict[str, str]) -> Incident:
        moment = _moment(given.get("until", ""))
        if moment is not None:
            return await lifecycle.snooze_until(name, actor, moment)
        return await lifecycle.snooze(name, actor, given.get("duration") or given.get("until", ""))

    return [
        route("unacknowledge", (), lambda name, actor, _: lifecycle.give_back(name, actor)),
        route("unsnooze", (), lambda name, actor, _: lifecycle.end_snooze(name, actor)),
        route("mitigate", (), lambda name, actor, _: lifecycle.mitigate(name, actor)),
        route("snooze", ("duration", "until"), snooze),
        route("reassign", ("to",), lambda name, actor, said: lifecycle.reassign(name, actor, said.get("to", ""))),
        route("decline", ("person",), lambda name, actor, said: lifecycle.decline(name, actor, said.get("person", ""))),
        route("still-on-it", (), lambda name, actor, _: lifecycle.still_on_it(name, actor)),
        route("merge", ("into",), lambda name, actor, said: relations.merge(said.get("into", ""), name, actor)),
        route("link", ("with",), lambda name, actor, said: relations.link(name, said.get("with", ""), actor)),
        route(
            "severity", ("severity",), lambda name, actor, said: relations.grade(name, actor, said.get("severity", ""))
        ),
        route("lead", ("person",), lambda name, actor, said: relations.lead(name, actor, said.get("person", ""))),
        route(
            "communications",
            ("person",),
            lambda name, actor, said: relations.communications(name, actor, said.get("person", "")),
        ),
    ]


def _moment(text: str) -> datetime | None:
    """An RFC 3339 moment; None for anything that has no date. Raises Invalid for one without its offset."""
    if len(text) < 11 or "-" not in text:
        return None
    try:
        found = wall_clock.written(text.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if found.tzinfo is None:
        raise Invalid([Fault("until", "needs its offset, such as 2026-12-01T09:00:00Z")])
    return found
