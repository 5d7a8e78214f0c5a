"""Files that people give to a form: fetched from Slack with the bot's token, which is sent nowhere else."""

from __future__ import annotations

from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from domain.errors import Fault, Invalid, Unavailable

_FILES = ("https", "files.slack.com")


async def download(client: AsyncWebClient, url: str, most: int) -> str:
    """The text behind a file's `url_private`. Raises Invalid when it is too large or no text, Unavailable when Slack
    does not give it."""
    place, api = urlsplit(url), urlsplit(client.base_url)
    if (place.scheme, place.netloc) not in (_FILES, (api.scheme, api.netloc)) or client.session is None:
        raise Unavailable("Slack did not give the file: try again, or paste its text")
    headers = {"Authorization": f"Bearer {client.token}"}
    try:
        async with client.session.get(url, headers=headers, allow_redirects=False) as answer:
            # Without the scope files:read, Slack answers with its sign-in page.
            if answer.status != 200 or answer.content_type == "text/html":
                raise Unavailable("Slack did not give the file: does the app have the scope files:read?")
            content = await _within(answer, most)
    except (aiohttp.ClientError, OSError, TimeoutError):
        raise Unavailable("Slack did not give the file: try again, or paste its text") from None
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise Invalid([Fault("file", "the file is no text in UTF-8")]) from None


async def _within(answer: aiohttp.ClientResponse, most: int) -> bytes:
    content = b""
    async for chunk in answer.content.iter_chunked(65_536):
        content += chunk
        if len(content) > most:
            raise Invalid([Fault("file", "the file is larger than 1 MiB")])
    return content


async def send_picture(
    client: AsyncWebClient, user: str, name: str, content: bytes, *, title: str, alt_text: str, words: str
) -> bool:
    """Give somebody a picture in their direct messages: whether Slack took it."""
    try:
        opened = await client.conversations_open(users=user)
        await client.files_upload_v2(
            channel=str(opened["channel"]["id"]),
            content=content,
            filename=name,
            title=title,
            alt_txt=alt_text,
            initial_comment=words,
        )
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError):
        return False
    return True


async def send_file(client: AsyncWebClient, user: str, name: str, text: str, words: str) -> bool:
    """Give somebody a file in their direct messages: whether Slack took it."""
    try:
        opened = await client.conversations_open(users=user)
        channel = str(opened["channel"]["id"])
        await client.files_upload_v2(channel=channel, content=text.encode(), filename=name, initial_comment=words)
    except (SlackApiError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError):
        return False
    return True
