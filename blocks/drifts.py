"""What was edited by hand since files were loaded, in words: for whoever keeps the files, and in the Home tab."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from blocks import kit
from blocks.kit import Block
from blocks.text import clean, clip, one_line
from blocks.words import Words, words
from domain.directory import Directory
from domain.drift import Change, Drift, Drifted

_VALUE_SHOWN = 100
_LINES_SHOWN = 8
_CHANGES_SHOWN = 12
_AT_HOME = 5
_CHANGES_AT_HOME = 3
_LONGEST_AT_HOME = 2500


def told(found: Iterable[Drifted], directory: Directory, locale: str) -> list[str]:
    """Each with its changes below it, as plain text for a terminal."""
    say = words(locale)
    lines = []
    for one in found:
        lines += [f"! {_headline(one, directory, say)}", *(f"    {line}" for line in changed(one.changes, say))]
    return lines


def changed(changes: Sequence[Change], say: Words) -> list[str]:
    """ "phone: +33600000001 → +33600000009"; of texts of several lines, the lines."""
    lines = [line for one in changes[:_CHANGES_SHOWN] for line in _change(one, say)]
    more = len(changes) - _CHANGES_SHOWN
    return [*lines, say.count("… and {n} more change", "… and {n} more changes", more)] if more > 0 else lines


def _change(change: Change, say: Words) -> list[str]:
    is_long = "\n" in change.before + change.after or max(len(change.before), len(change.after)) > _VALUE_SHOWN
    if not is_long:
        shown = {"old": one_line(change.before) or "–", "new": one_line(change.after) or "–"}
        return [say.say("{field}: {old} → {new}", field=change.field, **shown)]
    old, new = clean(change.before).splitlines(), clean(change.after).splitlines()
    found = [line for line in difflib.ndiff(old, new) if line[:2] in ("- ", "+ ")]
    lines = [f"  {clip(line, _VALUE_SHOWN)}" for line in found[:_LINES_SHOWN]]
    more = len(found) - len(lines)
    rest = [say.count("… and {n} more line", "… and {n} more lines", more)] if more > 0 else []
    return [f"{one_line(change.field)}:", *lines, *rest]


def _headline(one: Drifted, directory: Directory, say: Words) -> str:
    said = {
        "thing": _named(one, say),
        "who": _who(one.by, directory, say),
        "file": one_line(one.origin.file) if one.origin else "",
        "loaded": say.date(one.origin.at, "UTC") if one.origin else "",
        "at": say.date(one.at, "UTC") if one.at else "–",
    }
    if one.what is Drift.MADE:
        return say.say("{thing} was written by {who} ({at} UTC) and is in no file that was loaded", **said)
    if one.what is Drift.REMOVED and one.origin is None:
        return say.say("{thing} was taken away by {who} ({at} UTC)", **said)
    if one.what is Drift.REMOVED:
        return say.say("{thing} was taken away by {who} ({at} UTC) since {file} was loaded ({loaded} UTC)", **said)
    return say.say("{thing} was edited by {who} ({at} UTC) since {file} was loaded ({loaded} UTC)", **said)


def _named(one: Drifted, say: Words) -> str:
    kind = {
        "person": say.say("the person"),
        "team": say.say("the team"),
        "service": say.say("the service"),
        "runbook": say.say("the runbook"),
        "policy": say.say("the policy"),
        "alert rule": say.say("the alert rule"),
        "alert mapping": say.say("the alert mapping"),
        "heartbeat": say.say("the heartbeat"),
        "override": say.say("the override"),
    }[one.kind]
    return f"{kind} {one_line(one.name)}"


def _who(key: str, directory: Directory, say: Words) -> str:
    """Whoever has a key of the audit log's, as people call them."""
    kind, _, name = key.partition(":")
    if kind == "person":
        found = directory.people.get(name)
        return one_line(found.name) if found else say.say("somebody who is gone")
    if kind == "token":
        return say.say("the token {name}", name=one_line(name))
    return one_line(name or key) if key else say.say("somebody")


def at_home(found: Sequence[Drifted], directory: Directory, say: Words) -> list[Block]:
    """For admins: what a load of the files would undo; nothing when all is as they say."""
    if not found:
        return []
    title = say.count("📝 *{n} edit is not in the files*", "📝 *{n} edits are not in the files*", len(found))
    hint = say.say(
        "The next `vigie load` refuses to undo them: take them over (`vigie drift`), or load with `--force`."
    )
    lines = [title, hint]
    for one in found[:_AT_HOME]:
        lines.append(f"• {kit.escape(_headline(one, directory, say), 400)}")
        lines += [f"    {kit.escape(line, 200)}" for line in changed(one.changes[:_CHANGES_AT_HOME], say)]
        more = len(one.changes) - _CHANGES_AT_HOME
        lines += [f"    {say.count('… and {n} more change', '… and {n} more changes', more)}"] if more > 0 else []
    more = len(found) - _AT_HOME
    lines += [say.count("… and {n} more edit", "… and {n} more edits", more)] if more > 0 else []
    return [kit.section(kit.clip_markup("\n".join(lines), _LONGEST_AT_HOME))]
