"""Rich text (Slack, reference/block-kit/blocks/rich-text-block)."""

from __future__ import annotations

from bot.demo.blockkit_elements import ANY_ID, URL
from bot.demo.blockkit_shapes import Check, boolean, integer, many, one_of, shape, string, typed

_STYLES = ("bold", "italic", "strike", "underline", "code", "highlight", "client_highlight", "unlink")
STYLE = shape({}, dict.fromkeys(_STYLES, boolean))
_LOOK = {"style": STYLE}

INLINE: dict[str, Check] = {
    "text": shape({"text": string(12_000)}, _LOOK),
    "link": shape({"url": URL}, {"text": string(12_000), "unsafe": boolean, **_LOOK}),
    "user": shape({"user_id": ANY_ID}, _LOOK),
    "usergroup": shape({"usergroup_id": ANY_ID}, _LOOK),
    "channel": shape({"channel_id": ANY_ID}, _LOOK),
    "team": shape({"team_id": ANY_ID}, _LOOK),
    "emoji": shape({"name": string(255)}, {"unicode": string(255), "skin_tone": integer(1, 6), **_LOOK}),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _LOOK),
    "date": shape(
        {"timestamp": integer(0, 10**11), "format": string(255)},
        {"url": URL, "fallback": string(255), **_LOOK},
    ),
    "color": shape({"value": string(255)}, _LOOK),
}
_line = many(typed(INLINE), 0, 10_000)
_border = {"border": integer(0, 1)}
SECTION = shape({"elements": _line}, {})
_plain_line = many(typed(INLINE, ("text", "link")), 0, 10_000)

RICH_TEXT_PARTS: dict[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_list": shape(
        {
            "elements": many(typed({"rich_text_section": SECTION}), 1, 1000),
            "style": one_of("bullet", "ordered"),
        },
        {"indent": integer(0, 8), "offset": integer(0, 10_000), **_border},
    ),
    "rich_text_preformatted": shape({"elements": _plain_line}, {"language": string(50), **_border}),
    "rich_text_quote": shape({"elements": _line}, _border),
}
RICH_TEXT = shape({"elements": many(typed(RICH_TEXT_PARTS), 1, 1000)}, {"block_id": ANY_ID})
