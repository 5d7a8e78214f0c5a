"""The doors of services: read in a modal, written in a form, taken away."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp

from blocks import services as looks
from blocks.kit import Block
from domain.people import Actor
from handlers.commands import Command, Shortcut
from handlers.editing.slack_forms import Doors, Looks
from handlers.services import forms as filled
from handlers.services.service import Editing, Saved, ServiceService
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, services: ServiceService, people: People) -> None:
    """Put the doors of services in `app`."""

    async def begins(key: str, actor: Actor, body: Body) -> Editing:
        return await services.begin(key, actor)

    Doors("service", services, begins, LOOKS, people).register(app)


def _shown(found: Editing, actor: Actor, locale: str) -> Block:
    return looks.shown(found.service, found.directory, actor, locale)


def _editor(found: Editing, locale: str) -> Block:
    return looks.editor(found.service, found.directory, found.seen, locale)


def _saved(saved: Saved, locale: str) -> Block:
    return looks.saved(saved.service, locale, is_changed=saved.is_changed)


def _removed(gone: Saved, locale: str) -> Block:
    return looks.removed(gone.service, locale)


LOOKS = Looks(
    title=looks.title,
    fields=looks.FIELDS,
    form=filled.service,
    shown=_shown,
    editor=_editor,
    saved=_saved,
    removed=_removed,
)
