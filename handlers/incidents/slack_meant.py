"""Which incident somebody means who types a command: the one they name, else the only one that it can be."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import incident_lists as looks
from domain.errors import NotFound
from domain.incidents import Incident, Status
from domain.people import Permission, may
from handlers import forms
from handlers.commands import incident_name, named
from handlers.incidents.service import Detail, IncidentService
from handlers.switchboard import Asked

LOOKED_AT = 100


class Meant:
    """Finds it, or asks which one it is."""

    def __init__(self, incidents: IncidentService) -> None:
        self._incidents = incidents

    async def named(self, asked: Asked, *, is_waiting: bool = False) -> str:
        """The incident that is named, else the only one that can be meant; "" when it was asked which."""
        if asked.said.arguments:
            name = name_in(asked.said.arguments)
            if not name:
                raise NotFound(f"there is no incident {asked.said.arguments[0][:60]}")
            return name
        return await self.only(asked, is_waiting=is_waiting)

    async def only(self, asked: Asked, *, is_waiting: bool = False) -> str:
        """This channel's one open incident, else the only one open at all; of several, the asker is asked which."""
        here, every = await self._incidents.open_ones(asked.channel, LOOKED_AT)
        # Not all have been looked at when there are so many: another one may be meant.
        is_sure = len(every) < LOOKED_AT
        if is_waiting:
            here, every = _waiting(here), _waiting(every)
        candidates = here or every
        if len(candidates) == 1 and is_sure:
            return candidates[0].incident.id
        locale, actor = await asked.locale(), await asked.actor()
        if not candidates:
            await asked.say(looks.nothing_open(locale, is_waiting=is_waiting))
            return ""
        may_acknowledge = may(actor.role, Permission.ACKNOWLEDGE)
        now = self._incidents.now()
        await asked.say(looks.candidates(pairs(candidates), now, locale, may_acknowledge=may_acknowledge))
        return ""

    async def split(self, asked: Asked) -> tuple[str, str]:
        """The incident that what was typed begins with, else the one that can be meant ("" when it was asked which);
        and the rest."""
        text = forms.storable(asked.said.rest)
        said = named(text)
        name, rest = said.incident, said.rest
        if name and not said.is_sure and not await self._is_there(name):
            name, rest = "", text
        return name or await self.only(asked), rest

    async def _is_there(self, name: str) -> bool:
        try:
            await self._incidents.show(name)
        except NotFound:
            return False
        return True


def name_in(arguments: Sequence[str]) -> str:
    return next((name for name in map(incident_name, arguments) if name), "")


def pairs(found: Sequence[Detail]) -> list[tuple[Incident, str]]:
    """Incidents, each with its service's name."""
    return [(detail.incident, detail.directory.service_name(detail.incident.service)) for detail in found]


def _waiting(found: Sequence[Detail]) -> list[Detail]:
    return [detail for detail in found if detail.incident.status is Status.TRIGGERED]
