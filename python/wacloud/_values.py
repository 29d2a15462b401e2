"""Recipients and media that say what they are, where plain text would leave it to its looks."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from os import PathLike
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


class Held:
    """A file or bytes that the core keeps for messages, under a name that nobody can guess: a path
    in JSON could come from anywhere. It goes when nobody here refers to it any more."""

    __slots__ = ("described", "name", "size")

    def __init__(self, described: dict[str, str], data: bytes | None = None) -> None:
        from wacloud import _native
        from wacloud._json import decode, encode

        self.described = described
        self.size = None if data is None else len(data)
        # What cannot be kept is told where it is sent.
        self.name: str = decode(_native.hold(encode(described), data)).get("ok", "")

    def __del__(self) -> None:
        # At exit the module may be gone already, and everything with it.
        with_core = _let_go
        if with_core is not None:
            with_core(getattr(self, "name", ""))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Held) or self.size is not None:
            return self is other
        return other.size is None and self.described == other.described

    def __hash__(self) -> int:
        return hash(repr(self)) if self.size is None else id(self)

    def __repr__(self) -> str:
        path = self.described.get("path")
        return f"file {path!r}" if path is not None else f"bytes ({self.size})"

    def __reduce__(self) -> tuple[Any, ...]:
        if self.size is not None:
            raise TypeError("Media.bytes cannot be pickled: save the bytes, or upload them first")
        return Held, (self.described,)


def _let_go(name: str) -> None:
    # While Python ends nothing can be imported any more, and there is nothing left to let go of.
    native = sys.modules.get("wacloud._native")
    if native is not None:
        native.let_go(name)


# Files that stood in messages, so that each is kept once: the newest, and those before.
_files: tuple[dict[object, Held], dict[object, Held]] = ({}, {})
_MOST_FILES = 4096


def path_to_core(path: Any) -> Any:
    """What crosses for a path that stands where media belong."""
    global _files
    from os import fsdecode

    text = fsdecode(path)
    file = _state(text)
    newest, before = _files
    held = newest.get(file) or before.get(file)
    if held is None:
        held = Held({"path": text})
    if file not in newest:
        if len(newest) >= _MOST_FILES:
            newest, before = {}, newest
            _files = (newest, before)
        newest[file] = held
    # Where no media belong, it is told as what it is.
    return {"upload": held.name, "$unsupported": "path"}


def _state(path: str) -> object:
    """What tells a file from another one that is written to the same path later: the core must not
    take the one for the other."""
    from os import stat
    from time import time_ns

    try:
        file = stat(path)
    except (OSError, ValueError):
        return path
    # What changed just now could change once more within one tick of the clock and look the same,
    # so it is nothing but itself. Some file systems count in seconds, in every other one at worst.
    tick = 50_000_000 if file.st_ctime_ns % 1_000_000_000 else 2_000_000_000
    if time_ns() - file.st_ctime_ns < tick:
        return object()
    return (path, file.st_dev, file.st_ino, file.st_size, file.st_mtime_ns, file.st_ctime_ns)


def media_of(value: object) -> str | None:
    """How media are made of what is none, as a program writes it."""
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "Media.bytes(data)"
    if not hasattr(value, "read"):
        return None
    is_of_a_path = isinstance(getattr(value, "name", None), str)
    return "Media.file(path)" if is_of_a_path else "Media.bytes(file.read())"


class Media(Value):
    """An image, a document …: a link that Meta fetches, the id of an upload, or a file that is
    uploaded when the message is sent.

    Plain text does as well: ``https://…`` is a link, digits are a media id. Anything else is
    refused, because text from outside must never read a file. A ``pathlib.Path`` is a file, and
    what `media.upload` answered stands for its id.

    A file is uploaded once, however many people it is sent to: its id is kept for 29 days, by
    content and number, in this process or in the file of the setting ``media_cache``.
    """

    __slots__ = ()

    def to_core(self) -> Any:
        return {"upload": self._core.name} if isinstance(self._core, Held) else self._core

    @staticmethod
    def file(
        path: str | PathLike[str], *, filename: str | None = None, mime_type: str | None = None
    ) -> Media:
        """A file of this machine. Its type, told by its content and its name, and its size are
        checked when the message is sent.

        Args:
            path: Where it is. Never take it from a message.
            filename: The name that it goes under. Its own unless given.
            mime_type: Its type, where content and name do not tell it.
        """
        if not isinstance(path, (str, bytes)) and not hasattr(path, "__fspath__"):
            # Told where it is sent, with everything else that is wrong.
            return Media({"file": path})
        return Media(Held(_described(filename, mime_type, path)))

    @staticmethod
    def bytes(
        data: bytes | bytearray | memoryview,
        *,
        filename: str | None = None,
        mime_type: str | None = None,
    ) -> Media:
        """Bytes, uploaded like a file. They are copied once, however many messages they are in.

        Args:
            data: The bytes.
            filename: The name that they go under.
            mime_type: Their type, where their content does not tell it.
        """
        if not isinstance(data, (bytes, bytearray, memoryview)):
            try:
                data = memoryview(data)
            except TypeError:
                # What was given stays here: it may be a long text.
                return Media({"bytes": {"$unsupported": type(data).__name__}})
        return Media(Held(_described(filename, mime_type), memoryview(data).tobytes()))

    @staticmethod
    def link(url: str) -> Media:
        """A link that Meta fetches when the message is sent."""
        return Media({"link": url})

    @staticmethod
    def id(media_id: str) -> Media:
        """The id of an upload (valid for 30 days) or of received media (7 days)."""
        return Media({"id": media_id})

    def __repr__(self) -> str:
        if isinstance(self._core, Held):
            return f"<Media {self._core!r}>"
        kind, value = _kind_and_value(self._core, "link")
        return f"<Media {kind} {value!r}>"


def _described(
    filename: str | None, mime_type: str | None, path: str | PathLike[str] | None = None
) -> dict[str, str]:
    given = {"filename": filename, "mime_type": mime_type}
    described = {name: value for name, value in given.items() if value is not None}
    if path is not None:
        from os import fsdecode

        described["path"] = fsdecode(path)
    return described


def _kind_and_value(core: Any, plain: str) -> tuple[str, Any]:
    return next(iter(core.items())) if isinstance(core, dict) else (plain, core)


def redacted(value: object) -> str:
    """The end of a phone number or an id: reprs land in logs, and whose they are is personal."""
    if isinstance(value, Value):
        return redacted(_kind_and_value(value.to_core(), "")[1])
    return f"…{value[-2:]}" if isinstance(value, str) and len(value) > 4 else "…"
