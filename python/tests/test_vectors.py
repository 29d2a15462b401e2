"""The contract that every language keeps, through the public methods of both clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from conftest import REPOSITORY

from wacloud import (
    AsyncWhatsAppClient,
    BulkResult,
    Message,
    SentMessage,
    WhatsAppClient,
    WhatsAppError,
)
from wacloud._generated.names import DURATIONS
from wacloud.testing import Sandbox
from wacloud.webhooks import WebhookEvent

# The core's names in Python's words.
NAMES = {core: python for python, core in DURATIONS.items()}

#: Stands for the number of the client.
NUMBER = "{phone_number_id}"

MEMBERS = {
    *("name", "operation", "params", "settings", "options", "faults", "bulk"),
    *("requests", "request_count", "result", "results", "error", "accepted"),
}

Json = dict[str, Any]

#: Vectors say which requests arrive: none of them fetches the definition of a template.
UNCHECKED: Json = {"check_templates": False}


def load() -> list[Any]:
    vectors = []
    for path in sorted((REPOSITORY / "tests" / "vectors").glob("*.json")):
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            unknown = vector.keys() - MEMBERS
            assert not unknown, f"{path.name}: {vector['name']}: {unknown} is not known here"
            vectors.append(pytest.param(vector, id=f"{path.stem}: {vector['name']}"))
    assert vectors
    return vectors


VECTORS = load()


def renamed(options: Json | None) -> Json:
    return {
        NAMES.get(name, name): of_python(name, value) for name, value in (options or {}).items()
    }


def of_python(name: str, value: Any) -> Any:
    return value / 1000 if name in NAMES and value is not None else value


def messages_of(bulk: Json, manifest: Json) -> list[Message]:
    return [built(operation, params, manifest) for operation, params, *_ in bulk["messages"]]


def built(operation: str, params: Json, manifest: Json) -> Message:
    build = getattr(Message, constructor(operation, manifest) or "")
    message: Message = build(**arguments(operation, params, manifest))
    return message


def constructor(operation: str, manifest: Json) -> str | None:
    found: str | None = known(operation, manifest)["constructor"]
    return found


def arguments(operation: str, params: Json, manifest: Json, number: str = NUMBER) -> Json:
    """The parameters; Python itself insists on those that are required, so `None` stands in."""
    required = known(operation, manifest)["params"].get("required", [])
    given = {name: as_event(value, number) for name, value in params.items()}
    return dict.fromkeys(required) | given


def as_event(value: Any, number: str) -> Any:
    """An event as `webhooks.parse` gives it, where a vector has the members of one."""
    if not isinstance(value, dict) or value.keys() != {"event"}:
        return value
    members = value["event"]
    number_id = members.get("number_id")
    return WebhookEvent(**members | {"number_id": number if number_id == NUMBER else number_id})


def known(operation: str, manifest: Json) -> Json:
    found: Json = next(row for row in manifest["operations"] if row["name"] == operation)
    return found


class Told:
    """What a bulk told, and how it ended."""

    def __init__(self) -> None:
        self.results: list[BulkResult] = []
        self.error: WhatsAppError | None = None


def shown(outcome: Any) -> list[object]:
    """What a program could log of it."""
    if isinstance(outcome, Told):
        errors = [result.error for result in outcome.results]
        return [*outcome.results, *errors, outcome.error]
    return [outcome]


def run_sync(client: WhatsAppClient, vector: Json, manifest: Json, number: str) -> Any:
    if "bulk" in vector:
        options = renamed(vector["bulk"]["options"])
        told = Told()
        try:
            for result in client.send_bulk(messages_of(vector["bulk"], manifest), **options):
                told.results.append(result)
        except WhatsAppError as error:
            told.error = error
        return told
    method = attrgetter(vector["operation"])(client)
    params = arguments(vector["operation"], vector["params"], manifest, number)
    return method(**params, **renamed(vector.get("options")))


async def run_async(client: AsyncWhatsAppClient, vector: Json, manifest: Json, number: str) -> Any:
    if "bulk" in vector:
        options = renamed(vector["bulk"]["options"])
        told = Told()
        try:
            async for result in client.send_bulk(messages_of(vector["bulk"], manifest), **options):
                told.results.append(result)
        except WhatsAppError as error:
            told.error = error
        return told
    method = attrgetter(vector["operation"])(client)
    params = arguments(vector["operation"], vector["params"], manifest, number)
    return await method(**params, **renamed(vector.get("options")))


def settings(vector: Json, tmp_path: Path) -> Json:
    """With a pace of its own: what holds back the number in one vector is nothing to the next."""
    own = {"pace": "host", "pace_dir": str(tmp_path / "pace")}
    return UNCHECKED | own | renamed(vector.get("settings"))


@pytest.mark.parametrize("vector", VECTORS)
def test_sync(
    vector: Json, sandbox: Sandbox, manifest: Json, show: Callable[..., None], tmp_path: Path
) -> None:
    vector = prepare(sandbox, vector, tmp_path)
    client = sandbox.client(**settings(vector, tmp_path))
    outcome: Any
    try:
        outcome = run_sync(client, vector, manifest, sandbox.phone_number_id)
    except WhatsAppError as error:
        outcome = error
    show(client, *shown(outcome))
    check(vector, outcome, sandbox)


@pytest.mark.parametrize("vector", VECTORS)
async def test_async(
    vector: Json, sandbox: Sandbox, manifest: Json, show: Callable[..., None], tmp_path: Path
) -> None:
    vector = prepare(sandbox, vector, tmp_path)
    client = sandbox.async_client(**settings(vector, tmp_path))
    outcome: Any
    try:
        outcome = await run_async(client, vector, manifest, sandbox.phone_number_id)
    except WhatsAppError as error:
        outcome = error
    show(client, *shown(outcome))
    check(vector, outcome, sandbox)


@pytest.mark.parametrize("vector", VECTORS)
def test_payload(vector: Json, manifest: Json) -> None:
    """What `payload()` shows is what is sent, and what is wrong with it is told alike."""
    requests, error = vector.get("requests"), vector.get("error", {})
    if "bulk" in vector or constructor(vector["operation"], manifest) is None:
        return
    message = built(vector["operation"], vector["params"], manifest)
    if requests:
        payload = message.payload()
        assert without_made_up_tracker(payload, vector) == requests[0]["body"]
        assert Message.from_payload(payload).payload() == payload
    # Without `requests` it is only told where there is a client.
    elif error.get("type") == "ValidationError" and requests is not None:
        with pytest.raises(WhatsAppError) as raised:
            message.payload()
        check_error(error, raised.value)


def prepare(sandbox: Sandbox, vector: Json, tmp_path: Path) -> Json:
    """The vector with the files and addresses that it names, and its faults on their way."""
    text = json.dumps(vector)
    for name, value in {
        "{files}": str(REPOSITORY / "tests" / "vectors" / "files"),
        "{temp}": str(tmp_path),
        "{base_url}": sandbox.url,
    }.items():
        text = text.replace(name, json.dumps(value)[1:-1])
    prepared: Json = json.loads(text)
    for fault in prepared.get("faults", []):
        sandbox.fault(**fault)
    return prepared


def check(vector: Json, outcome: Any, sandbox: Sandbox) -> None:
    if "bulk" in vector:
        check_bulk(vector, outcome)
    else:
        checks: dict[str, Callable[[Any, Any], None]] = {
            "result": check_result,
            "error": check_error,
        }
        (expected,) = checks.keys() & vector.keys()
        checks[expected](vector[expected], outcome)
    requests = sandbox.requests()
    if "requests" in vector:
        told = [
            {
                "method": request["method"],
                "path": request["path"],
                "body": without_made_up_tracker(request["body"], vector),
            }
            for request in requests
        ]
        ids = {
            "phone_number_id": sandbox.phone_number_id,
            "business_account_id": sandbox.business_account_id,
        }
        assert told == [
            {**request, "path": request["path"].format_map(ids)} for request in vector["requests"]
        ]
    assert len(requests) == vector.get("request_count", len(requests))
    assert len(sandbox.messages()) == vector.get("accepted", len(sandbox.messages()))


def without_made_up_tracker(body: Any, vector: Json) -> Any:
    if not isinstance(body, dict):
        return body
    given = vector.get("params", {})
    tracker = "biz_opaque_callback_data"
    if given.get("tracker") or tracker in str(given):
        return body
    return {name: value for name, value in body.items() if name != tracker}


def check_result(expected: Json, outcome: Any) -> None:
    assert not isinstance(outcome, WhatsAppError), outcome
    if isinstance(outcome, SentMessage):
        assert str(outcome) == outcome.id
    check_members(expected, outcome)


def check_bulk(vector: Json, told: Any) -> None:
    check_results(vector["results"], told.results)
    if "error" in vector:
        check_error(vector["error"], told.error)
    else:
        assert told.error is None


def check_results(expected: list[Json], outcome: list[BulkResult]) -> None:
    assert all(isinstance(result, BulkResult) for result in outcome)
    outcome = sorted(outcome, key=lambda result: result.index)
    assert len(outcome) == len(expected)
    for wanted, result in zip(expected, outcome, strict=True):
        wanted = dict(wanted)
        error = wanted.pop("error", None)
        check_members(wanted, result)
        if error is not None:
            check_error(error, result.error)
        assert (result.sent is None) == (result.outcome != "accepted")


def check_error(expected: Json, outcome: Any) -> None:
    assert isinstance(outcome, WhatsAppError), outcome
    members = dict(expected)
    assert type(outcome).__name__ == members.pop("type")
    violations = members.pop("violations", None)
    if violations is not None:
        told = [{"path": v.path, "rule": v.rule} for v in outcome.violations]  # type: ignore[attr-defined]
        key = json.dumps
        assert sorted(told, key=key) == sorted(violations, key=key)
    check_members(members, outcome)
    assert str(outcome) == outcome.message


def check_members(expected: Json, found: Any) -> None:
    for name, value in expected.items():
        told = found.get(name) if isinstance(found, dict) else getattr(found, name)
        check_member(value, told, name)


def check_member(value: Any, told: Any, name: str) -> None:
    if value == "*":
        assert isinstance(told, str)
        assert told
    elif isinstance(value, dict):
        check_members(value, told)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        assert len(told) == len(value), name
        for wanted, item in zip(value, told, strict=True):
            check_member(wanted, item, name)
    else:
        assert told == value, name
