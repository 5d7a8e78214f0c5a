"""What a person does in the page, done to the workspace: each wish is a small JSON object with a `do`."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

from bot.demo.errors import ClientTrouble, ConfirmDialog, FormIncomplete, SlackError, Unacknowledged
from bot.demo.member import Member
from bot.demo.records import JSON, Message, View
from bot.demo.slack import SlackServer

Wish = dict[str, Any]
Deed = Callable[[Wish], Awaitable[JSON | None]]


class Refused(Exception):
    """Why nothing came of a wish; the page knows the words for `reason`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Hands:
    """A finger on Slack's client, anybody's."""

    def __init__(self, slack: SlackServer) -> None:
        self._slack = slack
        self._deeds: dict[str, Deed] = {
            "click": self._click,
            "select": self._select,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
            "command": self._command,
            "shortcut": self._shortcut,
            "message_shortcut": self._message_shortcut,
            "home": self._home,
            "say": self._say,
        }

    async def do(self, wish: Wish) -> JSON:
        """Do it. Raises Refused with the reason: Slack is away, Vigie does not answer, what was meant is gone."""
        deed = self._deeds.get(str(wish.get("do")))
        if deed is None:
            raise Refused("unknown")
        if self._slack.faults.outage is not None:
            raise Refused("slack_down")
        try:
            return await deed(wish) or {}
        except FormIncomplete as incomplete:
            return {"errors": incomplete.errors}
        except Unacknowledged as silence:
            raise Refused("no_answer") from silence
        except (ClientTrouble, ConfirmDialog, SlackError) as trouble:
            raise Refused("trouble") from trouble
        except (LookupError, TypeError, ValueError) as gone:
            raise Refused("gone") from gone

    def _member(self, wish: Wish) -> Member:
        return self._slack.member(str(wish["as"]))

    def _message(self, place: Any) -> Message:
        channel, ts = place
        message = self._slack.workspace.find_message(str(channel), str(ts))
        if message is None:
            raise LookupError("no such message")
        return message

    def _place(self, wish: Wish) -> Message | View:
        if "message" in wish:
            return self._message(wish["message"])
        view = self._slack.workspace.find_view(str(wish["view"]))
        if view is None:
            raise LookupError("no such view")
        return view

    async def _click(self, wish: Wish) -> None:
        place, action, value = self._place(wish), str(wish["action"]), wish.get("value")
        block = str(wish["block"]) if any(one["block_id"] == wish["block"] for one in place.blocks) else None
        # A message that was edited under the finger has other block ids; the button is the same one.
        await self._member(wish).click(
            place, action, confirm=wish.get("confirm"), value=value, block_id=block, typed=typed(wish)
        )

    async def _select(self, wish: Wish) -> None:
        await self._member(wish).select(
            self._place(wish),
            str(wish["action"]),
            wish.get("chosen"),
            confirm=wish.get("confirm"),
            block_id=str(wish["block"]),
            typed=typed(wish),
        )

    async def _suggest(self, wish: Wish) -> JSON:
        place, block, text = self._place(wish), str(wish["block"]), str(wish.get("text", ""))
        if not isinstance(place, View):
            raise LookupError("only a view has such a menu")
        return {"options": await self._member(wish).suggest(place, str(wish["action"]), text, block_id=block)}

    async def _submit(self, wish: Wish) -> JSON:
        view = self._place(wish)
        member = self._member(wish)
        answers = {name: _given(member, answer) for name, answer in typed(wish).items()}
        outcome = await member.submit(view if isinstance(view, View) else None, answers)
        return {"errors": outcome.errors} if outcome.errors else {}

    async def _close(self, wish: Wish) -> None:
        view = self._place(wish)
        everything = bool(wish.get("everything"))
        await self._member(wish).close(view if isinstance(view, View) else None, everything=everything)

    async def _command(self, wish: Wish) -> None:
        name, _, text = str(wish["text"]).partition(" ")
        await self._member(wish).command(name, text.strip(), str(wish["channel"]))

    async def _shortcut(self, wish: Wish) -> None:
        await self._member(wish).shortcut(str(wish["callback"]))

    async def _message_shortcut(self, wish: Wish) -> None:
        await self._member(wish).message_shortcut(str(wish["callback"]), self._message(wish["message"]))

    async def _home(self, wish: Wish) -> None:
        await self._member(wish).open_home(str(wish.get("tab", "home")))

    async def _say(self, wish: Wish) -> None:
        text = str(wish["text"]).strip()
        if not text or len(text) > 40_000:
            raise ValueError("a message has between 1 and 40,000 characters")
        thread = self._message(wish["thread"]) if wish.get("thread") else None
        await self._member(wish).say(str(wish["channel"]), text, thread)


def typed(wish: Wish) -> dict[tuple[str, str], Any]:
    """What stands in the inputs around, by block and action."""
    state = wish.get("state") or {}
    return {(str(block), str(action)): answer for block, of in state.items() for action, answer in of.items()}


def _given(member: Member, answer: Any) -> Any:
    """Files that the page read, put where Slack keeps files; every other answer as it is."""
    if not (isinstance(answer, list) and answer and all(isinstance(one, dict) and "base64" in one for one in answer)):
        return answer
    return [member.file(str(one["name"]), base64.b64decode(str(one["base64"]))) for one in answer]
