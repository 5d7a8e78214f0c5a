"""A request for a second person in the thread: who asks, for what, until when; and what became of it."""

from __future__ import annotations

from blocks import kit
from blocks.kit import Block, Confirm, Message
from blocks.run_lines import wish_words
from blocks.text import one_line
from blocks.words import Words, words
from domain.approvals import Request, RequestState
from domain.runbooks import Run

_REASON_SHOWN = 1000


def request(one: Request, run: Run | None, locale: str, zone: str) -> Message:
    """The request as it is now; its buttons while it waits. Without its `run`, which a newer version took over from,
    it names the step by its number."""
    say = words(locale)
    title = kit.name(run.step(one.order)[0].title) if run else ""
    what = wish_words(one.wish, str(one.order), title, say).removesuffix(" · ")
    said = say.say("{name} wants to {what}.", name=kit.person(one.by.name, one.by.slack), what=what)
    lines = [say.say("👀 *Four eyes: a second person has to agree.*"), said]
    if one.note:
        label = say.say("Reason")
        lines.append(say.say("{label}: {value}", label=f"*{label}*", value=kit.escape(one.note, _REASON_SHOWN)))
    blocks = [kit.section("\n".join(lines)), *_outcome(one, say, zone)]
    lock = say.say("{name} asks for a second person: step {step}", name=kit.lock_screen(one.by.name), step=one.order)
    return Message(lock, blocks)


def _outcome(one: Request, say: Words, zone: str) -> list[Block]:
    if one.state is RequestState.WAITING:
        until = kit.clock_time(one.expires_at, say.clock(one.expires_at, zone))
        told = say.say("Look at the step above, then answer until {time}; later it has to be asked again.", time=until)
        return [kit.context(told), *kit.actions(_buttons(one, say))]
    name = kit.name(one.decided_by) if one.decided_by else say.say("somebody")
    reason = kit.escape(one.reason, _REASON_SHOWN)
    told = {
        RequestState.APPROVED: say.say("✅ {name} agreed.", name=name),
        RequestState.REFUSED: say.say("✋ {name} refused: {reason}", name=name, reason=reason),
        RequestState.EXPIRED: say.say("⌛ Nobody answered in time: ask again with the step's button."),
        RequestState.VOID: say.say("🚫 Void: the step has changed meanwhile, or the incident is over."),
        RequestState.GLASS: say.say("🚨 *{name} broke the glass:* {reason}", name=name, reason=reason),
    }[one.state]
    return [kit.section(told)]


def _buttons(one: Request, say: Words) -> list[Block]:
    asked = say.say("Your name and the time are noted. Whoever asked can't agree to it.")
    dialog = Confirm(say.say("Do you agree?"), asked, say.say("Approve"), say.say("Cancel"))
    return [
        kit.button(say.say("Approve"), "approval.approve.v1", one.id, style="primary", confirm=dialog),
        kit.button(say.say("Refuse"), "approval.refuse.v1", one.id),
        kit.button(say.say("Break the glass"), "approval.glass.v1", one.id, style="danger"),
    ]


def refuse_title(locale: str) -> str:
    return words(locale).say("Refuse")


def refuse_form(one: Request, run: Run, locale: str) -> Block:
    """Asks why not."""
    say = words(locale)
    reason = kit.text_input("reason", say.say("Why not?"), multiline=True, limit=1000)
    return kit.modal(
        refuse_title(locale),
        [kit.paragraph(_about(one, run, say), 500), reason],
        callback="approval.refuse.v1",
        submit=say.say("Refuse"),
        close=say.say("Cancel"),
        metadata=one.id,
    )


def glass_title(locale: str) -> str:
    return words(locale).say("Break the glass")


def glass_form(one: Request, run: Run, locale: str) -> Block:
    """Asks why it can't wait for a second person."""
    say = words(locale)
    told = say.say("🚨 It goes on without a second person: the channel and the team's lead are told at once, and why.")
    reason = kit.text_input("reason", say.say("Why can't it wait?"), multiline=True, limit=1000)
    return kit.modal(
        glass_title(locale),
        [kit.paragraph(_about(one, run, say), 500), kit.section(told), reason],
        callback="approval.glass.v1",
        submit=say.say("Go on alone"),
        close=say.say("Cancel"),
        metadata=one.id,
    )


def _about(one: Request, run: Run, say: Words) -> str:
    what = wish_words(one.wish, str(one.order), one_line(run.step(one.order)[0].title), say)
    return say.say("{name} wants to {what}.", name=one.by.name, what=what)
