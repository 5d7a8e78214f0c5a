"""How somebody wants to be reached: by which channels first, by which alone while it is not bad. Pure.

It never costs a page: a channel that nobody named comes last, SEV1 is never quiet, and what would leave no channel at
all is not applied.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.channels import Channel
from domain.severities import Severity

LOUDEST_FIRST = (Channel.SMS, Channel.PHONE, Channel.SLACK, Channel.EMAIL)
"""How somebody is tried who has said nothing else. A telephone that can't be rung is rarer than an SMS that is lost."""
NEVER_QUIET = Severity.SEV1
_RANK = {severity: rank for rank, severity in enumerate(Severity)}
_ALL = frozenset(Channel)


@dataclass(frozen=True, slots=True)
class Quiet:
    """For incidents of `severity`, and of those below it that have none of their own: these channels only."""

    severity: Severity
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Preferences:
    """`channels` in the order in which they are tried when a page did not arrive; `timezone` is where somebody lives,
    "" for their team's; with `test_pages` a page is tried out on them every month."""

    channels: tuple[Channel, ...] = ()
    quiet: tuple[Quiet, ...] = ()
    timezone: str = ""
    test_pages: bool = True

    def allowed(self, severity: Severity) -> frozenset[Channel]:
        """The channels that may be used for incidents of `severity`."""
        fitting = [one for one in self.quiet if _RANK[one.severity] <= _RANK[severity]]
        if severity is NEVER_QUIET or not fitting:
            return _ALL
        return frozenset(max(fitting, key=lambda one: _RANK[one.severity]).channels)

    def among(self, channels: Sequence[Channel], finding: Sequence[Channel], severity: Severity) -> tuple[Channel, ...]:
        """Those of `channels` to use for an incident of `severity`; none when quiet would leave nothing of those that
        are `finding` somebody, so that it is not applied."""
        allowed = self.allowed(severity)
        kept = tuple(channel for channel in channels if channel in allowed)
        is_all = len(kept) == len(channels)
        return kept if is_all or any(channel in kept for channel in finding) else ()

    def order(self, severity: Severity) -> tuple[Channel, ...]:
        """Every channel in the order in which it is tried: first those that are allowed, then the others."""
        allowed = self.allowed(severity)
        mine = (*self.channels, *(one for one in LOUDEST_FIRST if one not in self.channels))
        return tuple(sorted(mine, key=lambda one: one not in allowed))
