"""Webhooks: the vectors that every language runs, and what is Python's own."""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import json
import pickle
from collections.abc import Mapping
from typing import Any

import pytest
from conftest import REPOSITORY

import wacloud
from wacloud import ValidationError, WebhookSignatureError, WhatsAppError, errors, webhooks
from wacloud.webhooks import WebhookEvent

Json = dict[str, Any]


def load(name: str, *members: str) -> list[Any]:
    path = REPOSITORY / "tests" / "vectors" / "webhooks" / f"{name}.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    for vector in vectors:
        assert vector.keys() <= {"name", "error", *members}, vector["name"]
    return [pytest.param(vector, id=f"webhooks/{name}: {vector['name']}") for vector in vectors]


def body_of(vector: Json) -> bytes:
    if "body" in vector:
        return json.dumps(vector["body"]).encode()
    if "base64" in vector:
        return base64.b64decode(vector["base64"])
    if "pieces" in vector:
        return "".join(piece * times for piece, times in vector["pieces"]).encode()
    text: str = vector["text"]
    return text.encode()


def member(actual: Any, name: str) -> Any:
    if isinstance(actual, WhatsAppError) and name == "type":
        return type(actual).__name__
    if isinstance(actual, dict):
        return actual.get(name)
    return getattr(actual, name)


def check(place: str, expected: Any, actual: Any) -> None:
    if expected == "*":
        assert isinstance(actual, str), place
        assert actual, place
    elif isinstance(expected, dict):
        for name, value in expected.items():
            check(f"{place}.{name}", value, member(actual, name))
    elif isinstance(expected, list):
        assert len(expected) == len(actual), place
        for index, (one, other) in enumerate(zip(expected, actual, strict=False)):
            check(f"{place}[{index}]", one, other)
    else:
        assert actual == expected, place


def check_error(expected: Json, error: WhatsAppError) -> None:
    assert type(error) is getattr(errors, expected["type"])
    for name, value in expected.items():
        if name == "violations":
            told = [(violation.path, violation.rule) for violation in error.violations]  # type: ignore[attr-defined]
            assert told == [(violation["path"], violation["rule"]) for violation in value]
        else:
            check(name, value, member(error, name))


def at(body: Any, pointer: str) -> Any:
    for name in pointer.split("/")[1:]:
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


@pytest.mark.parametrize("vector", load("parse", "body", "text", "pieces", "base64", "events"))
def test_parse(vector: Json) -> None:
    if "error" in vector:
        with pytest.raises(WhatsAppError) as caught:
            webhooks.parse(body_of(vector))
        check_error(vector["error"], caught.value)
        return
    events = webhooks.parse(body_of(vector))
    assert len(events) == len(vector["events"])
    again = [event.key for event in webhooks.parse(body_of(vector))]
    for event, expected in zip(events, vector["events"], strict=False):
        assert isinstance(event, WebhookEvent)
        assert event.key
        assert event.key == again.pop(0)
        expected = dict(expected)
        if "at" in expected:
            assert event.raw == at(vector["body"], expected.pop("at"))
        if "raw" in expected:
            assert event.raw == expected.pop("raw")
        check("", expected, event)


@pytest.mark.parametrize("vector", load("verify", "app_secrets", "body", "header"))
def test_verify(vector: Json) -> None:
    arguments = vector["app_secrets"], vector["body"].encode(), vector["header"]
    if "error" not in vector:
        webhooks.verify(*arguments)
        return
    with pytest.raises(WhatsAppError) as caught:
        webhooks.verify(*arguments)
    check_error(vector["error"], caught.value)


@pytest.mark.parametrize("vector", load("challenge", "query", "verify_token", "result"))
def test_challenge(vector: Json) -> None:
    if "error" not in vector:
        assert webhooks.challenge(vector["query"], vector["verify_token"]) == vector["result"]
        return
    with pytest.raises(WhatsAppError) as caught:
        webhooks.challenge(vector["query"], vector["verify_token"])
    check_error(vector["error"], caught.value)


MESSAGE = {"from": "15550001234", "id": "wamid.A", "type": "text", "text": {"body": "Grüße 😀"}}
BODY = {
    "object": "whatsapp_business_account",
    "entry": [{"id": "1", "changes": [{"field": "messages", "value": {"messages": [MESSAGE]}}]}],
}
TEXT = json.dumps(BODY, ensure_ascii=False)


@pytest.mark.parametrize(
    "body", [TEXT, TEXT.encode(), bytearray(TEXT.encode()), memoryview(TEXT.encode())]
)
def test_bodies_of_every_kind(body: Any) -> None:
    [event] = webhooks.parse(body)
    assert event.text == "Grüße 😀"
    assert event.raw == MESSAGE
    digits = hmac.new(b"secret", TEXT.encode(), hashlib.sha256).hexdigest()
    webhooks.verify("secret", body, f"sha256={digits}")
    webhooks.verify(("old", "secret"), body, f"sha256={digits}".encode())


@pytest.mark.parametrize(("body", "kind"), [(BODY, "dict"), ([BODY], "list"), (None, "NoneType")])
def test_a_decoded_body_is_refused(body: Any, kind: str) -> None:
    for call in (lambda: webhooks.parse(body), lambda: webhooks.verify("s", body, "sha256=")):
        with pytest.raises(ValidationError, match="as it arrived, in bytes") as caught:
            call()
        [violation] = caught.value.violations
        assert (violation.path, violation.rule) == ("body", "type")
        assert violation.message.endswith(f"got {kind}")


def test_secrets_and_headers_as_programs_have_them() -> None:
    digits = hmac.new("sécret".encode(), TEXT.encode(), hashlib.sha256).hexdigest()
    header = f"sha256={digits}"
    given: list[Any] = ["sécret", "sécret".encode(), ["old", "sécret"], ("sécret",)]
    for secret in given:
        webhooks.verify(secret, TEXT, header)
        webhooks.verify(secret, TEXT.encode(), header.encode())
    several: Any = [header]
    webhooks.verify("sécret", TEXT, several)
    # The environment has none; a list was read from a file with an empty line, or with numbers.
    nothing: list[Any] = [None, "", b"", [], [None], ["sécret", ""], [7]]
    for secret in nothing:
        with pytest.raises(WebhookSignatureError) as caught:
            webhooks.verify(secret, TEXT, header)
        assert caught.value.reason == "secret"
    odd: list[tuple[Any, str]] = [
        (f"{header}\ud83d", "malformed"),
        (f"{header}ä".encode("latin-1"), "malformed"),
        ([], "missing"),
        (7, "missing"),
    ]
    for value, reason in odd:
        with pytest.raises(WebhookSignatureError) as caught:
            webhooks.verify("sécret", TEXT, value)
        assert caught.value.reason == reason


def test_more_kinds_of_events_than_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wacloud._event._MOST_NAMES", 1)
    [first] = webhooks.parse(TEXT)
    [second] = webhooks.parse(TEXT.replace('"id"', '"no_id"'))
    assert (first.id is None, second.id is None) == (False, True)
    assert webhooks.parse(TEXT) == [first]


def test_half_a_surrogate_pair_in_a_str() -> None:
    [event] = webhooks.parse(TEXT.replace("😀", "\ud83d"))
    assert event.text == "Grüße ?"


def test_queries_of_frameworks() -> None:
    members = {"hub.mode": "subscribe", "hub.verify_token": "t", "hub.challenge": "1"}

    class Query(Mapping[str, str]):
        def __getitem__(self, name: str) -> str:
            return members[name]

        def __iter__(self) -> Any:
            return iter(members)

        def __len__(self) -> int:
            return len(members)

    text = "hub.mode=subscribe&hub.verify_token=t&hub.challenge=1"
    of_bytes = {name.encode(): [value.encode()] for name, value in members.items()}
    for query in (members, Query(), text, text.encode(), of_bytes):
        assert webhooks.challenge(query, "t") == "1"  # type: ignore[arg-type]
    nothing: list[Any] = [{}, "", None]
    for query in nothing:
        with pytest.raises(WebhookSignatureError) as caught:
            webhooks.challenge(query, "t")
        assert caught.value.reason == "missing"


def test_events_are_plain_values() -> None:
    [event] = webhooks.parse(TEXT)
    [same] = webhooks.parse(TEXT)
    assert event == same
    assert event != webhooks.parse(TEXT.replace("Grüße", "Hallo"))[0]
    assert pickle.loads(pickle.dumps(event)) == event
    assert copy.deepcopy(event).raw == event.raw
    assert event.reply_to is None
    assert event.media == []
    assert event.forwarded is False
    with pytest.raises(AttributeError):
        _ = event.nothing  # type: ignore[attr-defined]


def test_a_repr_tells_nothing_personal() -> None:
    [event] = webhooks.parse(TEXT)
    assert repr(event).startswith("WebhookEvent(kind='message', type='text', channel='whatsapp'")
    assert "15550001234" not in repr(event)
    assert "Gr" not in repr(event)


def test_tests_can_make_events() -> None:
    event = WebhookEvent(kind="message", type="text", text="Hello")
    assert (event.text, event.user, event.media, event.raw) == ("Hello", None, [], None)
    assert event == WebhookEvent(kind="message", type="text", text="Hello")
    with pytest.raises(TypeError, match="colour"):
        WebhookEvent(colour="red")


def test_events_and_their_parts_have_every_member(manifest: Json) -> None:
    for name, schema in manifest["webhooks"].items():
        cls = getattr(webhooks, name)
        assert cls.__annotations__.keys() - {"_made"} == schema["properties"].keys()
        assert name in webhooks.__all__
        for found in schema["properties"]:
            assert f"{found}: " in (cls.__doc__ or ""), f"{name}.{found}"


def test_the_module_is_there_without_a_further_import() -> None:
    assert wacloud.webhooks is webhooks
    for name in webhooks.__all__:
        assert getattr(webhooks, name) is not None
