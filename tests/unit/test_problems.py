"""What is answered, and what is no fault of Vigie's."""

from __future__ import annotations

from typing import Any, cast

from aiohttp import web

from handlers.errors import problems


async def test_who_hangs_up_in_the_middle_of_a_body_leaves_no_fault_behind() -> None:
    async def read(request: web.Request) -> web.StreamResponse:
        raise ConnectionResetError("Connection lost")

    assert (await problems(cast(Any, None), read)).status == 400
