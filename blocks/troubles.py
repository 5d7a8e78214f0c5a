"""What stands in the way of pages, for the admin who can mend it."""

from __future__ import annotations

from collections.abc import Mapping

from blocks import kit
from blocks import text as texts
from blocks.kit import Message
from blocks.text import clip, one_line
from blocks.words import Words, words
from domain.troubles import DIRECT, Trouble

_LABEL_SHOWN = 80
_DETAIL_SHOWN = 200


def told(details: Mapping[str, str], locale: str) -> Message:
    """What is wrong and how to mend it, as a message."""
    say = words(locale)
    wrong, remedy = sentences(details, say)
    detail = kit.name(details.get("detail", ""), _DETAIL_SHOWN)
    blocks = [kit.section(f"⚠️ *{kit.name(wrong, 200)}*\n{kit.name(remedy, 300)}")]
    return Message(f"⚠️ {kit.name(wrong, 200)}", [*blocks, *([kit.context(detail)] if detail else [])])


def plain(details: Mapping[str, str], locale: str) -> tuple[str, str]:
    """The same as a mail's subject and text."""
    say = words(locale)
    wrong, remedy = sentences(details, say)
    detail = clip(one_line(details.get("detail", "")), _DETAIL_SHOWN)
    return f"[Vigie] {wrong}", "\n\n".join(part for part in (wrong, remedy, detail) if part)


def sms(details: Mapping[str, str], locale: str) -> str:
    """The same in one SMS."""
    return texts.sms(" ".join(("Vigie:", *sentences(details, words(locale)))), "")


def sentences(details: Mapping[str, str], say: Words) -> tuple[str, str]:
    """What is wrong, and what to do."""
    name = clip(one_line(details.get("label", "")), _LABEL_SHOWN)
    back = say.say("Unarchive it, or name another channel; until then pages go to the team's channel or to people.")
    unknown = say.say(
        "Correct its name, or invite Vigie if it is private; until then pages go to the team's channel or to people."
    )
    found = {
        Trouble.ARCHIVED: (say.say("The channel {name} is archived: pages can't go there.", name=name), back),
        Trouble.GONE: (say.say("Slack knows no channel {name}: pages can't go there.", name=name), unknown),
        Trouble.NOT_A_MEMBER: (
            say.say("Vigie is not in the channel {name}: pages can't go there.", name=name),
            say.say("Invite it there with /invite @Vigie."),
        ),
        Trouble.MAY_NOT_POST: (
            say.say("Vigie may not post in the channel {name}: pages can't go there.", name=name),
            say.say("Let it post there in the channel's settings, or name another channel."),
        ),
        Trouble.MISSING_SCOPE: (
            say.say("Vigie's app lacks a right in Slack: direct messages don't arrive.")
            if name == DIRECT
            else say.say("Vigie's app lacks a right in Slack: nothing can be posted in {name}.", name=name),
            say.say("Install the app again with what `vigie manifest` prints; vigie doctor names the scope."),
        ),
        Trouble.WEBHOOK_GONE: (
            say.say("Discord takes nothing at {name} any more: pages can't go there.", name=name),
            say.say(
                "Make a new webhook and name it in the policy; until then pages go to the team's channel or to people."
            ),
        ),
        Trouble.USER_GONE: (
            say.say("{name} has no working Slack account: direct messages don't arrive.", name=name),
            say.say("Take them out of the rotations, or mend their Slack id in the Home tab."),
        ),
        **_of_accounts(name, say),
    }
    known = Trouble(details["trouble"]) if details.get("trouble") in set(Trouble) else Trouble.GONE
    return found[known]


def _of_accounts(name: str, say: Words) -> dict[Trouble, tuple[str, str]]:
    """Those that are of no target: Slack's tokens, and the other providers."""
    return {
        Trouble.UNAUTHORIZED: (
            say.say("Slack does not accept Vigie's token any more: pages go by SMS and e-mail."),
            say.say("Install the app again, set SLACK_BOT_TOKEN and start Vigie anew; vigie doctor says more."),
        ),
        Trouble.NO_SOCKETS: (
            say.say("Slack does not accept Vigie's app-level token any more: no click is heard, pages go another way."),
            say.say("Make a new one (Basic Information), set SLACK_APP_TOKEN and start Vigie anew."),
        ),
        Trouble.LOW_CREDIT: (
            say.say("SMS credit is low: {name} left.", name=name),
            say.say("Buy credits at OVH, or turn on its automatic top-up."),
        ),
        Trouble.NO_CREDIT: (
            say.say("OVH has no SMS credit left: no SMS goes out, pages go another way."),
            say.say("Buy credits at OVH, or turn on its automatic top-up."),
        ),
        Trouble.SMS_REFUSED: (
            say.say("OVH refuses what Vigie asks: no SMS goes out, pages go another way."),
            say.say(
                "vigie doctor says more: the keys, their rights, or OVH_SMS_SERVICE. Set OVH_… and start Vigie anew."
            ),
        ),
        Trouble.MAIL_REFUSED: (
            say.say("The mail server refuses Vigie: no e-mail goes out, pages go another way."),
            say.say("vigie doctor says more: user, password or encryption in SMTP_URL, its certificate, or MAIL_FROM."),
        ),
        Trouble.CALLS_REFUSED: (
            say.say("What telephone calls go through refuses Vigie: nobody is rung, pages go another way."),
            say.say("vigie doctor says more: its address, its secret, its certificate, or its credit."),
        ),
    }
