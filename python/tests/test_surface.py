"""Both clients, `Message`, results and errors have what the manifest names, and nothing else."""

from __future__ import annotations

import inspect
import sys
from operator import attrgetter
from typing import Any, get_type_hints

import pytest

import wacloud
from wacloud import AsyncWhatsAppClient, Message, WhatsAppClient, WhatsAppError, inbox, types

Json = dict[str, Any]

# What the package brings along besides the operations.
BY_HAND = {
    *("send", "send_bulk", "reply", "react", "pace", "stats"),
    *("from_env", "with_options", "set_access_token"),
}
CLIENTS = [(WhatsAppClient, {"close"}), (AsyncWhatsAppClient, {"aclose"})]


def python_name(name: str, schema: Json) -> str:
    return name.removesuffix("_ms") if schema.get("format") == "duration-ms" else name


def expected(schema: Json, required: set[str] | None = None) -> dict[str, bool]:
    """The parameters for an object's members, and whether each is required."""
    needed = set(schema.get("required", [])) if required is None else required
    return {
        python_name(name, member): name in needed for name, member in schema["properties"].items()
    }


def parameters(function: Any, *without: str) -> dict[str, bool]:
    """A function's parameters, and whether each is required; only those may be positional."""
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        required = parameter.default is inspect.Parameter.empty
        kind = parameter.POSITIONAL_OR_KEYWORD if required else parameter.KEYWORD_ONLY
        assert parameter.kind is kind, f"{function.__qualname__}({name})"
        assert required or parameter.default is None
        if name not in without:
            found[name] = required
    return found


def public(cls: type) -> set[str]:
    return {name for name in dir(cls) if not name.startswith("_")}


@pytest.mark.parametrize(("client", "closing"), CLIENTS)
def test_clients_have_every_operation(client: Any, closing: set[str], manifest: Json) -> None:
    operations = {operation["name"]: operation for operation in manifest["operations"]}
    groups = {group["name"] for group in manifest["groups"]}
    alone = {name for name in operations if "." not in name}
    assert public(client) == alone | groups | BY_HAND | closing
    options = expected(manifest["call_options"])
    for name, operation in operations.items():
        method = attrgetter(name)(Classes(client))
        own = expected(operation["params"])
        assert parameters(method, "self") == own | options
        check_docs(method, own | options)
        assert inspect.iscoroutinefunction(method) == (client is AsyncWhatsAppClient)
        assert method.__annotations__["return"] == operation["output"]
        assert hasattr(wacloud, operation["output"])


class Classes:
    """A client's methods, and those of its groups, as functions of their classes."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._client, name)
        if not isinstance(found, property):
            return found
        assert found.fget is not None
        return getattr(sys.modules[self._client.__module__], found.fget.__annotations__["return"])


@pytest.mark.parametrize(("client", "closing"), CLIENTS)
def test_groups_have_their_operations_and_nothing_else(
    client: Any, closing: set[str], manifest: Json
) -> None:
    for group in manifest["groups"]:
        name = group["name"]
        cls = getattr(Classes(client), name)
        prefix = f"{name}."
        own = {o["name"]: o for o in manifest["operations"] if o["name"].startswith(prefix)}
        lists = {f"{n}_all" for n, o in own.items() if "after" in o["params"]["properties"]}
        assert public(cls) == {n.removeprefix(prefix) for n in own.keys() | lists}
        assert inspect.getdoc(cls)
        assert not hasattr(cls(None), "__dict__")
        for method in lists:
            operation = own[method.removesuffix("_all")]
            taken = expected(operation["params"]) | expected(manifest["call_options"])
            taken = {n: needed for n, needed in taken.items() if n not in ("after", "before")}
            assert parameters(attrgetter(method)(Classes(client)), "self") == taken


@pytest.mark.parametrize(("client", "closing"), CLIENTS)
def test_clients_have_every_setting(client: Any, closing: set[str], manifest: Json) -> None:
    required = {"phone_number_id", "access_token"}
    settings = expected(manifest["settings"], required)
    assert parameters(client.__init__, "self") == settings
    check_docs(client.__init__, settings)
    assert types.Settings.__annotations__.keys() == settings.keys()
    options = expected(manifest["call_options"])
    send_options = options | expected(manifest["send_options"])
    assert parameters(client.send, "self", "message") == send_options
    check_docs(client.send, send_options)
    for method, what in ((client.reply, "message"), (client.react, "emoji")):
        assert parameters(method, "self") == {"event": True, what: True} | options
        check_docs(method, {"event": True, what: True})
        assert inspect.iscoroutinefunction(method) == (client is AsyncWhatsAppClient)
    bulk_options = expected(manifest["bulk_options"])
    assert parameters(client.send_bulk, "self", "messages") == bulk_options
    check_docs(client.send_bulk, bulk_options)


def test_messages_have_every_constructor(manifest: Json) -> None:
    constructors = {o["constructor"]: o for o in manifest["operations"] if o["constructor"]}
    own = {"operation", "params", "payload"}
    assert public(Message) == constructors.keys() | own
    for name, operation in constructors.items():
        constructor = getattr(Message, name)
        assert parameters(constructor) == expected(operation["params"])
        check_docs(constructor, expected(operation["params"]))


def test_results_have_every_member(manifest: Json) -> None:
    for name, schema in manifest["results"].items():
        cls = getattr(wacloud, name)
        assert set(cls.__slots__) == schema["properties"].keys()
        assert set(inspect.signature(cls).parameters) == schema["properties"].keys()
        assert not hasattr(cls(**dict.fromkeys(cls.__slots__)), "__dict__")


def test_errors_have_every_field(manifest: Json) -> None:
    for error in manifest["errors"]:
        cls = getattr(wacloud, error["name"])
        assert getattr(wacloud.errors, error["name"]) is cls
        parent = getattr(wacloud, error["parent"]) if error["parent"] else WhatsAppError
        assert issubclass(cls, parent)
        assert cls.__doc__
        hints = {name for base in cls.__mro__ for name in getattr(base, "__annotations__", {})}
        assert {field["name"] for field in error["fields"]} <= hints


def test_waiting_and_asyncio_offer_the_same() -> None:
    for one, other in (
        (inbox.Dedup, inbox.AsyncDedup),
        (inbox.ServiceWindow, inbox.AsyncServiceWindow),
    ):
        assert public(one) == public(other)
        for name in public(one) - {"to_core"}:
            method, waited = getattr(one, name), getattr(other, name)
            assert inspect.iscoroutinefunction(waited)
            assert inspect.signature(method) == inspect.signature(waited)
            assert inspect.getdoc(method)


def test_shared_objects_have_types(manifest: Json) -> None:
    for name, schema in manifest["$defs"].items():
        by_hand = name in inbox.__all__ or name in wacloud.__all__
        if schema.get("properties") and not by_hand:
            hints = get_type_hints(getattr(types, name))
            assert hints.keys() == schema["properties"].keys()


def test_everything_public_is_there() -> None:
    for module in (wacloud, wacloud.errors, inbox, types):
        for name in module.__all__:
            assert getattr(module, name) is not None
            assert name in dir(module)
    assert wacloud.__version__ == wacloud._native.version()
    with pytest.raises(AttributeError):
        _ = wacloud.nothing


def check_docs(function: Any, names: dict[str, bool]) -> None:
    docs = inspect.getdoc(function)
    assert docs, function.__qualname__
    for name in names:
        assert f"{name}: " in docs, f"{function.__qualname__}({name})"
