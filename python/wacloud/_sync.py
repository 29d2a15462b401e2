"""Waiting for the core on the caller's thread."""

from __future__ import annotations

from time import monotonic

from wacloud._base import ClientBase, answering
from wacloud._bulk import BulkResults, check_list, send_all
from wacloud._generated.results import SentMessage
from wacloud._json import decode
from wacloud._log import tell
from wacloud._media import UPLOADS, Upload
from wacloud._outcome import LAST_WORDS, TICK, carry, is_answer, unwrap, with_bytes
from wacloud._progress import watched

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import TracebackType
    from typing import Any, Literal, TypeVar

    from typing_extensions import Self

    from wacloud import Message
    from wacloud._bulk import BulkItem
    from wacloud._generated.webhooks import WebhookEvent
    from wacloud._native import Call
    from wacloud._tokens import Tokens

    T = TypeVar("T")


class SyncClient(ClientBase):
    """A client whose methods return when the call has ended."""

    def _call(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        if operation in UPLOADS:
            return self._upload(operation, Upload(params), options, make)
        return self._carried_out(operation, params, options, make, None)

    def _upload(
        self,
        operation: str,
        upload: Upload,
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        try:
            upload.read()
            options = upload.options(options)
            return self._carried_out(operation, upload.params, options, make, upload)
        finally:
            upload.close()

    def _carried_out(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], T],
        upload: Upload | None,
    ) -> T:
        tokens = self._tokens()
        held: list[Call] = []
        try:
            call = self._submit(operation, params, options, held)
            envelope = _ended(call, tokens, upload)
        except BaseException as stopped:
            # Ctrl-C, or whatever else a signal handler raised; or it never began.
            for call in held:
                call.cancel()
                carry(stopped, _last_words(call), make)
            raise
        return unwrap(with_bytes(envelope, call), make, tokens)

    def reply(
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
        return self._call(operation, params, options, SentMessage.from_core)

    def react(
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
        return self._call("send_reaction", params, options, SentMessage.from_core)

    def _send_all(self, messages: Iterable[BulkItem], options: Mapping[str, Any]) -> BulkResults:
        # Here and not in the generator: what cannot be iterated is told where it was given.
        check_list(messages)
        source = iter(messages)
        core, progress = watched(messages, options)
        return BulkResults(send_all(self._start_bulk(core), source, self._tokens(), progress))

    def close(self) -> None:
        """Refuses further calls. Not needed for correctness: nothing has to be flushed."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class Group:
    """Operations of a common subject: `wa.phone`."""

    __slots__ = ("_client",)

    def __init__(self, client: SyncClient) -> None:
        self._client = client

    def _call(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], T],
    ) -> T:
        return self._client._call(operation, params, options, make)

    def _all(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        make: Callable[[Any], Any],
    ) -> Iterator[Any]:
        """Everything on a list, page after page."""
        while True:
            page = self._call(operation, params, options, make)
            yield from page.items
            if not page.has_next or page.after is None:
                return
            params = {**params, "after": page.after}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"


def _ended(call: Call, tokens: Tokens, upload: Upload | None) -> dict[str, Any]:
    while True:
        text = call.wait(TICK)
        if text is None:
            continue
        envelope: dict[str, Any] = decode(text)
        tell(envelope)
        if is_answer(envelope):
            return envelope
        if upload is not None:
            upload.tell(envelope)
        if "event" in envelope:
            call.answer(tokens.answer())


def _last_words(call: Call) -> dict[str, Any] | None:
    """How a cancelled call ended, if it tells in time."""
    deadline = monotonic() + LAST_WORDS
    while (left := deadline - monotonic()) > 0:
        text = call.wait(left)
        if text is not None:
            envelope: dict[str, Any] = decode(text)
            tell(envelope)
            if is_answer(envelope):
                return envelope
            if "event" in envelope:
                call.answer('{"error":"the call was cancelled"}')
    return None
