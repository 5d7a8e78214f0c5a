"""How what leaves is made and handed over, built from the settings, the use cases and the ways out."""

from __future__ import annotations

import random

from bot.engine.bundles import Bundles
from bot.engine.deliveries import Deliveries, Delivery
from bot.engine.distress import Distress, Manner
from bot.engine.drill_files import DrillFiles
from bot.engine.homes import Homes
from bot.engine.notices import Notices
from bot.engine.personal import Personal
from bot.engine.postmortems import PostmortemFiles
from bot.engine.rendering import Renderer
from bot.engine.rooms import WarRooms
from bot.engine.stage import Stage
from bot.engine.stakeholders import Stakeholders
from bot.engine.telephone import Telephone
from bot.engine.transports import Transports
from bot.engine.user_groups import UserGroups
from bot.engine.worker import Worker
from bot.settings import Settings
from bot.use_cases import UseCases
from domain.clock import Clock
from storage.outbox import Kind
from storage.store import Store


def build_deliveries(
    settings: Settings, store: Store, clock: Clock, use_cases: UseCases, transports: Transports
) -> Bundles:
    """Every kind of parcel's way to its place."""
    domain = _mail_domain(settings)
    slack, links, locale = transports.slack, use_cases.links, settings.locale
    can_reply = bool(transports.sms and transports.sms.can_be_answered)
    can = {"rings_only": settings.rings_only, "can_reply": can_reply}
    renderer = Renderer(locale, links, lambda: use_cases.homes.workspace_url, **can)
    homes = Homes(use_cases.homes, slack)
    notices = Notices(store, transports, clock, locale, domain)
    telephone = Telephone(transports.phone, links)
    told = (use_cases.contacts, use_cases.trials, use_cases.replies)
    personal = Personal(*told, transports, telephone, clock, links.of_trials, locale, domain)
    files = PostmortemFiles(store, slack, clock, locale)

    def made(ways: Transports) -> Deliveries:
        calls, rooms = Telephone(ways.phone, links), WarRooms(store, ways, renderer, clock)
        stakeholders = Stakeholders(store, ways, renderer, clock, domain)
        others: dict[Kind, Delivery] = {
            Kind.ROOM: rooms.deliver,
            Kind.ROOM_LINE: rooms.say,
            Kind.LETTER: stakeholders.deliver,
            Kind.ROUND_UP: stakeholders.round_up,
            Kind.FILE: files.take_out,
            Kind.GROUP: UserGroups(store, ways.groups, clock).deliver,
        }
        return Deliveries(ways, renderer, homes, notices, personal, rooms, calls, others, clock, domain)

    stage = Stage(transports, made, DrillFiles(store, slack, clock, locale))
    return Bundles(stage, store, transports, clock, links.of_storms, locale, domain)


def build_distress(settings: Settings, store: Store, clock: Clock, transports: Transports, worker: Worker) -> Distress:
    """What is left to say when nothing can be written down, or when the engine gets nowhere."""
    is_one_of_many = not store.is_sqlite
    manner = Manner(
        settings.locale,
        _mail_domain(settings),
        settings.admin_users,
        is_one_of_many=is_one_of_many,
        patience=random.randint(0, PATIENCE_LOOKS) if is_one_of_many else 0,
    )
    return Distress(store, clock, transports, manner, lambda: worker.gets_through)


PATIENCE_LOOKS = 4
"""Of several processes that lost their database one is likely to be first."""


def _mail_domain(settings: Settings) -> str:
    """What Message-IDs end with."""
    return settings.sender_address.rpartition("@")[2] or "vigie.invalid"
