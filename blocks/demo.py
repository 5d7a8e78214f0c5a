"""The demo on a terminal: what begins, where something is read, what John does next, and how the night ended."""

from __future__ import annotations

from blocks.words import Words, words

JOHN = "John"


def opening(locale: str) -> tuple[str, str]:
    """What is said while everything starts."""
    say = words(locale)
    return say.say("Starting a Slack workspace, phones and a mailbox…"), say.say("Starting Vigie…")


def address(url: str, locale: str) -> str:
    return words(locale).say("Vigie's demo is at {url} (Ctrl-C stops it)", url=url)


def stopping(locale: str) -> str:
    return words(locale).say("Stopping.")


def pressed_step(number: int, *, is_critical: bool, locale: str) -> str:
    say = words(locale)
    if is_critical:
        return say.say("{name} presses Done on step {step} and confirms: it is critical.", name=JOHN, step=number)
    return say.say("{name} presses Done on step {step}.", name=JOHN, step=number)


def closing(incident: str, acknowledged: float, resolved: float, texts: int, mails: int, locale: str) -> list[str]:
    """How it went, with minutes since the alert, and where to go from here."""
    say = words(locale)
    went = say.say(
        "{id} is over: acknowledged after {acknowledged}, resolved after {resolved}. {texts} and {mails} went out, and "
        "nobody was paged after John had it.",
        id=incident,
        acknowledged=say.minutes(acknowledged),
        resolved=say.minutes(resolved),
        texts=say.count("{n} text message", "{n} text messages", texts),
        mails=say.count("{n} mail", "{n} mails", mails),
    )
    return [
        went,
        say.say("Next: `vigie demo` without --once puts you in the middle of such a night, in a web page."),
        say.say("To run Vigie for your team: README.md, “Run it”."),
    ]


class Place:
    """Where something is read, in one language."""

    def __init__(self, locale: str) -> None:
        self._say: Words = words(locale)

    def channel(self, name: str, *, is_thread: bool, is_edit: bool) -> str:
        if is_thread:
            return self._say.say("{place}, thread", place=f"#{name}")
        return self._say.say("{place}, edited", place=f"#{name}") if is_edit else f"#{name}"

    def direct(self, name: str, *, is_edit: bool) -> str:
        if is_edit:
            return self._say.say("message to {name}, edited", name=name)
        return self._say.say("message to {name}", name=name)

    def phone(self, name: str) -> str:
        return self._say.say("{name}'s phone", name=name)

    def mail(self, name: str) -> str:
        return self._say.say("mail to {name}", name=name)

    def labelled(self, label: str, value: str) -> str:
        return self._say.say("{label}: {value}", label=label, value=value)


def first(title: str, locale: str) -> str:
    return words(locale).say("An alert comes in: {title}", title=title)


def woken(locale: str) -> str:
    return words(locale).say("{name}, woken, presses Acknowledge in Slack.", name=JOHN)


def resolves(locale: str) -> str:
    return words(locale).say("{name} presses Resolve and writes what mended it.", name=JOHN)


def note(locale: str) -> tuple[str, str]:
    """What John writes: what mended it, and the cause."""
    say = words(locale)
    return say.say("Promoted replica 0"), say.say("A full disk on the master")
