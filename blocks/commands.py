"""The slash commands and shortcuts: names that are public, and words for the list that Slack shows and for help."""

from __future__ import annotations

from dataclasses import dataclass

from blocks import kit
from blocks.kit import Message
from blocks.words import Words, words
from domain.people import Permission, Role, may


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One thing that a command does. `takes` shows its arguments; nobody needs a right when `permission` is None."""

    name: str
    takes: str
    does: str
    permission: Permission | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command."""

    name: str
    does: str
    subcommands: tuple[Subcommand, ...]

    @property
    def hint(self) -> str:
        """What Slack shows while it is typed."""
        return f"[{'|'.join(one.name for one in self.subcommands)}]"


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of Slack's shortcuts. `type` is "global" or "message"."""

    name: str
    callback: str
    type: str
    does: str


def commands(say: Words) -> tuple[Command, ...]:
    """Every command, in the language of `say`."""
    return _incident(say), _runbook(say), _oncall(say), _policy(say)


def command(name: str, say: Words) -> Command:
    """The command of that name, such as "/incident"."""
    return next(one for one in commands(say) if one.name == name)


def _incident(say: Words) -> Command:
    acts = Permission.ACKNOWLEDGE
    return Command(
        "/incident",
        say.say("Incidents: declare, list, acknowledge, resolve"),
        (
            Subcommand(
                "declare",
                say.say("[title]"),
                say.say("open an incident; a form asks for the rest"),
                Permission.DECLARE,
                ("new", "create", "open"),
            ),
            Subcommand("list", say.say("[all|words]"), say.say("the open incidents"), None, ("ls",)),
            Subcommand("show", "INC-…", say.say("one incident, with its buttons"), None, ("view", "status")),
            Subcommand("ack", "[INC-…]", say.say("take it: the escalation stops"), acts, ("acknowledge", "take")),
            Subcommand("resolve", "[INC-…]", say.say("it is over; a form asks for the note"), Permission.RESOLVE),
            Subcommand("escalate", "[INC-…]", say.say("page the next step now"), Permission.ESCALATE),
            Subcommand("note", say.say("INC-… text"), say.say("keep a note in its timeline"), Permission.NOTE),
            Subcommand("timeline", "INC-…", say.say("what happened, and who was paged"), None, ("log", "history")),
        ),
    )


def _runbook(say: Words) -> Command:
    return Command(
        "/runbook",
        say.say("Runbooks: list, read, start one in an incident"),
        (
            Subcommand("list", say.say("[words]"), say.say("the runbooks, by service"), None, ("ls",)),
            Subcommand("show", say.say("title"), say.say("its steps"), None, ("view",)),
            Subcommand(
                "start",
                say.say("title [INC-…]"),
                say.say("start it in an incident"),
                Permission.STEP,
                ("attach", "run"),
            ),
        ),
    )


def _oncall(say: Words) -> Command:
    return Command(
        "/oncall",
        say.say("On call: who is, until when, who is next"),
        (Subcommand("who", say.say("[team]"), say.say("who is on call now, and next"), None, ("now", "list")),),
    )


def _policy(say: Words) -> Command:
    return Command(
        "/policy",
        say.say("Escalation policies: list, read"),
        (
            Subcommand("list", say.say("[words]"), say.say("the policies, by team"), None, ("ls",)),
            Subcommand("show", say.say("name"), say.say("its steps: who is paged when, and how"), None, ("view",)),
        ),
    )


def shortcuts(say: Words) -> tuple[Shortcut, ...]:
    """Every shortcut, in the language of `say`; Slack allows 24 characters for a name."""
    return (
        Shortcut(
            say.say("Declare an incident"), "incident.declare", "global", say.say("Open an incident and page its team")
        ),
        Shortcut(
            say.say("Make an incident of this"),
            "incident.declare_from",
            "message",
            say.say("Open an incident with this message as its description"),
        ),
        Shortcut(
            say.say("Add to the timeline"),
            "incident.note_from",
            "message",
            say.say("Keep this message in an incident's timeline"),
        ),
    )


def help_message(name: str, role: Role, locale: str, unknown: str = "", near: str = "") -> Message:
    """What a command can do for somebody of that role; with `unknown`, first that it can't do that."""
    say = words(locale)
    told = command(name, say)
    mine = [one for one in told.subcommands if one.permission is None or may(role, one.permission)]
    lines = [f"`{name} {one.name}{f' {one.takes}' if one.takes else ''}`  {one.does}" for one in mine]
    heading = f"*{told.does}*"
    if unknown:
        heading = say.say("{command} has no “{word}”.", command=f"*{name}*", word=kit.name(unknown, 60))
        if near:
            heading += " " + say.say("Did you mean {command}?", command=f"`{name} {near}`")
    return Message(f"{name}: {told.does}", [kit.section(heading), kit.section("\n".join(lines))])
