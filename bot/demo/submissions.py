"""What the ack of a view_submission makes of the modal (Slack, surfaces/modals, response actions)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend
from bot.demo.blockkit_elements import SUGGESTED
from bot.demo.errors import ClientTrouble, SlackError
from bot.demo.methods_views import push_view, read_view, replace_body
from bot.demo.records import Call, Change, View
from bot.demo.visible import Placed, options_of


@dataclass(frozen=True)
class Submission:
    """What the person sees after submitting."""

    outcome: Literal["closed", "errors", "updated", "pushed", "cleared"]
    errors: dict[str, str] = field(default_factory=dict)
    view: View | None = None

    @property
    def closed(self) -> bool:
        """Whether the modal went away."""
        return self.outcome in ("closed", "cleared")


def take_answer(slack: Backend, view: View, answer: JSON | None) -> Submission:
    """Do what the app's ack asks; what Slack would not accept is recorded and shown as trouble."""
    call = Call(f"ack view_submission {view.callback_id}", answer or {}, {"ok": True}, slack.now())
    try:
        return _apply(slack, view, answer or {})
    except SlackError as error:
        call.response = error.to_json()
        raise ClientTrouble(f"Slack refuses the answer to {view.title!r}: {call.response}") from error
    finally:
        slack.workspace.record(call)


def take_options(slack: Backend, placed: Placed, answer: JSON | None) -> list[JSON]:
    """The options that the app's ack of a block_suggestion brings; Slack shows none of a wrong answer."""
    found = answer or {}
    call = Call(f"ack block_suggestion {placed.action_id}", found, {"ok": True}, slack.now())
    faults = list(SUGGESTED(found, ""))
    if faults:
        call.response = SlackError("invalid_options", faults).to_json()
    slack.workspace.record(call)
    if faults:
        raise ClientTrouble(f"Slack refuses the options: {faults}")
    return options_of(found)


def _apply(slack: Backend, view: View, answer: JSON) -> Submission:
    match answer.get("response_action"):
        case None:
            _remove(slack, view)
            return Submission("closed")
        case "clear":
            slack.workspace.modals[view.user] = []
            slack.workspace.tell(Change("view", view))
            return Submission("cleared")
        case "errors":
            return Submission("errors", errors=_field_errors(view, answer.get("errors")), view=view)
        case "update":
            replace_body(slack, view, read_view(Arguments(answer), "modal"))
            return Submission("updated", view=view)
        case "push":
            pushed = push_view(slack, view.user, read_view(Arguments(answer), "modal"))
            return Submission("pushed", view=pushed)
    raise SlackError("invalid_response_action")


def _remove(slack: Backend, view: View) -> None:
    stack = slack.workspace.modals.get(view.user, [])
    if view in stack:
        stack.remove(view)
    slack.workspace.tell(Change("view", view))


def _field_errors(view: View, errors: object) -> dict[str, str]:
    """Errors by block_id: only input blocks can show one."""
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors:
        raise SlackError("invalid_errors", ["[ERROR] errors must be an object with at least one field"])
    unknown = sorted(set(errors) - inputs)
    if unknown:
        raise SlackError("invalid_errors", [f"[ERROR] no input block has the block_id {unknown}"])
    if not all(isinstance(text, str) and text for text in errors.values()):
        raise SlackError("invalid_errors", ["[ERROR] each error must be a text"])
    return dict(errors)
