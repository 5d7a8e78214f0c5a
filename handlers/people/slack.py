"""The doors of people: read in a modal, written in a form, taken away."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp

from blocks import people as looks
from blocks.kit import Block
from domain.people import Actor
from handlers import forms
from handlers.commands import Command, Shortcut
from handlers.editing.slack_forms import Doors, Looks
from handlers.people import forms as filled
from handlers.people.service import Editing, PeopleService, Saved
from handlers.slack import Body, People

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, catalog: PeopleService, people: People) -> None:
    """Put the doors of people in `app`."""

    async def begins(key: str, actor: Actor, body: Body) -> Editing:
        # The button may be of the admin whom the people do not name yet.
        return await catalog.begin(key, actor, slack="" if key else forms.value(body))

    def shown(found: Editing, actor: Actor, locale: str) -> Block:
        return looks.shown(found.person, found.directory, actor, catalog.now(), locale)

    kinds = Looks(
        title=looks.title,
        fields=looks.FIELDS,
        form=filled.person,
        shown=shown,
        editor=_editor,
        saved=_saved,
        removed=_removed,
    )
    Doors("person", catalog, begins, kinds, people).register(app)


def _editor(found: Editing, locale: str) -> Block:
    return looks.editor(found.person, found.seen, locale)


def _saved(saved: Saved, locale: str) -> Block:
    return looks.saved(saved.person, saved.directory, locale, is_changed=saved.is_changed)


def _removed(gone: Saved, locale: str) -> Block:
    return looks.removed(gone.person, locale, is_gone=gone.is_gone)
