"""The workspace: the channels that the catalog names can be posted in, and its people are there to be written to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.doctor import plans
from bot.doctor.database import Database
from bot.doctor.findings import Check, Finding, Verdict
from bot.doctor.slack import AREA, Slack, SlackSaysNo
from bot.engine.addresses import is_channel_id
from domain.directory import Directory
from domain.people import Person

_PAGES = 10
_LISTING_SECONDS = 3.0
_PER_PAGE = 1000
_LOOKED_UP = 40
"""Calls of one method: Slack takes some fifty a minute, and the bot that runs beside needs its share."""
_AT_ONCE = 8
_NOT_THERE = frozenset({"channel_not_found", "user_not_found", "users_not_found"})

Channels = dict[str, dict[str, Any]]


class Workspace:
    """The checks of what the catalog counts on in Slack."""

    def __init__(self, slack: Slack, database: Database) -> None:
        self._slack = slack
        self._database = database
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def checks(self) -> list[Check]:
        return [Check(AREA, check) for check in (self.channels, self.people)]

    async def channels(self) -> Finding | None:
        """Whether every channel that teams and policies name can be posted in."""
        directory = await self._database.directory()
        names = plans.places(directory) if directory else ()
        if not names or not await self._slack.is_known():
            return None
        try:
            found, is_whole = await self._find(names)
        except SlackSaysNo as error:
            return _not_looked_up("the channels", error)
        unseen = [name for name in names if name not in found]
        if unseen and not is_whole:
            what = f"this workspace has more channels than could be read, and not yet {', '.join(unseen)}"
            return Finding(AREA, Verdict.WARNING, what, "Name them by their id (C…) in the catalog.")
        faults = [fault for name in names if (fault := _fault_of(name, found.get(name)))]
        if faults:
            what = f"{len(faults)} of {len(names)} channels can't be posted in"
            return Finding(AREA, Verdict.ERROR, what, "\n".join(faults))
        joins = sum(not channel.get("is_member") for channel in found.values())
        later = f"; Vigie joins {joins} of them with its first message" if joins else ""
        return Finding(AREA, Verdict.OK, f"all {len(names)} channels can be posted in{later}")

    async def people(self) -> Finding | None:
        """Whether the catalog's people are in the workspace, those who are paged first."""
        directory = await self._database.directory()
        everybody = _people(directory) if directory else []
        if directory is None or not everybody or not await self._slack.is_known():
            return None
        looked_at = everybody[:_LOOKED_UP]
        try:
            faults = await asyncio.gather(*(self._fault_of_person(person) for person in looked_at))
        except SlackSaysNo as error:
            return _not_looked_up("the people", error)
        wrong = {person.id: fault for person, fault in zip(looked_at, faults, strict=True) if fault}
        rest = f" (looked at {len(looked_at)} of {len(everybody)})" if len(everybody) > len(looked_at) else ""
        if not wrong:
            return Finding(AREA, Verdict.OK, f"all {len(looked_at)} people are in the workspace{rest}")
        verdict = Verdict.ERROR if wrong.keys() & plans.paged(directory).keys() else Verdict.WARNING
        what = f"{len(wrong)} of {len(looked_at)} people can't be written to in Slack{rest}"
        return Finding(AREA, verdict, what, "\n".join(wrong.values()))

    async def _find(self, names: Sequence[str]) -> tuple[Channels, bool]:
        """The channels by the name the catalog has for them, and whether all of Slack's were seen.

        Those whose id is known are asked for one by one, the others are looked for in the workspace's list.
        """
        known = await self._database.channels()
        ids = {name: name if is_channel_id(name) else known.get(_plain(name), "") for name in names}
        asked = [name for name in names if ids[name]][:_LOOKED_UP]
        answers = await asyncio.gather(*(self._info(ids[name]) for name in asked))
        found = {name: answer for name, answer in zip(asked, answers, strict=True) if _is_still(name, answer)}
        wanted = {_plain(name): name for name in names if name not in found and not is_channel_id(name)}
        is_whole = await self._list(wanted, found) if wanted else True
        return {name: channel for name, channel in found.items() if channel}, is_whole

    async def _info(self, channel: str) -> dict[str, Any]:
        """A channel by its id, {} when the bot can't see it."""
        async with self._slots:
            try:
                answer = await self._slack.call("conversations.info", channel=channel)
            except SlackSaysNo as error:
                if error.code not in _NOT_THERE:
                    raise
                return {}
        return dict(answer["channel"])

    async def _list(self, wanted: dict[str, str], found: Channels) -> bool:
        """Fill `found` with what is `wanted` (by Slack's name) and whether the list came to its end."""
        seconds = asyncio.get_running_loop().time
        until, cursor = seconds() + _LISTING_SECONDS, ""
        for _ in range(_PAGES):
            answer = await self._slack.call(
                "conversations.list",
                types="public_channel,private_channel",
                limit=_PER_PAGE,
                **({"cursor": cursor} if cursor else {}),
            )
            for channel in answer.get("channels", ()):
                if name := wanted.get(str(channel["name"])):
                    found[name] = channel
            cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
            if not cursor or all(name in found for name in wanted.values()):
                return True
            if seconds() > until:
                break
        return False

    async def _fault_of_person(self, person: Person) -> str:
        """Why somebody can't be written to, "" when they can."""
        async with self._slots:
            try:
                if person.slack:
                    answer = await self._slack.call("users.info", user=person.slack)
                else:
                    answer = await self._slack.call("users.lookupByEmail", email=person.email)
            except SlackSaysNo as error:
                if error.code not in _NOT_THERE:
                    raise
                return _stranger(person)
        user = answer["user"]
        if user.get("deleted"):
            return (
                f"{person.name} ({user['id']}): this account is deactivated. Take them out of rotations and policies."
            )
        if user.get("is_bot"):
            return f"{person.name} ({user['id']}): this is a bot. Put the person's own id in the catalog."
        return ""


def _people(directory: Directory) -> list[Person]:
    """The active people whom Slack may know, those who are paged first."""
    paged = plans.paged(directory)
    known = [person for person in directory.people.values() if person.is_active and (person.slack or person.email)]
    return sorted(known, key=lambda person: (person.id not in paged, person.handle))


def _stranger(person: Person) -> str:
    if person.slack:
        return f'{person.name}: nobody here has the id {person.slack}. Copy it from their profile, "Copy member ID".'
    return f"{person.name}: nobody here has the address {person.email}. Give their Slack id in the catalog."


def _plain(name: str) -> str:
    return name.removeprefix("#")


def _is_still(name: str, channel: dict[str, Any]) -> bool:
    """Whether the channel found for a name has it still; a channel named by its id has any."""
    return is_channel_id(name) or channel.get("name") == _plain(name)


def _fault_of(name: str, channel: dict[str, Any] | None) -> str:
    """Why a channel can't be posted in, "" when it can."""
    if channel is None:
        return f"{name}: no such channel, or a private one without Vigie. Mend the name, or /invite @Vigie there."
    if channel.get("is_archived"):
        return f"{name}: is archived. Unarchive it, or name another in the catalog."
    if channel.get("is_private") and not channel.get("is_member"):
        return f"{name}: is private, and Vigie is not in it. /invite @Vigie there."
    return ""


def _not_looked_up(what: str, error: SlackSaysNo) -> Finding:
    """Slack would not say: a missing scope is the scopes' own finding, a limit passes."""
    is_passing = error.code in ("ratelimited", "missing_scope")
    remedy = (
        "Try again in a minute." if error.code == "ratelimited" else "Mend what is said of tokens and scopes first."
    )
    return Finding(
        AREA, Verdict.WARNING if is_passing else Verdict.ERROR, f"{what} could not be looked up: {error}", remedy
    )
