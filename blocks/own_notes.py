"""What Vigie itself writes where people write, put in the reader's language where it is shown."""

from __future__ import annotations

from blocks.words import Phrasebook, Words, words


def _notes(say: Words) -> tuple[str, ...]:
    return (say.say("All alerts ended."), say.say("The drill was stopped."))


NOTES = Phrasebook.of(_notes(words("en")))


def note_of(text: str, say: Words) -> str:
    """A note: ours in the reader's language, a person's as they wrote it."""
    return NOTES.translate(text.strip(), say)
