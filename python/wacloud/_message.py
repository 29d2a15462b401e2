"""What the class `Message` can do besides being made."""

from __future__ import annotations

from wacloud import _native
from wacloud._errors import error_from_core
from wacloud._json import decode, encode
from wacloud._values import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class MessageBase:
    """An operation that sends a message, and its parameters."""

    __slots__ = ("operation", "params")

    def __init__(self, operation: str, params: dict[str, Any]) -> None:
        self.operation = operation
        self.params = {name: value for name, value in params.items() if value is not None}

    def payload(self) -> dict[str, Any]:
        """The request body that would go out, as Graph takes it. Nothing is sent.

        Raises:
            ValidationError: The message has mistakes; all of them are told.
        """
        envelope = decode(_native.payload(self.operation, encode(self.params)))
        if "error" in envelope:
            raise error_from_core(envelope["error"])
        payload: dict[str, Any] = envelope["ok"]
        return payload

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MessageBase):
            return NotImplemented
        return self.operation == other.operation and self.params == other.params

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        payload = self.params.get("payload")
        graph: dict[str, Any] = payload if isinstance(payload, dict) else {}
        kind = graph.get("type", self.operation.removeprefix("send_"))
        to = self.params.get("to", graph.get("to", graph.get("recipient")))
        return f"<Message {kind} to {redacted(to)}>"


def operation_and_params(message: object) -> tuple[str, dict[str, Any]]:
    """What a message consists of."""
    if not isinstance(message, MessageBase):
        raise TypeError(
            f"expected a message, made with Message.text and its sisters, "
            f"got {type(message).__name__}"
        )
    return message.operation, message.params
