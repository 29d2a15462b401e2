"""Waiting for the core on an event loop.

The core calls back once, from a thread of its own, when there is something to fetch; that wakes the
event loop of whoever waits. So one client serves any number of loops, and nothing is kept per loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable

from wacloud._async_bulk import AsyncBulkResults, send_all
from wacloud._base import ClientBase, answering
from wacloud._bulk import check_list
from wacloud._generated.results import SentMessage
from wacloud._json import decode
from wacloud._log import tell
from wacloud._media import UPLOADS, Upload
from wacloud._outcome import LAST_WORDS, carry, is_answer, unwrap, with_bytes
from wacloud._progress import watched
from wacloud._tokens import Tokens
from wacloud._wake import woken

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Any, Literal, TypeVar

    from typing_extensions import Self

    from wacloud import Message
    from wacloud._bulk import BulkItem
    from wacloud._generated.webhooks import WebhookEvent
    from wacloud._native import Call

    T = TypeVar("T")


class AsyncClient(ClientBase):
    """A client whose methods are coroutines."""

    async def _call(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        if operation in UPLOADS:
            return await self._upload(operation, Upload(params), options, make)
        call = self._submit(operation, params, options)
        return await self._wait(call, make, None)

    async def _upload(
        self,
        operation: str,
        upload: Upload,
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        try:
            await upload.read_async()
            call = self._submit(operation, upload.params, upload.options(options))
            return await self._wait(call, make, upload)
        finally:
            upload.close()

    async def _wait(self, call: Call, make: Callable[[Any], T], upload: Upload | None) -> T:
        tokens = self._tokens()
        try:
            envelope = await _ended(call, tokens, upload)
        except asyncio.CancelledError as cancelled:
            call.cancel()
            carry(cancelled, await _last_words(call), make)
            raise
        except BaseException:
            # The coroutine was closed or its loop stopped: nothing can be awaited any more.
            call.cancel()
            raise
        return unwrap(with_bytes(envelope, call), make, tokens)

    async def reply(
        self,
        event: WebhookEvent,
        message: str | Message,
        *,
        timeout: float | None = None,
        max_wait: float | None = None,
        priority: Literal["urgent", "normal", "low"] | None = None,
    ) -> SentMessage:
        """Answers a message: the answer is shown with what it answers quoted above.

        Args:
            event: The message that came in, as `webhooks.parse` gives it.
            message: A text, or any message. Whom that goes to is its own `to`, which may be the
                event as well: `Message.image(event, "https://…")`.
            timeout: As in `send`.
            max_wait: As in `send`.
            priority: As in `send`.

        Raises:
            ValidationError: The event is no message of WhatsApp's, or came to another number than
                this client's.
        """
        operation, params = answering(event, message)
        options = {"timeout": timeout, "max_wait": max_wait, "priority": priority}
        return await self._call(operation, params, options, SentMessage.from_core)

    async def react(
        self,
        event: WebhookEvent,
        emoji: str,
        *,
        timeout: float | None = None,
        max_wait: float | None = None,
        priority: Literal["urgent", "normal", "low"] | None = None,
    ) -> SentMessage:
        """Puts an emoji on the message of an event.

        Args:
            event: The message that came in.
            emoji: One emoji. `remove_reaction(event, event)` takes it off again.
            timeout: As in `send`.
            max_wait: As in `send`.
            priority: As in `send`.
        """
        params = {"to": event, "message_id": event, "emoji": emoji}
        options = {"timeout": timeout, "max_wait": max_wait, "priority": priority}
        return await self._call("send_reaction", params, options, SentMessage.from_core)

    def _send_all(
        self, messages: Iterable[BulkItem] | AsyncIterable[BulkItem], options: Mapping[str, Any]
    ) -> AsyncBulkResults:
        # Here and not in the generator: what cannot be iterated is told where it was given.
        check_list(messages)
        source = aiter(messages) if isinstance(messages, AsyncIterable) else iter(messages)
        core, progress = watched(messages, options)
        return AsyncBulkResults(send_all(self._start_bulk(core), source, self._tokens(), progress))

    async def aclose(self) -> None:
        """Refuses further calls. Not needed for correctness: nothing has to be flushed."""
        self._closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()


class AsyncGroup:
    """Operations of a common subject: `wa.phone`."""

    __slots__ = ("_client",)

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _call(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        return await self._client._call(operation, params, options, make)

    async def _all(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], Any],
    ) -> AsyncIterator[Any]:
        """Everything on a list, page after page."""
        while True:
            page = await self._call(operation, params, options, make)
            for item in page.items:
                yield item
            if not page.has_next or page.after is None:
                return
            params = {**params, "after": page.after}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


async def _ended(call: Call, tokens: Tokens, upload: Upload | None) -> dict[str, Any]:
    while True:
        text = call.wait(0)
        if text is None:
            await woken(call.on_done)
            continue
        envelope: dict[str, Any] = decode(text)
        tell(envelope)
        if is_answer(envelope):
            return envelope
        if upload is not None:
            returned = upload.tell(envelope)
            if hasattr(returned, "__await__"):
                await returned
        if "event" in envelope:
            call.answer(await tokens.answer_async())


async def _last_words(call: Call) -> dict[str, Any] | None:
    """How a cancelled call ended, if it tells in time."""
    try:
        return await asyncio.wait_for(_ended(call, Tokens(None), None), LAST_WORDS)
    except asyncio.TimeoutError:
        return None
