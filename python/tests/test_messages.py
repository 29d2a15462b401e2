"""Messages that are built: payloads, equality, what their repr shows, what cannot be JSON."""

from __future__ import annotations

import copy
import datetime
import enum
import math
import pathlib
import pickle
from decimal import Decimal
from typing import Any

import pytest

from wacloud import Media, Message, Recipient, ValidationError, WhatsAppClient

TO = "+15550001234"


def violations(message: Message) -> list[tuple[str, str, str]]:
    with pytest.raises(ValidationError) as raised:
        message.payload()
    return [(v.path, v.rule, v.message) for v in raised.value.violations]


def test_a_payload_is_what_graph_takes() -> None:
    assert Message.text(TO, "Hello", preview_url=True).payload() == {
        "messaging_product": "whatsapp",
        "to": TO,
        "type": "text",
        "text": {"body": "Hello", "preview_url": True},
    }


def test_a_payload_becomes_a_message_again() -> None:
    message = Message.template(TO, "order_update", "en_US", body=["Ana", "#1042"], tracker="t-1")
    payload = message.payload()
    assert Message.from_payload(payload).payload() == payload


def test_building_never_raises() -> None:
    wrong: Any = object()
    message = Message.buttons(wrong, wrong, wrong, footer=wrong)
    assert {path for path, _, _ in violations(message)} == {
        "to",
        "interactive.body.text",
        "interactive.action.buttons",
        "interactive.footer.text",
    }


def test_all_mistakes_are_told_at_once() -> None:
    title = "t" * 21
    message = Message.buttons("call me", "", [{"id": "a", "title": title}] * 4)
    paths = [path for path, _, _ in violations(message)]
    assert "to" in paths
    assert "interactive.body.text" in paths
    assert "interactive.action.buttons" in paths
    assert "interactive.action.buttons[0].reply.title" in paths


class Shape:
    pass


nested: list[Any] = []
nested.append(nested)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (b"Hello", "bytes"),
        (bytearray(b"Hello"), "bytearray"),
        (datetime.date(2026, 1, 1), "date"),
        (Decimal("1.5"), "Decimal"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (10**5000, "64 bits"),
        ("half a pair: \ud83d", "surrogate"),
        ({1, 2}, "set"),
        (Shape(), "Shape"),
        (pathlib.Path("a.jpg"), "path"),
        ({b"key": 1}, "keys"),
        (nested, "list"),
        ({"deep": nested}, "object"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_carry_is_a_violation_at_its_place(value: Any, told: str) -> None:
    ((path, rule, message),) = violations(Message.text(TO, value))
    assert (path, rule) == ("text.body", "type")
    assert told in message


def test_what_has_no_end_is_cut() -> None:
    endless: Any = {"messaging_product": "whatsapp", "to": TO, "type": "text", "text": nested}
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert violations(Message.from_payload(endless))
    assert violations(Message.text(deep, deep))


def test_one_bad_value_leaves_its_neighbours_alone() -> None:
    bad: Any = [b"x", "fine", "\udc00"]
    message = Message.template(TO, "order_update", "en_US", body=bad)
    assert [path for path, _, _ in violations(message)] == [
        "template.components[0].parameters[0].text",
        "template.components[0].parameters[2].text",
    ]


class Text(str):
    pass


class Language(str, enum.Enum):
    GERMAN = "de"


def test_kinds_of_text_are_text() -> None:
    payload = Message.template(Text(TO), "promo", Language.GERMAN, body=(Text("Ana"),)).payload()
    assert payload["to"] == TO
    assert payload["template"]["language"]["code"] == "de"


def test_a_path_is_a_file_where_media_belong_and_text_never_is() -> None:
    path: Any = pathlib.Path("a.jpg")
    assert Message.image(TO, path).payload()["image"] == {"file": "a.jpg"}
    header = Message.buttons(TO, "Yes?", [{"id": "y", "title": "Yes"}], header={"image": path})
    assert header.payload()["interactive"]["header"]["image"] == {"file": "a.jpg"}
    alone = Message.buttons(TO, "Yes?", [{"id": "y", "title": "Yes"}], header=path)
    assert alone.payload()["interactive"]["header"]["image"] == {"file": "a.jpg"}
    ((where, _, message),) = violations(Message.text(TO, path))
    assert (where, "path" in message) == ("text.body", True)
    assert violations(Message.image(TO, str(path)))


def test_recipients_and_media_say_what_they_are() -> None:
    assert Message.text(Recipient.user("US.13491208655302741918"), "x").payload()["recipient"]
    assert Message.text(Recipient.group("g1"), "x").payload()["recipient_type"] == "group"
    assert Message.text(Recipient.phone("0015550001234"), "x").payload()["to"] == TO
    assert Message.image(TO, Media.id("1013")).payload()["image"] == {"id": "1013"}
    link = "https://example.com/a.jpg"
    assert Message.image(TO, Media.link(link)).payload()["image"] == {"link": link}
    assert Message.image(TO, link).payload()["image"] == {"link": link}


def test_messages_are_compared_by_value() -> None:
    assert Message.text(TO, "a") == Message.text(TO, "a")
    assert Message.text(TO, "a") == Message.text(TO, "a", reply_to=None)
    assert Message.text(TO, "a") != Message.text(TO, "b")
    assert Message.text(TO, "a") != "a"
    assert Recipient.user("US.1") == Recipient.user("US.1") != Recipient.group("US.1")
    assert len({Media.id("1"), Media.id("1"), Media.link("https://a.example")}) == 2


def test_a_repr_shows_neither_texts_nor_numbers() -> None:
    message = Message.text(TO, "my secret")
    assert repr(message) == "<Message text to …34>"
    assert repr(Message.from_payload(message.payload())) == "<Message text to …34>"
    assert repr(Message.text(Recipient.user("US.1349120"), "x")) == "<Message text to …20>"
    assert TO not in repr(Recipient.phone(TO))
    assert "5550001234" not in repr(Recipient.user("US.5550001234"))


def test_messages_can_be_copied_and_pickled() -> None:
    for message in (
        Message.text(TO, "Hello"),
        Message.image(Recipient.user("US.1349"), Media.id("1013"), caption="New"),
    ):
        assert pickle.loads(pickle.dumps(message)) == message
        assert copy.deepcopy(message) == message


def test_values_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Recipient.user("US.1").anything = 1


def test_only_messages_are_sent() -> None:
    client = WhatsAppClient("1", "t")
    nothing: Any = "Hello"
    with pytest.raises(TypeError, match=r"Message\.text"):
        client.send(nothing)
    with pytest.raises(TypeError):
        client.send_bulk(Message.text(TO, "Hello"))  # type: ignore[arg-type]
