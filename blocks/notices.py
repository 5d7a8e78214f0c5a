"""What people are told outside incidents: it is your turn, it is not any more, somebody asks you to take a shift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from blocks import checkups, kit, postmortem_actions, postmortems, troubles
from blocks.digests import digest
from blocks.errors import conflict
from blocks.incidents import severity_words
from blocks.kit import Block, Message
from blocks.spans import moment, span
from blocks.timeline import REASONS
from blocks.words import Words, words
from domain.digests import Week
from domain.directory import Directory
from domain.incidents import Incident, Status
from domain.notices import Notice, NoticeKind
from domain.oncall import Shift
from domain.postmortems import Action, Postmortem
from domain.stand_ins import Swap, SwapState

_INCIDENTS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice with the state of now: the open incidents of its teams, and the swap, the week, the post-mortem or
    the action that it is about."""

    notice: Notice
    directory: Directory
    now: datetime
    locale: str
    incidents: Sequence[Incident] = ()
    swap: Swap | None = None
    postmortem: Postmortem | None = None
    action: Action | None = None
    week: Week | None = None

    @property
    def details(self) -> Mapping[str, str]:
        return self.notice.details

    def zone(self, team: str) -> str:
        found = self.directory.teams.get(team)
        return found.on_call.timezone if found else "UTC"


def notice(told: Told) -> Message:
    """The message."""
    say = words(told.locale)
    match told.notice.kind:
        case NoticeKind.COMES_ON:
            return _comes_on(told, say)
        case NoticeKind.GOES_OFF:
            return _goes_off(told, say)
        case NoticeKind.SWAP_ASKED:
            return _swap_asked(told, say)
        case NoticeKind.SWAP_ANSWERED:
            return _said(_answer(told, say), told, say)
        case NoticeKind.CALENDAR:
            return _calendar(told, say)
        case NoticeKind.TROUBLE:
            return troubles.told(told.details, told.locale)
        case NoticeKind.POSTMORTEM_DUE | NoticeKind.ACTION_DUE:
            return _owed(told)
        case NoticeKind.USER_GROUP:
            return _group(told, say)
        case NoticeKind.NOT_REACHED:
            about = told.directory.people.get(told.details.get("about", ""))
            name, slack = (about.name, about.slack) if about else ("–", "")
            return checkups.notice(name, slack, told.details.get("doubts", ""), told.locale)
        case NoticeKind.DIGEST if told.week:
            return digest(told.directory.teams[told.notice.team].name, told.week, told.locale)
        case _:
            return _said(_stands_in(told, say), told, say)


def _group(told: Told, say: Words) -> Message:
    reason = kit.name(REASONS.translate(told.details.get("failure", ""), say), 200)
    group = kit.name(told.details.get("group", ""), 60)
    line = say.say("⚠️ The user group {group} does not follow who is on call: {reason}.", group=group, reason=reason)
    return Message(line, [kit.section(line)])


def _owed(told: Told) -> Message:
    """A document to write, or a promise to keep."""
    said = {name: told.details.get(name, "") for name in ("incident", "short_id", "title", "text", "until")}
    if told.notice.kind is NoticeKind.ACTION_DUE:
        action, text = told.action, said["text"]
        return postmortem_actions.reminder(action, said["short_id"], text, said["until"], told.locale)
    about = (said["incident"], said["short_id"], said["title"], said["until"])
    return postmortems.reminder(told.postmortem, *about, told.locale)


def teams_of(one: Notice) -> tuple[str, ...]:
    """The ids of the teams that a notice is about."""
    return tuple(team for team in one.details.get("teams", one.team).split(",") if team)


def _comes_on(told: Told, say: Words) -> Message:
    names = _teams(told, say)
    title = say.say("📟 You are on call now for {teams}", teams=names)
    lines = [line for team in teams_of(told.notice) for line in _turns(told, team, say)]
    return Message(title, [kit.section(f"*{title}*\n" + "\n".join(lines)), *_open(told, say)])


def _turns(told: Told, team: str, say: Words) -> list[str]:
    mine = [one for one in told.directory.shifts_at(team, told.now) if one.person == told.notice.person]
    return [_turn(told, team, shift, say) for shift in mine]


def _turn(told: Told, team: str, shift: Shift, say: Words) -> str:
    until = moment(shift.end, told.zone(team), say)
    line = say.say("• {team} until {until}", team=_team(told, team), until=until)
    override = next((one for one in told.directory.overrides if one.id == shift.override), None)
    if override is None:
        return line
    if override.instead_of:
        line += " · " + say.say("in the place of {name}", name=_name(told, override.instead_of))
    return line + (f" · {kit.name(override.reason)}" if override.reason else "")


def _goes_off(told: Told, say: Words) -> Message:
    title = say.say("👋 You are no longer on call for {teams}", teams=_teams(told, say))
    lines = []
    for team in teams_of(told.notice):
        others = tuple(kit.name(one.name, 80) for one in told.directory.on_call(team, told.now))
        said = {"team": _team(told, team), "names": say.listed(others)}
        has_it = say.say("• {team}: {names} is on call now", **said) if others else ""
        lines.append(has_it or say.say("• {team}: 🚨 nobody is on call now", team=said["team"]))
    return Message(title, [kit.section(f"*{title}*\n" + "\n".join(lines)), *_open(told, say)])


def _open(told: Told, say: Words) -> list[Block]:
    """What is handed over."""
    if not told.incidents:
        return [kit.context(say.say("🌙 Nothing is open."))]
    title = say.count("*{n} open incident*", "*{n} open incidents*", len(told.incidents))
    lines = [_incident(one, told, say) for one in told.incidents[:_INCIDENTS_SHOWN]]
    if len(told.incidents) > _INCIDENTS_SHOWN:
        lines.append(say.say("The others: {command}", command="`/incident list`"))
    return [kit.section("\n".join([title, *lines]))]


def _incident(incident: Incident, told: Told, say: Words) -> str:
    if incident.status is Status.TRIGGERED:
        state = say.say("❗ Nobody has it yet")
    else:
        who = kit.person(incident.acknowledged_by or "Vigie", incident.acknowledged_slack)
        state = say.say("{name} has it", name=who)
    since = kit.ago(incident.created_at, say.date(incident.created_at, told.zone(incident.team)))
    facts = (severity_words(incident.severity, say), incident.short_id, kit.name(incident.title, 80), since, state)
    return "• " + " · ".join(facts)


def _stands_in(told: Told, say: Words) -> str:
    said = {
        "by": kit.name(told.details.get("by", ""), 80),
        "team": _team(told, told.notice.team),
        "name": _name(told, told.details.get("person", "")),
        "span": _span(told, say),
    }
    match told.notice.kind:
        case NoticeKind.COVERS:
            return say.say("📟 {by} put you on call for {team}: {span}", **said)
        case NoticeKind.RELIEVED:
            return say.say("📟 {name} is on call for {team} in your place: {span}", **said)
        case _:
            return say.say("📟 {by} ended it: {name} does not stand in for {team} any more ({span})", **said)


def _answer(told: Told, say: Words) -> str:
    said = {
        "name": _name(told, told.details.get("asked", "")),
        "team": _team(told, told.notice.team),
        "span": _span(told, say),
    }
    match told.details.get("state"):
        case SwapState.ACCEPTED:
            return say.say("✅ {name} takes your on-call for {team}: {span}", **said)
        case SwapState.REFUSED:
            return say.say("❌ {name} can't take your on-call for {team}: {span}. You stay on call.", **said)
        case _:
            return say.say("⌛ {name} did not answer in time for {team}: {span}. You stay on call.", **said)


def _swap_asked(told: Told, say: Words) -> Message:
    asker = _name(told, told.details.get("asker", ""))
    said = {"name": asker, "team": _team(told, told.notice.team), "span": _span(told, say)}
    text = say.say("🔁 {name} asks you to take their on-call for {team}: {span}", **said)
    blocks = [kit.section(_with_reason(text, told))]
    state = told.swap.state if told.swap else SwapState.EXPIRED
    match state:
        case SwapState.ASKED:
            swap = told.details.get("swap", "")
            accept = kit.button(say.say("Accept"), "swap.accept.v1", swap, style="primary")
            blocks += kit.actions([accept, kit.button(say.say("Refuse"), "swap.refuse.v1", swap)])
        case SwapState.ACCEPTED:
            blocks.append(kit.context(say.say("✅ You accepted: you are on call then.")))
        case SwapState.REFUSED:
            blocks.append(kit.context(say.say("You refused: {name} stays on call.", name=asker)))
        case SwapState.EXPIRED:
            blocks.append(kit.context(say.say("⌛ It is too late to answer: {name} stayed on call.", name=asker)))
    return Message(text, blocks)


def _calendar(told: Told, say: Words) -> Message:
    team, failure = _team(told, told.notice.team), told.details.get("failure", "")
    if not failure:
        return _said(say.say("✅ The on-call calendar of {team} can be read again.", team=team), told, say)
    text = say.say("🚨 The on-call calendar of {team} can't be read.", team=team)
    good = told.details.get("good_at", "")
    lines = [f"*{text}*", say.say("Why: {reason}", reason=kit.escape(conflict(failure, told.locale), 300))]
    if good:
        at = moment(datetime.fromisoformat(good), told.zone(told.notice.team), say)
        lines.append(say.say("Until it can, what it said at {time} counts.", time=at))
    else:
        lines.append(say.say("It was never read: only the rotations count."))
    lines.append(say.say("Mend the address or the file; Vigie looks again every few minutes."))
    return Message(text, [kit.section("\n".join(lines))])


def _said(text: str, told: Told, say: Words) -> Message:
    return Message(text, [kit.section(_with_reason(text, told))])


def _with_reason(text: str, told: Told) -> str:
    reason = told.details.get("reason", "")
    return f"{text}\n“{kit.name(reason, 300)}”" if reason else text


def _span(told: Told, say: Words) -> str:
    start, end = (datetime.fromisoformat(told.details[name]) for name in ("start", "end"))
    return span(start, end, told.zone(told.notice.team), say)


def _teams(told: Told, say: Words) -> str:
    return say.listed(tuple(_team(told, team) for team in teams_of(told.notice)))


def _team(told: Told, team: str) -> str:
    found = told.directory.teams.get(team)
    return kit.name(found.name, 80) if found else "–"


def _name(told: Told, person: str) -> str:
    found = told.directory.people.get(person)
    return kit.name(found.name, 80) if found else "–"
