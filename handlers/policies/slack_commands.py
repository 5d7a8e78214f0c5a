"""`/policy` in Slack."""

from __future__ import annotations

import re

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.respond.async_respond import AsyncRespond

from blocks import listings
from blocks.kit import Message
from blocks.listings import A_PAGE
from domain.directory import Directory
from domain.errors import NotFound
from domain.policies import Policy
from handlers import forms
from handlers.incidents.service import IncidentService
from handlers.slack import Body, People
from handlers.slack_commands import Asked, Doors, register, show

_LIST = "policy.list.v1"
_PAGES = re.compile(rf"{re.escape(_LIST)}\.(before|more)")


class PolicyCommands:
    """What `/policy` can do."""

    def __init__(self, incidents: IncidentService) -> None:
        self._incidents = incidents

    def doors(self) -> Doors:
        return Doors({"list": self.list, "show": self.show}, {})

    async def list(self, asked: Asked) -> Message:
        return await self.page(asked.rest, 0, asked.locale)

    async def page(self, words: str, offset: int, locale: str) -> Message:
        """A page of the policies whose name or team has these words."""
        directory = await self._incidents.directory()
        found = matching(directory, words)
        shown = [(policy, _team(policy, directory)) for policy in found[offset : offset + A_PAGE]]
        return listings.policies(
            shown, listings.Page(count=len(found), offset=offset, action=_LIST, asked=words[:200]), locale
        )

    async def show(self, asked: Asked) -> Message:
        directory = await self._incidents.directory()
        found = matching(directory, asked.rest)
        exact = [policy for policy in found if policy.name.casefold() == asked.rest.casefold()]
        if len(exact or found) != 1 or not asked.rest:
            raise NotFound("say which policy: its name, or words that only it has (/policy list)")
        policy = (exact or found)[0]
        return listings.policy(policy, _team(policy, directory), asked.locale)


def _team(policy: Policy, directory: Directory) -> str:
    team = directory.teams.get(policy.team)
    return team.name if team else ""


def matching(directory: Directory, words: str) -> list[Policy]:
    """The policies with these words in their name or their team's, by name."""
    wanted = words.casefold()
    found = [one for one in directory.policies.values() if wanted in f"{one.name} {_team(one, directory)}".casefold()]
    return sorted(found, key=lambda policy: policy.name.casefold())


def register_commands(app: AsyncApp, policies: PolicyCommands, people: People) -> None:
    """Put `/policy` in `app`."""
    register(app, "/policy", policies.doors(), people)

    @app.action(_PAGES)
    async def turn(ack: AsyncAck, body: Body, respond: AsyncRespond) -> None:
        await ack()
        offset, _, asked = forms.value(body).partition(":")
        if offset.isascii() and offset.isdigit():
            await show(respond, await policies.page(asked, int(offset), await people.locale(body)), in_place=True)
