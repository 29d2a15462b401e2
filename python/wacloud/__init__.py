"""WhatsApp messages through Meta's Cloud API.

    from wacloud import WhatsAppClient

    wa = WhatsAppClient.from_env()  # WA_PHONE_ID and WA_TOKEN
    sent = wa.send_text("+15550001234", "Hello")
    print(sent.id)

`WhatsAppClient` waits, `AsyncWhatsAppClient` is for asyncio; both have the same methods. A
`Message` is built first and sent later, or in bulk. Errors are in `wacloud.errors` and here.
"""

from __future__ import annotations

from wacloud import _generated
from wacloud._generated import *  # noqa: F403
from wacloud._generated import async_groups as _async_groups
from wacloud._generated.client import WhatsAppClient
from wacloud._native import version as _version
from wacloud._values import Media, Recipient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from wacloud._generated.async_client import AsyncWhatsAppClient
    from wacloud._generated.async_groups import *  # noqa: F403

__version__ = _version()

__all__ = ["AsyncWhatsAppClient", "Media", "Recipient", "WhatsAppClient", "__version__"]
__all__ += _generated.__all__
__all__ += _async_groups.__all__


def __getattr__(name: str) -> object:
    # asyncio costs more to import than all the rest: only those who use it pay.
    if name == "AsyncWhatsAppClient" or name in _async_groups.__all__:
        from wacloud._generated import async_client

        globals()[name] = found = getattr(async_client, name)
        return found
    if name in ("inbox", "journal", "webhooks"):
        # Not by a from-import: while that module loads, it would ask here for itself.
        from importlib import import_module

        return import_module(f"wacloud.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
