"""Somebody who clicks on anything and types anything, as fast as Slack lets them: for what no story thinks of."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

from bot.demo import payloads
from bot.demo.errors import ConfirmDialog
from bot.demo.inputs import EXTERNAL, STATE_FIELDS, state
from bot.demo.member import Member, Place
from bot.demo.records import Message, View
from bot.demo.submissions import take_answer
from bot.demo.visible import Placed, label, options_of, placed_elements
from bot.manifest import commands, shortcuts
from tests.world import World

JSON = dict[str, Any]
SNIPPETS = (
    "<!channel> <@U01ADA> *bold* `code` ```",
    "{incident.title} {incident.nothing} {labels.pod}",
    "'; drop table incidents; --",
    "é" * 50 + "ß漢字🚨👩‍👩‍👧\u202e\u200b",
    "a\r\nb\nSubject: x",
    "   ",
    "\0\x07",
    "0",
    "-1",
    "Title: x\nService: redis-prod\nSteps: [{title: Do it}]",
    "a: &a [*a]",
    "https://127.0.0.1/x",
    "ada@example.com",
    "+33600000003",
    "2027-03-28 02:30",
)
"""What hurts somewhere: mentions, templates, markup, odd characters, header breaks, YAML, addresses, odd times."""


class Monkey:
    """One person's hands without a head."""

    def __init__(self, world: World, name: str, chance: Random) -> None:
        self.world = world
        self.member: Member = world.outside.slack.member(name)
        self.chance = chance
        self.used: set[str] = set()
        """Action ids and callback ids that were tried."""

    async def act(self) -> None:
        """One thing: mostly in the modal in front, if there is one."""
        view = self.member.view
        if view is not None and self.chance.random() < 0.9:
            await self._in_modal(view)
        elif self.chance.random() < 0.15:
            await self._command()
        elif self.chance.random() < 0.1:
            await self._shortcut()
        else:
            await self._somewhere()

    async def _in_modal(self, view: View) -> None:
        luck = self.chance.random()
        if luck < 0.12:
            await self.member.close(everything=self.chance.random() < 0.3)
        elif luck < 0.5 and "submit" in view.body:
            await self._submit(view)
        elif not await self._touch(view):
            await (self._submit(view) if "submit" in view.body else self.member.close())

    async def _somewhere(self) -> None:
        places: list[Place] = [*self._messages()]
        if self.member.home is None or self.chance.random() < 0.1:
            await self.member.open_home()
        if self.member.home is not None:
            places += [self.member.home] * (len(places) + 1)
        if places:
            await self._touch(self.chance.choice(places))

    def _messages(self) -> list[Message]:
        seen = self.world.outside.workspace.messages
        mine = [one for one in seen if one.ephemeral_for in (None, self.member.id) and not one.deleted]
        return [one for one in mine if self._sees(one) and list(placed_elements(one.blocks))][-12:]

    def _sees(self, message: Message) -> bool:
        channel = self.world.outside.workspace.channels[message.channel]
        return channel.kind == "public" or self.member.id in channel.members

    async def _touch(self, place: Place) -> bool:
        """Any button or menu of it that acts by itself; whether there is one."""
        found = [placed for placed in placed_elements(place.blocks) if _acts(placed)]
        if not found:
            return False
        placed = self.chance.choice(found)
        self.used.add(placed.action_id)
        chosen = {} if placed.element["type"] == "button" else await self._choice(place, placed)
        with suppress(ConfirmDialog):
            await self.member._act(place, placed, chosen, True if "confirm" in placed.element else None, None)
        return True

    async def _submit(self, view: View) -> None:
        """Each field at its limit, or beyond what Slack's own client lets through."""
        self.used.add(view.callback_id)
        wildness = self.chance.choice([0.1, 0.3, 1.0])
        for placed in placed_elements(view.blocks):
            if placed.element["type"] in STATE_FIELDS and self.chance.random() < wildness:
                view.values[placed.block_id][placed.action_id] = await self._filled(view, placed)
        slack, sent = self.member._slack, view.hash
        answer = await slack.sockets.deliver("interactive", payloads.view_submission(slack, self.member.user, view))
        # What an earlier click brought may have come meanwhile: the answer is about fields that nobody sees any more.
        if self.member.view is view and view.hash == sent:
            take_answer(slack, view, answer)

    async def _choice(self, place: Place, placed: Placed) -> JSON:
        if placed.element["type"] == "overflow":
            return {"selected_option": self.chance.choice(options_of(placed.element))}
        if not isinstance(place, View):
            return state(placed.element, self.chance.choice(options_of(placed.element)))
        return await self._filled(place, placed)

    async def _filled(self, view: View, placed: Placed) -> JSON:
        element = placed.element
        kind = element["type"]
        if kind == "plain_text_input":
            return state(element, self._text(element.get("max_length", 3000)))
        if kind in EXTERNAL:
            least = "x" * element.get("min_query_length", 3)
            known = await self.member.suggest(view, placed.action_id, least, block_id=placed.block_id)
            return state(element, self.chance.choice(known) if known else None)
        if kind.startswith(("users", "conversations", "channels")):
            return state(element, self.chance.choice([*self._ids(kind), "UNOBODY", None]))
        if kind in ("checkboxes", "multi_static_select"):
            known = options_of(element)
            return state(element, self.chance.sample(known, self.chance.randint(0, len(known))))
        return state(element, self._typed(element))

    def _ids(self, kind: str) -> list[str]:
        workspace = self.world.outside.workspace
        return list(workspace.users if kind.startswith("users") else workspace.channels)

    def _typed(self, element: JSON) -> Any:
        known = options_of(element)
        return {
            "number_input": self.chance.choice(["0", "5", "-1", "99999999999999999999", "1e5", "NaN", None]),
            "email_text_input": self.chance.choice(["a@b.example", "boss@here", "x" * 300 + "@y.example", None]),
            "url_text_input": self.chance.choice(["https://discord.com/api/webhooks/1/x", "http://10.0.0.1/", None]),
            "datetimepicker": self.chance.choice([1_000_000_000, 1_806_000_000, 9_999_999_999, None]),
            "datepicker": self.chance.choice(["2027-03-28", "1970-01-01", "9999-12-31", None]),
            "timepicker": self.chance.choice(["02:30", "00:00", None]),
            "file_input": [],
        }.get(element["type"], self.chance.choice(known) if known else None)

    def _text(self, most: int) -> str:
        text = self.chance.choice(SNIPPETS)
        length = self.chance.choice([len(text), len(text), most, most + 1, most + 5000])
        return (text * (length // len(text) + 1))[:length]

    async def _command(self) -> None:
        command = self.chance.choice(commands())
        subcommand = self.chance.choice([one.name for one in command.subcommands])
        said = self.chance.choice(["", "help", subcommand, subcommand, f"{subcommand} {self._argument()}"])
        self.used.add(f"{command.name} {subcommand}")
        await self.member.command(command.name, said[:3000], "sre-incidents")

    def _argument(self) -> str:
        return " ".join(self.chance.choice([*SNIPPETS, "redis-prod", "SEV1", "INC-AAAAAA", "SRE Core"]) for _ in "ab")

    async def _shortcut(self) -> None:
        shortcut = self.chance.choice(shortcuts())
        self.used.add(shortcut.callback_id)
        if shortcut.type == "global":
            await self.member.shortcut(shortcut.callback_id)
        elif messages := self._messages():
            await self.member.message_shortcut(shortcut.callback_id, self.chance.choice(messages))


def _acts(placed: Placed) -> bool:
    """Whether using it alone tells the app: a button, a menu of an action, an input that is watched."""
    if placed.block["type"] == "input":
        return bool(placed.block.get("dispatch_action")) and placed.element["type"] in STATE_FIELDS
    return bool(label(placed))
