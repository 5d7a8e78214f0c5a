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
    renderer = Renderer(locale, links, lambda: use_cases.homes.workspace_url)
    homes = Homes(use_cases.homes, slack)
    notices = Notices(store, slack, transports.addresses, clock, locale)
    personal = Personal(use_cases.contacts, use_cases.trials, transports, clock, links.of_trials, locale, domain)
    files = PostmortemFiles(store, slack, clock, locale)

    def made(ways: Transports) -> Deliveries:
        rooms = WarRooms(store, ways, renderer, clock)
        return Deliveries(ways, renderer, homes, notices, personal, files, rooms, clock, domain)

    return Stage(transports, made, DrillFiles(store, slack, clock, locale))
