"""A page by e-mail: the same words as plain text and as HTML a phone shows without scrolling sideways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jinja2

from blocks.text import clean, one_line

_ENVIRONMENT = jinja2.Environment(
    autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
)
# Styles are inline and there is no picture: mail clients drop style sheets and block remote images, and a
# picture fetched from outside would tell when and where the page was read.
_HTML = _ENVIRONMENT.from_string(
    """\
<!doctype html>
<html lang="{{ language }}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{ page.heading }}</title>
</head>
<body style="margin:0;padding:16px;font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif;\
font-size:16px;line-height:1.5">
<div style="max-width:560px;margin:0 auto;overflow-wrap:anywhere">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">{{ page.heading }}</h1>
{% if page.lines %}
<table role="presentation" style="border-collapse:collapse;margin:0 0 16px">
{% for label, value in page.lines %}
<tr>
<td style="padding:2px 12px 2px 0;vertical-align:top;opacity:.7;white-space:nowrap">{{ label }}</td>
<td style="padding:2px 0;vertical-align:top"><strong>{{ value }}</strong></td>
</tr>
{% endfor %}
</table>
{% endif %}
{% if page.body %}
<div style="margin:0 0 20px;white-space:pre-wrap">{{ page.body }}</div>
{% endif %}
{% if page.action_url %}
<p style="margin:0 0 20px"><a href="{{ page.action_url }}" style="display:inline-block;padding:14px 28px;\
background:#1a6b3c;color:#ffffff;border-radius:6px;text-decoration:none;font-weight:bold">\
{{ page.action_label or page.action_url }}</a></p>
{% endif %}
{% if page.footer %}
<p style="margin:0;font-size:13px;opacity:.7;white-space:pre-wrap">{{ page.footer }}</p>
{% endif %}
</div>
</body>
</html>
"""
)


def render(
    *,
    heading: str,
    lines: Sequence[tuple[str, str]] = (),
    body: str = "",
    action_url: str = "",
    action_label: str = "",
    footer: str = "",
    language: str = "en",
) -> tuple[str, str]:
    """The (text, HTML) of an e-mail. Every argument may hold foreign text; a link is http(s) or left out."""
    page = _Page(
        heading=one_line(heading),
        lines=[(one_line(label), one_line(value)) for label, value in lines],
        body=clean(body).strip(),
        action_url=_web_address(action_url),
        action_label=one_line(action_label),
        footer=clean(footer).strip(),
    )
    return _plain(page, _COLONS.get(language, ": ")), _HTML.render(page=page, language=one_line(language))


@dataclass(frozen=True, slots=True)
class _Page:
    """What both forms show, already cleaned."""

    heading: str
    lines: list[tuple[str, str]]
    body: str
    action_url: str
    action_label: str
    footer: str


def _web_address(url: str) -> str:
    address = "".join(clean(url).split())
    return address if address.lower().startswith(("https://", "http://")) else ""


_COLONS = {"fr": "\u00a0: "}
"""What stands between a label and what it is of."""


def _plain(page: _Page, colon: str) -> str:
    label = f"{page.action_label}{colon}" if page.action_label else ""
    paragraphs = (
        page.heading,
        "\n".join(f"{name}{colon}{value}" for name, value in page.lines),
        page.body,
        f"{label}{page.action_url}" if page.action_url else "",
        page.footer,
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph) + "\n"
