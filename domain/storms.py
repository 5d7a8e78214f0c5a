"""Storms: how many messages one person, or one channel, gets. Pure; `now` is an argument.

A page leaves at once while its reader has had few; past that, those that come are gathered into one message, which
leaves as soon as there is room. Nothing is dropped: whatever does not leave by itself is in the next message. The
numbers are those above which telephone companies block a sender (GoAlert's buckets: its issue 1084).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.incidents import Incident, Severity, Status
from domain.policies import Channel


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` messages in any `span`."""

    most: int
    span: timedelta


@dataclass(frozen=True, slots=True)
class Limits:
    """`singles` messages leave at once; from then on each waits longer after the last, `gather` at first and twice as
    long each time, so that what comes meanwhile shares it. Never more than the `windows` hold."""

    windows: tuple[Window, ...]
    singles: int
    gather: timedelta

    @property
    def longest(self) -> timedelta:
        """How long a message counts."""
        return max((window.span for window in self.windows), default=timedelta(0))

    @property
    def shared(self) -> Limits:
        """The part that is for everything."""
        windows = tuple(Window(one.most - _kept_of(one.most), one.span) for one in self.windows)
        return Limits(windows, self.singles, self.gather)

    @property
    def kept(self) -> Limits:
        """The part that is for what is worst alone: however much else there is, it does not wait behind that."""
        windows = tuple(Window(_kept_of(one.most), one.span) for one in self.windows)
        return Limits(windows, self.singles, self.gather)


def _kept_of(most: int) -> int:
    return most * 2 // 5


def _minutes(*windows: tuple[int, int]) -> tuple[Window, ...]:
    return tuple(Window(most, timedelta(minutes=minutes)) for most, minutes in windows)


USUAL: Mapping[Channel, Limits] = {
    Channel.SMS: Limits(_minutes((5, 15), (11, 60), (21, 180)), singles=2, gather=timedelta(seconds=15)),
    Channel.PHONE: Limits(_minutes((3, 15), (7, 60), (15, 180)), singles=1, gather=timedelta(seconds=30)),
    Channel.EMAIL: Limits(_minutes((12, 15), (40, 60)), singles=5, gather=timedelta(seconds=15)),
    Channel.SLACK: Limits(_minutes((12, 15), (40, 60)), singles=5, gather=timedelta(seconds=15)),
}
"""For one person by each channel."""
CARDS = Limits(_minutes((20, 1)), singles=20, gather=timedelta(0))
"""For the new cards of one severity in one channel, and for pages to it: past that its digest has them."""
LETTERS = Limits(_minutes((6, 15), (12, 60)), singles=3, gather=timedelta(minutes=1))
"""For the mails to one stakeholder: nobody waits for one as for a page."""
ROOMS = Limits(_minutes((3, 15)), singles=3, gather=timedelta(0))
"""For the war rooms of one team: nobody works in more of them at once."""
CALM = timedelta(seconds=60)
"""A channel's storm is over when nothing has joined its digest for so long."""
DIGEST_PAUSE = timedelta(seconds=3)
"""From one edit of a digest to the next, at least."""
_SKEW = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""
NONE = Limits((), singles=10**9, gather=timedelta(0))


_WRITTEN = re.compile(r"(\d{1,4})/(\d{1,4})([mh])")


def limits_of(written: str) -> Mapping[Channel, Limits]:
    """The limits that a text sets in the stead of the usual ones, such as `SMS=5/15m,11/1h EMAIL=off`; `off` alone ends
    all of them. Raises ValueError that says what is wrong."""
    if written.strip().lower() == "off":
        return dict.fromkeys(USUAL, NONE)
    found = dict(USUAL)
    for part in written.split():
        name, _, windows = part.partition("=")
        if name.upper() not in Channel.__members__:
            raise ValueError(f"{name!r} is no channel; write such as SMS=5/15m,11/1h EMAIL=off")
        channel = Channel(name.upper())
        found[channel] = NONE if windows.lower() == "off" else replace(found[channel], windows=_windows(windows))
    return found


def _windows(written: str) -> tuple[Window, ...]:
    found = []
    for one in written.split(","):
        read = _WRITTEN.fullmatch(one.strip().lower())
        if read is None or int(read[1]) < 1 or int(read[2]) < 1:
            raise ValueError(f"{one!r} is no limit; write such as 5/15m: at most 5 in 15 minutes")
        found.append(Window(int(read[1]), timedelta(minutes=int(read[2]) * (60 if read[3] == "h" else 1))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody had lately by one channel, and the message that gathers for them, "" when none does."""

    recent: tuple[datetime, ...] = ()
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of one page: it leaves now, or is held until about `due_at` in the message that gathers, a new one
    when `is_new`."""

    allowance: Allowance
    passes: bool
    due_at: datetime
    is_new: bool = False


def is_worst(incident: Incident) -> bool:
    """Whether a page about it uses what is kept."""
    return incident.severity is Severity.SEV1


def patience(incident: Incident) -> timedelta:
    """How long a page about it may be held before its reader's other channels are looked at: for what is worst a
    minute, as long as anybody waits who believes to be paged; else as long as it would take to be paged again."""
    return timedelta(minutes=1 if is_worst(incident) else 5)


def next_at(recent: Sequence[datetime], now: datetime, limits: Limits) -> datetime:
    """The earliest moment at which another message may leave."""
    sent = sorted(recent)
    at = now
    for window in limits.windows:
        if len(sent) >= window.most:
            at = max(at, sent[-window.most] + window.span)
    counted = _within(sent, now, limits.windows[0].span) if limits.windows else ()
    over = len(counted) - limits.singles
    if over >= 0 and counted:
        at = max(at, counted[-1] + limits.gather * 2 ** min(over, 10))
    return at


def admit(allowance: Allowance, fresh: str, now: datetime, limits: Limits) -> Verdict:
    """One page for whoever has this allowance. `fresh` names the message that gathers when a new one begins."""
    recent = _within(allowance.recent, now, limits.longest)
    at = next_at(recent, now, limits)
    if allowance.bundle:
        return Verdict(replace(allowance, recent=recent), False, at)
    if at <= now:
        return Verdict(Allowance((*recent, now)), True, now)
    return Verdict(Allowance(recent, fresh), False, at, is_new=True)


def admit_worst(kept: Allowance, now: datetime, limits: Limits) -> Allowance | None:
    """One page about what is worst, for whoever has no room for anything else; None when what is `kept` for it is used
    up too."""
    recent = _within(kept.recent, now, limits.longest)
    has_room = all(len(_within(recent, now, window.span)) < window.most for window in limits.kept.windows)
    return Allowance((*recent, now)) if has_room else None


def left(allowance: Allowance, bundle: str, now: datetime) -> Allowance:
    """The message that gathered leaves: what comes from now on is in another."""
    after = "" if allowance.bundle == bundle else allowance.bundle
    return Allowance((*allowance.recent, now), after)


def went_later(allowance: Allowance, left_at: datetime, arrived_at: datetime) -> Allowance:
    """The last message that was let go until `left_at` waited for its provider, or for a process, until `arrived_at`:
    its reader had it then, and it counts from then on."""
    before = [moment for moment in allowance.recent if moment <= left_at]
    if not before:
        return allowance
    others = never_left(allowance, before[-1])
    return replace(others, recent=tuple(sorted((*others.recent, arrived_at))))


def never_left(allowance: Allowance, let_go_at: datetime) -> Allowance:
    """A message that was let go at a moment that counts did not leave, and never will."""
    others = list(allowance.recent)
    others.remove(let_go_at)
    return replace(allowance, recent=tuple(others))


def _within(moments: Sequence[datetime], now: datetime, span: timedelta) -> tuple[datetime, ...]:
    """A moment that is yet to come is of a clock that was set back since: it holds nothing up."""
    after, before = now - span, now + _SKEW
    return tuple([moment for moment in moments if after < moment < before])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """One message for many pages: `channel` and `address` as those of a page. With `is_digest`, what a channel gets for
    what is held in a storm, brought up to date in place until `closed_at`."""

    id: str
    is_digest: bool
    channel: Channel
    address: str
    person: str = ""
    name: str = ""
    locale: str = ""
    team: str = ""
    opened_at: datetime
    joined_at: datetime
    sent_at: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many incidents a message is for: in all, those that nobody has and those that are over; the worst waits
    first among those `shown`."""

    total: int
    waiting: int
    over: int
    shown: tuple[Incident, ...] = ()
    worst: Severity | None = None
    services: Mapping[str, str] = field(default_factory=dict)
    """Names by id, of the services of those shown."""
    held_cards: int = 0

    @property
    def taken(self) -> int:
        """How many somebody has."""
        return self.total - self.waiting - self.over


def worst_first(incident: Incident) -> tuple[bool, str, datetime, str]:
    """The order of a list: what nobody has, then what is worse, then what is older."""
    return incident.status is not Status.TRIGGERED, incident.severity.value, incident.created_at, incident.id


PAGE = 10
"""Incidents on a page of a list."""
