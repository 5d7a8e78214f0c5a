"""What leaves Vigie: the kinds of parcels, which go first, and the lanes that they go through."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.notifications import Notification
from domain.policies import Channel
from domain.severities import Severity
from domain.webhooks import is_webhook, webhook_id

HELD = datetime(9999, 1, 1, tzinfo=UTC)
"""Due never: waits for the card that it hangs under, which lets it go."""


class Kind(StrEnum):
    """What leaves. The order of priorities is that of the members."""

    PAGE = "page"
    COPY = "copy"
    CARD = "card"
    RUN = "run"
    STEP = "step"
    APPROVAL = "approval"
    ROLLBACK = "rollback"
    OVERDUE = "overdue"
    LINE = "line"
    SUMMARY = "summary"
    CODE = "code"
    TRIAL = "trial"
    REPLY = "reply"
    """The answer to an SMS that came in: its `subject` is that one's id."""
    BUNDLE = "bundle"
    """One message for many pages: its `subject` is the bundle. It goes with the pages."""
    WORD = "word"
    """Something for one person about an incident that is no page: its `subject` is the timeline's entry."""
    NOTICE = "notice"
    FILE = "file"
    """A post-mortem in its incident's thread: its `subject` is the incident and the version, `id:3`."""
    ROOM = "room"
    ROOM_LINE = "room_line"
    LETTER = "letter"
    """To a stakeholder, by e-mail."""
    ROUND_UP = "round_up"
    """One mail to a stakeholder about many incidents: its `subject` is the bundle."""
    HOME = "home"
    GROUP = "group"
    """A Slack user group that follows who is on call: its `subject` is the group. Last: nobody waits for it."""


HOMES = "homes"
"""The lane of Home tabs: nobody waits for one as for a page."""
EDITS = "edits"
"""The lane of changes to messages that are there already: Slack counts them for the whole workspace."""


def posts(channel: str) -> str:
    """The lane of new messages in a channel, by name or id; "" is the lane of what nobody limits."""
    return f"posts:{channel.removeprefix('#')}" if channel else ""


DIRECT = "posts:@"
"""How the lanes of direct messages begin."""


def direct(user: str) -> str:
    """The lane of direct messages to a user, by id or e-mail address; "" when there is nobody."""
    return f"{DIRECT}{user}" if user else ""


def is_direct(lane: str) -> bool:
    """Whether a lane leads to one person in Slack."""
    return lane.startswith(DIRECT)


_HELD_CARDS = "held:"


def held(channel: str) -> str:
    """The lane of cards that a storm holds back: nothing leaves by it."""
    return f"{_HELD_CARDS}{channel.removeprefix('#')}"


def is_held(lane: str) -> bool:
    """Whether what is in a lane is held back."""
    return lane.startswith(_HELD_CARDS)


def hook(address: str) -> str:
    """The lane of a webhook: Discord counts what is sent and edited through each (its bucket)."""
    return f"{HOOKS}{webhook_id(address)}"


HOOKS = "hook:"
LETTERS = "letters"
"""The lane of mails to those who are not paged: pages go to the same mail server, and first."""
GROUPS = "groups"
"""The lane of user groups."""
MAILS, TEXTS, CALLS = "mails", "texts", "calls"
"""The lanes of what goes to one person outside Slack. Each way has its own: a mail server that hangs keeps back the
mails, and no SMS."""
PERSONAL_LANES = (MAILS, TEXTS, CALLS, "")
"""With the lane of what nobody limits, in which an earlier version put all of these."""


def is_personal(lane: str) -> bool:
    """Whether a lane leads to one person, in Slack or outside it."""
    return lane in PERSONAL_LANES or is_direct(lane)


def is_slack(lane: str) -> bool:
    """Whether what goes through a lane needs Slack."""
    return lane not in PERSONAL_LANES and lane != LETTERS and not lane.startswith(HOOKS)


_WAYS = {Channel.EMAIL: MAILS, Channel.SMS: TEXTS, Channel.PHONE: CALLS}


def copies(page: Notification) -> str:
    """The lane of changes to the message that a page is."""
    return hook(page.recipient.address) if is_webhook(page.recipient.address) else EDITS


def lane_of(page: Notification) -> str:
    """The lane that a page goes through: Slack's for a channel or a person, a webhook's, or that of its way."""
    if is_webhook(page.recipient.address):
        return hook(page.recipient.address)
    if page.channel is not Channel.SLACK:
        return _WAYS[page.channel]
    address = page.recipient.address
    return posts(address) if page.is_to_a_place else direct(address)


ANSWER = 1
"""The priority of what somebody who clicked waits to see: after pages, before everything else."""
PAGES = (Kind.PAGE, Kind.BUNDLE)
PRIORITY = {kind: 0 if kind in PAGES else rank + 1 for rank, kind in enumerate(Kind)}
DIGEST = 3
"""How far a storm's digest is ahead of pages: its channel gets it before everything else that waits."""
WORST_PAGE = DIGEST
"""How far a page of the worst is behind a webhook, where no digest gathers the others."""
GRAVE_CARDS = {Severity.SEV1: 2, Severity.SEV2: 1}
"""How far a grave incident's first card is: it waits for no line about another."""
LATER = len(Kind) + 1
"""The priority of a card that was held in a storm: after everything that is new."""
RANKS = tuple(sorted({-DIGEST, *(-ahead for ahead in GRAVE_CARDS.values()), ANSWER, LATER, *PRIORITY.values()}))
"""Every priority that there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One thing to send. `subject` is the id of what it is about; of two that wait with one `key`, one goes.

    A Home tab belongs to no incident: its `subject` is the user. Nor do codes and trials, which are one person's.
    `is_answer` when somebody has clicked and waits to see it.
    """

    kind: Kind
    incident: str
    subject: str = ""
    due_at: datetime
    lane: str = ""
    id: int = 0
    attempts: int = 0
    is_ambiguous: bool = False
    is_answer: bool = False
    ahead: int = 0
    """How far it is ahead of pages in its channel, also when it is tried again."""
    holder: str = ""
    """The process that has taken it; with `attempts` it names the claim, which another process may take over."""

    @property
    def priority(self) -> int:
        """Which goes first of two in a lane: the lower."""
        if self.ahead:
            return -self.ahead
        return min(PRIORITY[self.kind], ANSWER) if self.is_answer else PRIORITY[self.kind]

    @property
    def key(self) -> str:
        return f"{self.kind.value}:{self.subject or self.incident}"
