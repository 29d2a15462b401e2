"""What the class of webhook events has in common with nothing else: it is cheap to make."""

from __future__ import annotations

from sys import intern

from wacloud._json import decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, ClassVar

    from typing_extensions import Self

# Lists that are there in any case.
_LISTS = frozenset({"media", "errors"})


# Which members an event has, by the text that names them. Most events have the same ones.
_names: dict[str, tuple[str, ...]] = {}
_MOST_NAMES = 1000


def _learn(text: str) -> tuple[str, ...]:
    if len(_names) >= _MOST_NAMES:
        _names.clear()
    names = _names[text] = tuple(intern(name) for name in text.split(" "))
    return names


class _Part:
    """A member that is more than JSON: it is made when somebody asks for it first."""

    def __init__(self, name: str, make: Callable[[Any], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, event: Event | None, cls: type[Event]) -> Any:
        if event is None:
            return self
        parts = event._parts
        if parts is None:
            parts = event._parts = {}
        if self.name not in parts:
            told = event.__dict__.get(self.name)
            if told is not None:
                parts[self.name] = self.make(told)
            else:
                parts[self.name] = [] if self.name in _LISTS else None
        return parts[self.name]

    def __set__(self, event: Event, value: Any) -> None:
        if event._parts is None:
            event._parts = {}
        event._parts[self.name] = value


#: What is needed to answer an event.
_ANSWERED = ("kind", "channel", "number_id", "id", "sender", "sender_user_id", "group_id")


class Event:
    """Attributes, most of them plain; what is absent is the class's own. Compared by value."""

    __slots__ = ("__dict__", "__weakref__", "_item", "_parts")

    #: Members that are more than JSON, and what makes them.
    _made: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    #: The item as it was received.
    raw: Any

    #: Its text, until somebody asks for `raw`.
    _item: bytes | None

    #: Those members, as far as they have been asked for.
    _parts: dict[str, Any] | None

    def __init_subclass__(cls) -> None:
        for name, make in cls._made.items():
            setattr(cls, name, _Part(name, make))

    def __init__(self, **members: Any) -> None:
        """Makes an event, as tests need it. What comes from Meta is made by `webhooks.parse`."""
        self._item = self._parts = None
        self.raw = None
        # Only who stores events asks for it, and it is made of what Meta said.
        self.key = ""
        for name, value in members.items():
            if name not in type(self).__annotations__:
                raise TypeError(f"{type(self).__name__} has no member {name!r}")
            setattr(self, name, value)

    @classmethod
    def list_from_core(cls, answer: Sequence[Any], body: bytes) -> list[Self]:
        told = iter(answer)
        repaired = next(told)
        if repaired is not None:
            # It was not well-formed, and what stands there now is.
            body = repaired.encode()
        new = cls.__new__
        events = []
        # To say `strict=False` takes longer than to make the iterator.
        for values, text, start, end in zip(told, told, told, told):  # noqa: B905
            event = new(cls)
            event.__dict__ = dict(zip(_names.get(text) or _learn(text), values))  # noqa: B905
            event._item = body[start:end]
            event._parts = None
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
        if type(other) is not type(self):
            return NotImplemented
        members = type(self).__annotations__
        return all(getattr(self, name) == getattr(other, name) for name in members)

    # Attributes can be set, so there is no hash that would stay.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        # Neither who it is from nor what it says, which are personal.
        names = ("kind", "type", "channel", "id", "status")
        shown = [(name, getattr(self, name)) for name in names]
        members = ", ".join(f"{name}={value!r}" for name, value in shown if value is not None)
        return f"{type(self).__name__}({members})"
