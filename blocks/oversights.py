"""What the engine overlooked, for admins: what did not happen, since when, and whether somebody has to do something."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit
from blocks.words import Words
from domain.oversights import Lapse, Oversight

SHOWN = 5


def at_home(found: Sequence[Oversight], say: Words) -> list[str]:
    """A line for each of the last day, those that stand first."""
    ordered = sorted(found, key=lambda one: one.over_at is not None)
    lines = [_line(one, say) for one in ordered[:SHOWN]]
    if len(ordered) > SHOWN:
        lines.append(say.count("… and {n} more oversight", "… and {n} more oversights", len(ordered) - SHOWN))
    return lines


def _line(one: Oversight, say: Words) -> str:
    since = kit.moment(one.since, say.date(one.since, "UTC") + " UTC")
    told = say.say("{what} (since {since})", what=_what(one, say), since=since)
    if one.is_mended:
        return say.say("🔧 {told}: Vigie has set it right.", told=told)
    if one.over_at:
        return say.say("✅ {told}: it has happened meanwhile.", told=told)
    return say.say("🚨 {told}: not set right. {advice}", told=told, advice=_advice(one, say))


def _what(one: Oversight, say: Words) -> str:
    name = kit.name(one.short_id or one.incident or one.subject, 80)
    words = {
        Lapse.CLIMB_LATE: say.say("{name}: a step of the policy is overdue", name=name),
        Lapse.PARCEL_LATE: say.say("messages wait for too long in {name}", name=name),
        Lapse.LEASE_OVER: say.say("a message was left behind by a process that ended"),
        Lapse.NO_CARD: say.say("{name} has no card in its channel", name=name),
        Lapse.NO_CLIMB: say.say("nobody has {name}, and nobody was going to be paged", name=name),
        Lapse.NOT_SAID: say.say("{name}: nobody was told that the policy is at its end", name=name),
        Lapse.PAGE_LOST: say.say("{name}: a page was decided on and not sent", name=name),
        Lapse.HELD_BACK: say.say("{name}: messages waited for a card that is there", name=name),
    }
    return words[one.lapse]


def _advice(one: Oversight, say: Words) -> str:
    if one.lapse is Lapse.NO_CARD:
        return say.say("Slack refused the card: is the app in the channel, and does it exist? See the log.")
    if one.lapse is Lapse.PARCEL_LATE:
        return say.say("Look into the log for what the provider answers, and run: vigie doctor")
    return say.say("Look into the log, and restart Vigie; page by hand meanwhile.")
