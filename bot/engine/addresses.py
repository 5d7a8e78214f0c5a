"""The Slack ids behind what people write: "#channel", an e-mail address, a user's direct channel."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from bot.notifiers.base import Chat
from domain.errors import DeliveryError
from domain.people import VIGIE, Person
from storage import audit, catalog, messages
from storage.store import Store, Transaction, serialise

_CHANNEL_ID = re.compile(r"[CGD][A-Z0-9]{5,}")
_USER_ID = re.compile(r"[UW][A-Z0-9]{2,}")
_LIST_AGAIN_SECONDS = 60.0
_LIST_PATIENCE_SECONDS = 2.0
"""For so long a message waits for the list of a workspace's channels, which takes as long as there are many."""
_ARCHIVED = ("is_archived", "is_inactive")


class Addresses:
    """Answers from memory, then from the database, then from Slack. `seconds` is a monotonic clock of the world, `now`
    the time here."""

    def __init__(self, store: Store, slack: Chat, seconds: Callable[[], float], now: Callable[[], datetime]) -> None:
        self._store = store
        self._slack = slack
        self._seconds = seconds
        self._now = now
        self._known: dict[str, str] = {}
        self._listed_at = float("-inf")
        self._sought_at = float("-inf")
        self._listing: asyncio.Task[None] | None = None
        self._strangers: set[str] = set()
        """Addresses that nobody in the workspace has."""

    async def prepare(self) -> None:
        """Read what was found before, and list the workspace's channels if Slack answers."""
        self._known |= await self._store.read(messages.channels)
        try:
            await self._list()
        except DeliveryError:
            self._listed_at = float("-inf")

    async def link_people(self) -> None:
        """Find by e-mail the Slack ids that the catalog does not have: whoever clicks is then known as who they are."""
        directory = await self._store.read(catalog.directory)
        for person in directory.people.values():
            if person.email and not person.slack and person.is_active and person.email not in self._strangers:
                try:
                    await self._user(person.email)
                except DeliveryError as error:
                    if not error.permanent:
                        return
                    self._strangers.add(person.email)

    async def channel(self, name: str) -> str:
        """The id of a channel; a name that Slack does not list is answered as it is, which Slack accepts too."""
        if is_channel_id(name):
            return name
        plain = name.removeprefix("#")
        if plain not in self._known and (self._is_listing or self._seconds() - self._listed_at > _LIST_AGAIN_SECONDS):
            await self._try_list()
        return self._known.get(plain, name)

    def lane(self, name: str) -> str:
        """One name for a channel, whether it is given by name or by id."""
        if not is_channel_id(name):
            return name.removeprefix("#")
        return next((known for known, channel in self._known.items() if channel == name), name)

    async def elsewhere(self, name: str, channel: str, code: str) -> str:
        """Where `name` leads by now, when Slack refused the `channel` that it led to: deleted and made again, renamed,
        or put away under another name with one made in its stead. "" for nowhere else."""
        if code == "channel_not_found":
            self._known.pop(name.removeprefix("#"), None)
            self._listed_at = float("-inf")
            found = await self.channel(name)
        elif code in _ARCHIVED:
            await self._look_again()
            found = channel if is_channel_id(name) else self._known.get(name.removeprefix("#"), channel)
        else:
            found = channel
        return "" if found == channel else found

    async def _look_again(self) -> None:
        """Once a minute: an archived channel refuses every card."""
        if self._is_listing or self._seconds() - self._sought_at > _LIST_AGAIN_SECONDS:
            self._sought_at = self._seconds()
            with suppress(DeliveryError):
                await self._try_list()

    async def direct(self, address: str) -> str:
        """The direct channel with a user, by id or e-mail address."""
        user = await self.user(address)
        key = f"@{user}"
        if key not in self._known:
            await self._keep({key: await self._slack.direct(user)})
        return self._known[key]

    async def user(self, address: str) -> str:
        """The id of a user, by id or e-mail address."""
        return address if _USER_ID.fullmatch(address) else await self._user(address)

    async def _user(self, email: str) -> str:
        key = f"mailto:{email.casefold()}"
        if key not in self._known:
            await self._keep({key: await self._slack.user_by_email(email)})
        user = self._known[key]
        await self._store.write(lambda tx: link(tx, email, user, self._now()))
        return user

    @property
    def _is_listing(self) -> bool:
        return self._listing is not None and not self._listing.done()

    async def _try_list(self) -> None:
        """Wait for the list, which goes on beside whoever has waited long enough: Slack takes a message by its
        channel's name meanwhile."""
        if self._listing is None or self._listing.done():
            self._listing = asyncio.create_task(self._list(), name="channels")
            self._listing.add_done_callback(_seen)
        try:
            async with asyncio.timeout(_LIST_PATIENCE_SECONDS):
                await asyncio.shield(self._listing)
        except TimeoutError:
            return
        except DeliveryError as error:
            # What Slack limits is the list alone.
            if not error.permanent and error.retry_after is None:
                raise

    async def _list(self) -> None:
        self._listed_at = self._seconds()
        found = {name: channel async for name, channel in self._slack.channels()}
        await self._keep({name: channel for name, channel in found.items() if self._known.get(name) != channel})

    async def _keep(self, found: dict[str, str]) -> None:
        self._known |= found
        if not found:
            return

        def work(tx: Transaction) -> None:
            for name, channel in found.items():
                messages.put_channel(tx, name, channel)

        await self._store.write(work)


def _seen(listing: asyncio.Task[None]) -> None:
    """Nobody may wait for it any more: that it failed is no fault then."""
    if not listing.cancelled():
        listing.exception()


def is_channel_id(name: str) -> bool:
    """Whether a channel is named by its id."""
    return _CHANNEL_ID.fullmatch(name) is not None


def link(tx: Transaction, email: str, user: str, now: datetime) -> Person | None:
    """Give the person who has this address the Slack id found for it, so that their clicks are known as theirs."""
    if _unlinked(tx, email, user):
        # They are written as a whole: looked at once more when nobody else changes them.
        serialise(tx, "catalog")
    person = _unlinked(tx, email, user)
    if person is None:
        return catalog.directory(tx).person_by_email(email)
    audit.record(tx, VIGIE, "person.link", f"person {person.handle}", {"slack": ""}, {"slack": user}, now)
    return catalog.link_slack(tx, person, user)


def _unlinked(tx: Transaction, email: str, user: str) -> Person | None:
    """Who has this address and no Slack id yet, if this one is nobody's."""
    directory = catalog.directory(tx)
    person = directory.person_by_email(email)
    return None if person is None or person.slack or directory.person_by_slack(user) else person
