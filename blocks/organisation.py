"""What the modals of people, teams and services share: what can be done to them, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import inputs, kit
from blocks.kit import Block, Confirm
from blocks.modals import typed_below
from blocks.text import clip, one_line
from blocks.words import Words, words

DEFAULT = "default"
"""The value of "the installation's language"."""
NOBODY = "nobody"
"""The value of "none" in a menu that must have something chosen."""
_TITLE_SHOWN = 80


def changes(kind: str, key: str, name: str, warning: str, say: Words) -> list[Block]:
    """The buttons of whoever may change it; removing asks first."""
    dialog = Confirm(
        say.say("Are you sure?"),
        say.say("{name}: {warning}", name=clip(one_line(name), _TITLE_SHOWN), warning=warning),
        say.say("Remove"),
        say.say("Cancel"),
    )
    return [
        kit.button(say.say("Edit"), f"{kind}.edit.v1", key, style="primary"),
        kit.button(say.say("Remove"), f"{kind}.remove.v1", key, style="danger", confirm=dialog),
    ]


def saved(title: str, name: str, locale: str, *, is_changed: bool, notes: Sequence[str] = ()) -> Block:
    """It is kept, with what there is to know of it."""
    say = words(locale)
    if is_changed:
        told = say.say("✅ *{name}* is saved.", name=kit.name(name))
    else:
        told = say.say("*{name}* is as before.", name=kit.name(name))
    return closing(title, "\n".join((told, *notes)), locale)


def removed(title: str, name: str, locale: str) -> Block:
    return closing(title, words(locale).say("🗑️ *{name}* is gone.", name=kit.name(name)), locale)


def closing(title: str, markdown: str, locale: str, buttons: Sequence[Block] = ()) -> Block:
    """A modal that only says something; the words in it are ours."""
    blocks = [kit.section(markdown), *kit.actions(buttons)]
    return kit.modal(title, blocks, callback="notice.v1", close=words(locale).say("Close"))


def outdated(
    title: str, text: str, action: str, key: str, locale: str, *, typed: Sequence[tuple[str, str]] = ()
) -> Block:
    """Somebody was faster: nothing is overwritten, and what was `typed` (label and text) can be copied."""
    say = words(locale)
    told = say.say("Nothing of yours is saved. Reload to begin again from how it is now.")
    buttons = [kit.button(say.say("Reload"), action, key, style="primary")]
    blocks = [kit.paragraph(text), kit.paragraph(told), *kit.actions(buttons), *typed_below(typed, locale)]
    return kit.modal(title, blocks, callback="notice.v1", close=say.say("Close"))


def language(chosen: str, say: Words, usual: str) -> Block:
    """The field that asks for a language; `usual` is what none means."""
    options = [
        inputs.option(usual, DEFAULT),
        inputs.option("English", "en"),
        inputs.option("Français", "fr"),
    ]
    return inputs.labelled("locale", say.say("Language"), inputs.select(options, chosen or DEFAULT))


def language_name(locale: str, say: Words) -> str:
    """A language as the view of somebody says it."""
    return {"en": "English", "fr": "Français"}.get(locale, say.say("the installation's language"))
