"""What slack_sdk says of a connection, in our log."""

from __future__ import annotations

import aiohttp
import pytest

from bot.sockets import library


def test_a_slack_that_is_away_is_a_line_and_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    # The second is what the library itself makes of a gateway's page.
    for fault in (aiohttp.ServerDisconnectedError(), AttributeError("get"), ZeroDivisionError()):
        try:
            raise fault
        except (aiohttp.ClientError, AttributeError, ZeroDivisionError) as error:
            library.exception("Failed to connect (error: %s)", error)
    *away, ours = caplog.records
    assert [(record.levelname, record.exc_info) for record in away] == [("WARNING", None)] * 2
    assert ours.exc_info, "a fault of another kind is told with all that is known of it"
