"""Commands when things are not as they should be: a database away, a door that promises what it does not do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.clock import SystemClock
from domain.people import Role
from handlers.commands import Command, Subcommand
from handlers.incidents.service import IncidentService
from handlers.slack import People
from handlers.switchboard import Asked, Switchboard
from storage.store import Store
from tests.integration.bolt_stage import staged

PART = Command("/elsewhere", "Incidents", (Subcommand("list"), Subcommand("show")))


async def answered(asked: Asked) -> None:
    await asked.actor()


def people_of(store: Store, locale: str = "fr", admins: frozenset[str] = frozenset()) -> People:
    async def unknown(_: str) -> str:
        return ""

    return People(IncidentService(store, SystemClock(), lambda: None), admins, locale, unknown)


async def test_a_database_that_does_not_answer_is_said(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/nowhere/vigie.db")
    try:
        board = Switchboard(people_of(store))
        board.answer([PART], dict.fromkeys([("/elsewhere", "list"), ("/elsewhere", "show")], answered))
        async with staged() as stage:
            board.register(stage.app)
            await stage.ada.command("/elsewhere", "list", stage.channel)
            [told] = await stage.workspace.wait_for(lambda: stage.ada.ephemerals)
            assert "La base de données ne répond pas" in told.words
    finally:
        store.close()


@pytest.mark.parametrize("answers", [["list"], ["list", "show", "stats"], []])
def test_what_is_declared_is_what_is_answered(sqlite_url: str, answers: list[str]) -> None:
    store = Store(sqlite_url)
    try:
        board = Switchboard(people_of(store))
        with pytest.raises(ValueError, match="differ"):
            board.answer([PART], {("/elsewhere", name): answered for name in answers})
    finally:
        store.close()


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ({"user": {"id": "U1", "team_id": "T01VIGIE"}}, Role.RESPONDER),
        ({"user": {"id": "U1", "team_id": "T2"}}, Role.VIEWER),
        ({"user_id": "U1", "team_id": "T2"}, Role.VIEWER),
        ({"user_id": "U1", "team_id": "T2", "enterprise_id": "E1"}, Role.RESPONDER),
        ({"user": {"id": "U1", "team_id": "T2"}, "enterprise": {"id": "E1"}}, Role.RESPONDER),
        ({"user": {"id": "U1", "team_id": None}, "enterprise": None}, Role.RESPONDER),
        ({"user": {"id": "UADMIN", "team_id": "T2"}}, Role.ADMIN),
    ],
)
async def test_another_companys_people_only_look(store: Store, body: dict[str, Any], role: Role) -> None:
    """The workspace, or the organisation that it is a part of, is what Slack said of the token."""
    people = people_of(store, admins=frozenset({"UADMIN"}))
    assert (await people.actor(body)).role is not Role.VIEWER, "not known yet: nobody is kept from anything"
    people.homes = frozenset({"T01VIGIE", "E1"})
    assert (await people.actor(body)).role is role
