"""What Meta tells by webhook, for any web framework.

    from wacloud import webhooks

    webhooks.verify(app_secret, request.body, request.headers.get("X-Hub-Signature-256"))
    for event in webhooks.parse(request.body):
        if event.kind == "message" and not event.standby:
            print(event.user, event.text)

`challenge` answers the GET with which Meta makes sure of an address. Events of WhatsApp, Messenger
and Instagram have one shape, `WebhookEvent`.
"""

from __future__ import annotations

from wacloud import _native
from wacloud._errors import error_from_core
from wacloud._generated import webhooks as _webhooks
from wacloud._generated.webhooks import *  # noqa: F403
from wacloud._generated.webhooks import WebhookEvent
from wacloud._json import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    #: The body of a request as it arrived.
    Body: TypeAlias = bytes | bytearray | memoryview | str

__all__ = ["challenge", "parse", "verify"]
__all__ += _webhooks.__all__


def challenge(query: str | bytes | Mapping[str, Any] | None, verify_token: str) -> str:
    """Answers the GET with which Meta makes sure that an address is yours.

    Args:
        query: The query of the request: its text (a whole address will do), or its members by
            name, each a text or a list of them. `hub_mode` is taken for `hub.mode`.
        verify_token: The word that you have given Meta together with the address.

    Returns:
        The whole body of the answer, to be sent as plain text with status 200.

    Raises:
        WebhookSignatureError: It is no such request (`reason` is `missing`), it has another token
            (`mismatch`), or `verify_token` is empty (`secret`). Answer 403.
    """
    if query is None:  # as some servers tell of a request without one
        query = ""
    if isinstance(query, bytes):
        query = query.decode("utf-8", "replace")
    given = query if isinstance(query, str) else _texts(query)
    arguments = encode({"query": given, "verify_token": verify_token})
    answer: str = _ok(_native.webhook("challenge", arguments, b""))
    return answer


def verify(app_secret: str | Sequence[str], raw_body: Body, header: str | bytes | None) -> None:
    """Checks that a delivery comes from Meta.

    Args:
        app_secret: The secret of your app, or several, where one is being exchanged or several
            apps deliver to one address.
        raw_body: The bytes of the body as they arrived. JSON that was read and written again has
            another signature.
        header: The request's `X-Hub-Signature-256`; `None` if it has none.

    Raises:
        WebhookSignatureError: There is no header (`reason` is `missing`), it has another form
            (`malformed`), it does not fit secret and body (`mismatch`), or there is no secret
            (`secret`). Answer 401 or 403.
        ValidationError: `raw_body` is no bytes.
    """
    if isinstance(app_secret, str):
        secrets = [app_secret.encode("utf-8", "replace")]
    else:
        # Where there is none, as in an environment without it, that is refused as an empty one is.
        given = (app_secret,) if isinstance(app_secret, bytes) else app_secret or ()
        secrets = [_octets(secret) or b"" for secret in given]
    if isinstance(header, list):  # as some servers have headers
        header = header[0] if header else None
    body = raw_body if isinstance(raw_body, bytes) else _bytes(raw_body)
    refusal = _native.verify(secrets, _octets(header), body)
    if refusal is not None:
        raise error_from_core(decode(refusal)["error"])


def parse(raw_body: Body) -> list[WebhookEvent]:
    """Makes events of a delivery: one for every message, status, call and change, in their order.

    Nothing is left out. What has no name here is an event of kind `other`, a part that is not as it
    should be takes nothing else with it, and `raw` has each item as it was received. Check the
    delivery first, with `verify`.

    Args:
        raw_body: The bytes of the body as they arrived.

    Raises:
        ValidationError: It is no JSON, neither an object nor a list, nested more than 100 levels
            deep, or more than 100,000 events.
    """
    body = raw_body if isinstance(raw_body, bytes) else _bytes(raw_body)
    return WebhookEvent.list_from_core(_ok(_native.webhook("parse", "", body)), body)


def _ok(answer: str) -> Any:
    envelope = decode(answer)
    if "error" in envelope:
        raise error_from_core(envelope["error"])
    return envelope["ok"]


def _bytes(body: Body) -> bytes:
    if isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode("utf-8", "replace")
    if isinstance(body, (bytearray, memoryview)):
        return bytes(body)
    _ok(_native.webhook("refuse", encode({"got": type(body).__name__}), b""))
    raise AssertionError


def _octets(value: object) -> bytes | None:
    """The bytes of a secret or header; of what is neither text nor bytes none."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else None


def _texts(query: Mapping[Any, Any]) -> dict[str, Any]:
    return {_text(name): _text(query[name]) for name in query}


def _text(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (list, tuple)):
        return [_text(item) for item in value]
    return value
