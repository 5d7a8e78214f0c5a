"""The doors of teams: read in a modal, written in a form, taken away."""

from __future__ import annotations

from slack_bolt.app.async_app import AsyncApp

from blocks import teams as looks
from blocks.kit import Block
from domain.people import Actor
from handlers.commands import Command, Shortcut
from handlers.editing.slack_forms import Doors, Looks
from handlers.slack import Body, People
from handlers.teams import forms as filled
from handlers.teams.service import Editing, Saved, TeamService

COMMANDS: tuple[Command, ...] = ()
SHORTCUTS: tuple[Shortcut, ...] = ()
EVENTS: tuple[str, ...] = ()


def register(app: AsyncApp, teams: TeamService, people: People) -> None:
    """Put the doors of teams in `app`."""

    async def begins(key: str, actor: Actor, body: Body) -> Editing:
        return await teams.begin(key, actor)

    def shown(found: Editing, actor: Actor, locale: str) -> Block:
        return looks.shown(found.team, found.directory, actor, teams.now(), locale)

    kinds = Looks(
        title=looks.title,
        fields=looks.FIELDS,
        form=filled.team,
        shown=shown,
        editor=_editor,
        saved=_saved,
        removed=_removed,
    )
    Doors("team", teams, begins, kinds, people).register(app)


def _editor(found: Editing, locale: str) -> Block:
    return looks.editor(found.team, found.directory, found.channel, found.seen, locale)


def _saved(saved: Saved, locale: str) -> Block:
    return looks.saved(saved.team, locale, is_changed=saved.is_changed)


def _removed(gone: Saved, locale: str) -> Block:
    return looks.removed(gone.team, locale)
