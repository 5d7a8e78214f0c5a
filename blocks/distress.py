"""Said when the database stays away: what is wrong, what does not happen now, what to do."""

from __future__ import annotations

from datetime import timedelta

from blocks import kit, text
from blocks import mail as letters
from blocks.kit import Message
from blocks.words import Words, words


def message(lasted: timedelta, locale: str) -> Message:
    """For Slack."""
    say = words(locale)
    wrong, rest = _wrong(lasted, say), _rest(say)
    return Message(f"🆘 {wrong}", [kit.section(f"🆘 *{wrong}*\n{rest}")])


def sms(lasted: timedelta, locale: str) -> str:
    """Short enough to cost one."""
    say = words(locale)
    said = say.say(
        "Vigie can't use its database ({span}): pages may not leave. Watch your monitoring; wake whoever runs Vigie.",
        span=say.span(lasted),
    )
    return text.sms(said, "")


def mail(lasted: timedelta, locale: str) -> tuple[str, str, str]:
    """The subject, text and HTML of an e-mail."""
    say = words(locale)
    wrong = _wrong(lasted, say)
    plain, html = letters.render(heading=wrong, body=_rest(say), language=say.language)
    return f"[Vigie] {wrong}", plain, html


def over(lasted: timedelta, locale: str) -> Message:
    """That it works again."""
    say = words(locale)
    said = say.say(
        "✅ Vigie's database works again, after {span}. What was due leaves now; what sent alerts sends them again.",
        span=say.span(lasted),
    )
    return Message(said, [kit.section(said)])


def _wrong(lasted: timedelta, say: Words) -> str:
    return say.say("Vigie has not been able to use its database for {span}.", span=say.span(lasted))


def _rest(say: Words) -> str:
    return say.say(
        "Until that is mended alerts are refused, pages may not leave, and buttons do nothing. Look at your monitoring "
        "yourself, and wake whoever runs Vigie: its log and `vigie doctor` say what is wrong."
    )
