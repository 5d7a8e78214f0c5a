"""Vigie's files in the making, from what another tool exported; and what could not be carried over, with why. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.organisation import HANDLE, LONGEST_HANDLE, LONGEST_NAME, SLACK, is_email
from handlers.catalog import dump
from handlers.catalog.organisation import CHANNEL
from handlers.catalog.phones import e164
from handlers.catalog.policies import MOST_STEPS

Document = dict[str, Any]
_ODD = re.compile(r"[^\w.-]+")
_ODD_IN_TOKENS = re.compile(r"[^\w.-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not carried over as it was, and why."""

    subject: str
    reason: str


@dataclass(slots=True)
class House:
    """People, teams and all that, by the ids that the other tool has for them."""

    people: dict[str, Document] = field(default_factory=dict)
    teams: dict[str, Document] = field(default_factory=dict)
    services: list[Document] = field(default_factory=list)
    policies: list[Document] = field(default_factory=list)
    overrides: list[Document] = field(default_factory=list)
    rules: list[Document] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    to_do: list[str] = field(default_factory=list)
    _taken: set[tuple[str, str]] = field(default_factory=set)

    def leave(self, subject: str, reason: str) -> None:
        """Say once that something was not carried over."""
        one = Left(subject, reason)
        if one not in self.left:
            self.left.append(one)

    def unique(self, kind: str, wanted: str, limit: int = LONGEST_NAME) -> str:
        """`wanted`, or that with a number when something of this kind has that name already."""
        name = wanted[:limit].strip() or "unnamed"
        for number in range(1, 10_000):
            tried = name if number == 1 else f"{name[: limit - 6]} {number}"
            tried = tried.replace(" ", "-") if kind in ("person", "token") else tried
            if (kind, tried.casefold()) not in self._taken:
                break
        self._taken.add((kind, tried.casefold()))
        return tried

    def person(self, key: str, said: Document) -> None:
        """Somebody with `username`, `name`, `email`, `phone`, `slack`, `role`, `locale`, `active`, as far as known."""
        username, email = str(said.get("username", "")), str(said.get("email", ""))
        wanted = _ODD.sub("-", username.partition("@")[0] or email.partition("@")[0] or key).strip("-.")
        wanted = wanted if HANDLE.fullmatch(wanted[:LONGEST_HANDLE]) and wanted.casefold() != "team_lead" else "person"
        handle = self.unique("person", wanted, LONGEST_HANDLE)
        made: Document = {"handle": handle, "name": str(said.get("name") or username or handle)[:LONGEST_NAME]}
        made |= {name: said[name] for name in ("role", "locale") if said.get(name)}
        if said.get("active") is False:
            made["active"] = False
        self._address(made, "email", email if is_email(email) else "", email)
        phone = str(said.get("phone", ""))
        self._address(made, "phone", e164(phone), phone)
        slack = str(said.get("slack", ""))
        self._address(made, "slack", slack if SLACK.fullmatch(slack) else "", slack)
        self.people[key] = made

    def _address(self, made: Document, name: str, good: str, written: str) -> None:
        """An address in its form; one that somebody has already, or that is none, is left and told."""
        is_taken = name != "phone" and (name, good.casefold()) in self._taken
        if good and not is_taken:
            made[name] = good
            self._taken.add((name, good.casefold()))
        elif written:
            why = "somebody else has it already" if is_taken else "it is none that Vigie can use"
            self.leave(f"person {made['handle']}, {name} {written}", why)

    def team(self, key: str, name: str) -> Document:
        """The team with this key, made when it is not there yet."""
        if key not in self.teams:
            self.teams[key] = {"name": self.unique("team", name), "members": []}
        return self.teams[key]

    def handle(self, key: str) -> str:
        """Somebody's handle, "" for nobody who was exported."""
        return str(self.people[key]["handle"]) if key in self.people else ""

    def join(self, team: Document, handles: Iterable[str]) -> None:
        """Make people members of a team, each once."""
        team["members"] = list(dict.fromkeys([*team["members"], *(one for one in handles if one)]))

    def token(self, written: str, number: int) -> str:
        """A name for the token that one source sends with, and no other."""
        name = _ODD_IN_TOKENS.sub("-", written.casefold()).strip("-.")
        return self.unique("token", name or f"source-{number}", 60)

    def service(self, name: str, team: Document, token: str) -> None:
        """A service for what one source sends, and the rule that gives it what comes with that source's token."""
        made = self.unique("service", name)
        self.services.append({"name": made, "team": team["name"]})
        rule = {"name": self.unique("alert rule", f"From {made}"), "match": {"token": token}, "service": made}
        self.rules.append(rule)

    def tell_who_pages_nobody(self) -> None:
        """Say which services belong to a team without a policy for whatever no other one is for."""
        paging = {str(one["Team"]) for one in self.policies if one.get("Default")}
        for name in dict.fromkeys(str(one["team"]) for one in self.services):
            if name not in paging:
                self.leave(f"team {name}", "it has no policy by default: what none of its own is for pages nobody")

    def steps(self, subject: str, found: Sequence[Document]) -> dict[int, Document]:
        """A policy's steps by their numbers, as many as it takes."""
        if len(found) > MOST_STEPS:
            self.leave(
                subject, f"it pages {len(found)} times, and a policy {MOST_STEPS} at most: the last are left out"
            )
        return dict(enumerate(found[:MOST_STEPS], 1))

    def files(self) -> dict[str, str]:
        """The files by name; those that would be empty are left out."""
        organisation = {"people": list(self.people.values()), "teams": [_told(team) for team in self.teams.values()]}
        organisation |= {"services": self.services, "overrides": self.overrides}
        written = {
            dump.ORGANISATION: dump.yaml_text({name: value for name, value in organisation.items() if value}),
            dump.POLICIES: dump.documents(self.policies),
            dump.ALERTS: dump.yaml_text({"alert_rules": self.rules} if self.rules else {}),
        }
        return {name: text for name, text in written.items() if text}


def _told(team: Document) -> Document:
    return {name: value for name, value in team.items() if value not in ("", [], {})}


def channel(written: str) -> str:
    """A Slack channel, "" for what is none."""
    return written if CHANNEL.fullmatch(written) else ""
