"""Pure: what the form of a person sends, turned into arguments. Nothing in it is taken on trust."""

from __future__ import annotations

from dataclasses import dataclass

from domain.organisation import LONGEST_EMAIL, LONGEST_HANDLE, LONGEST_NAME, LONGEST_PHONE
from domain.people import Role
from handlers import forms
from handlers.forms import Body

LOCALES = ("en", "fr")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonForm:
    """A person as a form says them; `phone` as it was typed. `slack` is None for "as before"."""

    name: str
    handle: str
    email: str
    phone: str
    slack: str | None
    role: Role
    locale: str
    is_active: bool


def person(body: Body) -> PersonForm:
    """What the form of a person says."""
    boxes = forms.ticked(body, "flags")
    role = forms.chosen(body, "role")
    picked = forms.picked(body, "slack", "selected_user")
    return PersonForm(
        name=" ".join(forms.typed(body, "name").split())[:LONGEST_NAME],
        handle=forms.typed(body, "handle").removeprefix("@")[:LONGEST_HANDLE],
        email=forms.typed(body, "email")[:LONGEST_EMAIL],
        phone=forms.typed(body, "phone")[:LONGEST_PHONE],
        slack="" if "unlink" in boxes else picked or None,
        role=Role(role) if role in list(Role) else Role.OPERATOR,
        locale=locale(body),
        is_active="active" in boxes,
    )


def locale(body: Body) -> str:
    """The language that is chosen, "" for the installation's."""
    chosen = forms.chosen(body, "locale")
    return chosen if chosen in LOCALES else ""
