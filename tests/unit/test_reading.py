"""What a terminal shows of a Slack message: names and not marks, a part for each thing that may change alone."""

from __future__ import annotations

from bot.demo.reading import lines
from bot.demo.records import JSON, Message
from bot.demo.workspace import Workspace


def test_a_message_is_read_as_the_eye_reads_it() -> None:
    workspace = Workspace()
    john = workspace.add_user("john", real_name="John Doe").id
    fields = [f"*Status*\n<@{john}> has it", "*Opened*\n<!date^1^{ago}|12:25>"]
    blocks: list[JSON] = [
        {"type": "header", "text": {"type": "plain_text", "text": "a *star* stays"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*bold* `code` snake_case &lt;b&gt;"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": one} for one in fields]},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "<https://x.example|there>"}, {"type": "image"}]},
        {
            "type": "rich_text",
            "elements": [
                {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "for n; do\n  x\ndone"}]},
                {"type": "rich_text_section", "elements": [{"type": "user", "user_id": john}]},
            ],
        },
        {"type": "actions", "elements": [{"type": "button", "text": {"text": "Done"}}, {"type": "overflow"}]},
        {"type": "divider"},
    ]
    message = Message(channel="C1", ts="1", user="U1", text="", blocks=blocks)
    assert lines(message, workspace, lambda label, value: f"{label}: {value}") == [
        ("a *star* stays",),
        ("bold code snake_case <b>",),
        ("Status: John Doe has it", "Opened: 12:25"),
        ("there",),
        ("    for n; do",),
        ("      x",),
        ("    done",),
        ("John Doe",),
        ("[Done]",),
    ]
    bare = Message(channel="C1", ts="1", user="U1", text=f"<@{john}>, *look*")
    assert lines(bare, workspace, str.__add__) == [("John Doe, look",)]
