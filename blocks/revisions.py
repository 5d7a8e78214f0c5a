"""What a policy or a runbook said before: who changed what, in words, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic

from blocks import kit
from blocks.kit import Block, Confirm
from blocks.words import Words, words
from domain.drafts import Document, Version
from domain.people import Actor, Permission, may

SHOWN = 20
_LINES = 15
REVISION_SHOWN = 1200
"""Characters of what one version changes: twenty of them stay well under what a view takes."""


@dataclass(frozen=True, slots=True)
class Story(Generic[Document]):
    """What is told of one kind of document. `kind` begins the buttons' names, `changes` says what one version says
    differently from the one before, and `restored` what restoring the version {version} does."""

    kind: str
    title: str
    permission: Permission
    restored: Callable[[int], str]
    changes: Callable[[Document, Document], list[str]]


def history(versions: Sequence[Version[Document]], story: Story[Document], actor: Actor, locale: str) -> Block:
    """The versions, latest first, each with what it changed; one more than is shown says what the last one changed."""
    say = words(locale)
    blocks: list[Block] = []
    for place, version in enumerate(versions[:SHOWN]):
        before = versions[place + 1].said if place + 1 < len(versions) else None
        restores = place > 0 and may(actor.role, story.permission)
        blocks.append(_revision(version, before, story, say, _restore(version, story, say) if restores else None))
    metadata = versions[0].said.id if versions else ""
    return kit.modal(
        story.title, blocks, callback=f"{story.kind}.history.v1", close=say.say("Close"), metadata=metadata
    )


def _restore(version: Version[Document], story: Story[Document], say: Words) -> Block:
    number = version.said.version
    dialog = Confirm(say.say("Are you sure?"), story.restored(number), say.say("Restore"), say.say("Cancel"))
    return kit.button(say.say("Restore"), f"{story.kind}.restore.v1", f"{version.said.id}|{number}", confirm=dialog)


def _revision(
    version: Version[Document], before: Document | None, story: Story[Document], say: Words, restore: Block | None
) -> Block:
    by = kit.name(version.by, 80) if version.by else say.say("somebody")
    first = f"*v{version.said.version}* · {by} · {_moment(version.at, say)}"
    told: list[str] = story.changes(before, version.said) if before else [say.say("The first version.")]
    if len(told) > _LINES:
        more = len(told) - _LINES
        told = [*told[:_LINES], say.count("… and {n} more change", "… and {n} more changes", more)]
    lines = "\n".join([first, *(f"• {line}" for line in told)])
    return kit.section(kit.clip_markup(lines, REVISION_SHOWN), restore)


def _moment(at: datetime | None, say: Words) -> str:
    """When a version was made, as far as it was noted."""
    return kit.moment(at, f"{say.date(at, 'UTC')} UTC") if at else say.say("before that was noted")
