"""views.*: modals and home tabs (Slack, reference/methods/views.*)."""

from __future__ import annotations

import secrets

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend, with_ids
from bot.demo.blockkit import refuse_view
from bot.demo.blockkit_blocks import Surface
from bot.demo.errors import SlackError
from bot.demo.inputs import initial_values
from bot.demo.methods_base import Method, raise_refusal
from bot.demo.records import Change, View

STACK_LIMIT = 3


def new_hash(slack: Backend) -> str:
    """A view's hash: when it was made, and something unique."""
    return f"{int(slack.workspace.wall())}.{secrets.token_hex(4)}"


def read_view(args: Arguments, kind: Surface) -> JSON:
    """The view given with a call, checked."""
    body = args.structure("view", "invalid_arguments")
    raise_refusal(refuse_view(body, kind))
    return {**body, "blocks": with_ids(body["blocks"])}


def new_view(slack: Backend, user: str, body: JSON, below: View | None = None) -> View:
    """A view not shown before, on top of another one or on its own."""
    view_id = slack.workspace.new_id("V")
    return View(
        id=view_id,
        user=user,
        body=body,
        hash=new_hash(slack),
        root_view_id=below.root_view_id if below else view_id,
        previous_view_id=below.id if below else None,
        values=initial_values(body["blocks"]),
    )


def show_root(slack: Backend, user: str, body: JSON) -> View:
    """Open a modal in front of a user; what was open before is gone."""
    view = new_view(slack, user, body)
    slack.workspace.modals[user] = [view]
    slack.workspace.tell(Change("view", view))
    return view


def push_view(slack: Backend, user: str, body: JSON) -> View:
    """Put a modal on top of the user's stack, three deep at most."""
    stack = slack.workspace.modals.get(user) or []
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= STACK_LIMIT:
        raise SlackError("push_limit_reached")
    view = new_view(slack, user, body, below=stack[-1])
    stack.append(view)
    slack.workspace.tell(Change("view", view))
    return view


def replace_body(slack: Backend, view: View, body: JSON) -> None:
    """Show new content in a view; what was typed stays where the ids stay."""
    view.body = body
    view.hash = new_hash(slack)
    view.updates += 1
    fresh = initial_values(body["blocks"])
    view.values = {
        block_id: {action_id: view.values.get(block_id, {}).get(action_id, value) for action_id, value in of.items()}
        for block_id, of in fresh.items()
    }
    slack.workspace.tell(Change("view" if view.type == "modal" else "home", view))


def check_hash(args: Arguments, view: View | None) -> None:
    """A given hash has to be the present one; even an empty one counts as given."""
    if "hash" in args and (view is None or args.text("hash") != view.hash):
        raise SlackError("hash_conflict")


async def open_view(slack: Backend, args: Arguments) -> JSON:
    """views.open."""
    body = read_view(args, "modal")
    trigger = slack.triggers.redeem(args.required("trigger_id"))
    return {"view": slack.view_json(show_root(slack, trigger.user, body))}


async def push(slack: Backend, args: Arguments) -> JSON:
    """views.push: only out of a modal."""
    body = read_view(args, "modal")
    trigger = slack.triggers.redeem(args.required("trigger_id"))
    return {"view": slack.view_json(push_view(slack, trigger.user, body))}


async def update(slack: Backend, args: Arguments) -> JSON:
    """views.update, by view_id or external_id."""
    body = read_view(args, "modal")
    view = _named_view(slack, args)
    check_hash(args, view)
    replace_body(slack, view, body)
    return {"view": slack.view_json(view)}


def _named_view(slack: Backend, args: Arguments) -> View:
    if "external_id" in args:
        external_id = args.text("external_id")
        open_modals = (view for stack in slack.workspace.modals.values() for view in stack)
        view = next((view for view in open_modals if view.body.get("external_id") == external_id), None)
    else:
        view = slack.workspace.find_view(args.required("view_id"))
    if view is None:
        raise SlackError("not_found")
    return view


async def publish(slack: Backend, args: Arguments) -> JSON:
    """views.publish: the home tab of one user."""
    body = read_view(args, "home")
    user = slack.user(args.required("user_id"))
    view = slack.workspace.homes.get(user.id)
    check_hash(args, view)
    if view is None:
        view = slack.workspace.homes[user.id] = new_view(slack, user.id, body)
        slack.workspace.tell(Change("home", view))
    else:
        replace_body(slack, view, body)
    return {"view": slack.view_json(view)}


VIEWS = {
    "views.open": Method(open_view, None, "4"),
    "views.push": Method(push, None, "4"),
    "views.update": Method(update, None, "4"),
    "views.publish": Method(publish, None, "4"),
}
