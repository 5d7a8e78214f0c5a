"""Which pages leave by themselves and which are gathered into one message. Inside the caller's transaction: what is
held is on the disk with what decided it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain import storms as rules
from domain.incidents import Incident
from domain.notifications import Notification
from domain.policies import Channel
from domain.storms import CARDS, NONE, USUAL, Allowance, Bundle, Limits, Verdict
from domain.timeline import Entry, Event
from handlers.storms.digests import begin, post_again, show_again
from storage import held_pages, notifications, outbox, respites, storms, timeline
from storage.identifiers import new_id
from storage.outbox import EDITS, Kind, Parcel
from storage.parcels import PERSONAL_LANES, WORST_PAGE
from storage.store import Transaction

_LATE = timedelta(seconds=1)
"""What takes no longer counts from when it was let go: it is not worth the writing."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What went out: a page, a message for many, or something else. It was sent between two moments."""

    parcel: Parcel
    page: Notification | None
    begun_at: datetime
    at: datetime

    @property
    def left_at(self) -> datetime:
        """When it was let go."""
        return self.page.decided_at if self.page else self.begun_at

    @property
    def is_late(self) -> bool:
        """Whether it was on its way for so long that it counts from its arrival."""
        is_new = self.page is not None or (self.parcel.kind is Kind.BUNDLE and self.parcel.lane != EDITS)
        return is_new and self.at - self.left_at > _LATE


@dataclass(frozen=True, slots=True)
class Holding:
    """Decides for pages. `limits` are those of one person by each channel."""

    limits: Mapping[Channel, Limits] = field(default_factory=lambda: USUAL)

    def put(
        self, tx: Transaction, pages: Sequence[Notification], found: Mapping[str, Incident], now: datetime
    ) -> list[Notification]:
        """Queue new pages, each by itself or in the message that gathers for its reader. `found` are their incidents.
        Answers those for people that are held for longer than anybody should wait for them, be it that nobody knows how
        long."""
        free, own, others = _sorted(pages, found)
        # What goes under an incident's card goes where the card is: in the channel, or held in its digest.
        digests = storms.digests_of(tx, sorted({page.incident for page in own}))
        gathered = [(digests[page.incident], page) for page in own if page.incident in digests]
        members = [(digest, page.incident, page.id) for digest, page in gathered]
        leaving = [*free, *(page for page in own if page.incident not in digests)]
        kept = storms.allowances(tx, [key for page in others for key in _keys(page, found[page.incident])])
        held: list[Notification] = []
        late: list[Notification] = []
        leaves: dict[str, datetime] = {}
        changed: dict[str, Allowance] = {}
        behind: dict[str, bool] = {}
        for page in others:
            had = [changed.get(key, kept[key]) for key in _keys(page, found[page.incident])]
            verdict, after = self._decided(page, had, now)
            changed |= dict(zip(_keys(page, found[page.incident]), after, strict=True))
            if verdict.passes:
                leaving.append(page)
                continue
            if verdict.is_new:
                key = _key(page)
                _begin(tx, page, found[page.incident], key, verdict.allowance.bundle, verdict.due_at, now)
            members.append((verdict.allowance.bundle, page.incident, page.id))
            gathered += [(verdict.allowance.bundle, page)] if page.is_to_a_channel else []
            leaves[verdict.allowance.bundle] = verdict.due_at
            held.append(page)
            is_long = verdict.due_at - now > rules.patience(found[page.incident])
            if page.recipient.person and (is_long or _is_behind(tx, page, behind)):
                late.append(page)
        storms.keep(tx, changed, now)
        timeline.add(tx, [_held(page, now) for page in held])
        storms.join(tx, members, now)
        respites.end(tx, leaves)
        outbox.put_new(tx, [_page(page, found[page.incident], now) for page in leaving])
        show_again(tx, sorted({bundle for bundle, _, _ in members}), now)
        post_again(tx, {digest: outbox.lane_of(page) for digest, page in gathered}, now)
        return late

    def passes(self, tx: Transaction, page: Notification, incident: Incident, now: datetime) -> bool:
        """Whether a page to a person leaves at once, if it is put now."""
        keys = _keys(page, incident)
        kept = storms.allowances(tx, keys)
        verdict, _ = self._decided(page, [kept[key] for key in keys], now)
        return verdict.passes

    def arrived(self, tx: Transaction, arrivals: Sequence[Arrival], now: datetime) -> None:
        """What went out late counts for its reader from then on, and what gathers for them waits accordingly. Called
        before anything is queued, as whoever decides about readers does."""
        counted = [(one, *self._counted(tx, one)) for one in arrivals if one.is_late]
        limits_of = {key: limits for _, keys, limits in counted for key in keys if limits.windows}
        kept, changed = storms.allowances(tx, limits_of), set[str]()
        for one, keys, _ in counted:
            counting = [key for key in keys if key in kept]
            if key := _used(kept, counting, one.page) if one.page else "".join(counting):
                kept[key] = rules.went_later(kept[key], one.left_at, one.at)
                changed.add(key)
        storms.keep(tx, {key: kept[key] for key in changed}, now)
        for key in changed:
            if kept[key].bundle:
                storms.put_off(tx, kept[key].bundle, rules.next_at(kept[key].recent, now, limits_of[key]))

    def _counted(self, tx: Transaction, one: Arrival) -> tuple[tuple[str, ...], Limits]:
        """The allowances that it may be counted in, and the limits of the first."""
        if one.page:
            return _may_use(one.page), self._limits(one.page)
        bundle = storms.find(tx, one.parcel.subject)
        if bundle is None or bundle.is_digest:
            return (), NONE
        return (storms.allowance_of(tx, bundle.id),), self.limits.get(bundle.channel, NONE).shared

    def _limits(self, page: Notification) -> Limits:
        return CARDS if page.is_to_a_channel else self.limits.get(page.channel, NONE).shared

    def _decided(
        self, page: Notification, had: Sequence[Allowance], now: datetime
    ) -> tuple[Verdict, tuple[Allowance, ...]]:
        """Whether a page leaves now, and what its allowances are then."""
        verdict = rules.admit(had[0], new_id(), now, self._limits(page))
        if verdict.passes or len(had) == 1:
            return verdict, (verdict.allowance, *had[1:])
        if after := rules.admit_worst(had[1], now, self.limits.get(page.channel, NONE)):
            return replace(verdict, passes=True), (had[0], after)
        return verdict, (verdict.allowance, had[1])


def _sorted(
    pages: Sequence[Notification], found: Mapping[str, Incident]
) -> tuple[list[Notification], list[Notification], list[Notification]]:
    """Pages that nothing holds up, those that go under their incident's card, and the rest."""
    free: list[Notification] = []
    own: list[Notification] = []
    others: list[Notification] = []
    for page in pages:
        incident = found[page.incident]
        is_free = incident.is_drill or _is_to_a_webhook(page)
        (free if is_free else own if _is_own(page, incident) else others).append(page)
    return free, own, others


def _is_to_a_webhook(page: Notification) -> bool:
    """Whether it goes to a place that edits its own messages, whose lane limits it."""
    return page.channel is Channel.SLACK and not page.is_through_slack


def _held(page: Notification, now: datetime) -> Entry:
    """For the record of its incident: what is held is said."""
    details: dict[str, str | int] = {"channel": page.channel.value, "name": page.recipient.name, "step": page.step}
    return Entry(incident=page.incident, at=now, event=Event.PAGE_HELD, details=details)


def _key(page: Notification) -> str:
    lane = outbox.lane_of(page)
    return f"{page.channel.value}:{page.recipient.address if lane in PERSONAL_LANES else lane}"


def _keys(page: Notification, incident: Incident) -> tuple[str, ...]:
    """The allowances that a page may use: its reader's, and what is kept for the worst."""
    is_worst = rules.is_worst(incident) and not page.is_to_a_channel
    return _both(page) if is_worst else (_key(page),)


def _both(page: Notification) -> tuple[str, str]:
    return _key(page), f"{_key(page)}:worst"


def _may_use(page: Notification) -> tuple[str, ...]:
    """The allowances that a page which was let go may be counted in: how bad its incident was is forgotten."""
    return () if page.is_to_a_channel or page.would_be else _both(page)


def _used(kept: Mapping[str, Allowance], keys: Sequence[str], page: Notification) -> str:
    """The one of these in which a page is counted, "" for none."""
    return next((key for key in keys if page.decided_at in kept[key].recent), "")


def _page(page: Notification, incident: Incident, now: datetime) -> Parcel:
    lane, ahead = outbox.lane_of(page), WORST_PAGE if _is_to_a_webhook(page) and rules.is_worst(incident) else 0
    return Parcel(kind=Kind.PAGE, incident=page.incident, subject=page.id, due_at=now, lane=lane, ahead=ahead)


def _is_own(page: Notification, incident: Incident) -> bool:
    return page.is_to_a_channel and outbox.lane_of(page) == outbox.posts(incident.channel)


def _is_behind(tx: Transaction, page: Notification, known: dict[str, bool]) -> bool:
    """Asked once a reader: pages come in hundreds."""
    key = _key(page)
    if key not in known:
        known[key] = held_pages.is_behind(tx, page)
    return known[key]


def _begin(
    tx: Transaction, page: Notification, incident: Incident, key: str, identity: str, due_at: datetime, now: datetime
) -> None:
    """A message that gathers from now on: for a person, or a channel's digest."""
    reader = page.recipient
    bundle = Bundle(
        id=identity,
        is_digest=page.is_to_a_channel,
        channel=page.channel,
        address=reader.address,
        person=reader.person,
        name=reader.name,
        locale=reader.locale,
        team=incident.team,
        opened_at=now,
        joined_at=now,
    )
    begin(tx, bundle, key, outbox.lane_of(page), due_at)


def never_left(tx: Transaction, pages: Collection[Notification]) -> None:
    """These were let go, have not left and are not to: they count for nobody, who may have been told nothing else."""
    kept = storms.allowances(tx, [key for page in pages for key in _may_use(page)])
    for page in pages:
        if key := _used(kept, _may_use(page), page):
            kept[key] = rules.never_left(kept[key], page.decided_at)
            storms.keep(tx, {key: kept[key]}, max((*kept[key].recent, page.decided_at)))


def cancel(tx: Transaction, incident: str, pages: Sequence[str] | None = None) -> None:
    """Pages of an incident that wait will not go: all of them, or those with these ids."""
    if gone := outbox.cancel_pages(tx, incident, pages):
        never_left(tx, notifications.by_ids(tx, gone).values())


def seal(tx: Transaction, bundles: Sequence[str], now: datetime) -> None:
    """These leave now: what comes from now on for the same readers is in another. One that nobody wants any more does
    not leave, and does not count."""
    for bundle in bundles:
        found = storms.find(tx, bundle)
        key = storms.allowance_of(tx, bundle)
        if found is None or found.is_digest or not key:
            continue
        allowance = storms.allowances(tx, [key])[key]
        if allowance.bundle == bundle:
            is_void = held_pages.is_void(tx, bundle)
            after = replace(allowance, bundle="") if is_void else rules.left(allowance, bundle, now)
            storms.keep(tx, {key: after}, now)
