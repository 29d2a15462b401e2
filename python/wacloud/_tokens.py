"""Answers to the core's question for an access token, from the caller's function."""

from __future__ import annotations

from wacloud._json import encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


class Tokens:
    """The token function of one call, and what it raised if it did."""

    def __init__(self, function: Callable[[], str | Awaitable[str]] | None) -> None:
        self._function = function
        self.failure: Exception | None = None

    def answer(self) -> str:
        """Calls the function on this thread."""
        try:
            token = self._ask()
        except Exception as failure:
            return self._failed(failure)
        return _answer(token)

    async def answer_async(self) -> str:
        """Calls the function, which may be a coroutine function, on this event loop."""
        try:
            token = self._ask()
            if hasattr(token, "__await__"):
                token = await token
        except Exception as failure:
            return self._failed(failure)
        return _answer(token)

    def _ask(self) -> str | Awaitable[str]:
        if self._function is None:
            raise LookupError("there is no token function")
        return self._function()

    def _failed(self, failure: Exception) -> str:
        # Only the kind crosses: the text of a stranger's exception may hold secrets, and what
        # crosses is logged. The caller has the whole exception as the cause of the error.
        self.failure = failure
        return encode({"error": f"the token function raised {type(failure).__name__}"})


def _answer(token: object) -> str:
    if isinstance(token, str):
        return encode({"token": token})
    return encode({"error": f"the token function returned {type(token).__name__}, not text"})
