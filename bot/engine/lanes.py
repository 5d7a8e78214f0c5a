"""Lanes: how fast messages may go to each place. Times are seconds of a monotonic clock of the world.

Slack takes about one message a second a channel with short bursts, several hundred a minute in all, and fifty
`chat.update` a minute a workspace (docs.slack.dev, rate limits). A lane without room is not looked into: what waits
there costs nothing. Each lane keeps a reserve for what is urgent, so that a page finds room whatever else there is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.engine.places import Places
from bot.notifiers.base import CONNECTIONS_FOR_LETTERS, MAIL_CONNECTIONS, SMS_CONNECTIONS
from storage.outbox import EDITS, GROUPS, HOMES, HOOKS
from storage.parcels import CALLS, LETTERS, MAILS, TEXTS
from storage.rooms import ROOMS

UNLIMITED = 1_000
LONG_WAIT_SECONDS = 10.0
"""A provider that wants a page to wait for longer is as good as one that refuses it."""
_GRAIN = 1e-9
"""What adding seconds up loses is no token."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`per_second` tokens a second, at most `burst` saved up; the last `reserve` of them are for what is urgent."""

    per_second: float
    burst: float
    reserve: float = 0.0

    def divided(self, by: int) -> Rate:
        """One process's part, when so many share it. Its burst is a message at least, beside what it keeps."""
        reserve = self.reserve / by
        return self if by == 1 else Rate(self.per_second / by, max(self.burst / by, reserve + 1.0), reserve)


@dataclass(frozen=True, slots=True)
class Rates:
    """Slack's rates, a hair under its own: messages to one channel, messages in all, edits, Home tabs and war rooms in
    the whole workspace. One message is edited once in `same_edit` seconds, however often what it shows changes. Mails,
    SMS and calls to those who are paged: so many at once from each process."""

    post: Rate = Rate(per_second=0.95, burst=4, reserve=1)
    posts: Rate = Rate(per_second=4.0, burst=120, reserve=60)
    edit: Rate = Rate(per_second=0.75, burst=25, reserve=5)
    home: Rate = Rate(per_second=1.0, burst=20)
    room: Rate = Rate(per_second=0.25, burst=4)
    """Looks at a war room: each calls a method of Slack's once, and the slowest of them takes twenty a minute."""
    hook: Rate = Rate(per_second=0.48, burst=4)
    """Discord's thirty messages a minute in a channel, and five at once through a webhook."""
    letter: Rate = Rate(per_second=1.0, burst=CONNECTIONS_FOR_LETTERS)
    """Mails to those who are not paged: whoever is comes first."""
    mail: int = MAIL_CONNECTIONS
    text: int = 4 * SMS_CONNECTIONS
    """While one is sent three wait for its connection: a send has twenty-five seconds, enough for six each."""
    call: int = 32
    same_edit: float = 1.0


@dataclass(slots=True)
class Lane:
    """One place's tokens. A provider counts a message when it arrives, which may be long after it was taken: each that
    is on its way keeps a place in the burst, else what was late would arrive together with what came after it."""

    whole: Rate
    """Which all processes share."""
    rate: Rate
    tokens: float
    filled_at: float
    on_its_way: int = 0
    rests_until: float = 0.0
    """Until when its provider wants nothing."""

    @classmethod
    def full(cls, whole: Rate, processes: int, now: float) -> Lane:
        """One that nothing has gone through."""
        rate = whole.divided(processes)
        return cls(whole, rate, rate.burst, now)

    def room(self, now: float, *, urgent: bool = True) -> int:
        """How many messages may go now; what is not urgent leaves the reserve alone."""
        self._fill(now)
        return max(int(self.tokens - self._kept(urgent) + _GRAIN), 0)

    def wait(self, now: float, *, urgent: bool = True) -> float:
        """Seconds until there is room."""
        self._fill(now)
        return max(1 + self._kept(urgent) - self.tokens, 0.0) / self.rate.per_second

    def take(self, now: float) -> None:
        """One message goes."""
        self._fill(now)
        self.tokens -= 1

    def left(self, now: float) -> None:
        """A message that was taken is on its way."""
        self._fill(now)
        self.on_its_way += 1

    def ended(self, now: float) -> None:
        """One that was on its way has arrived, or never will."""
        self._fill(now)
        self.on_its_way = max(self.on_its_way - 1, 0)

    def pause(self, now: float, seconds: float) -> None:
        """Nothing for `seconds`: the provider said so."""
        self.tokens = 1 - seconds * self.rate.per_second
        self.filled_at = now
        self.rests_until = now + seconds

    def share(self, processes: int) -> None:
        """So many processes send there."""
        self.rate = self.whole.divided(processes)

    def is_as_new(self, now: float) -> bool:
        """Whether nothing is known of it."""
        return self.room(now) >= int(self.rate.burst)

    def _kept(self, urgent: bool) -> float:
        return 0.0 if urgent else self.rate.reserve

    def _fill(self, now: float) -> None:
        gained = (now - self.filled_at) * self.rate.per_second
        self.tokens = min(self.tokens + gained, max(self.rate.burst - self.on_its_way, 0.0))
        self.filled_at = now


_ALL_POSTS = "posts"
_POSTS = f"{_ALL_POSTS}:"
_METHODS = {EDITS: "chat.update", HOMES: "views.publish"}


def method_of(name: str) -> str:
    """The method of Slack's that a lane is the allowance of; "" for what nobody limits."""
    return _METHODS.get(name, "chat.postMessage" if name else "")


@dataclass(slots=True)
class Lanes:
    """Every lane in use, by the outbox's names; "" is the lane of what nobody limits."""

    rates: Rates
    lanes: dict[str, Lane | Places] = field(default_factory=dict)
    most: int = 10_000
    processes: int = 1
    _edited: dict[str, float] = field(default_factory=dict)
    """When each message was last edited, by its parcel's key."""

    def divide(self, processes: int) -> None:
        """This many processes send to the same places: each has its part of every rate, and at least one message."""
        if processes != self.processes:
            self.processes = processes
            # Another thread may add one meanwhile, which begins with its part.
            for lane in tuple(self.lanes.values()):
                lane.share(processes)

    def per_second(self, name: str) -> float:
        """How many messages a second a provider takes through a lane from all processes; 0 when none says."""
        whole = self._whole(name) if name else 0
        return whole.per_second if isinstance(whole, Rate) else 0.0

    def room(self, name: str, now: float, *, urgent: bool = True) -> int:
        """How many messages may go now. All lanes of new messages share one allowance, which `share` hands out."""
        return self._lane(name, now).room(now, urgent=urgent) if name else UNLIMITED

    def share(self, now: float, *, urgent: bool = True) -> int:
        """How many new messages may go now in all channels together."""
        return self._lane(_ALL_POSTS, now).room(now, urgent=urgent)

    def wait(self, name: str, now: float, *, urgent: bool = True) -> float:
        """Seconds until there is room in a lane."""
        if not name:
            return 0.0
        waits = [self._lane(one, now).wait(now, urgent=urgent) for one in _through(name)]
        return max(waits)

    def rest(self, name: str, now: float) -> float:
        """For how many seconds a provider wants nothing through a lane, when that is too long for a page; else 0."""
        lane = self.lanes.get(name)
        left = lane.rests_until - now if isinstance(lane, Lane) else 0.0
        return left if left > LONG_WAIT_SECONDS else 0.0

    def take(self, name: str, now: float) -> None:
        """One message goes through a lane."""
        for one in _through(name) if name else ():
            self._lane(one, now).take(now)

    def left(self, name: str, now: float) -> None:
        """What was taken from a lane is on its way, until it has `ended`."""
        for one in _through(name) if name else ():
            self._lane(one, now).left(now)

    def ended(self, name: str, now: float) -> None:
        """What had `left` through a lane has arrived, or never will."""
        for one in _through(name) if name else ():
            self._lane(one, now).ended(now)

    def pause(self, name: str, now: float, seconds: float, method: str = "") -> None:
        """A provider asked for `seconds` of rest. Slack asks it for one `method`: the lane of another goes on;
        a look at a war room calls many."""
        if name and (name == ROOMS or method in ("", method_of(name))):
            self._lane(name, now).pause(now, seconds)

    def edit_wait(self, key: str, now: float) -> float:
        """Seconds until a message may be edited again."""
        last = self._edited.get(key)
        return max(last + self.rates.same_edit - now, 0.0) if last is not None else 0.0

    def edited(self, key: str, now: float) -> None:
        """A message is edited now."""
        if len(self._edited) >= self.most:
            self._edited = {one: at for one, at in self._edited.items() if now - at < self.rates.same_edit}
        self._edited[key] = now

    def _lane(self, name: str, now: float) -> Lane | Places:
        found = self.lanes.get(name)
        if found is None:
            if len(self.lanes) >= self.most:
                self._forget(now)
            whole = self._whole(name)
            found = Lane.full(whole, self.processes, now) if isinstance(whole, Rate) else Places(whole)
            self.lanes[name] = found
        return found

    def _whole(self, name: str) -> Rate | int:
        if name.startswith(HOOKS):
            return self.rates.hook
        if name == GROUPS:
            return self.rates.room
        places = {MAILS: self.rates.mail, TEXTS: self.rates.text, CALLS: self.rates.call}
        if name in places:
            return places[name]
        known = {EDITS: self.rates.edit, HOMES: self.rates.home, ROOMS: self.rates.room, LETTERS: self.rates.letter}
        return (known | {_ALL_POSTS: self.rates.posts}).get(name, self.rates.post)

    def _forget(self, now: float) -> None:
        """Lanes that are full are as good as new; one that was told to rest is kept."""
        self.lanes = {name: lane for name, lane in self.lanes.items() if not lane.is_as_new(now)}


def is_posts(name: str) -> bool:
    """Whether new messages go through a lane."""
    return name.startswith(_POSTS)


def _through(name: str) -> tuple[str, ...]:
    """The allowances that one message in a lane takes from."""
    return (name, _ALL_POSTS) if is_posts(name) else (name,)
