"""What a policy said before: who changed what, in words, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit, revisions
from blocks.home_rows import team_name
from blocks.incidents import severity_name
from blocks.kit import Block
from blocks.policies import title
from blocks.policy_steps import step_words
from blocks.words import Words, words
from domain.directory import Directory
from domain.drafts import Difference, Version, differences
from domain.people import Actor, Permission
from domain.policies import Policy, PolicyStep

_VALUE_SHOWN = 100


def history(versions: Sequence[Version[Policy]], directory: Directory, actor: Actor, locale: str) -> Block:
    """The versions of a policy, latest first."""
    say = words(locale)

    def restored(version: int) -> str:
        return say.say("What v{version} said becomes a new version. Open incidents keep theirs.", version=version)

    def changes(before: Policy, after: Policy) -> list[str]:
        return [difference_words(one, directory, say) for one in differences(before, after)]

    story = revisions.Story("policy", title(locale), Permission.POLICIES, restored, changes)
    return revisions.history(versions, story, actor, locale)


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
