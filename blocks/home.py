"""The app's Home tab: what is mine, am I on call, how am I reached; then the catalog, a page of a section at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blocks import catalog, kit
from blocks.catalog import Row as Named
from blocks.incident_lists import state
from blocks.incidents import title_of
from blocks.kit import Block, Message
from blocks.words import Words, words
from domain.incidents import Incident, Status
from domain.people import Person, Service, Team

SECTION = "home.section.v1"
TURN = "home.turn.v1"
SEARCH = "home.search.v1"
A_PAGE = 15
MINE_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """A shift of the reader's, running (`until`) or to come (`since`), and who has the next one."""

    team: str
    since: datetime | None = None
    until: datetime | None = None
    next_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What the reader's own part shows."""

    person: Person | None
    duties: tuple[Duty, ...] = ()
    mine: tuple[tuple[Incident, str], ...] = ()
    open_count: int = 0
    zone: str = "UTC"
    is_reached_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a section: its words, already mrkdwn, and its button (label, action, value), if it has one; or a
    block that is whole already."""

    text: str = ""
    button: tuple[str, str, str] | None = None
    block: Block | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One section: its name, how many rows there are in all, and the page of them from `offset` on."""

    name: str
    count: int
    offset: int = 0
    search: str = ""
    rows: tuple[Row, ...] = ()
    new: tuple[str, str] | None = field(default=None)
    """The label and action of the button that makes another, for who may."""


def sections(say: Words) -> tuple[tuple[str, str], ...]:
    """The sections' names and labels, in their order."""
    return (
        ("", say.say("Mine")),
        ("incidents", say.say("Incidents")),
        ("policies", say.say("Policies")),
        ("runbooks", say.say("Runbooks")),
        ("services", say.say("Services")),
        ("teams", say.say("Teams")),
    )


def home(overview: Overview, section: Section | None, locale: str) -> Block:
    """The whole tab; with a section, that and not the reader's own part."""
    say = words(locale)
    chosen = section.name if section else ""
    blocks = [_tabs(chosen, say), kit.divider()]
    blocks += _section(section, say) if section else _mine(overview, say)
    return {"type": "home", "callback_id": "home.v1", "blocks": blocks[:100]}


def _tabs(chosen: str, say: Words) -> Block:
    buttons = [
        kit.button(label, f"{SECTION}.{name or 'mine'}", name, style="primary" if name == chosen else "")
        for name, label in sections(say)
    ]
    return {"type": "actions", "block_id": "home.sections", "elements": buttons}


def _mine(shown: Overview, say: Words) -> list[Block]:
    blocks = [kit.header(say.say("Your incidents"))]
    if shown.mine:
        blocks += [_incident(one, service, say) for one, service in shown.mine[:MINE_SHOWN]]
    else:
        blocks.append(kit.section(say.say("✅ Nothing waits for you.")))
    if len(shown.mine) > MINE_SHOWN:
        more = len(shown.mine) - MINE_SHOWN
        blocks.append(kit.context(say.count("… and {n} more", "… and {n} more", more)))
    blocks.append(kit.context(say.count("{n} open incident in all", "{n} open incidents in all", shown.open_count)))
    blocks += [kit.header(say.say("Your shifts")), *_duties(shown, say)]
    blocks += [kit.header(say.say("How you are reached")), kit.section(_reached(shown, say))]
    return blocks


def _duties(shown: Overview, say: Words) -> list[Block]:
    if not shown.duties:
        return [kit.section(say.say("You are in no rotation."))]
    return [kit.section(_duty(one, shown.zone, say)) for one in shown.duties[:10]]


def _duty(duty: Duty, zone: str, say: Words) -> str:
    team = f"*{kit.name(duty.team)}*"
    if duty.until:
        end = kit.moment(duty.until, say.date(duty.until, zone))
        line = say.say("🟢 You are on call for {team} until {time}.", team=team, time=end)
    elif duty.since:
        start = kit.moment(duty.since, say.date(duty.since, zone))
        line = say.say("⚪ Your next shift for {team} begins {time}.", team=team, time=start)
    else:
        line = say.say("⚪ You are not on call for {team}.", team=team)
    return f"{line} " + say.say("Next: {name}.", name=kit.name(duty.next_name)) if duty.next_name else line


def _reached(shown: Overview, say: Words) -> str:
    person = shown.person
    if person is None:
        return say.say("⚠️ Vigie does not know you yet: nobody can page you. Ask an admin to add you.")
    ways = [
        (say.say("Slack"), person.slack, say.say("direct messages")),
        (say.say("SMS"), person.phone, _hidden(person.phone)),
        (say.say("E-mail"), person.email, kit.name(person.email)),
    ]
    lines = [f"✅ {label}: {shown_as}" if value else _missing(label, say) for label, value, shown_as in ways]
    return "\n".join(lines)


def _missing(label: str, say: Words) -> str:
    return say.say("⚠️ {channel}: not known. Ask an admin to add it.", channel=label)


def _hidden(phone: str) -> str:
    """A number that a screen shared in a meeting does not give away."""
    return f"{phone[:3]} ••• {phone[-3:]}" if len(phone) > 8 else "•••"


def _section(section: Section, say: Words) -> list[Block]:
    label = dict(sections(say))[section.name]
    blocks = [kit.header(f"{label} ({section.count})"), _search(section, say)]
    if section.new:
        blocks += kit.actions([kit.button(section.new[0], section.new[1], "new", style="primary")])
    if not section.rows:
        blocks.append(kit.section(say.say("Nothing found.")))
    blocks += [_row(row) for row in section.rows[:A_PAGE]]
    return [*blocks, *_pages(section, say)]


def _row(row: Row) -> Block:
    block = row.block or kit.section(row.text)
    if row.button is None:
        return block
    label, action, value = row.button
    return {**block, "accessory": kit.button(label, action, value)}


def _search(section: Section, say: Words) -> Block:
    made = kit.text_input("home.search", say.say("Search"), optional=True, limit=100)
    element: Block = {**made["element"], "action_id": SEARCH}
    element["dispatch_action_config"] = {"trigger_actions_on": ["on_enter_pressed"]}
    if section.search:
        element["initial_value"] = section.search
    # Slack keeps what was typed while the ids stay: another section is another field.
    return {**made, "block_id": f"home.search.{section.name}", "dispatch_action": True, "element": element}


def _pages(section: Section, say: Words) -> list[Block]:
    buttons = []
    if section.offset:
        buttons.append(kit.button(say.say("Previous page"), f"{TURN}.before", str(max(section.offset - A_PAGE, 0))))
    if section.offset + A_PAGE < section.count:
        buttons.append(kit.button(say.say("Next page"), f"{TURN}.more", str(section.offset + A_PAGE)))
    return kit.actions(buttons)


def named_row(named: Named, locale: str, button: tuple[str, str, str]) -> Row:
    """A policy or a runbook."""
    return Row(text=catalog.line(named, words(locale)), button=button)


def service_row(service: Service, team: str, button: tuple[str, str, str] | None = None) -> Row:
    aliases = f" ({kit.name(', '.join(service.aliases))})" if service.aliases else ""
    return Row(text=f"*{kit.name(service.name)}*{aliases}\n{kit.name(team)}", button=button)


def team_row(team: Team, on_call: Sequence[str], locale: str) -> Row:
    say = words(locale)
    names = ", ".join(kit.name(name) for name in on_call) or say.say("🚨 nobody")
    channel = kit.name(team.channel) or say.say("no channel")
    told = say.say("On call: {names}", names=names)
    return Row(text=f"*{kit.name(team.name)}* · {channel}\n{told}")


def open_incident_row(incident: Incident, service: str, locale: str) -> Row:
    return Row(block=_incident(incident, service, words(locale)))


def _incident(incident: Incident, service: str, say: Words) -> Block:
    """An incident in two lines, with the button that helps most: take it, or end it."""
    opened = kit.ago(incident.created_at, say.date(incident.created_at, "UTC"))
    small = " · ".join(
        part for part in (incident.short_id, state(incident, say), opened, kit.name(service, 60)) if part
    )
    button = (
        kit.button(say.say("Acknowledge"), "incident.acknowledge.v1", incident.id, style="primary")
        if incident.status is Status.TRIGGERED
        else kit.button(say.say("Resolve"), "incident.resolve.v1", incident.id)
    )
    return {**kit.section(f"*{kit.name(title_of(incident))}*\n{small}"), "accessory": button}


def reading(title: str, shown: Message, locale: str) -> Block:
    """A policy or a runbook in a modal, for who may only read it."""
    return kit.modal(title, shown.blocks, callback="notice.v1", close=words(locale).say("Close"))


def edit(locale: str) -> str:
    return words(locale).say("Edit")


def show(locale: str) -> str:
    return words(locale).say("Show")


def new_policy(locale: str) -> str:
    return words(locale).say("New policy")


def new_runbook(locale: str) -> str:
    return words(locale).say("New runbook")
