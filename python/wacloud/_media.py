"""Files to upload: whatever a caller has, as something that the core can read.

A stream is read into a temporary file first, a piece at a time: the core needs to know how long a
file is, may have to send it twice, and must not hold it in memory.
"""

from __future__ import annotations

from os import PathLike, fsdecode

from wacloud._generated.results import UploadProgress
from wacloud._values import Media

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable, Mapping
    from typing import Any, BinaryIO, TypeAlias

    # A path, bytes, something to read bytes from, or what `Media.file` and `Media.bytes` make.
    MediaFile: TypeAlias = (
        str
        | PathLike[str]
        | bytes
        | bytearray
        | memoryview
        | Media
        | BinaryIO
        | Iterable[bytes]
        | AsyncIterable[bytes]
    )

# How much is read at a time.
_PIECE = 64 * 1024

# Nothing longer can be uploaded; the core says so when it sees the file.
_MOST = 100 * 1024 * 1024


# The calls whose file may be anything that bytes come from.
UPLOADS = frozenset({"media.upload", "media.upload_handle"})


class Upload:
    """The file of one call: what crosses for it, and what has to go away afterwards."""

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = dict(params)
        progress = self.params.get("progress")
        self._progress: Callable[[UploadProgress], object] | None = None
        if callable(progress):
            del self.params["progress"]
            self._progress = progress
        self._temporary: Any = None

    def options(self, options: Mapping[str, Any]) -> Mapping[str, Any]:
        return options if self._progress is None else {**options, "progress": True}

    def read(self) -> None:
        """Makes the file something that crosses, on the caller's thread."""
        file: Any = self.params.get("file")
        if isinstance(file, PathLike):
            self.params["file"] = fsdecode(file)
        elif isinstance(file, (bytes, bytearray, memoryview)):
            self.params["file"] = Media.bytes(file)
        elif hasattr(file, "read"):
            self._spool(iter(lambda: file.read(_PIECE), b""), getattr(file, "name", None))
        elif hasattr(type(file), "__iter__") and not isinstance(file, (str, dict, list, tuple)):
            self._spool(iter(file), None)

    async def read_async(self) -> None:
        """The same, also of what is read by awaiting."""
        file: Any = self.params.get("file")
        if not hasattr(type(file), "__aiter__"):
            return self.read()
        spool = self._begin(None)
        async for piece in file:
            if not self._add(spool, piece):
                return None
        return self._end(spool)

    def _spool(self, pieces: Any, name: object) -> None:
        spool = self._begin(name)
        for piece in pieces:
            if not self._add(spool, piece):
                return
        self._end(spool)

    def _begin(self, name: object) -> Any:
        from tempfile import NamedTemporaryFile

        if isinstance(name, str) and self.params.get("filename") is None:
            self.params["filename"] = name.replace("\\", "/").rsplit("/", 1)[-1] or None
        # By hand: on Windows nobody else could open it before it is closed.
        self._temporary = NamedTemporaryFile(prefix="wacloud-", delete=False)  # noqa: SIM115
        return self._temporary

    def _add(self, spool: Any, piece: object) -> bool:
        if not isinstance(piece, (bytes, bytearray, memoryview)):
            # The core refuses it where it stands.
            self.params["file"] = {"$unsupported": f"a stream of {type(piece).__name__}"}
            return False
        spool.write(piece)
        if spool.tell() > _MOST:
            self._end(spool)
            return False
        return True

    def _end(self, spool: Any) -> None:
        spool.close()
        self.params["file"] = Media.file(spool.name)
        if self.params.get("filename") is None:
            # Not the name of the temporary file.
            self.params["filename"] = "file"

    def tell(self, told: Mapping[str, Any]) -> object:
        """Calls the caller's function when there is something to tell."""
        if self._progress is None or "progress" not in told:
            return None
        return self._progress(UploadProgress.from_core(told["progress"]))

    def close(self) -> None:
        """Removes what was made for the call."""
        if self._temporary is not None:
            from contextlib import suppress
            from os import unlink

            self._temporary.close()
            with suppress(OSError):
                unlink(self._temporary.name)
