"""What the classes of results have in common."""

from __future__ import annotations

from wacloud._values import redacted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, ClassVar

    from typing_extensions import Self

# Members that say who somebody is: a repr shows their end only.
_PERSONAL = frozenset(
    {"to", "wa_id", "user_id", "previous_wa_id", "previous_user_id", "input", "username"}
)


class _Part:
    """A member that is a result or an error itself: it is made when somebody asks for it first.
    Of a bulk's results most people read one member."""

    __slots__ = ("_get", "_make", "_set")

    def __init__(self, slot: Any, make: Callable[[Any], Any]) -> None:
        self._get, self._set, self._make = slot.__get__, slot.__set__, make

    def __get__(self, result: Result | None, cls: type[Result]) -> Any:
        if result is None:
            return self
        value = self._get(result)
        if type(value) is dict:
            value = self._make(value)
            self._set(result, value)
        return value

    def __set__(self, result: Result, value: Any) -> None:
        self._set(result, value)


class Result:
    """Something the core gave back: plain attributes, compared by value."""

    __slots__: tuple[str, ...] = ()

    #: Members that are more than JSON, and what makes them.
    _made: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    #: The names of the members.
    _known: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls._known = frozenset(cls.__slots__)
        for name, make in cls._made.items():
            setattr(cls, name, _Part(getattr(cls, name), make))

    @classmethod
    def from_core(cls, data: Mapping[str, Any]) -> Self:
        for name, make in cls._made.items():
            value = data.get(name)
            if type(value) is list:
                data = {**data, name: make(value)}
        if not cls._known.issuperset(data):
            # What a later core tells beyond that is left out.
            data = {name: value for name, value in data.items() if name in cls._known}
        return cls(**data)

    @classmethod
    def list_from_core(cls, data: Sequence[Mapping[str, Any]]) -> list[Self]:
        return [cls.from_core(member) for member in data]

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    # Attributes can be set, so there is no hash that would stay.
    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        members = []
        for name in self.__slots__:
            value = getattr(self, name)
            shown = redacted(value) if name in _PERSONAL and value is not None else repr(value)
            members.append(f"{name}={shown}")
        return f"{type(self).__name__}({', '.join(members)})"


def as_it_is(value: Any) -> Any:
    """For what comes back as plain JSON."""
    return value
