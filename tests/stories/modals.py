"""Somebody with a modal before them, for stories that are told in modals."""

from __future__ import annotations

from typing import Any

from bot.demo.member import Member
from bot.demo.records import View
from bot.demo.visible import buttons, words
from tests.world import World


class Modal:
    """Somebody with a modal before them."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.member: Member = world.outside.slack.member(name)

    @property
    def view(self) -> View:
        assert self.member.view is not None
        return self.member.view

    @property
    def words(self) -> str:
        return words(self.view.blocks)

    @property
    def buttons(self) -> list[str]:
        return buttons(self.view.blocks)

    async def click(self, button: str, *, confirm: bool | None = None, value: str | None = None) -> None:
        await self.member.click(self.view, button, confirm=confirm, value=value)
        await self.world.settle()

    async def submit(self, values: dict[str, Any] | None = None) -> Any:
        outcome = await self.member.submit(self.view, values or {})
        await self.world.settle()
        return outcome
