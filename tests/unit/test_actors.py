"""Who acts, by their Slack id, and what they may do."""

from __future__ import annotations

import pytest

from domain.directory import Directory
from domain.people import Person, Role


@pytest.mark.parametrize(
    ("is_active", "role", "acts_as"),
    [
        (True, Role.ADMIN, Role.ADMIN),
        (True, Role.VIEWER, Role.VIEWER),
        (False, Role.ADMIN, Role.RESPONDER),
        (False, Role.OPERATOR, Role.RESPONDER),
        (False, Role.VIEWER, Role.VIEWER),
    ],
)
def test_whoever_was_switched_off_may_do_no_more_than_a_stranger(is_active: bool, role: Role, acts_as: Role) -> None:
    ada = Person(id="p", handle="ada", name="Ada", slack="U1", role=role, is_active=is_active)
    actor = Directory(people={"p": ada}).actor_by_slack("U1", "")
    assert (actor.role, actor.person) == (acts_as, "p")


def test_nobody_declared_is_a_responder_and_who_the_host_names_an_admin() -> None:
    assert Directory().actor_by_slack("U2", "Bob").role is Role.RESPONDER
    assert Directory().actor_by_slack("U2", "Bob", frozenset({"U2"})).role is Role.ADMIN
