"""How the double says no: to the app (Slack's error names) and to the person acting in it."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """A Web API answer of ok=false."""

    def __init__(self, error: str, messages: list[str] | None = None, **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.messages = messages or []
        self.extra = extra

    def to_json(self) -> dict[str, Any]:
        """The body of the answer; `messages` lands where Slack puts its details."""
        body: dict[str, Any] = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": self.messages}
        return body


class Unacknowledged(Exception):
    """The app did not ack within Slack's 3 s ("operation_timeout"), or no socket was open ("dispatch_failed")."""


class ConfirmDialog(Exception):
    """A confirm dialog stands between the finger and the action: say confirm=True or confirm=False."""

    def __init__(self, dialog: dict[str, Any]) -> None:
        super().__init__(f"a confirm dialog appeared: {dialog['title']['text']}: {dialog['text']['text']}")
        self.dialog = dialog


class FormIncomplete(Exception):
    """Slack's client would not send the form: field messages by block_id, as it shows them."""

    def __init__(self, errors: dict[str, str]) -> None:
        super().__init__(f"the form is not complete: {errors}")
        self.errors = errors


class ClientTrouble(Exception):
    """What the person sees as "We had some trouble connecting": the app's answer made no sense to Slack."""
