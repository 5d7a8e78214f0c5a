"""Everything that can be refused, by name; translated once, at the edge (handlers/errors.py).

VigieError
├── NotFound         nothing has that name
├── Conflict         the state of now does not allow it
│   ├── Outdated     somebody changed it meanwhile
│   ├── InUse        something else needs it
│   ├── Overwrites   a file would undo what was edited by hand
│   ├── Unfilled     a step names what the incident does not have
│   └── NeedsSecond  nobody may do it alone
├── Invalid          what was given is wrong, field by field
├── Unauthorized     nobody known is asking
├── Forbidden        somebody known, who may not
├── Unavailable      the database does not answer
├── TooMany          this caller asks too often
└── DeliveryError    a provider did not take a message
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.drift import Drifted
from domain.redaction import redacted


class VigieError(Exception):
    """A refusal that somebody will read."""


class NotFound(VigieError):
    """Nothing has that name."""


class Conflict(VigieError):
    """The state of now does not allow it. The message says what that state is and who made it so."""


class Outdated(Conflict):
    """Somebody else changed the same thing meanwhile: to be looked at again before anything is overwritten."""


class InUse(Conflict):
    """Something else needs what was to go; `uses` says what, a sentence each."""

    def __init__(self, uses: Iterable[str]) -> None:
        self.uses = tuple(uses)
        super().__init__(f"still in use: {'; '.join(self.uses)}")


class Overwrites(Conflict):
    """A file would undo what was edited by hand; `edits` says what."""

    def __init__(self, edits: Iterable[Drifted]) -> None:
        self.edits = tuple(edits)
        super().__init__(f"loading would undo what was edited by hand: {', '.join(one.subject for one in self.edits)}")


class Unfilled(Conflict):
    """A step names something that this incident has no value for: nobody can have done it as it stands."""


class NeedsSecond(Conflict):
    """The runbook wants four eyes on it: a second person has to agree."""


class Unauthorized(VigieError):
    """Nobody known is asking."""


class Forbidden(VigieError):
    """The one who asks may not do this."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, and how to mend it."""

    field: str
    message: str
    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.file else ""
        return f"{place}{self.field}: {self.message}" if self.field else f"{place}{self.message}"


class Invalid(VigieError):
    """What was given is wrong; `faults` names every field."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


class OfANewerVersion(VigieError):
    """Written by a newer version that runs beside this one, which knows what it means: left to it."""


class Unavailable(VigieError):
    """The database does not answer; the same request may pass in a moment."""


class TooMany(VigieError):
    """This caller asks too often; `retry_after` seconds from now there is room again."""

    def __init__(self, message: str, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


LONGEST_REST_SECONDS = 300.0
"""Whatever a provider or what stands before it asks for: then it is asked again."""


class DeliveryError(VigieError):
    """A provider did not take a message.

    `permanent`: the same message to the same address will be refused again. `is_mendable`: so will any other, for it is
    the account or the way there that is refused (keys, login, credit, a certificate), until somebody mends that.
    `retry_after`: seconds the provider
    asked for, of its `method`. `ambiguous`: it may have been sent all the same (the answer was lost). `is_outage`: the
    provider itself is away, whatever it was asked. `code`: the provider's own name for its refusal, "" when it gave
    none; `needed`: the permission that it misses. `reason` is kept and shown, so what has the form of a secret is not
    in it.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool,
        is_mendable: bool = False,
        retry_after: float | None = None,
        ambiguous: bool = False,
        code: str = "",
        needed: str = "",
        is_outage: bool = False,
        method: str = "",
    ) -> None:
        self.reason = redacted(reason)
        super().__init__(self.reason)
        self.permanent = permanent
        self.is_mendable = is_mendable
        self.retry_after = None if retry_after is None else min(max(0.0, retry_after), LONGEST_REST_SECONDS)
        self.ambiguous = ambiguous
        self.code = code
        self.needed = needed
        self.is_outage = is_outage
        self.method = method
