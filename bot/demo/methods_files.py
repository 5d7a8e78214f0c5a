"""Uploading a file in Slack's three steps: ask for a URL, send the bytes, complete (Slack, files.*External).

And the other way: a file that a person gave to a form, fetched by the app with its token and the scope files:read.
"""

from __future__ import annotations

from mimetypes import guess_type

from bot.demo.arguments import Arguments
from bot.demo.backend import JSON, Backend, with_ids
from bot.demo.blockkit import check_blocks
from bot.demo.errors import SlackError
from bot.demo.methods_base import Content, Method
from bot.demo.methods_chat import bot_message, check_thread
from bot.demo.records import User

LONGEST_ALT_TEXT = 1000
"""Slack, files.getUploadURLExternal: the description for whoever does not see the picture."""


async def get_upload_url(slack: Backend, args: Arguments) -> JSON:
    """files.getUploadURLExternal."""
    name, length = args.required("filename"), args.integer("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments", ["[ERROR] length must be more than 0"])
    alt_text = args.text("alt_txt")
    if len(alt_text) > LONGEST_ALT_TEXT:
        raise SlackError("invalid_arguments", ["[ERROR] must be less than 1001 characters: alt_txt"])
    file: JSON = {"id": slack.workspace.new_id("F"), "name": name, "length": length, "content": None}
    file["alt_txt"] = alt_text
    slack.workspace.files[file["id"]] = file
    return {"upload_url": f"{slack.base_url}/upload/{file['id']}", "file_id": file["id"]}


def receive_upload(slack: Backend, file_id: str, content: bytes) -> None:
    """Take the bytes; their number has to be the one announced."""
    file = slack.workspace.files.get(file_id)
    if file is None:
        raise SlackError("file_not_found")
    if len(content) != file["length"]:
        raise SlackError("length_mismatch")
    file["content"] = content


def add_upload(slack: Backend, user: User, name: str, content: bytes) -> JSON:
    """A file that a person has put in a file_input, as the app gets it in the form's state."""
    identity, kind = slack.workspace.new_id("F"), name.rpartition(".")[2].lower()
    slack.workspace.files[identity] = {"id": identity, "name": name, "length": len(content), "content": content}
    at = int(slack.workspace.wall())
    url = f"{slack.base_url}/files/{identity}"
    return {
        "id": identity,
        "created": at,
        "timestamp": at,
        "name": name,
        "title": name,
        "mimetype": "text/plain",
        "filetype": kind,
        "user": user.id,
        "user_team": slack.workspace.team_id,
        "size": len(content),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "url_private": url,
        "url_private_download": f"{url}?download",
    }


def private_file(slack: Backend, file_id: str) -> bytes | None:
    """The bytes behind `url_private`; None where Slack shows its sign-in page, as it does without files:read."""
    if not slack.has_scope("files:read"):
        return None
    file = slack.workspace.files.get(file_id)
    content = file["content"] if file else None
    return content if isinstance(content, bytes) else None


async def complete_upload(slack: Backend, args: Arguments) -> JSON:
    """files.completeUploadExternal: share the files in a channel, or nowhere yet."""
    given = args.structure("files", "invalid_arguments")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: files"])
    files = [_uploaded(slack, item) for item in given]
    if "channel_id" in args:
        _share(slack, args, files)
    return {"files": files}


def _uploaded(slack: Backend, item: JSON) -> JSON:
    file = slack.workspace.files.get(str(item.get("id")))
    if file is None or file["content"] is None:
        raise SlackError("file_not_found")
    file["title"] = item.get("title") or file["name"]
    url = f"{slack.base_url}/files/{file['id']}"
    mimetype = guess_type(file["name"])[0] or "application/octet-stream"
    said = {"id": file["id"], "name": file["name"], "title": file["title"], "mimetype": mimetype, "url_private": url}
    return said | ({"alt_txt": file["alt_txt"]} if file.get("alt_txt") else {})


def _share(slack: Backend, args: Arguments, files: list[JSON]) -> None:
    channel = slack.joined_channel(args.text("channel_id"))
    if channel.archived:
        raise SlackError("is_archived")
    blocks = args.structure("blocks", "invalid_blocks")
    if blocks is not None and "initial_comment" in args:
        raise SlackError("invalid_arguments", ["[ERROR] initial_comment and blocks exclude each other"])
    faults = check_blocks(blocks) if blocks is not None else []
    if faults:
        raise SlackError("invalid_blocks", faults)
    content = Content(args.text("initial_comment"), with_ids(blocks or []), [], None)
    message = bot_message(slack, channel, content)
    message.thread_ts = check_thread(slack, channel, args.text("thread_ts"))
    message.files = files
    slack.workspace.add_message(message)


FILES = {
    "files.getUploadURLExternal": Method(get_upload_url, "files:write", "4"),
    "files.completeUploadExternal": Method(complete_upload, "files:write", "4"),
}
