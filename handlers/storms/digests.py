"""Messages for many in Slack, and how they keep up with what is in them. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain import storms as rules
from domain.storms import Bundle
from storage import messages, outbox, storms
from storage.outbox import EDITS, Kind, Parcel
from storage.parcels import DIGEST
from storage.store import Transaction


def begin(tx: Transaction, bundle: Bundle, allowance: str, lane: str, due_at: datetime) -> None:
    """A message gathers from now on: for a person until about `due_at`, or a channel's digest, which is posted now."""
    storms.open_bundle(tx, bundle, allowance)
    due, ahead = (bundle.opened_at, DIGEST) if bundle.is_digest else (due_at, 0)
    outbox.put(tx, [Parcel(kind=Kind.BUNDLE, incident="", subject=bundle.id, due_at=due, lane=lane, ahead=ahead)])


def show_again(tx: Transaction, bundles: Sequence[str], now: datetime) -> None:
    """Bring messages in Slack up to date that are there already; not more often than every few seconds."""
    there = [bundle for bundle in bundles if messages.has(tx, f"bundle:{bundle}")]
    due = now + rules.DIGEST_PAUSE
    outbox.put(tx, [Parcel(kind=Kind.BUNDLE, incident="", subject=one, due_at=due, lane=EDITS) for one in there])


def post_again(tx: Transaction, digests: Mapping[str, str], now: datetime) -> None:
    """Digests that a page joins and that are not there yet, each with its lane: one that could not be posted, or is on
    its way without that page, is tried now."""
    missing = [one for one in digests if not messages.has(tx, f"bundle:{one}")]
    outbox.put(
        tx,
        [
            Parcel(kind=Kind.BUNDLE, incident="", subject=one, due_at=now, lane=digests[one], ahead=DIGEST)
            for one in missing
        ],
    )
