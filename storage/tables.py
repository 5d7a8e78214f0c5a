"""Every table. Rows stay inside storage: outside it there are domain values only.

Times are aware UTC. Enumerations are stored as their text and turned back into members where rows are read: a bare
string compares unequal by identity, and an escalation would stop without a word.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from storage.moments import Moment
from storage.vault import Sealed, SealedDocument, SealedJSON


def _partial(name: str, columns: list[str], where: str, *, unique: bool = False) -> Index:
    """An index of the rows `where` holds for."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def _json() -> Any:
    return Field(sa_column=Column(JSON, nullable=False))


def _sealed_json() -> Any:
    return Field(sa_column=Column(SealedJSON, nullable=False))


def _later(default: str) -> Any:
    """A column that came after its table: a version without it, still running beside, writes `default` in it."""
    return Field(sa_column_kwargs={"server_default": text(default)})


class CatalogRevision(SQLModel, table=True):
    """One row: grows with every change of the catalog, so that a cached directory knows that it is old."""

    __tablename__ = "catalog_revision"
    id: int = Field(primary_key=True)
    revision: int


class ClockAnchor(SQLModel, table=True):
    """One row, for a clock that runs faster: where it started from, so that a restart goes on and not back."""

    __tablename__ = "clock_anchor"
    id: int = Field(primary_key=True)
    speed: float
    wall: datetime = Field(sa_type=Moment)
    product: datetime = Field(sa_type=Moment)


class SealingRow(SQLModel, table=True):
    """One row: the name of the key that everything secret is sealed with."""

    __tablename__ = "sealing"
    id: int = Field(primary_key=True)
    key: str


class PersonRow(SQLModel, table=True):
    __tablename__ = "people"
    id: str = Field(primary_key=True)
    handle: str = Field(unique=True)
    name: str
    email: str
    phone: str
    slack: str
    role: str
    locale: str
    is_active: bool


class VerifiedContactRow(SQLModel, table=True):
    """A contact whose owner has typed in the code that was sent to it: it stands for this address and no other."""

    __tablename__ = "verified_contacts"
    person: str = Field(primary_key=True)
    contact: str = Field(primary_key=True)
    address: str
    verified_at: datetime = Field(sa_type=Moment)


class ContactCodeRow(SQLModel, table=True):
    """A code that was asked for, by the hashes of what was sent: a second attempt to send it is another number."""

    __tablename__ = "contact_codes"
    __table_args__ = (Index("contact_codes_by_person", "person", "contact", "made_at"),)
    id: str = Field(primary_key=True)
    person: str
    contact: str
    address: str
    made_at: datetime = Field(sa_type=Moment)
    tries: int
    salt: str
    hashes: Any = _json()
    is_used: bool
    failure: str


class TrialRow(SQLModel, table=True):
    """The last page that somebody tried out on themselves, by channel."""

    __tablename__ = "trials"
    __table_args__ = (Index("one_trial_a_channel", "person", "channel", unique=True),)
    id: str = Field(primary_key=True)
    person: str
    channel: str
    address: str
    state: str
    reason: str
    started_at: datetime = Field(sa_type=Moment)
    settled_at: datetime | None = Field(sa_type=Moment)
    is_monthly: bool = _later("false")


class TeamRow(SQLModel, table=True):
    __tablename__ = "teams"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    channel: str
    lead: str
    members: Any = _json()
    locale: str
    on_call: Any = _sealed_json()
    digest: bool = _later("false")
    user_group: str = _later("''")
    response: Any = Field(sa_column=Column(JSON, nullable=True))


class OverrideRow(SQLModel, table=True):
    """Somebody on call in the place of somebody, or of everybody ("")."""

    __tablename__ = "overrides"
    id: str = Field(primary_key=True)
    team: str
    person: str
    instead_of: str
    start_at: datetime = Field(sa_type=Moment)
    end_at: datetime = Field(sa_type=Moment)
    reason: str = Field(sa_type=Text)
    made_by: str


class SwapRow(SQLModel, table=True):
    """Somebody asks a colleague to take a shift."""

    __tablename__ = "swaps"
    __table_args__ = (_partial("swaps_asked", ["expires_at"], "state = 'asked'"),)
    id: str = Field(primary_key=True)
    team: str
    asker: str
    asked: str
    start_at: datetime = Field(sa_type=Moment)
    end_at: datetime = Field(sa_type=Moment)
    expires_at: datetime = Field(sa_type=Moment)
    reason: str = Field(sa_type=Text)
    state: str


class NoticeRow(SQLModel, table=True):
    """Something to tell a person, or a team's channel, that belongs to no incident; `dedup_key` is what it is about."""

    __tablename__ = "notices"
    id: str = Field(primary_key=True)
    dedup_key: str = Field(unique=True)
    kind: str
    team: str
    person: str
    details: Any = _json()
    made_at: datetime = Field(sa_type=Moment, index=True)


class DutyRow(SQLModel, table=True):
    """Who was on call for a team when it was last looked at."""

    __tablename__ = "duties"
    team: str = Field(primary_key=True)
    people: Any = _json()


class ScheduleDraftRow(SQLModel, table=True):
    """A team's schedule that somebody is changing and has not saved; `base` is what it began from."""

    __tablename__ = "schedule_drafts"
    author: str = Field(primary_key=True)
    team: str = Field(primary_key=True)
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    base: Any = _sealed_json()
    content: Any = _sealed_json()


class FeedRow(SQLModel, table=True):
    """The calendar of a team or a person (`team:…`, `person:…`) by the id that its private link carries."""

    __tablename__ = "feeds"
    subject: str = Field(primary_key=True)
    feed: str = Field(unique=True)
    made_at: datetime = Field(sa_type=Moment)


class CalendarRow(SQLModel, table=True):
    """A team's calendar from outside: the last good copy, what it says, and what was wrong when it was last read."""

    __tablename__ = "calendars"
    team: str = Field(primary_key=True)
    source: str = Field(sa_type=Sealed)
    text: str = Field(sa_type=Text)
    events: Any = _json()
    good_at: datetime | None = Field(sa_type=Moment)
    tried_at: datetime = Field(sa_type=Moment)
    failure: str = Field(sa_type=Text)
    told_at: datetime | None = Field(sa_type=Moment)


class ServiceRow(SQLModel, table=True):
    __tablename__ = "services"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    team: str
    aliases: Any = _json()
    auto_resolve: bool
    stakeholders: Any = Field(sa_column=Column(JSON, nullable=True))


class RunbookRow(SQLModel, table=True):
    """A runbook's identity; what it says is in its versions."""

    __tablename__ = "runbooks"
    id: str = Field(primary_key=True)
    title: str = Field(unique=True)
    current_version: str
    is_active: bool


class RunbookVersionRow(SQLModel, table=True):
    """What a runbook said at one time; never changed."""

    __tablename__ = "runbook_versions"
    id: str = Field(primary_key=True)
    runbook: str = Field(foreign_key="runbooks.id", index=True)
    version: int
    content: Any = _json()
    created_at: datetime | None = Field(sa_type=Moment)
    created_by: str = Field(sa_column_kwargs={"server_default": text("''")})


class PolicyRow(SQLModel, table=True):
    """A policy's identity; what it says is in its versions."""

    __tablename__ = "policies"
    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    current_version: str
    is_active: bool


class PolicyVersionRow(SQLModel, table=True):
    """What a policy said at one time; never changed."""

    __tablename__ = "policy_versions"
    id: str = Field(primary_key=True)
    policy: str = Field(foreign_key="policies.id", index=True)
    version: int
    content: Any = _sealed_json()
    created_at: datetime | None = Field(sa_type=Moment)
    created_by: str = Field(sa_column_kwargs={"server_default": text("''")})


class IncidentRow(SQLModel, table=True):
    __tablename__ = "incidents"
    __table_args__ = (
        # One open incident a group, whoever asks first: the database holds it, across processes too.
        _partial(
            "one_open_incident_a_group",
            ["source", "group_key"],
            "status <> 'RESOLVED' AND group_key <> ''",
            unique=True,
        ),
        Index("incidents_by_status", "status", "created_at"),
        Index("incidents_by_creation", "created_at"),
        _partial("incidents_by_resolution", ["resolved_at"], "resolved_at IS NOT NULL"),
    )
    id: str = Field(primary_key=True)
    short_id: str = Field(unique=True)
    title: str
    description: str = Field(sa_type=Text)
    severity: str
    status: str
    service: str
    team: str
    lead: str
    source: str
    group_key: str
    url: str
    channel: str
    policy_version: str
    detected_at: datetime = Field(sa_type=Moment)
    created_at: datetime = Field(sa_type=Moment)
    acknowledged_at: datetime | None = Field(sa_type=Moment)
    acknowledged_by: str
    acknowledged_slack: str
    resolved_at: datetime | None = Field(sa_type=Moment)
    resolved_by: str
    resolution_note: str = Field(sa_type=Text)
    root_cause: str = Field(sa_type=Text)
    owner: str = _later("''")
    communications: str = _later("''")
    snoozed_until: datetime | None = Field(sa_type=Moment)
    mitigated_at: datetime | None = Field(sa_type=Moment)
    mitigated_by: str = _later("''")
    duplicate_of: str = _later("''")
    received_at: datetime | None = Field(sa_type=Moment)
    is_drill: bool = _later("false")


class AlertRow(SQLModel, table=True):
    """An alert of a source, by its identity."""

    __tablename__ = "alerts"
    # Alerts whose source tells no start are found by their name, while they fire.
    __table_args__ = (_partial("alerts_live", ["source", "fingerprint"], "is_firing"),)
    identity: str = Field(primary_key=True)
    """Source, fingerprint and start in one text, so that many are looked up by one list."""
    source: str
    fingerprint: str
    started: str
    incident: str = Field(foreign_key="incidents.id", index=True)
    is_firing: bool
    title: str
    labels: Any = _json()
    received_at: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(sa_type=Moment)


class EscalationRow(SQLModel, table=True):
    __tablename__ = "escalations"
    __table_args__ = (_partial("escalations_due", ["wake_at"], "wake_at IS NOT NULL"),)
    incident: str = Field(primary_key=True, foreign_key="incidents.id")
    policy_version: str
    started_at: datetime = Field(sa_type=Moment)
    next_step: int
    wake_at: datetime | None = Field(sa_type=Moment)
    state: str
    declined: Any = Field(sa_column=Column(JSON, nullable=True))
    called: Any = Field(sa_column=Column(JSON, nullable=True))
    because: str = _later("''")
    caller: str = _later("''")
    speed: int = _later("1")
    round: int
    """How often the climb began anew: part of a notification's key, so that a second climb pages again."""


class NotificationRow(SQLModel, table=True):
    """One page and its receipt."""

    __tablename__ = "notifications"
    __table_args__ = (
        _partial("notifications_look", ["look_at"], "look_at IS NOT NULL"),
        _partial("notifications_waiting", ["decided_at"], "state = 'waiting'"),
        Index("notifications_by_address", "address", "sent_at"),
    )
    id: str = Field(primary_key=True)
    dedup_key: str = Field(sa_type=Sealed, unique=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    step: int
    channel: str
    person: str
    name: str
    address: str = Field(sa_type=Sealed)
    locale: str
    message: str = Field(sa_type=Text)
    why: str
    state: str
    bundled_steps: Any = _json()
    fallback_of: str
    round: int = _later("0")
    decided_at: datetime = Field(sa_type=Moment)
    sent_at: datetime | None = Field(sa_type=Moment)
    reference: str
    failure: str
    would_be: str = _later("''")
    rendered_at: datetime | None = Field(sa_type=Moment)
    said: str = _later("''")
    delivered_at: datetime | None = Field(sa_type=Moment)
    opened_at: datetime | None = Field(sa_type=Moment)
    acknowledged_at: datetime | None = Field(sa_type=Moment)
    look_at: datetime | None = Field(sa_type=Moment)
    """When its provider is asked what became of it; null when there is nothing more to learn."""


class AttemptRow(SQLModel, table=True):
    """One try to hand a notification to its provider."""

    __tablename__ = "notification_attempts"
    id: int | None = Field(default=None, primary_key=True)
    notification: str = Field(foreign_key="notifications.id", index=True)
    number: int
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    outcome: str
    reason: str


class OutboxRow(SQLModel, table=True):
    """Something that has to leave: committed with the change that caused it, taken by the sender.

    `waiting_key` is unique among what waits: a newer card refresh is the same row. A row that went out is deleted;
    one that can't is kept as failed.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        _partial("outbox_one_waiting", ["waiting_key"], "state = 'waiting'", unique=True),
        _partial("outbox_due", ["lane", "priority", "due_at"], "state = 'waiting'"),
        Index("outbox_by_incident", "incident"),
        _partial("outbox_sending", ["waiting_key"], "state = 'sending'"),
    )
    id: int | None = Field(default=None, primary_key=True)
    kind: str
    waiting_key: str
    lane: str
    priority: int
    incident: str
    subject: str
    state: str
    due_at: datetime = Field(sa_type=Moment)
    attempts: int
    is_ambiguous: bool
    holder: str


class RunRow(SQLModel, table=True):
    __tablename__ = "runs"
    __table_args__ = (Index("runs_by_version", "runbook_version", "started_at"),)
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", unique=True)
    runbook_version: str
    state: str
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    aborted_at: datetime | None = Field(sa_type=Moment)
    aborted_by: str = _later("''")
    wake_at: datetime | None = Field(sa_type=Moment, index=True)
    speed: int = _later("1")


class RunStepRow(SQLModel, table=True):
    """What became of a step; a step that nobody touched yet has no row."""

    __tablename__ = "run_steps"
    run: str = Field(primary_key=True, foreign_key="runs.id")
    order: int = Field(primary_key=True)
    state: str
    has_problem: bool
    note: str
    by: str
    confirmed_by: str
    approved_by: str = _later("''")
    glass: str = _later("''")
    started_at: datetime | None = Field(sa_type=Moment)
    finished_at: datetime | None = Field(sa_type=Moment)
    asked_at: datetime | None = Field(sa_type=Moment)
    answered_at: datetime | None = Field(sa_type=Moment)
    answered_by: str = _later("''")
    needs_help: bool = _later("false")


class TimelineRow(SQLModel, table=True):
    __tablename__ = "timeline"
    id: str = Field(primary_key=True)
    incident: str = Field(foreign_key="incidents.id", index=True)
    at: datetime = Field(sa_type=Moment)
    event: str
    by: str
    details: Any = _json()


class MessageRow(SQLModel, table=True):
    """Where something of ours lives in Slack, so that it can be edited. `key` says what it is."""

    __tablename__ = "messages"
    key: str = Field(primary_key=True)
    incident: str = Field(index=True)
    channel: str
    ts: str = Field(index=True)


class ChannelRow(SQLModel, table=True):
    """A channel's id by the name that people write, as Slack told it."""

    __tablename__ = "channels"
    name: str = Field(primary_key=True)
    channel: str


class HomeRow(SQLModel, table=True):
    """Who has the app's Home tab before them, and where in it: kept up to date for a day after it was opened."""

    __tablename__ = "homes"
    user: str = Field(primary_key=True)
    opened_at: datetime = Field(sa_type=Moment, index=True)
    section: str
    search: str
    page: int


class ReaderRow(SQLModel, table=True):
    """The language that somebody has set in Slack, whether the catalog knows them or not."""

    __tablename__ = "readers"
    user: str = Field(primary_key=True)
    locale: str
    asked_at: datetime = Field(sa_type=Moment, index=True)


class DraftRow(SQLModel, table=True):
    """A policy that somebody is writing and has not saved; "" is a new one."""

    __tablename__ = "drafts"
    author: str = Field(primary_key=True)
    policy: str = Field(primary_key=True)
    base: str
    """The id of the version that it began from."""
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    content: Any = _sealed_json()


class RunbookDraftRow(SQLModel, table=True):
    """A runbook that somebody is writing and has not saved; "" is a new one."""

    __tablename__ = "runbook_drafts"
    author: str = Field(primary_key=True)
    runbook: str = Field(primary_key=True)
    base: str
    """The id of the version that it began from."""
    edition: int
    changed_at: datetime = Field(sa_type=Moment)
    content: Any = _json()


class ImportRow(SQLModel, table=True):
    """YAML that somebody looks at before it is imported."""

    __tablename__ = "imports"
    author: str = Field(primary_key=True)
    file: str
    text: str = Field(sa_type=SealedDocument)
    changed_at: datetime = Field(sa_type=Moment)


class TokenRow(SQLModel, table=True):
    """An API token, by its hash."""

    __tablename__ = "tokens"
    name: str = Field(primary_key=True)
    hash: str = Field(unique=True)
    scopes: Any = _json()
    created_at: datetime = Field(sa_type=Moment)
    last_used_at: datetime | None = Field(sa_type=Moment)
    revoked_at: datetime | None = Field(sa_type=Moment)
    expires_at: datetime | None = Field(sa_type=Moment)


class InboxRow(SQLModel, table=True):
    """An event of Slack's that was taken: they come again, and must not act again."""

    __tablename__ = "inbox"
    event: str = Field(primary_key=True)
    received_at: datetime = Field(sa_type=Moment, index=True)


class AuditRow(SQLModel, table=True):
    """A change of configuration: who, when, before, after."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_by_subject", "subject", "id"),)
    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Moment)
    actor: str
    action: str
    subject: str
    before: Any = Field(sa_column=Column(JSON, nullable=True))
    after: Any = Field(sa_column=Column(JSON, nullable=True))
