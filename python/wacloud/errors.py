"""Every error of wacloud. All derive from `WhatsAppError`."""

from __future__ import annotations

from wacloud._generated import errors as _errors
from wacloud._generated.errors import *  # noqa: F403

__all__ = [*_errors.__all__]
