"""Builders for Block Kit that cannot exceed Slack's limits (docs.slack.dev, reference/block-kit).

Foreign text goes in `plain`, `preformatted` or through `escape`; mrkdwn is always `verbatim`, so that nothing in it is
made into a link or a mention that we did not write.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from blocks.text import clean, clip, one_line

Block = dict[str, Any]

TEXT_LIMIT = 3000
HEADER_LIMIT = 150
BUTTON_LIMIT = 75
VALUE_LIMIT = 2000
FIELD_LIMIT = 2000
FIELDS = 10
URL_LIMIT = 3000
VIEW_TITLE_LIMIT = 24
CONTEXT_ELEMENTS = 10
BLOCKS_IN_A_MESSAGE = 50
BLOCKS_IN_A_VIEW = 100
METADATA_LIMIT = 3000
MESSAGE_LIMIT = 10_000
"""Characters of all blocks together. Slack refuses from 11,000 on without documenting it (slackapi/bolt-js#2509)."""
_CUTS = (4000, 3000, 2000, 1500, 1000, 700, 500, 300, 200, 100)
"""How long one text may be, tried in turn until the message is within its limit."""
NAME_LIMIT = 150
"""Characters of a title or a name inside a sentence."""
NOTIFICATION_LIMIT = 300
"""Characters of a message's own text: what a phone's lock screen shows of it, and more."""
_SLACK_USER = re.compile(r"[UW][A-Z0-9]{2,20}")


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: `text` on a lock screen and to a screen reader, `blocks` in the channel.

    Both are cut to what Slack takes, whatever they are made of.
    """

    text: str
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clip_markup(self.text.strip(), NOTIFICATION_LIMIT) or "Vigie")
        object.__setattr__(self, "blocks", _within(self.blocks[:BLOCKS_IN_A_MESSAGE]))


def _within(blocks: list[Block]) -> list[Block]:
    """`blocks` with their longest texts cut, when together they are more than a message takes; what is still too
    much then ends with the last block that fits."""
    for cut in _CUTS:
        if _length(blocks) <= MESSAGE_LIMIT:
            break
        blocks = [_shortened(block, cut) for block in blocks]
    while _length(blocks) > MESSAGE_LIMIT:
        blocks = blocks[:-1]
    return blocks


def _length(node: Any) -> int:
    if isinstance(node, list):
        return sum(map(_length, node))
    if not isinstance(node, dict):
        return 0
    own = node.get("text")
    return (len(own) if isinstance(own, str) else 0) + sum(map(_length, node.values()))


def _shortened(node: Any, cut: int) -> Any:
    if isinstance(node, list):
        return [_shortened(item, cut) for item in node]
    if not isinstance(node, dict):
        return node
    copied = {name: _shortened(value, cut) for name, value in node.items()}
    if isinstance(node.get("text"), str):
        copied["text"] = (clip_markup if node.get("type") == "mrkdwn" else clip)(node["text"], cut)
    return copied


@dataclass(frozen=True, slots=True)
class Confirm:
    """The dialog that Slack shows before it sends a click."""

    title: str
    text: str
    yes: str
    no: str

    def block(self) -> Block:
        return {
            "title": plain(self.title, 100),
            "text": plain(self.text, 300),
            "confirm": plain(self.yes, 30),
            "deny": plain(self.no, 30),
        }


def escape(text: str, limit: int = TEXT_LIMIT) -> str:
    """At most `limit` characters of `text` for mrkdwn: Slack reads <, > and & as markup, and a backtick, a star or a
    tilde as formatting. An underscore only means something at a word's edge, so names such as redis_prod stay whole.
    """
    tidy = clip(clean(text).strip(), limit).translate(_LOOK_ALIKES)
    return _entities(_EDGE_UNDERSCORE.sub("ˍ", tidy))


_LOOK_ALIKES = str.maketrans({"`": "ˋ", "*": "∗", "~": "∼"})
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_|_(?!\w)")


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def name(text: str, limit: int = NAME_LIMIT) -> str:
    """A title or a name inside a sentence of ours: `escape` on one line."""
    return escape(one_line(text), limit)


def lock_screen(text: str, limit: int = NOTIFICATION_LIMIT) -> str:
    """`text` for a message's own `text`, on one line: it is mrkdwn too, and must mention nobody."""
    return _entities(clip(one_line(text), limit))


def clip_markup(text: str, limit: int) -> str:
    """`clip` for mrkdwn: no half of an entity, a link or a date is left at the cut."""
    cut = clip(text, limit)
    return cut if cut == text else _HALF_MARKUP.sub("…", cut)


_HALF_MARKUP = re.compile(r"(&[a-z]{0,3}|<[^<>]*)…$")


def person(called: str, slack: str) -> str:
    """A mention of somebody with a Slack id, else their name."""
    return f"<@{slack}>" if _SLACK_USER.fullmatch(slack) else name(called)


def moment(at: datetime, fallback: str) -> str:
    """A time that each reader's Slack shows in their own zone; `fallback` where Slack can't."""
    return f"<!date^{int(at.timestamp())}^{{date_short_pretty}} {{time}}|{_safe(fallback)}>"


def clock_time(at: datetime, fallback: str, *, with_day: bool = False) -> str:
    """The time of the day in each reader's zone, alone or with its day in brackets."""
    shown = "{time} ({date_short_pretty})" if with_day else "{time}"
    return f"<!date^{int(at.timestamp())}^{shown}|{_safe(fallback)}>"


def ago(at: datetime, fallback: str) -> str:
    """How long ago, counted by the reader's Slack: it stays right without an edit."""
    return f"<!date^{int(at.timestamp())}^{{ago}}|{_safe(fallback)}>"


def _safe(fallback: str) -> str:
    return re.sub(r"[<>|&^]", " ", fallback)


def link(url: str, label: str) -> str:
    """A link to a web address; the bare label when it is none."""
    return f"<{_entities(url)}|{name(label)}>" if _is_web_address(url) else name(label)


def _is_web_address(url: str) -> bool:
    if len(url) > URL_LIMIT // 2 or not url.isprintable() or re.search(r"[<>|\s]", url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def label(text: str) -> Block:
    """What stands over a field, or under it."""
    return plain(text, 2000)


def plain(text: str, limit: int) -> Block:
    """At most `limit` characters of text in which nothing is markup."""
    return {"type": "plain_text", "text": clip(clean(text).strip(), limit) or "…", "emoji": True}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(one_line(text), HEADER_LIMIT)}


def section(markdown: str, accessory: Block | None = None) -> Block:
    """Our own words in mrkdwn; what is foreign in them went through `escape`. `accessory` stands beside them."""
    made: Block = {"type": "section", "text": _markdown(markdown)}
    if accessory:
        made["accessory"] = accessory
    return made


def facts(pairs: Sequence[tuple[str, str]]) -> Block:
    """Label and value side by side, at most ten: values are mrkdwn."""
    fields = [_markdown(f"*{label}*\n{value}", FIELD_LIMIT) for label, value in pairs[:FIELDS]]
    return {"type": "section", "fields": fields}


def paragraph(text: str, limit: int = TEXT_LIMIT) -> Block:
    """Foreign text, as it is: nothing in it is markup."""
    words = clip(clean(text).strip(), min(limit, TEXT_LIMIT)) or "…"
    return {"type": "section", "text": {"type": "plain_text", "text": words, "emoji": False}}


def preformatted(text: str, limit: int = TEXT_LIMIT) -> Block:
    """A command, to be copied as it is: in a preformatted block a backtick is only a backtick."""
    words = clip(clean(text).strip("\n"), limit) or "…"
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": words}]}
    return {"type": "rich_text", "elements": [code]}


def context(*markdown: str) -> Block:
    """Small print."""
    said = [one for one in markdown if one] or [""]
    return {"type": "context", "elements": [_markdown(one, FIELD_LIMIT) for one in said[:CONTEXT_ELEMENTS]]}


def _markdown(text: str, limit: int = TEXT_LIMIT) -> Block:
    return {"type": "mrkdwn", "text": clip_markup(text.strip(), limit) or "…", "verbatim": True}


def divider() -> Block:
    return {"type": "divider"}


def button(text: str, action: str, value: str, *, style: str = "", confirm: Confirm | None = None) -> Block:
    made: Block = {"type": "button", "text": plain(one_line(text), BUTTON_LIMIT), "action_id": action}
    if value:
        made["value"] = value[:VALUE_LIMIT]
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm.block()
    return made


def actions(buttons: Sequence[Block], block: str = "") -> list[Block]:
    """The buttons in one row; no row without buttons, which Slack refuses. A click on one brings the row's `block`."""
    named = {"block_id": block} if block else {}
    return [{"type": "actions", "elements": list(buttons[:25])} | named] if buttons else []


def link_button(text: str, action: str, url: str) -> Block:
    """A button that leads to a web address."""
    return button(text, action, "") | {"url": url[:URL_LIMIT]}


def text_input(
    block: str,
    label: str,
    *,
    multiline: bool = False,
    optional: bool = False,
    hint: str = "",
    limit: int = TEXT_LIMIT,
    value: str = "",
) -> Block:
    """One field of a modal; `value` stands in it when it opens."""
    element: Block = {"type": "plain_text_input", "action_id": "text", "multiline": multiline, "max_length": limit}
    if value.strip():
        element["initial_value"] = clip(clean(value), limit)
    made: Block = {"type": "input", "block_id": block, "optional": optional, "element": element}
    return made | {"label": plain(label, 2000)} | ({"hint": plain(hint, 2000)} if hint else {})


def home(blocks: Sequence[Block], metadata: str = "") -> Block:
    """The app's Home tab for one person."""
    shown = list(blocks[:BLOCKS_IN_A_VIEW])
    return {"type": "home", "blocks": shown, "private_metadata": metadata[:METADATA_LIMIT]}


def modal(
    title: str, blocks: Sequence[Block], *, callback: str, close: str, submit: str = "", metadata: str = ""
) -> Block:
    """A modal; with `submit`, a form."""
    view: Block = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, VIEW_TITLE_LIMIT),
        "close": plain(close, VIEW_TITLE_LIMIT),
        "blocks": list(blocks[:BLOCKS_IN_A_VIEW]),
        "private_metadata": metadata[:METADATA_LIMIT],
    }
    if submit:
        view["submit"] = plain(submit, VIEW_TITLE_LIMIT)
    return view
