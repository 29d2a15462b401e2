"""From a callback on a thread of the core to a coroutine that goes on."""

from __future__ import annotations

import asyncio
from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


async def woken(on: Callable[[Callable[[], None]], None]) -> None:
    """Waits for the callback that is handed to ``on``; it may come from any thread."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        if not future.done():
            future.set_result(None)

    def called() -> None:
        # Raised by a loop that was closed meanwhile: whoever waited is gone.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(wake)

    on(called)
    await future
