"""The people: whoever is paged can be reached by what is set up, and somebody is on call."""

from __future__ import annotations

from bot.doctor import plans
from bot.doctor.database import Database
from bot.doctor.findings import Check, Finding, Verdict
from bot.settings import Settings
from domain.directory import Directory
from domain.escalations import address_of
from domain.incidents import Severity
from domain.people import Person
from domain.policies import Channel, Policy

AREA = "people"
_WORDS = {Channel.SLACK: "Slack id or e-mail address", Channel.SMS: "phone number", Channel.EMAIL: "e-mail address"}
_TURNED_ON_BY = {
    Channel.SLACK: ("SLACK_BOT_TOKEN and SLACK_APP_TOKEN", "Slack"),
    Channel.SMS: ("The four OVH_… keys", "SMS"),
    Channel.EMAIL: ("SMTP_URL", "e-mail"),
    Channel.PHONE: ("PHONE_PROVIDER", "telephone calls"),
}
_MEND = "Write it in the people of your catalog and `vigie load` the file."


class Reach:
    """The checks of the catalog itself."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._on = settings.channels

    @property
    def checks(self) -> list[Check]:
        return [Check(AREA, check) for check in (self.addresses, self.ways, self.rotations, self.policies)]

    async def addresses(self) -> Finding | None:
        """Whether everybody who is paged has what they are paged by, and a second way."""
        directory = await self._database.directory()
        paged = plans.paged(directory) if directory else {}
        if directory is None or not paged:
            return None
        people = [(directory.people[identity], channels) for identity, channels in paged.items()]
        unreachable = [person for person, _ in people if not _ways(person)]
        lines = [f"{person.name} has nothing that a message could go to." for person in unreachable]
        lines += [
            f"{person.name} has no {_missing(person, channels)}."
            for person, channels in people
            if person not in unreachable and _missing(person, channels)
        ]
        if not lines:
            return Finding(AREA, Verdict.OK, f"{len(people)} people are paged, and all have a phone, e-mail and Slack")
        verdict = Verdict.ERROR if unreachable else Verdict.WARNING
        what = f"{len(lines)} of the {len(people)} people who are paged can't be reached every way"
        return Finding(AREA, verdict, what, "\n".join([*lines, _MEND]))

    async def ways(self) -> Finding | None:
        """Whether a channel that is on finds everybody who is paged and has an address."""
        directory = await self._database.directory()
        paged = [directory.people[identity] for identity in plans.paged(directory)] if directory else []
        cut_off = [person for person in paged if _ways(person) and not _ways(person) & self._on]
        if not cut_off:
            return None
        which = "no channel is" if not self._on else "the channels for their addresses are not"
        what = f"{len(cut_off)} of the {len(paged)} people who are paged can't be reached: {which} set up"
        useful = frozenset[Channel]().union(*map(_ways, cut_off))
        lines = [f"{setting} for {name}." for channel, (setting, name) in _TURNED_ON_BY.items() if channel in useful]
        return Finding(AREA, Verdict.ERROR, what, "\n".join(["Set at least one:", *lines]))

    async def rotations(self) -> Finding | None:
        """Whether every team that a policy pages by who is on call has somebody in a rotation."""
        directory = await self._database.directory()
        teams = plans.unmanned(directory) if directory else ()
        if not teams:
            return None
        what = f"nobody is ever on call for {', '.join(team.name for team in teams)}, and policies page who is"
        return Finding(AREA, Verdict.ERROR, what, "Give each an `on_call` with a rotation, and `vigie load` the file.")

    async def policies(self) -> Finding | None:
        """Whether there is anything to page by, for every team and severity."""
        directory = await self._database.directory()
        if directory is None:
            return None
        if not directory.services and not directory.teams:
            what = "the catalog is empty: no teams, no services"
            return Finding(AREA, Verdict.WARNING, what, "`vigie load FILE…` fills it.")
        gaps = _gaps(directory)
        if not gaps:
            return None
        is_any_silent = any(len(severities) == len(Severity) for severities in gaps.values())
        lines = [f"{team}: {', '.join(severities)}." for team, severities in gaps.items()]
        remedy = "Write a policy for them, or one with `Default: true` for everybody."
        verdict = Verdict.ERROR if is_any_silent else Verdict.WARNING
        return Finding(AREA, verdict, "incidents that no policy pages anybody for", "\n".join([*lines, remedy]))


def _ways(person: Person) -> frozenset[Channel]:
    """The channels that find somebody, set up or not."""
    return frozenset(channel for channel in Channel if address_of(person, channel))


def _missing(person: Person, channels: frozenset[Channel]) -> str:
    """What somebody should have: what policies page them by, a phone and an e-mail address in any case."""
    wanted = {Channel.SLACK, Channel.SMS, Channel.EMAIL} | (channels - {Channel.PHONE})
    missing = [_WORDS[channel] for channel in _WORDS if channel in wanted and not address_of(person, channel)]
    return " nor ".join(missing)


def _gaps(directory: Directory) -> dict[str, list[str]]:
    """The severities for which a team's incidents page nobody, by the team's name."""
    gaps = {
        team.name: [severity.value for severity in Severity if not _pages(directory.policy_for(team.id, severity))]
        for team in directory.teams.values()
    }
    return {team: severities for team, severities in gaps.items() if severities}


def _pages(policy: Policy | None) -> bool:
    return policy is not None and bool(policy.live_steps)
