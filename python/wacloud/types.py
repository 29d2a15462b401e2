"""The types of parameters, for annotations. Nothing here is needed to send messages."""

from __future__ import annotations

from wacloud._generated import types as _types
from wacloud._generated.types import *  # noqa: F403

__all__ = [*_types.__all__]
