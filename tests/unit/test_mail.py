"""A page by e-mail says the same in both forms, and foreign text stays text."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from blocks.mail import render


class Reader(HTMLParser):
    """Tags, links and words of a page, as a mail client sees them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.words += data

    @property
    def links(self) -> list[str | None]:
        return [value for name, value in self.attributes if name == "href"]


def page(**changes: str) -> tuple[str, str]:
    words = {
        "heading": "SEV1 redis-prod: cluster down",
        "body": "First line\nSecond line",
        "action_url": "https://vigie.example.com/a/abc?x=1&y=2",
        "action_label": "Acknowledge",
        "footer": "You are on call for SRE Core.",
    }
    return render(lines=[("Incident", "INC-ABC234"), ("Service", "redis-prod")], **{**words, **changes})


def test_both_forms_say_everything() -> None:
    text, html = page()
    words = Reader(html).words
    for expected in ("SEV1 redis-prod: cluster down", "INC-ABC234", "Second line", "You are on call"):
        assert expected in text
        assert expected in words
    assert "Incident: INC-ABC234" in text
    assert "Acknowledge: https://vigie.example.com/a/abc?x=1&y=2" in text


def test_the_link_survives_escaping() -> None:
    assert Reader(page()[1]).links == ["https://vigie.example.com/a/abc?x=1&y=2"]


def test_nothing_is_fetched_when_the_mail_is_opened() -> None:
    reader = Reader(page()[1])
    assert not {"img", "link", "script", "iframe"} & set(reader.tags)
    assert not [value for _, value in reader.attributes if value and "url(" in value]


def test_a_link_that_is_not_of_the_web_is_left_out() -> None:
    text, html = page(action_url="javascript:alert(1)")
    assert Reader(html).links == []
    assert "javascript" not in text + html


def test_a_link_without_a_label_shows_itself() -> None:
    text, html = page(action_label="")
    assert "\n\nhttps://vigie.example.com/a/abc?x=1&y=2\n\n" in text
    assert "https://vigie.example.com/a/abc?x=1&y=2" in Reader(html).words


def test_what_is_absent_leaves_no_hole() -> None:
    text, html = render(heading="Only this")
    assert text == "Only this\n"
    assert Reader(html).tags.count("table") == 0


@given(st.text(), st.text(), st.text())
def test_foreign_text_is_never_markup(heading: str, value: str, body: str) -> None:
    tame = Reader(render(heading="h", lines=[("l", "v")], body="b", footer="f")[1]).tags
    hostile = "<script>alert(1)</script><img src=x>{{ 7*7 }}"
    text, html = render(
        heading=f"h{heading}{hostile}",
        lines=[("l", f"v{value}{hostile}")],
        body=f"b{body}{hostile}",
        footer="f",
    )
    assert Reader(html).tags == tame
    assert "{{ 7*7 }}" in text
    (text + html).encode()
