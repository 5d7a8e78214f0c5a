"""A step's shell commands, read far enough to say what they do: which change something, which leave open where."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_SEPARATORS = re.compile(r"&&|\|\||[;|\n`]|\$\(")
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\])*\"|'[^']*'", re.DOTALL)
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
_BEFORE = {"sudo", "do", "then", "else", "time", "exec", "nohup", "$", "!", "("}
"""Words that stand before a command and change nothing about it."""
_ON_THE_SPOT = re.compile(r"\b(?:kubectl|oc|docker|podman|docker-compose)\b.*?\bexec\b|\b(?:ssh|ansible|pdsh)\b")

_CHANGES = re.compile(
    r"""(?<![-\w.])(?:
      (?:kubectl|oc)(?:\s++-[\w-]++(?:=\S++|\s++[^-\s]\S*+)?)*?\s++
        (?:scale|delete|apply|create|patch|replace|set|drain|cordon|uncordon|taint|edit|rollout\s+(?:restart|undo))\b
    | helm\b[^\n|;&]*?\s(?:install|upgrade|rollback|uninstall|delete)\b
    | redis-cli\b[^\n|;&]*?\s
        (?:failover|flushall|flushdb|shutdown|cluster\s+(?:reset|forget|meet)|config\s+set|replicaof|slaveof)\b
    | (?:systemctl|service|supervisorctl|rc-service)\b[^\n|;&]*?\s
        (?:start|stop|restart|reload|disable|enable|kill|mask)\b
    | (?:docker|podman|docker-compose)\b[^\n|;&]*?\s(?:restart|stop|kill|rm|rmi|prune|down|up|run|start)\b
    | (?:pg_ctl|patronictl|repmgr|orchestrator|pcs|crm)\b[^\n|;&]*?\s
        (?:promote|failover|switchover|restart|reload|stop|standby)\b
    | terraform\b[^\n|;&]*?\s(?:apply|destroy)\b
    | git\b[^\n|;&]*?\s(?:revert|reset|push)\b
    | aws\b[^\n|;&]*?\s(?:delete|terminate|reboot|stop|start|update|modify|failover|put|create)-[\w-]+
    | (?:rmdir|truncate|kill|pkill|killall|reboot|shutdown|poweroff|iptables|nft|mkfs(?:\.\w+)?|dd)\s+\S
    | (?:rm|mv)\s+\S
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SQL = re.compile(
    r"\b(?:drop\s+(?:table|database|index|user|schema|view)|truncate\s+table|delete\s+from|insert\s+into"
    r"|update\s+[\w.\"]+\s+set|alter\s+(?:table|system|database|user)|pg_terminate_backend|pg_promote)\b",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r"--dry-run(?!=none)|\bhelp\b|--help\b|\bfailover\s+abort\b", re.IGNORECASE)
_POSTS = re.compile(r"\bcurl\b.*?\s(?:-X|--request)[= ]?(?:POST|PUT|PATCH|DELETE)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words, and whether another one says on what machine it runs (ssh, kubectl exec)."""

    words: tuple[str, ...]
    is_on_the_spot: bool = False

    @property
    def tool(self) -> str:
        return self.words[0].rpartition("/")[2]


def commands(text: str) -> Iterator[Command]:
    """The simple commands of a shell text, without comments; what follows `--` of an `exec` is one of its own."""
    for part in _parts(text):
        words = _words(part)
        if not words:
            continue
        is_on_the_spot = bool(_ON_THE_SPOT.search(part))
        end = words.index("--") if is_on_the_spot and "--" in words else len(words)
        if words[:end]:
            yield Command(words[:end])
        if words[end + 1 :]:
            yield Command(words[end + 1 :], is_on_the_spot=True)


def _parts(text: str) -> list[str]:
    """The text cut where a shell would cut it; quotes are put aside meanwhile."""
    plain = _without_comments(text)
    aside: list[str] = []

    def put_aside(found: re.Match[str]) -> str:
        aside.append(found[0])
        return f"\x00{len(aside) - 1}\x01"

    def put_back(part: str) -> str:
        return re.sub("\x00(\\d+)\x01", lambda found: aside[int(found[1])], part)

    return [put_back(part).strip() for part in _SEPARATORS.split(_QUOTED.sub(put_aside, plain))]


def _without_comments(text: str) -> str:
    joined = text.replace("\x00", "").replace("\x01", "").replace("\\\n", " ")
    return _COMMENT.sub("", joined)


def _words(part: str) -> tuple[str, ...]:
    try:
        words = shlex.split(part)
    except ValueError:
        words = part.split()
    while words and (words[0] in _BEFORE or not words[0] or _ASSIGNMENT.fullmatch(words[0])):
        words = words[1:]
    return tuple(words)


def changing(text: str) -> tuple[str, ...]:
    """The parts of a shell text that change the state of something: restarts, failovers, deletions, writes."""
    return tuple(part for part in _parts(text) if part and _is_changing(part))


def _is_changing(part: str) -> bool:
    if _HARMLESS.search(part) or part.startswith(("echo ", "grep ", "man ")):
        return False
    return any(pattern.search(part) for pattern in (_CHANGES, _SQL, _POSTS))


_HOST = {
    "redis-cli": (r"-h", r"-u", r"-s", r"redis://"),
    "psql": (r"-h", r"--host", r"postgres(?:ql)?://", r"host="),
    "pg_dump": (r"-h", r"--host", r"postgres(?:ql)?://", r"host="),
    "pg_isready": (r"-h", r"--host", r"postgres(?:ql)?://", r"host="),
    "mysql": (r"-h", r"--host", r"mysql://"),
    "mysqladmin": (r"-h", r"--host"),
    "mongosh": (r"--host", r"mongodb(?:\+srv)?://", r"[\w.-]+[:/]\w+"),
    "mongo": (r"--host", r"mongodb(?:\+srv)?://", r"[\w.-]+[:/]\w+"),
    "etcdctl": (r"--endpoints",),
    "nodetool": (r"-h", r"--host"),
    "rabbitmqctl": (r"-n", r"--node"),
    "cqlsh": (r"[\w.-]+\.\w+", r"\d+\.\d+\.\d+\.\d+"),
}
"""What says which server a client talks to."""
_NAMESPACED = ("kubectl", "oc", "helm")
_NAMESPACE = (r"-n", r"--namespace", r"-A", r"--all-namespaces")
_CLUSTER_WIDE = re.compile(
    r"\b(?:config|cluster-info|version|api-resources|api-versions|cordon|uncordon|drain|taint|auth|repo|search"
    r"|nodes?|no|namespaces?|ns|pv|persistentvolumes?|storageclass(?:es)?|sc|clusterroles?|crds?)\b(?!-)"
)
_ON_A_MACHINE = ("systemctl", "service", "journalctl", "supervisorctl")


@dataclass(frozen=True, slots=True)
class Lack:
    """A command that leaves open where it runs: the tool, what would say it, and whether a flag could."""

    tool: str
    flag: str


def lacks(text: str) -> tuple[Lack, ...]:
    """What the commands of a shell text leave open, each tool once. A flag "" is a machine that nobody names."""
    is_remote = bool(re.search(r"\bssh\b|\bansible\b", text))
    found = (_lack(command, is_remote=is_remote) for command in commands(text))
    return tuple(dict.fromkeys(lack for lack in found if lack))


def _lack(command: Command, *, is_remote: bool) -> Lack | None:
    tool = command.tool
    if tool in _NAMESPACED:
        is_said = _has(command, _NAMESPACE) or any(_CLUSTER_WIDE.match(word) for word in command.words[1:3])
        return None if is_said else Lack(tool, "-n")
    if command.is_on_the_spot or is_remote:
        return None
    if tool in _HOST:
        flags = _HOST[tool]
        return None if _has(command, flags) else Lack(tool, flags[0] if flags[0].startswith("-") else "")
    return Lack(tool, "") if tool in _ON_A_MACHINE and not _has(command, ("-H", "--host")) else None


def _has(command: Command, said: tuple[str, ...]) -> bool:
    """Whether one of these flags or addresses is among the words; a flag's value may hang on it, as in -hredis."""
    return any(re.match(rf"(?:{'|'.join(said)})", word) for word in command.words[1:])
