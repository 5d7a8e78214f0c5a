"""What is answered to an SMS: one part, in GSM-7 where possible."""

from __future__ import annotations

from collections.abc import Mapping

from blocks import errors, text
from blocks.words import words
from domain.replies import NOBODY_LEFT, Answer

_SAID_SHOWN = 20


def answer_sms(answer: Answer, details: Mapping[str, str], locale: str) -> str:
    """The words of an answer; `details` name the incident and what was refused."""
    say = words(locale)
    name = details.get("short_id", "")
    how = say.say("Reply a (take the last page), 12a (page 12), n (can't take it), e (escalate).")
    match answer:
        case Answer.TAKEN:
            return text.sms(details.get("title", ""), say.say("{id} is yours. Nobody else is paged.", id=name))
        case Answer.DECLINED if details.get(NOBODY_LEFT):
            left = say.say("Noted, but nobody else is left to page for {id}. Call somebody, or reply a.", id=name)
            return text.sms(left, "")
        case Answer.DECLINED:
            return text.sms(say.say("Noted. {id} goes to somebody else now.", id=name), "")
        case Answer.ESCALATED:
            return text.sms(say.say("{id} escalates now: the next step is paged.", id=name), "")
        case Answer.REFUSED:
            refusal = errors.conflict(details.get("reason", ""), locale)
            return text.sms(refusal if name in refusal else say.say("{label}: {value}", label=name, value=refusal), "")
        case Answer.UNKNOWN_PAGE if details.get("said"):
            said = text.clip(text.one_line(details["said"]), _SAID_SHOWN)
            return text.sms(say.say("You have no page {said}.", said=said), how)
        case Answer.UNKNOWN_PAGE:
            return text.sms(say.say("You have no page that waits for an answer."), "")
        case _:
            return text.sms(say.say("Not understood."), how)
