"""What the classes of errors have in common."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
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


def error_from_core(data: Mapping[str, Any]) -> WhatsAppError:
    """The exception that error data of the core describes."""
    from wacloud import errors

    cls: type[WhatsAppError] = getattr(errors, data["type"], errors.WhatsAppError)
    made = cls._made
    return cls(
        **{
            name: made[name](value) if name in made and value is not None else value
            for name, value in data.items()
            if name != "type"
        }
    )
