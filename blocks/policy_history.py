"""What a policy said before: who changed what, in words, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import kit
from blocks.home_rows import team_name
from blocks.incidents import severity_name
from blocks.kit import Block, Confirm
from blocks.policies import moment, title
from blocks.policy_steps import step_words
from blocks.words import Words, words
from domain.directory import Directory
from domain.drafts import Difference, differences
from domain.people import Actor, Permission, may
from domain.policies import Policy, PolicyStep

SHOWN = 20
_LINES = 12
_VALUE_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Revision:
    """A version: what it said, who wrote it, and when."""

    policy: Policy
    by: str
    at: datetime | None


def history(revisions: Sequence[Revision], directory: Directory, actor: Actor, locale: str) -> Block:
    """The versions, latest first, each with what it changed; one more than is shown says what the last one changed."""
    say = words(locale)
    blocks: list[Block] = []
    for place, revision in enumerate(revisions[:SHOWN]):
        before = revisions[place + 1].policy if place + 1 < len(revisions) else None
        restores = place > 0 and may(actor.role, Permission.POLICIES)
        blocks.append(_revision(revision, before, directory, say, _restore(revision, say) if restores else None))
    metadata = revisions[0].policy.id if revisions else ""
    return kit.modal(title(locale), blocks, callback="policy.history.v1", close=say.say("Close"), metadata=metadata)


def _restore(revision: Revision, say: Words) -> Block:
    version = revision.policy.version
    asked = say.say("What v{version} said becomes a new version. Open incidents keep theirs.", version=version)
    dialog = Confirm(say.say("Are you sure?"), asked, say.say("Restore"), say.say("Cancel"))
    return kit.button(say.say("Restore"), "policy.restore.v1", f"{revision.policy.id}|{version}", confirm=dialog)


def _revision(
    revision: Revision, before: Policy | None, directory: Directory, say: Words, restore: Block | None
) -> Block:
    by = kit.name(revision.by, 80) if revision.by else say.say("somebody")
    first = f"*v{revision.policy.version}* · {by} · {moment(revision.at, say)}"
    if before is None:
        told = [say.say("The first version.")]
    else:
        told = [difference_words(one, directory, say) for one in differences(before, revision.policy)]
    if len(told) > _LINES:
        more = len(told) - _LINES
        told = [*told[:_LINES], say.count("… and {n} more change", "… and {n} more changes", more)]
    return kit.section("\n".join([first, *(f"• {line}" for line in told)]), restore)


def difference_words(difference: Difference, directory: Directory, say: Words) -> str:
    """ "Severity: SEV1 → SEV2" """
    before, after = difference.before, difference.after
    if difference.what == "step":
        return _step_words(before, after, directory, say)
    if difference.what == "description":
        return say.say("Another description")
    label = {
        "name": say.say("Name"),
        "team": say.say("Team"),
        "severity_filter": say.say("Severity"),
        "is_active": say.say("Active"),
        "is_default": say.say("Default"),
        "ack_timeout_minutes": say.say("Silence before it pages again"),
    }[difference.what]
    old, new = (_value(difference.what, value, directory, say) for value in (before, after))
    return say.say("{label}: {old} → {new}", label=label, old=old, new=new)


def _value(what: str, value: object, directory: Directory, say: Words) -> str:
    if what == "team":
        return team_name(directory.teams.get(str(value)), say)
    if what == "severity_filter":
        return severity_name(value) if value else say.say("every severity")  # type: ignore[arg-type]
    if isinstance(value, bool):
        return say.say("yes") if value else say.say("no")
    if isinstance(value, int):
        return say.minutes(value) if value else say.say("off")
    return kit.name(str(value), _VALUE_SHOWN)


def _step_words(before: PolicyStep | None, after: PolicyStep | None, directory: Directory, say: Words) -> str:
    if after is None:
        assert before is not None
        return say.say("Step {n} removed: {step}", n=before.order, step=step_words(before, directory, say))
    said = step_words(after, directory, say)
    if before is None:
        return say.say("Step {n} added: {step}", n=after.order, step=said)
    old = step_words(before, directory, say)
    if old == said:
        return say.say("Step {n}: another message", n=after.order)
    return say.say("Step {n}: {old} → {new}", n=after.order, old=old, new=said)
