"""What `wacloud.testing.Sandbox` sends to a webhook."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from receiving import Receiver

from wacloud import WindowClosedError
from wacloud.testing import Sandbox

TO = "+15550001234"


def test_statuses_follow_and_are_signed(sandbox: Sandbox, receiver: Receiver) -> None:
    assert sandbox.webhook(receiver.url, first_retry_ms=1)["subscribed"] is True
    receiver.answers = [503]
    sent = sandbox.client().send_text(TO, "Hello", tracker="order-1")
    sandbox.flush_webhooks()

    statuses = receiver.items("statuses")
    assert {status["status"] for status in statuses} == {"sent", "delivered", "read"}
    assert {(s["id"], s["biz_opaque_callback_data"]) for s in statuses} == {(sent.id, "order-1")}
    for signature, body in receiver.came:
        digest = hmac.new(sandbox.app_secret.encode(), body, hashlib.sha256).hexdigest()
        assert signature == f"sha256={digest}"
    assert sandbox.messages()[0]["status"] == "read"
    first = sandbox.webhooks(state="delivered")[0]
    assert [attempt["status"] for attempt in first["attempts"]] == [503, 200]
    assert first["payload"]["object"] == "whatsapp_business_account"


def test_customers_write(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.webhook(receiver.url, statuses=[], batch=10, hold_ms=60_000)
    written = sandbox.customer(TO, text="Grüße", name="Ana", reply_to="wamid.x")
    sandbox.customer("US.134912086", button_reply={"id": "yes", "title": "Yes"})
    assert sandbox.webhooks() == [], "both are held back for one POST"
    sandbox.flush_webhooks()
    text, reply = receiver.items("messages")
    assert len(receiver.came) == 1
    assert (text["id"], text["from"]) == (written["id"], "15550001234")
    assert (text["text"]["body"], text["context"]["id"]) == ("Grüße", "wamid.x")
    assert ("from" in reply, reply["from_user_id"]) == (False, "US.134912086")
    assert receiver.items("contacts")[0]["profile"]["name"] == "Ana"
    with pytest.raises(ValueError, match="a content is required"):
        sandbox.customer(TO)


def test_any_payload_is_sent(sandbox: Sandbox, receiver: Receiver) -> None:
    sandbox.webhook(receiver.url)
    assert sandbox.post_webhook({"object": "page"}) == 0
    assert sandbox.post_webhook(b"\xff") == 1
    sandbox.flush_webhooks()
    assert [body for _, body in receiver.came] == [b'{"object": "page"}', b"\xff"]


def test_what_does_not_work_is_told(sandbox: Sandbox, receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="403"):
        sandbox.webhook(receiver.url, verify_token="another")
    with pytest.raises(ValueError, match="https is not spoken"):
        sandbox.webhook("https://example.com/webhook")
    assert sandbox.webhook()["subscribed"] is False
    sandbox.webhook(receiver.url)
    receiver.answers = [500] * 3
    sandbox.customer(TO, text="Hello")
    with pytest.raises(TimeoutError, match="1 webhooks"):
        sandbox.flush_webhooks(timeout=0.05)


def test_the_window_closes_as_time_goes_by() -> None:
    with Sandbox(window=True, pair_rate=False, app_secret="s", verify_token="v") as sandbox:
        assert (sandbox.app_secret, sandbox.verify_token) == ("s", "v")
        client = sandbox.client()
        sandbox.customer(TO, text="Hello?")
        assert client.send_text(TO, "Hello!").id
        sandbox.advance_clock(24 * 3600)
        with pytest.raises(WindowClosedError):
            client.send_text(TO, "Hello!")
