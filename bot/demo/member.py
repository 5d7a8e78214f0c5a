"""One person acting in the workspace: what a finger on Slack's client does, and what the eye sees after."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from bot.demo import payloads, responses
from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.errors import ConfirmDialog, SlackError
from bot.demo.inputs import (
    EXTERNAL,
    STATE_FIELDS,
    Answers,
    Values,
    check_complete,
    choose,
    fill,
    find_option,
    initial_values,
)
from bot.demo.methods_files import add_upload
from bot.demo.records import Call, Change, Channel, Message, User, View
from bot.demo.submissions import Submission, take_answer, take_options
from bot.demo.visible import Placed, find, label

Place = Message | View


class Member:
    """A user's hands and eyes; every action returns once the app has acked it, or raises Unacknowledged."""

    def __init__(self, slack: Backend, user: User, events: Collection[str]) -> None:
        self._slack = slack
        self._events = events
        self.user = user

    @property
    def id(self) -> str:
        """The user id."""
        return self.user.id

    # -- what the person sees ------------------------------------------------------------------------

    @property
    def view(self) -> View | None:
        """The modal on top."""
        return self._slack.workspace.modal_of(self.id)

    @property
    def home(self) -> View | None:
        """The app's home tab, once published."""
        return self._slack.workspace.homes.get(self.id)

    @property
    def ephemerals(self) -> list[Message]:
        """Messages only this person sees, in order."""
        messages = self._slack.workspace.messages
        return [m for m in messages if m.ephemeral_for == self.id and not m.deleted]

    @property
    def direct_messages(self) -> list[Message]:
        """The conversation with the bot."""
        workspace = self._slack.workspace
        return workspace.messages_in(workspace.direct_channel(self.id).id)

    async def see_view(self, title: str | None = None, *, timeout: float = 30.0) -> View:
        """Wait for a modal (of that title) to be on top."""

        def shown() -> View | None:
            view = self.view
            return view if view and title in (None, view.title, view.callback_id) else None

        return await self._slack.workspace.wait_for(shown, timeout, f"a modal {title or ''} for {self.user.name}")

    # -- buttons and menus ---------------------------------------------------------------------------

    async def click(
        self,
        place: Place,
        name: str,
        *,
        confirm: bool | None = None,
        value: str | None = None,
        block_id: str | None = None,
        typed: Answers | None = None,
    ) -> bool:
        """Press a button found by its text or action_id; False when its confirm dialog was dismissed.

        `value` and `block_id` tell apart buttons of one name; `typed` is what stands in the inputs around it.
        """
        placed = find(place.blocks, name, value=value, block_id=block_id)
        if placed.element["type"] not in ("button", "icon_button", "workflow_button"):
            raise LookupError(f"{name!r} is a {placed.element['type']}, not a button")
        return await self._act(place, placed, {}, confirm, typed)

    async def select(
        self,
        place: Place,
        name: str,
        choice: Any,
        *,
        confirm: bool | None = None,
        block_id: str | None = None,
        typed: Answers | None = None,
    ) -> bool:
        """Choose in a menu, picker, overflow, radio or checkbox element, found by its placeholder or action_id."""
        placed = find(place.blocks, name, block_id=block_id)
        if placed.element["type"] == "overflow":
            chosen: JSON = {"selected_option": find_option(placed.element, choice)}
        else:
            chosen = choose(placed.element, choice)
        return await self._act(place, placed, chosen, confirm, typed)

    async def suggest(self, view: View, name: str, query: str = "", *, block_id: str | None = None) -> list[JSON]:
        """Type in an external select of a modal: the options that the app offers; one of them can then be chosen."""
        self._check_open(view)
        placed = find(view.blocks, name, block_id=block_id)
        if placed.element["type"] not in EXTERNAL:
            raise LookupError(f"{name!r} is a {placed.element['type']}, whose options are there already")
        if len(query) < placed.element.get("min_query_length", 3):
            raise LookupError(f"{name!r} does not ask for so short a query as {query!r}")
        payload = payloads.block_suggestion(self._slack, self.user, view, placed, query)
        return take_options(self._slack, placed, await self._slack.sockets.deliver("interactive", payload))

    async def _act(
        self, place: Place, placed: Placed, chosen: JSON, confirm: bool | None, typed: Answers | None
    ) -> bool:
        dialog = placed.element.get("confirm")
        if dialog is not None and confirm is None:
            raise ConfirmDialog(dialog)
        if dialog is None and confirm is not None:
            raise LookupError(f"{label(placed)!r} has no confirm dialog to answer")
        if confirm is False:
            return False
        action = payloads.action(placed, chosen, self._slack.workspace.new_ts())
        if isinstance(place, View):
            payload = self._in_view(place, placed, chosen, typed, action)
        else:
            payload = self._in_message(place, placed, chosen, typed, action)
        await self._slack.sockets.deliver("interactive", payload)
        return True

    def _in_view(self, view: View, placed: Placed, chosen: JSON, typed: Answers | None, action: JSON) -> JSON:
        self._check_open(view)
        view.values = _with_choice(fill(view.blocks, view.values, typed or {}), placed, chosen)
        return payloads.view_actions(self._slack, self.user, view, [action])

    def _check_open(self, view: View) -> None:
        if view.user != self.id or self._slack.workspace.find_view(view.id) is not view:
            raise LookupError(f"{self.user.name} has no such view open")

    def _in_message(self, message: Message, placed: Placed, chosen: JSON, typed: Answers | None, action: JSON) -> JSON:
        self._check_sees(message)
        initial = initial_values(message.blocks)
        values = _with_choice(fill(message.blocks, initial, typed or {}), placed, chosen)
        url = self._response_url(message.channel, message.ts)
        return payloads.message_actions(self._slack, self.user, message, [action], values, url)

    def _check_sees(self, message: Message) -> None:
        channel = self._slack.workspace.channels[message.channel]
        hidden = message.ephemeral_for not in (None, self.id)
        private = channel.kind != "public" and self.id not in channel.members
        if message.deleted or hidden or private:
            raise LookupError(f"{self.user.name} does not see that message")

    def _response_url(self, channel_id: str, original_ts: str | None = None) -> str:
        key = self._slack.response_urls.issue(self.id, channel_id, original_ts)
        return f"{self._slack.base_url}/response/{key}"

    # -- modals --------------------------------------------------------------------------------------

    async def submit(self, view: View | None = None, values: Answers | None = None) -> Submission:
        """Fill a modal's inputs (by label, action_id or block_id) and submit it."""
        view = self._top(view)
        if "submit" not in view.body:
            raise LookupError(f"the modal {view.title!r} has no submit button")
        view.values = fill(view.blocks, view.values, values or {})
        check_complete(view.blocks, view.values)
        payload = payloads.view_submission(self._slack, self.user, view)
        answer = await self._slack.sockets.deliver("interactive", payload)
        return take_answer(self._slack, view, answer)

    def file(self, name: str, content: str | bytes) -> JSON:
        """A file of theirs, to be put in a file_input: what it stands for in the form's values."""
        return add_upload(self._slack, self.user, name, content.encode() if isinstance(content, str) else content)

    async def close(self, view: View | None = None, *, everything: bool = False) -> None:
        """Leave the top modal with its close button, or with `everything` the whole stack by its cross."""
        view = self._top(view)
        stack = self._slack.workspace.modals[self.id]
        closed = list(reversed(stack)) if everything or view.body.get("clear_on_close") else [view]
        for each in closed:
            stack.remove(each)
            self._slack.workspace.tell(Change("view", each))
        for each in closed:
            if each.body.get("notify_on_close"):
                payload = payloads.view_closed(self._slack, self.user, each, is_cleared=len(closed) > 1 or everything)
                await self._slack.sockets.deliver("interactive", payload)

    def _top(self, view: View | None) -> View:
        top = self.view
        if top is None or (view is not None and view is not top):
            wanted = view.title if view else "any"
            raise LookupError(f"{self.user.name} has not that modal on top: {wanted!r}")
        return top

    # -- commands and shortcuts ----------------------------------------------------------------------

    async def command(self, command: str, text: str = "", channel: str | Channel | None = None) -> Message | None:
        """Type a slash command; the message that came with the ack, if one did. No channel: the bot's DM."""
        place = self._place(channel)
        url = self._response_url(place.id)
        payload = payloads.slash_command(self._slack, self.user, command, text, place, url)
        answer = await self._slack.sockets.deliver("slash_commands", payload)
        if not answer:
            return None
        return self._show_answer(place, command, answer)

    def _show_answer(self, place: Channel, command: str, answer: JSON) -> Message | None:
        call = Call(f"ack {command}", answer, {"ok": True}, self._slack.now())
        try:
            return responses.show(self._slack, place.id, self.id, Arguments(answer))
        except SlackError as error:
            call.response = error.to_json()
            return None
        finally:
            self._slack.workspace.record(call)

    def _place(self, channel: str | Channel | None) -> Channel:
        if channel is None:
            return self._slack.workspace.direct_channel(self.id)
        return channel if isinstance(channel, Channel) else self._slack.workspace.channel(channel)

    async def shortcut(self, callback_id: str) -> None:
        """Run a global shortcut."""
        payload = payloads.global_shortcut(self._slack, self.user, callback_id)
        await self._slack.sockets.deliver("interactive", payload)

    async def message_shortcut(self, callback_id: str, message: Message) -> None:
        """Run a shortcut out of a message's menu."""
        self._check_sees(message)
        url = self._response_url(message.channel, message.ts)
        payload = payloads.message_shortcut(self._slack, self.user, callback_id, message, url)
        await self._slack.sockets.deliver("interactive", payload)

    # -- what becomes an event -----------------------------------------------------------------------

    async def open_home(self, tab: str = "home") -> None:
        """Open the app's page; the app is told, with the view it published before."""
        channel = self._slack.workspace.direct_channel(self.id)
        event: JSON = {"type": "app_home_opened", "user": self.id, "channel": channel.id, "tab": tab}
        if tab == "home" and self.home is not None:
            event["view"] = self._slack.view_json(self.home)
        await self._event(event, "app_home_opened")

    async def say(self, channel: str | Channel | None, text: str, thread: Message | None = None) -> Message:
        """Write a message; the app is told as far as it is subscribed and a member."""
        workspace, place = self._slack.workspace, self._place(channel)
        message = Message(place.id, workspace.new_ts(), self.id, text, thread_ts=thread.ts if thread else None)
        workspace.add_message(message)
        if self._slack.bot_in(place):
            kind = {"public": "channel", "private": "group"}.get(place.kind, place.kind)
            body = message.to_json() | {"channel": place.id, "team": workspace.team_id}
            plural = {"channel": "channels", "group": "groups"}.get(kind, kind)
            await self._event(body | {"channel_type": kind}, f"message.{plural}")
            if f"<@{workspace.bot.id}>" in text:
                await self._event(body | {"type": "app_mention"}, "app_mention")
        return message

    async def react(self, message: Message, name: str) -> None:
        """Put an emoji under a message; the app is told as far as it is subscribed and a member."""
        self._check_sees(message)
        users = message.reactions.setdefault(name, [])
        users.append(self.id)
        self._slack.workspace.tell(Change("reaction", message))
        if self._slack.bot_in(self._place(self._slack.workspace.channels[message.channel])):
            item: JSON = {"type": "message", "channel": message.channel, "ts": message.ts}
            event: JSON = {"type": "reaction_added", "user": self.id, "reaction": name, "item_user": message.user}
            await self._event(event | {"item": item}, "reaction_added")

    async def _event(self, event: JSON, subscription: str) -> None:
        if subscription in self._events:
            event = event | {"event_ts": self._slack.workspace.new_ts()}
            await self._slack.sockets.deliver_event(payloads.event(self._slack, event))


def _with_choice(values: Values, placed: Placed, chosen: JSON) -> Values:
    """The state with what was just chosen; buttons and overflow menus keep none."""
    if placed.element["type"] in STATE_FIELDS:
        values[placed.block_id][placed.action_id] = chosen
    return values
