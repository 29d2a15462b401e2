"""Recipients and media that say what they are, where plain text would leave it to its looks."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Value:
    """A value that crosses to the core as something of its own. Immutable."""

    __slots__ = ("_core",)

    _core: Any

    def __init__(self, core: Any) -> None:
        object.__setattr__(self, "_core", core)

    def to_core(self) -> Any:
        return self._core

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._core == other._core

    def __hash__(self) -> int:
        return hash(repr(self._core))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._core,)


class Recipient(Value):
    """Who a message goes to.

    Plain text does as well: ``"+1 555 000 1234"`` is a phone number and ``"US.1349…"`` a
    business-scoped user id. Groups must be named.
    """

    __slots__ = ()

    @staticmethod
    def phone(number: str) -> Recipient:
        """A phone number, ``+`` or ``00`` and the country code first."""
        return Recipient(number)

    @staticmethod
    def user(user_id: str) -> Recipient:
        """A business-scoped user id (``US.1349…``), as webhooks carry it."""
        return Recipient({"user": user_id})

    @staticmethod
    def group(group_id: str) -> Recipient:
        """A group, by the id that Meta gave it."""
        return Recipient({"group": group_id})

    def __repr__(self) -> str:
        kind, value = _kind_and_value(self._core, "phone")
        return f"<Recipient {kind} {redacted(value)}>"


class Media(Value):
    """An image, a document …: a link that Meta fetches, or the id of an upload.

    Plain text does as well: ``https://…`` is a link, digits are a media id. Anything else is
    refused, because text from outside must never read a file.
    """

    __slots__ = ()

    @staticmethod
    def link(url: str) -> Media:
        """A link that Meta fetches when the message is sent."""
        return Media({"link": url})

    @staticmethod
    def id(media_id: str) -> Media:
        """The id of an upload (valid for 30 days) or of received media (7 days)."""
        return Media({"id": media_id})

    def __repr__(self) -> str:
        kind, value = _kind_and_value(self._core, "link")
        return f"<Media {kind} {value!r}>"


def _kind_and_value(core: Any, plain: str) -> tuple[str, Any]:
    return next(iter(core.items())) if isinstance(core, dict) else (plain, core)


def redacted(value: object) -> str:
    """The end of a phone number or an id: reprs land in logs, and whose they are is personal."""
    if isinstance(value, Value):
        return redacted(_kind_and_value(value.to_core(), "")[1])
    return f"…{value[-2:]}" if isinstance(value, str) and len(value) > 4 else "…"
