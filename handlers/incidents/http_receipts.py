"""What became of each page of an incident, by HTTP."""

from __future__ import annotations

from aiohttp import web

from domain.directory import Directory
from domain.notifications import Attempt, Notification
from domain.receipts import latencies, stage
from domain.webhooks import redacted
from handlers.auth import Auth
from handlers.incidents import schema
from handlers.incidents.http import moment, named
from handlers.incidents.schema import ONE
from handlers.incidents.service import IncidentService, Sent
from handlers.lists import page_of


def routes(incidents: IncidentService, auth: Auth) -> list[web.RouteDef]:
    """Reading takes the scope `read`."""

    async def notifications(request: web.Request) -> web.Response:
        await auth.require(request, "read")
        sent = await incidents.notifications(named(request))
        directory = await incidents.directory()
        found = [_receipt(one, directory) for one in sent]
        return web.json_response(page_of(found, request.rel_url, schema.RECEIPTS))

    return [web.get(ONE + "notifications/", notifications)]


def _receipt(sent: Sent, directory: Directory) -> schema.Receipt:
    page = sent.notification
    person = directory.people.get(page.recipient.person)
    return {
        "id": page.id,
        "step": page.step,
        "channel": page.channel,
        "person": person.handle if person else None,
        "name": page.recipient.name,
        "address": redacted(page.recipient.address),
        "state": page.state,
        "stage": stage(page),
        "why": page.why,
        "stands_for": list(page.is_bundle_of),
        "instead_of": page.fallback_of or None,
        "would_be": page.would_be or None,
        "decided_at": moment(page.decided_at),
        "rendered_at": moment(page.rendered_at),
        "sent_at": moment(page.sent_at),
        "delivered_at": moment(page.delivered_at),
        "opened_at": moment(page.opened_at),
        "acknowledged_at": moment(page.acknowledged_at),
        "latencies": _latencies(page),
        "said": page.said,
        "reference": page.reference or None,
        "failure": page.failure or None,
        "attempts": [_attempt(one) for one in sent.attempts],
    }


def _latencies(page: Notification) -> schema.Latencies:
    took = latencies(page)
    return {
        "rendered_seconds": took.rendered,
        "accepted_seconds": took.accepted,
        "delivered_seconds": took.delivered,
        "opened_seconds": took.opened,
        "acknowledged_seconds": took.acknowledged,
    }


def _attempt(one: Attempt) -> schema.Attempt:
    return {
        "number": one.number,
        "started_at": moment(one.started_at),
        "finished_at": moment(one.finished_at),
        "outcome": one.outcome,
        "reason": one.reason,
    }
