"""What is said in the thread, and in the history, of a run's turns: four eyes, rolling back, a newer version, a step
that takes too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from blocks import kit
from blocks.words import Words
from domain.approvals import Wish
from domain.timeline import Entry, Event

Line = Callable[[Entry, Words], str]
_REASON_SHOWN = 1000


def _said(entry: Entry) -> dict[str, str]:
    """What a sentence about a step may name."""
    said = {name: kit.name(str(entry.details.get(name, ""))) for name in ("step", "title", "asker", "runbook")}
    return said | {
        "name": kit.name(entry.by),
        "reason": kit.escape(str(entry.details.get("reason", "")), _REASON_SHOWN),
    }


def wish_words(wish: Wish, step: str, title: str, say: Words) -> str:
    """What somebody wants to do, as the rest of "wants to …"."""
    said = {"step": step, "title": title}
    return {
        Wish.DONE: say.say("have step {step} · {title} done", **said),
        Wish.SKIP: say.say("skip step {step} · {title}", **said),
        Wish.ROLL_BACK: say.say("roll back step {step} · {title}", **said),
        Wish.KEEP: say.say("leave step {step} · {title} as it is", **said),
    }[wish]


def _wish(entry: Entry, say: Words) -> str:
    said = _said(entry)
    return wish_words(Wish(str(entry.details.get("wish", Wish.DONE))), said["step"], said["title"], say)


def _asked(entry: Entry, say: Words) -> str:
    return say.say("👀 {asker} asked for a second person, to {what}.", what=_wish(entry, say), **_said(entry))


def _approved(entry: Entry, say: Words) -> str:
    return say.say("👀 {name} agreed that {asker} may {what}.", what=_wish(entry, say), **_said(entry))


def _refused(entry: Entry, say: Words) -> str:
    return say.say("✋ {name} refused that {asker} may {what}: {reason}", what=_wish(entry, say), **_said(entry))


def _expired(entry: Entry, say: Words) -> str:
    return say.say(
        "⌛ Nobody answered {asker}, who wants to {what}: ask again with the step's button.",
        what=_wish(entry, say),
        **_said(entry),
    )


def _void(entry: Entry, say: Words) -> str:
    return say.say("👀 What {asker} asked for about step {step} is void.", **_said(entry))


def _glass(entry: Entry, say: Words) -> str:
    return say.say(
        "🚨 *{name} broke the glass:* no second person agreed that {asker} may {what}. {reason}",
        what=_wish(entry, say),
        **_said(entry),
    )


def _rollback_started(entry: Entry, say: Words) -> str:
    count = int(entry.details.get("count", 0))
    said = _said(entry)
    stopped = say.say("🛑 *{name} stopped the runbook {runbook}.*", **said)
    if not count:
        return f"{stopped} " + say.say("There is nothing left to roll back.")
    return f"{stopped} " + say.count("{n} step is to be rolled back.", "{n} steps are to be rolled back.", count)


def _rollback_skipped(entry: Entry, say: Words) -> str:
    note = kit.escape(str(entry.details.get("note", "")), _REASON_SHOWN)
    return say.say("⏭️ {name} left step {step} · {title} as it is: {note}", note=note, **_said(entry))


def _rolled_back(entry: Entry, say: Words) -> str:
    return say.say("↩️ *The runbook {runbook} is rolled back.*", **_said(entry))


def _aborted(entry: Entry, say: Words) -> str:
    return say.say("🛑 The runbook {runbook} is stopped; nothing was rolled back.", **_said(entry))


def _carried(entry: Entry, say: Words) -> str:
    version = kit.name(str(entry.details.get("version", "")))
    count = int(entry.details.get("count", 0))
    kept = say.count("{n} step stays done.", "{n} steps stay done.", count)
    return say.say("🔄 {name} carried the runbook {runbook} over to v{version}.", version=version, **_said(entry)) + (
        f" {kept}" if count else ""
    )


def _overdue(entry: Entry, say: Words) -> str:
    return say.say("⏳ {asker} was asked: still on step {step} · {title}?", **_said(entry))


def _still(entry: Entry, say: Words) -> str:
    return say.say("👍 {name} is still on step {step}.", **_said(entry))


def _help(entry: Entry, say: Words) -> str:
    return say.say("🆘 *{name} needs help with step {step} · {title}.*", **_said(entry))


LINES: Mapping[Event, Line] = {
    Event.REFUSED: _refused,
    Event.EXPIRED: _expired,
    Event.GLASS_BROKEN: _glass,
    Event.ROLLBACK_STARTED: _rollback_started,
    Event.ROLLBACK_SKIPPED: _rollback_skipped,
    Event.RUN_ROLLED_BACK: _rolled_back,
    Event.RUN_ABORTED: _aborted,
    Event.RUN_CARRIED_OVER: _carried,
    Event.HELP_WANTED: _help,
}
"""What somebody in the thread has to know."""
UNSAID: Mapping[Event, Line] = {
    Event.APPROVAL_ASKED: _asked,
    Event.APPROVED: _approved,
    Event.APPROVAL_VOID: _void,
    Event.STEP_OVERDUE: _overdue,
    Event.STILL_ON_STEP: _still,
}
"""What a message of its own says already."""
