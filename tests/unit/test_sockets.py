"""What slack_sdk says of a connection, in our log."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sockets import library


def test_a_slack_that_is_away_is_a_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    for fault in (aiohttp.ServerDisconnectedError(), ZeroDivisionError()):
        try:
            raise fault
        except (aiohttp.ClientError, ZeroDivisionError) as error:
            library.exception("Failed to connect (error: %s)", error)
    away, ours = caplog.records
    assert (away.levelname, away.exc_info) == ("WARNING", None)
    assert ours.exc_info, "a fault of another kind is told with all that is known of it"
