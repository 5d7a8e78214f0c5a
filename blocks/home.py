"""The Home tab: what waits for its reader, whether they are on call and how they are reached, then the catalog.

Each reader's own: in their language, with the buttons that their role may use.
"""

from __future__ import annotations

import json

from blocks import checkups, kit, outages, oversights
from blocks.contacts import ways
from blocks.coverage import coverage
from blocks.drifts import at_home as edits
from blocks.errors import conflict
from blocks.home_rows import incident_rows, row
from blocks.kit import Block
from blocks.people import asked
from blocks.postmortems import at_home
from blocks.sections import sections
from blocks.trends import trends
from blocks.trials import last, rang
from blocks.words import Words, words
from domain.home import LONGEST_SEARCH, Duty, Home, Listing, Place, Section
from domain.incidents import Incident
from domain.people import Permission, may

_DUTIES_SHOWN = 5


def home(shown: Home) -> Block:
    """Somebody's Home tab."""
    say = words(shown.locale)
    owed = at_home(shown.owed, shown.now.date(), say)
    blocks = [*_mine(shown, say), *owed, kit.header(say.say("On call")), *_duty(shown, say)]
    blocks += [*trends(shown.trends, shown.directory, say), *edits(shown.edits, shown.directory, say), kit.divider()]
    blocks += [*_tabs(shown.listing.place, say), *_search(shown, say), *_listing(shown, say)]
    return kit.home(blocks, metadata(shown.listing.place))


def metadata(place: Place) -> str:
    """A place as a view carries it."""
    return json.dumps({"section": place.section.value, "search": place.search, "page": place.page}, ensure_ascii=False)


def _mine(shown: Home, say: Words) -> list[Block]:
    blocks = [kit.header(say.say("For you"))]
    if not shown.mine:
        return [*blocks, kit.section(say.say("🌙 Nothing waits for you."))]
    for incident in shown.mine:
        blocks += incident_rows(shown, incident, say, "mine")
    more = shown.mine_found - len(shown.mine)
    if more > 0:
        blocks.append(kit.context(say.count("… and {n} more incident", "… and {n} more incidents", more)))
    return blocks


def _duty(shown: Home, say: Words) -> list[Block]:
    lines = [_shift(shown, duty, say) for duty in shown.duties[:_DUTIES_SHOWN]]
    if not any(shown.person and duty.person == shown.person.id for duty in shown.duties):
        lines.insert(0, say.say("You are not on call."))
    lines += [_broken(team, shown, say) for team in _own_calendars(shown)]
    if shown.doubts:
        lines += checkups.lines(shown.doubts, shown.person.id if shown.person else "", shown.directory, say)
    lines += coverage(shown.holes, shown.directory, say)
    lines += outages.at_home(shown.outages, say)
    lines += oversights.at_home(shown.oversights, say)
    return [*sections("\n".join(lines)), *_reached(shown, say)]


def _own_calendars(shown: Home) -> list[str]:
    """The teams of the reader whose calendar from outside is not as it should be."""
    broken, teams = shown.directory.broken_calendars, shown.directory.teams
    return [team for team in broken if shown.person and team in teams and teams[team].has(shown.person.id)]


def _broken(team: str, shown: Home, say: Words) -> str:
    said = {"team": kit.name(shown.directory.teams[team].name, 80)}
    reason = kit.escape(conflict(shown.directory.broken_calendars[team], shown.locale), 200)
    return say.say("🚨 {team}: the on-call calendar is not read as it should be: {reason}", reason=reason, **said)


def _shift(shown: Home, duty: Duty, say: Words) -> str:
    team = shown.directory.teams[duty.team]
    until = kit.moment(duty.until, say.date(duty.until, team.on_call.timezone))
    is_me = shown.person is not None and duty.person == shown.person.id
    said = {"team": kit.name(team.name, 80), "name": _called(shown, duty.person), "until": until}
    if is_me:
        line = say.say("📟 *You are on call* for {team} until {until}", **said)
    else:
        line = say.say("📟 {team}: {name} is on call until {until}", **said)
    if not duty.next:
        return line
    if shown.person and duty.next == shown.person.id:
        return say.say("{line}, then you", line=line)
    return say.say("{line}, then {name}", line=line, name=_called(shown, duty.next))


def _called(shown: Home, person: str) -> str:
    found = shown.directory.people.get(person)
    return kit.name(found.name, 80) if found else "–"


def _reached(shown: Home, say: Words) -> list[Block]:
    """How pages find the reader, what became of the last test, and what they can do about both."""
    person = shown.person
    if person is None:
        return _stranger(shown, say)
    told = " · ".join(
        say.say("{label}: {value}", label=label, value=value)
        for label, value in ways(person, shown.directory, say, is_masked=True)
    )
    lines = [say.say("You are reached by: {ways}", ways=told), last(shown.trials, say)]
    buttons = [
        kit.button(say.say("How you are reached"), "contacts.show.v1", person.id),
        kit.button(say.say("🧪 Test me"), "trial.start.v1", "test"),
        *rang(shown.trials, say),
    ]
    return [kit.context(*(line for line in lines if line)), *kit.actions(buttons)]


def _stranger(shown: Home, say: Words) -> list[Block]:
    """Whom to ask; an admin whom the people do not name adds themselves."""
    told = say.say("Vigie does not know you yet: you can't be paged.")
    if may(shown.actor.role, Permission.PEOPLE):
        add = kit.button(say.say("➕ Add me"), "person.new.v1.me", shown.actor.slack or "new", style="primary")
        return [kit.context(told), *kit.actions([add])]
    others = sorted(shown.admins - {person.slack for person in shown.directory.admins})
    names = asked(shown.directory.admins, others, say)
    if names:
        return [kit.context(say.say("{told} Ask an admin: {names}.", told=told, names=names))]
    return [kit.context(say.say("{told} Ask whoever set Vigie up.", told=told))]


def _tabs(place: Place, say: Words) -> list[Block]:
    names = {
        Section.INCIDENTS: say.say("Open incidents"),
        Section.POLICIES: say.say("Policies"),
        Section.RUNBOOKS: say.say("Runbooks"),
        Section.SERVICES: say.say("Services"),
        Section.TEAMS: say.say("Teams"),
        Section.PEOPLE: say.say("People"),
    }
    buttons = [
        kit.button(
            name,
            f"home.go.v1.{section.value}",
            metadata(Place(section)),
            style="primary" if section is place.section else "",
        )
        for section, name in names.items()
    ]
    return kit.actions(buttons)


def _search(shown: Home, say: Words) -> list[Block]:
    place = shown.listing.place
    buttons = [kit.button(say.say("🔍 Search"), "home.search.v1", metadata(place))]
    if place.search:
        whole = metadata(Place(place.section))
        buttons.append(kit.button(say.say("Show all"), "home.go.v1.all", whole))
    return kit.actions([*buttons, *_new(shown, place.section, say)])


def _new(shown: Home, section: Section, say: Words) -> list[Block]:
    """The buttons that make a new one, for whoever may."""
    made = {
        Section.POLICIES: (Permission.POLICIES, [(say.say("➕ New policy"), "policy.new.v1", "new")]),
        Section.RUNBOOKS: (
            Permission.RUNBOOKS,
            [
                (say.say("➕ New runbook"), "runbook.new.v1", "new"),
                (say.say("Import YAML"), "runbook.import.v1", "import"),
            ],
        ),
        Section.SERVICES: (Permission.PEOPLE, [(say.say("➕ New service"), "service.new.v1", "new")]),
        Section.TEAMS: (Permission.PEOPLE, [(say.say("➕ New team"), "team.new.v1", "new")]),
        Section.PEOPLE: (Permission.PEOPLE, [(say.say("➕ New person"), "person.new.v1", "new")]),
    }
    if section not in made:
        return []
    permission, buttons = made[section]
    return [kit.button(*button) for button in buttons] if may(shown.actor.role, permission) else []


def _listing(shown: Home, say: Words) -> list[Block]:
    listing = shown.listing
    blocks = [kit.context(_found(listing, say))]
    for thing in listing.things:
        blocks += incident_rows(shown, thing, say, "all") if isinstance(thing, Incident) else [row(shown, thing, say)]
    return blocks + _pager(listing, say)


def _found(listing: Listing, say: Words) -> str:
    place = listing.place
    if place.search:
        searched = kit.name(place.search, LONGEST_SEARCH)
        return say.count("{n} found for “{search}”", "{n} found for “{search}”", listing.found, search=searched)
    match place.section:
        case Section.INCIDENTS:
            return say.count("{n} open incident", "{n} open incidents", listing.found)
        case Section.POLICIES:
            return say.count("{n} policy", "{n} policies", listing.found)
        case Section.RUNBOOKS:
            return say.count("{n} runbook", "{n} runbooks", listing.found)
        case Section.SERVICES:
            return say.count("{n} service", "{n} services", listing.found)
        case Section.TEAMS:
            return say.count("{n} team", "{n} teams", listing.found)
        case Section.PEOPLE:
            return say.count("{n} person", "{n} people", listing.found)


def _pager(listing: Listing, say: Words) -> list[Block]:
    place = listing.place
    if listing.pages == 1:
        return []
    buttons = []
    if place.page > 1:
        before = Place(place.section, place.search, place.page - 1)
        buttons.append(kit.button(say.say("◀ Previous"), "home.go.v1.previous", metadata(before)))
    if place.page < listing.pages:
        after = Place(place.section, place.search, place.page + 1)
        buttons.append(kit.button(say.say("Next ▶"), "home.go.v1.next", metadata(after)))
    where = say.say("Page {page} of {pages}", page=place.page, pages=listing.pages)
    return [kit.context(where), *kit.actions(buttons)]


def search_title(locale: str) -> str:
    return words(locale).say("Search")


def search_form(place: Place, locale: str) -> Block:
    """Asks what to look for in the section that is shown."""
    say = words(locale)
    asked = kit.text_input(
        "search", say.say("Name, or part of it"), optional=True, limit=LONGEST_SEARCH, value=place.search
    )
    return kit.modal(
        search_title(locale),
        [asked],
        callback="home.search.v1",
        submit=say.say("Search"),
        close=say.say("Cancel"),
        metadata=metadata(place),
    )
