"""What is the matter with a database, and what mends it, by what libpq and the server say: before there is a connection
there is no code for it."""

from __future__ import annotations

import logging
import re

from domain.errors import Unavailable
from storage.faults import MENDED_BY, Fault, Moved, breaks_a_rule, cause_of, fault_of

log = logging.getLogger(__name__)


def diagnosis(fault: Fault, cause: BaseException | None = None) -> str:
    """What is the matter with the database of a Vigie that runs, and what mends it. Anybody may read it: no host, no
    user, no name of a database, no place of a file."""
    what, remedy = fault.value.partition(";")[0], MENDED_BY[fault]
    if fault is not Fault.AWAY:
        said = "" if cause is None or isinstance(cause, Moved) else cause_of(cause)
        return f"{what}: {remedy}" + (f" ({said})" if said else "")
    orig = getattr(cause, "orig", None)
    # What has a code is said over a connection that is there, of what was asked by it: that took too long, say.
    found = None if getattr(orig, "sqlstate", None) else known(str(orig or "").strip())
    if found is None:
        return f"{what}: {remedy}; the log says more"
    named = dict.fromkeys(("user", "name", "host"), "that DATABASE_URL names")
    return f"{what}: {found[0].format(where='PostgreSQL', **named)}: {found[1].format(user='USER', name='NAME')}"


def explained(error: Unavailable, otherwise: str = "") -> str:
    """The diagnosis of what the store raised; `otherwise`, or its own words, when it was no fault of the database's."""
    fault = fault_of(error.__cause__) if error.__cause__ else None
    return diagnosis(fault, error.__cause__) if fault else otherwise or str(error)


def known(said: str) -> tuple[str, str] | None:
    """What is the case and what mends it, by what libpq and the server said."""
    return next((told for pattern, told in _SAID if re.search(pattern, said, re.IGNORECASE)), None)


def noted_fault(error: BaseException) -> Fault | None:
    """`fault_of` what a transaction raised. That somebody's rule may be what refuses a row is said in the log, for
    nothing else of the database's is the matter then."""
    fault = fault_of(error)
    if fault is None and breaks_a_rule(error):
        log.error("the database refuses a row of Vigie's (%s); `vigie doctor` names somebody's rules", cause_of(error))
    return fault


def is_passing(said: str) -> bool:
    """Whether it is over when the server, or the network, is up."""
    return re.search(_PASSING, said, re.IGNORECASE) is not None


_SAID: tuple[tuple[str, tuple[str, str]], ...] = (
    (
        "password authentication failed|no password supplied",
        ("{where} refuses the user {user}", "mend user and password in DATABASE_URL"),
    ),
    (
        'role "[^"]*" does not exist',
        ("{where} has no user {user}", "make it (createuser --pwprompt {user}), or mend DATABASE_URL"),
    ),
    (
        'database "[^"]*" does not exist',
        ("{where} has no database {name}", "make it (createdb --owner={user} {name}), or mend DATABASE_URL"),
    ),
    (
        'role "[^"]*" is not permitted to log in',
        ("{where} does not let the user {user} log in", "let it (ALTER ROLE {user} LOGIN), or mend DATABASE_URL"),
    ),
    (
        "no pg_hba.conf entry|pg_hba.conf rejects",
        ("{where} does not let the user {user} in from here", "add this machine to the server's pg_hba.conf"),
    ),
    (
        "resolve host|name or service not known|translate host name",
        ("nobody knows the host {host}", "mend the host in DATABASE_URL, or look at DNS"),
    ),
    (
        "connection refused|no such file or directory",
        ("nothing listens for {where}", "start it, or mend host and port in DATABASE_URL"),
    ),
    (
        "lock timeout",
        ("something else holds a table of {where}", "try again when it is done (a backup, say): nothing was changed"),
    ),
    (
        "timeout|timed out",
        ("{where} gives no answer", "mend host and port in DATABASE_URL, or look at the firewall between"),
    ),
    (
        "too many connections for (role|database)",
        (
            "{where} gives the user {user}, or the database, no more connections",
            "raise its limit (ALTER ROLE {user} CONNECTION LIMIT, ALTER DATABASE {name} CONNECTION LIMIT): a Vigie "
            "takes 9",
        ),
    ),
    (
        "not currently accepting connections|does not allow connections",
        ("{where} lets nobody into the database {name}", "let it (ALTER DATABASE {name} ALLOW_CONNECTIONS true)"),
    ),
    (
        "too many clients|remaining connection slots|too many connections|no more connections allowed",
        ("{where} has no connection left", "raise its max_connections (PgBouncer's max_client_conn): a Vigie takes 9"),
    ),
    ("starting up|shutting down", ("{where} starts or stops at the moment", "try again when it is up")),
    (
        "permission denied",
        ("{where} does not let the user {user} do it", "make {user} the owner of the database {name}"),
    ),
    (
        "must be owner of",
        ("{where} has tables of Vigie's that are not {user}'s", "upgrade as their owner (psql's \\dt names them)"),
    ),
    (
        "support SSL|certificate|SSL error: (?!unexpected eof)",
        ("{where} and TLS do not agree", "mend sslmode and sslrootcert at the end of DATABASE_URL"),
    ),
)
_PASSING = (
    "connection refused|no such file or directory|timeout|timed out|temporary failure|too many clients|"
    "remaining connection slots|too many connections|no more connections allowed|not currently accepting connections|"
    "does not allow connections|starting up|shutting down"
)
