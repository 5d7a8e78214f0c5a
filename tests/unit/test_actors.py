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


@pytest.mark.parametrize(("is_active", "acts_as"), [(True, Role.OPERATOR), (False, Role.VIEWER)])
def test_another_companys_people_only_look_unless_the_catalog_still_names_them(is_active: bool, acts_as: Role) -> None:
    kim = Person(id="p", handle="kim", name="Kim", slack="U1", is_active=is_active)
    directory = Directory(people={"p": kim})
    assert directory.actor_by_slack("U1", "", is_elsewhere=True).role is acts_as
    assert directory.actor_by_slack("U2", "Bob", is_elsewhere=True).role is Role.VIEWER
    assert directory.actor_by_slack("U2", "Bob", frozenset({"U2"}), is_elsewhere=True).role is Role.ADMIN
