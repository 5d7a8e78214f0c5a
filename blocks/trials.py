"""Test me: messages that can't be taken for a page, and what became of them."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import kit, pages, text
from blocks import mail as letters
from blocks.kit import Block, Message
from blocks.notifications import MailWords
from blocks.text import one_line
from blocks.timeline import REASONS
from blocks.words import Phrasebook, Words, words
from domain.policies import Channel
from domain.trials import Trial, TrialState

CONFIRM = "trial.confirm.v1"
RANG = "trial.rang.v1"
_REASON_SHOWN = 150


def _reasons(say: Words) -> tuple[str, ...]:
    """Why a test did not leave, beyond what providers say."""
    return (
        say.say("no Slack account is known"),
        say.say("no phone number is known"),
        say.say("no e-mail address is known"),
        say.say("it could not leave in time"),
    )


_OWN_REASONS = Phrasebook.of(_reasons(words("en")))


def _monthly(say: Words) -> str:
    """Why somebody gets a test that they did not ask for."""
    return say.say("Vigie tries every month whether pages reach you. “How you are reached”, on its Home tab, ends it.")


def direct_message(trial: str, locale: str, *, is_monthly: bool = False) -> Message:
    """The test in Slack, with its button."""
    say = words(locale)
    told = say.say("🧪 *TEST*: this is how Vigie pages you in Slack. Nothing is wrong, and nobody else got it.")
    button = kit.button(say.say("I got it"), CONFIRM, trial, style="primary")
    why = [kit.context(_monthly(say))] if is_monthly else []
    return Message(told, [kit.section(told), *why, *kit.actions([button])])


def confirmed(locale: str) -> Message:
    """What the test in Slack becomes once it is confirmed."""
    told = words(locale).say("🧪 *TEST*: you got it. ✅")
    return Message(told, [kit.section(told)])


def sms(url: str, locale: str) -> str:
    """The test as an SMS: one part, with its link when there is one."""
    say = words(locale)
    body = say.say("TEST of Vigie: this is how an SMS pages you. Nothing is wrong.")
    return text.sms(body, say.say("Got it: {url}", url=url) if url else "")


def mail(url: str, name: str, locale: str, *, is_monthly: bool = False) -> MailWords:
    """The test as a mail."""
    say = words(locale)
    asked = say.say("You get this because somebody asked for it in Slack as you: “Test me”.")
    plain, html = letters.render(
        heading=say.say("TEST: this is how Vigie mails you"),
        body=say.say("{name}, nothing is wrong, and nobody else got this.", name=one_line(name)),
        action_url=url,
        action_label=say.say("I got it"),
        footer=_monthly(say) if is_monthly else asked,
        language=say.language,
    )
    return MailWords(say.say("[Vigie] TEST: nothing is wrong"), plain, html)


def page(trial: Trial, name: str, locale: str, nonce: str) -> str:
    """The page behind a test's link: only its button confirms, since mail scanners follow links."""
    say = words(locale)
    is_done = trial.state is TrialState.CONFIRMED
    told = say.say("It is noted: this way reaches you.") if is_done else say.say("Press the button: Vigie notes it.")
    return pages.page(
        heading=say.say("TEST of Vigie for {name}", name=one_line(name)),
        told=told,
        button="" if is_done else say.say("I got it"),
        locale=locale,
        nonce=nonce,
    )


def gone(locale: str, nonce: str) -> str:
    """The page of a test that a newer one replaced."""
    say = words(locale)
    told = say.say("It belongs to a test of another time. Ask for a new one in Slack.")
    return pages.page(heading=say.say("This link leads nowhere"), told=told, button="", locale=locale, nonce=nonce)


def started(trials: Sequence[Trial], locale: str) -> Message:
    """The answer to the one who asked for it."""
    say = words(locale)
    going = [channel_name(one.channel, say) for one in trials if one.state is TrialState.WAITING]
    lines = []
    if going:
        lines.append(say.say("🧪 A test is on its way to you: {channels}.", channels=say.listed(tuple(going))))
    lines += [f"• {outcome(one, say)}" for one in trials if one.state is TrialState.REFUSED]
    lines.append(say.say("Your Home tab shows what becomes of it."))
    told = "\n".join(lines)
    return Message(told, [kit.section(told), *kit.actions(rang(trials, say))])


def rang(trials: Sequence[Trial], say: Words) -> list[Block]:
    """The button that says that a call came: one that only rings has no key for it."""
    waits = (TrialState.WAITING, TrialState.ACCEPTED)
    calls = [one for one in trials if one.channel is Channel.PHONE and one.state in waits]
    return [kit.button(say.say("📞 My telephone rang"), RANG, one.id) for one in calls]


def channel_name(channel: Channel, say: Words) -> str:
    return {
        Channel.SLACK: say.say("Slack"),
        Channel.SMS: say.say("SMS"),
        Channel.EMAIL: say.say("e-mail"),
        Channel.PHONE: say.say("telephone call"),
    }[channel]


def last(trials: Sequence[Trial], say: Words) -> str:
    """What became of somebody's last test, "" when there was none."""
    if not trials:
        return ""
    started_at = max(trial.started_at for trial in trials)
    at = kit.ago(started_at, say.date(started_at, "UTC") + " UTC")
    told = " · ".join(outcome(trial, say) for trial in trials)
    if any(trial.is_monthly for trial in trials):
        return say.say("Monthly test, {time}: {outcomes}", time=at, outcomes=told)
    return say.say("Last test, {time}: {outcomes}", time=at, outcomes=told)


def outcome(trial: Trial, say: Words) -> str:
    """What became of one channel."""
    name = channel_name(trial.channel, say)
    reason = _OWN_REASONS.translate(REASONS.translate(trial.reason, say), say)
    why = kit.name(reason, _REASON_SHOWN)
    match trial.state:
        case TrialState.CONFIRMED:
            return say.say("{channel} ✅ confirmed", channel=name)
        case TrialState.ACCEPTED:
            return say.say("{channel} accepted, not confirmed", channel=name)
        case TrialState.REFUSED:
            return say.say("{channel} ❌ {reason}", channel=name, reason=why)
        case _ if trial.reason:
            return say.say("{channel} ⏳ tried again: {reason}", channel=name, reason=why)
        case _:
            return say.say("{channel} ⏳ on its way", channel=name)
