"""How what leaves is made and handed over, built from the settings, the use cases and the ways out."""

from __future__ import annotations

from bot.engine.deliveries import Deliveries
from bot.engine.drill_files import DrillFiles
from bot.engine.homes import Homes
from bot.engine.notices import Notices
from bot.engine.personal import Personal
from bot.engine.postmortems import PostmortemFiles
from bot.engine.rendering import Renderer
from bot.engine.rooms import WarRooms
from bot.engine.stage import Stage
from bot.engine.telephone import Telephone
from bot.engine.transports import Transports
from bot.settings import Settings
from bot.use_cases import UseCases
from domain.clock import Clock
from storage.store import Store


def build_deliveries(
    settings: Settings, store: Store, clock: Clock, use_cases: UseCases, transports: Transports
) -> Stage:
    """Every kind of parcel's way to its place."""
    domain = settings.sender_address.rpartition("@")[2] or "vigie.invalid"
    slack, links, locale = transports.slack, use_cases.links, settings.locale
    can_reply = bool(transports.sms and transports.sms.can_be_answered)
    can = {"rings_only": settings.rings_only, "can_reply": can_reply}
    renderer = Renderer(locale, links, lambda: use_cases.homes.workspace_url, **can)
    homes = Homes(use_cases.homes, slack)
    notices = Notices(store, slack, transports.addresses, clock, locale)
    telephone = Telephone(transports.phone, links)
    told = (use_cases.contacts, use_cases.trials, use_cases.replies)
    personal = Personal(*told, transports, telephone, clock, links.of_trials, locale, domain)
    files = PostmortemFiles(store, slack, clock, locale)

    def made(ways: Transports) -> Deliveries:
        calls, rooms = Telephone(ways.phone, links), WarRooms(store, ways, renderer, clock)
        return Deliveries(ways, renderer, homes, notices, personal, files, rooms, calls, clock, domain)

    return Stage(transports, made, DrillFiles(store, slack, clock, locale))
