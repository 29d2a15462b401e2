"""What the class of webhook events has in common with nothing else: it is cheap to make."""

from __future__ import annotations

from wacloud._json import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar

    from typing_extensions import Self


#: What is needed to answer an event.
_ANSWERED = ("kind", "channel", "number_id", "id", "sender", "sender_user_id", "group_id")


class Event:
    """Plain attributes; what is absent is the class's own. Compared by value."""

    __slots__ = ("__dict__", "__weakref__", "_item")

    #: Members that are more than JSON, and what makes them.
    _made: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    #: The item as it was received.
    raw: Any

    #: Its text, until somebody asks for `raw`.
    _item: bytes | None

    def __init__(self, **members: Any) -> None:
        """Makes an event, as tests need it. What comes from Meta is made by `webhooks.parse`."""
        for name in members:
            if name not in type(self).__annotations__:
                raise TypeError(f"{type(self).__name__} has no member {name!r}")
        self._item = None
        members.setdefault("media", [])
        members.setdefault("errors", [])
        members.setdefault("raw", None)
        self.__dict__.update(members)

    @classmethod
    def list_from_core(cls, answer: Mapping[str, Any], body: bytes) -> list[Self]:
        if "text" in answer:
            # It was not well-formed, and what stands there now is.
            body = answer["text"].encode()
        made, is_made = cls._made, cls._made.keys()
        new = cls.__new__
        events = []
        spans = iter(answer["spans"])
        for members, start, end in zip(answer["events"], spans, spans, strict=False):
            for name in is_made & members.keys():
                value = members[name]
                if value:
                    members[name] = made[name](value)
            event = new(cls)
            event.__dict__ = members
            event._item = body[start:end]
            events.append(event)
        return events

    if not TYPE_CHECKING:  # to a type checker every name would be there

        def __getattr__(self, name: str) -> Any:
            # Few ask for it, and it costs as much as all the rest.
            if name == "raw" and self._item is not None:
                raw = self.__dict__["raw"] = decode(self._item.decode())
                self._item = None
                return raw
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def to_core(self) -> dict[str, Any]:
        """Where an event stands for whoever wrote it, or for what they wrote."""
        return {"event": {name: getattr(self, name) for name in _ANSWERED}}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Event):
            return NotImplemented
        # Asked for, it is a member like the others.
        _ = self.raw, other.raw
        return self.__dict__ == other.__dict__

    # Attributes can be set, so there is no hash that would stay.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # Neither who it is from nor what it says, which are personal.
        names = ("kind", "type", "channel", "id", "status")
        shown = [(name, getattr(self, name)) for name in names]
        members = ", ".join(f"{name}={value!r}" for name, value in shown if value is not None)
        return f"{type(self).__name__}({members})"
