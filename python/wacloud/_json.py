"""JSON text for the core, from whatever the caller gave.

Building a message never raises, and sending one reports every mistake at its path. So a value that
JSON cannot carry (bytes, a date, NaN, half a surrogate pair) does not end in a ``TypeError`` of the
json module: it crosses as ``{"$unsupported": "bytes"}``, and the core refuses it where it stands.
"""

from __future__ import annotations

from math import isfinite

from wacloud._results import Result
from wacloud._values import Value, media_of, path_to_core

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["decode", "encode", "milliseconds", "to_core"]

# What the core's own reader takes.
_MAX_DEPTH = 100


def encode(value: object) -> str:
    """JSON text of ``value``. Never raises because of what is in it."""
    try:
        text = (_encode or _load_encode())(value)
        # Half a surrogate pair has no UTF-8, which is what crosses.
        text.encode()
    except (TypeError, ValueError, RecursionError):
        text = (_encode or _load_encode())(_carried(value, frozenset()))
    return text


def decode(text: str) -> Any:
    """What JSON text of the core says."""
    return (_decode or _load_decode())(text)


def to_core(options: Mapping[str, Any], durations: Mapping[str, str]) -> dict[str, Any]:
    """Options in the core's words: without those left out, durations in milliseconds."""
    return {
        durations.get(name, name): milliseconds(value) if name in durations else value
        for name, value in options.items()
        if value is not None
    }


def milliseconds(seconds: Any) -> Any:
    """Seconds as whole milliseconds; what is no number stays as it is, for the core to refuse."""
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and isfinite(seconds):
        return round(seconds * 1000)
    return seconds


def _unsupported(kind: str) -> dict[str, str]:
    return {"$unsupported": kind}


def _stand_in(value: object) -> Any:
    """What crosses for an object that json does not know."""
    to_core = getattr(type(value), "to_core", None)
    if to_core is not None:
        return to_core(value)
    if hasattr(value, "__fspath__"):
        return path_to_core(value)
    if isinstance(value, Result) and "id" in type(value).__slots__:
        # An accepted message or an upload stands for its id, as its text does.
        return str(value)
    instead = media_of(value)
    return _unsupported(type(value).__name__) | ({"$instead": instead} if instead else {})


# json brings re along, which is more than half of what there is to import: only who uses it pays.
_encode: Callable[[object], str] | None = None
_decode: Callable[[str], Any] | None = None


def _load_encode() -> Callable[[object], str]:
    global _encode
    from json import JSONEncoder, encoder

    encode = JSONEncoder(
        ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_stand_in
    ).encode
    # That makes an encoder in C anew for each text, which takes longer than to use it. Where there
    # is one of the form that we know, it is made once.
    make: Any = getattr(encoder, "c_make_encoder", None)
    try:
        text = encoder.encode_basestring
        pieces = make(None, _stand_in, text, None, ":", ",", False, False, False)
    except TypeError:
        _encode = encode
    else:
        _encode = lambda value: "".join(pieces(value, 0))  # noqa: E731
    return _encode


def _load_decode() -> Callable[[str], Any]:
    global _decode
    from json import JSONDecoder

    # What `loads` does around that, for text that may be anything, takes as long as a short answer.
    decoder: Any = JSONDecoder()
    scan = decoder.scan_once
    _decode = lambda text: scan(text, 0)[0]  # noqa: E731
    return _decode


def _carried(value: object, around: frozenset[int]) -> object:
    """A copy of ``value`` in which everything can cross. ``around``: the containers it lies in."""
    if isinstance(value, str):
        return value if _is_unicode(value) else _unsupported("text with half a surrogate pair")
    if isinstance(value, float):
        return value if isfinite(value) else _unsupported(repr(float(value)))
    if isinstance(value, int):
        return value if value.bit_length() < 64 else _unsupported("a number beyond 64 bits")
    if isinstance(value, Value):
        return _carried(value.to_core(), around)
    if not isinstance(value, (dict, list, tuple)):
        return value
    if id(value) in around or len(around) == _MAX_DEPTH:
        return _unsupported(f"a {type(value).__name__} nested without end")
    inside = around | {id(value)}
    if isinstance(value, dict):
        if not all(isinstance(key, str) and _is_unicode(key) for key in value):
            return _unsupported("a dict with keys that are no text")
        return {key: _carried(member, inside) for key, member in value.items()}
    return [_carried(member, inside) for member in value]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
