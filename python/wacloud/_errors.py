"""What the classes of errors have in common."""

from __future__ import annotations

from wacloud._generated.names import DURATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, ClassVar

    from wacloud.errors import WhatsAppError


class BaseError(Exception):
    """An error of the core: its message, and its fields as attributes. Can be pickled."""

    #: Members that are more than JSON, and what makes them.
    _made: ClassVar[Mapping[str, Callable[[Any], Any]]] = {}

    def __init__(self, message: str = "", **fields: Any) -> None:
        super().__init__(message)
        self.message = message
        for name, value in fields.items():
            setattr(self, name, value)


# The core's names of what Python takes in seconds.
_SETTINGS = {core: python for python, core in DURATIONS.items()}


def error_from_core(data: Mapping[str, Any]) -> WhatsAppError:
    """The exception that error data of the core describes."""
    from wacloud import errors

    cls: type[WhatsAppError] = getattr(errors, data["type"], errors.WhatsAppError)
    if data.get("setting") in _SETTINGS:
        data = _in_our_words(data)
    made = cls._made
    return cls(
        **{
            name: made[name](value) if name in made and value is not None else value
            for name, value in data.items()
            if name != "type"
        }
    )


def errors_from_core(data: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Several of them, as webhooks tell them."""
    return [error_from_core(error) for error in data]


def _in_our_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """An error about a duration, under the name and in the unit that the caller gave it."""
    import re

    core = data["setting"]
    name = _SETTINGS[core]
    message = data["message"].replace(f"{core}:", f"{name}:", 1)
    message = message.replace("a whole number of at least 0", "a number of seconds, at least 0")
    message = re.sub(
        r"(?<=got the number )-?\d+(\.\d+)?(e[+-]?\d+)?",
        lambda number: f"{float(number[0]) / 1000:g}",
        message,
    )
    return {**data, "setting": name, "message": message}
