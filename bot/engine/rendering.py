"""From a claim's context to words: what each parcel says now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from blocks import incidents as looks
from blocks import lifecycle as turns
from blocks import notifications as pages
from blocks import rooms as war_rooms
from blocks import text, update_forms
from blocks.incidents import Card, NextStep
from blocks.kit import Message
from blocks.notifications import MailWords
from bot.engine.context import Context
from domain import climbing, lifecycle
from domain.directory import Directory
from domain.escalations import Escalation, EscalationState
from domain.incidents import Incident
from domain.kpis import kpis
from domain.notifications import Notification
from domain.policies import Channel, Policy
from domain.rooms import RoomState
from domain.storms import worst_first
from domain.timeline import Entry, Event
from domain.updates import Letter
from handlers.links.signing import PATH, Links

_PRIVATE = (Channel.SMS, Channel.EMAIL)
_KEPT = 1000


class Renderer:
    """Words for the people of one installation. `locale` is its own, for teams and readers that have none."""

    def __init__(
        self,
        locale: str = "en",
        links: Links | None = None,
        workspace: Callable[[], str] = lambda: "",
        *,
        rings_only: bool = False,
        can_reply: bool = False,
    ) -> None:
        """`workspace` tells where links to messages begin, "" while that is not known. `rings_only`: telephone calls
        speak no word and hear no key. `can_reply`: an SMS can be answered."""
        self._locale = locale
        self._can_reply = can_reply
        self._rings_only = rings_only
        self._links = links or Links()
        self._workspace = workspace

    def locale(self, context: Context, incident: Incident) -> str:
        """The team's language: that of its channel."""
        team = context.directory.teams.get(incident.team)
        return (team.locale if team else "") or self._locale

    def zone(self, context: Context, incident: Incident) -> str:
        """The team's zone, for times that Slack does not put in the reader's."""
        team = context.directory.teams.get(incident.team)
        return team.on_call.timezone if team else "UTC"

    def card(self, context: Context, incident: Incident, now: datetime, locale: str = "") -> Card:
        """What the card shows at `now`."""
        directory = context.directory
        team = directory.teams.get(incident.team)
        run = context.runs.get(incident.id)
        firing, alerts = context.counts.get(incident.id, (1, 1))
        climb, policy = context.climbs.get(incident.id), context.policy_of(incident.id)
        choice = () if run else directory.runbooks_for(incident.service, incident.severity)
        main = context.mains.get(incident.duplicate_of)
        return Card(
            incident=incident,
            service=directory.service_name(incident.service),
            team=team.name if team else "",
            now=now,
            locale=locale or self.locale(context, incident),
            zone=self.zone(context, incident),
            taken_at=context.taken.get(incident.id),
            main=main.short_id if main else "",
            run=run,
            choice=choice if len(choice) > 1 else (),
            next=_next(context, incident, climb, policy, self._rings_only),
            is_exhausted=climb is not None and climb.state is EscalationState.EXHAUSTED,
            has_policy=policy is not None and bool(policy.id),
            speed=climb.speed if climb else 1,
            on_call=tuple(person.name for person in directory.on_call(incident.team, now)),
            lead=_named(directory, incident.lead) if incident.lead != incident.owner else "",
            communications=_named(directory, incident.communications),
            firing=firing,
            alerts=alerts,
            room=_room(context, incident.id),
            is_room_held=incident.id in context.rooms and context.rooms[incident.id].is_held,
        )

    def page(self, context: Context, incident: Incident, page: Notification, now: datetime) -> pages.Page:
        """What a notification says at `now`, or said when it was sent, to whom, in their language."""
        number, person = context.short_numbers.get(incident.id, 0), context.directory.people.get(page.recipient.person)
        climb, passed = context.climbs.get(incident.id), (page.sent_at or now) - incident.created_at
        minutes = int(passed.total_seconds() * (climb.speed if climb else 1) / 60 + 0.5)
        return pages.Page(
            incident=incident,
            service=context.directory.service_name(incident.service),
            message=page.message,
            step=page.step,
            missed=page.is_bundle_of,
            minutes=minutes,
            name=page.recipient.name,
            locale=page.recipient.locale or self.locale(context, incident),
            zone=(person.preferences.timezone if person else "") or self.zone(context, incident),
            why=page.why,
            would_be=page.would_be,
            was_taken=incident.acknowledged_at is not None and incident.acknowledged_at <= page.decided_at,
            # Whoever opens it acts as the one who was paged: it goes to one person, never to a channel.
            url=self._links.to(page.id) if page.channel in _PRIVATE else "",
            reply=f"{number}a" if number and self._can_reply else "",
        )

    def direct(self, context: Context, incident: Incident, page: Notification, now: datetime) -> Message:
        """A direct message, or the copy in a further channel: the policy's words, the facts, the buttons."""
        said = self.page(context, incident, page, now)
        card = self.card(context, incident, now, said.locale)
        return looks.direct_message(card, pages.heading(said), self.thread(context, incident))

    def announcement(self, context: Context, incident: Incident, page: Notification, now: datetime) -> Message:
        """The policy's words in the card's own thread, where the buttons are already."""
        return pages.announcement(self.page(context, incident, page, now))

    def mail(self, context: Context, incident: Incident, page: Notification, now: datetime) -> MailWords:
        said = self.page(context, incident, page, now)
        return pages.mail(said, replace(self.card(context, incident, now, said.locale), zone=said.zone))

    def sms(self, context: Context, incident: Incident, page: Notification, now: datetime) -> str:
        return pages.sms(self.page(context, incident, page, now))

    def kept(self, page: Notification, said: str) -> str:
        """What a receipt keeps of the words: whoever reads it can't act for whoever got them."""
        link = self._links.to(page.id)
        return text.clip(said.replace(link, f"{self._links.public_url}{PATH}{text.ELLIPSIS}") if link else said, _KEPT)

    def word(self, context: Context, incident: Incident, entry: Entry, now: datetime) -> Message | None:
        """What one person is told, in their language; a question only asks while it waits for an answer."""
        locale = context.directory.locale_of(str(entry.details.get("slack", ""))) or self.locale(context, incident)
        if entry.event is Event.UPDATE_DUE:
            watch = context.watches.get(incident.id)
            is_waiting = incident.is_open and watch is not None and watch.reminded_at == entry.at
            return update_forms.reminder(self.card(context, incident, now, locale), is_waiting=is_waiting)
        climb = context.climbs.get(incident.id)
        waits = climb is not None and climb.state is EscalationState.ASKED and climb.wake_at is not None
        until = climb.wake_at if climb and waits else None
        is_asked = until is not None and until - entry.at <= lifecycle.TIME_TO_ANSWER
        return turns.word(self.card(context, incident, now, locale), entry, until if is_asked else None)

    def topic(self, context: Context, incident: Incident, now: datetime) -> str:
        """What the war room is about."""
        return war_rooms.topic(self.card(context, incident, now))

    def room_card(self, context: Context, incident: Incident, now: datetime) -> Message:
        """The incident at the top of its war room."""
        return war_rooms.card(self.card(context, incident, now), self.thread(context, incident))

    def thread(self, context: Context, incident: Incident) -> str:
        """Where the runbook and the record are: an address, or the channel's id while the card's is not known."""
        place, start = context.places.get(f"card:{incident.id}"), self._workspace()
        if place and start:
            return f"{start}archives/{place.channel}/p{place.ts.replace('.', '')}"
        return place.channel if place else incident.channel

    def room_ending(self, context: Context, incident: Incident, now: datetime) -> Message:
        """What is said last in the war room."""
        main = context.mains.get(incident.duplicate_of)
        card, figures = self.card(context, incident, now), kpis(incident)
        return war_rooms.ending(card, figures, main.short_id if main else "", _room(context, main.id) if main else "")

    def letter(
        self, context: Context, incident: Incident, letter: Letter, entry: Entry | None, now: datetime
    ) -> MailWords:
        """What a stakeholder reads."""
        main = context.mains.get(incident.duplicate_of)
        card = self._mailed(context, incident, letter.address, now)
        return update_forms.letter(card, letter.occasion, entry, main.short_id if main else "")

    def round_up(self, context: Context, address: str, now: datetime) -> MailWords:
        """What a stakeholder reads about many incidents; by the first one's team where Vigie does not know them."""
        worst = sorted(context.incidents.values(), key=worst_first)
        return update_forms.round_up([self._mailed(context, incident, address, now) for incident in worst])

    def _mailed(self, context: Context, incident: Incident, address: str, now: datetime) -> Card:
        """In the language and the zone of whoever Vigie knows by this address, else in the team's."""
        reader = context.directory.person_by_email(address)
        if reader is None:
            return self.card(context, incident, now)
        card = self.card(context, incident, now, context.directory.language_of(reader))
        return replace(card, zone=reader.preferences.timezone or card.zone)

    def summary(self, context: Context, incident: Incident, now: datetime) -> Message:
        """What was done, why it happened and how long it took."""
        return looks.resolved_summary(self.card(context, incident, now), kpis(incident))


def _room(context: Context, incident: str) -> str:
    """The channel of an incident's war room that is open."""
    found = context.rooms.get(incident)
    return found.channel if found and found.state is RoomState.OPEN else ""


def _named(directory: Directory, person: str) -> str:
    found = directory.people.get(person)
    return found.name if found else ""


def _next(
    context: Context, incident: Incident, climb: Escalation | None, policy: Policy | None, rings_only: bool
) -> NextStep | None:
    """Who is paged next: steps that reach nobody are passed over when their time comes."""
    found = climbing.outlook(climb, policy, incident, context.directory) if climb and policy else None
    if found is None:
        return None
    due, reached = found
    names = tuple(dict.fromkeys(page.recipient.name for page in reached))
    return NextStep(due, tuple(dict.fromkeys(page.channel for page in reached)), names, rings_only)
