"""Errors as Python exceptions."""

from __future__ import annotations

import copy
import pickle

import pytest

import wacloud
from wacloud import (
    ApiError,
    ConfigError,
    DeliveryUnknownError,
    NotSentError,
    RateLimitError,
    ValidationError,
    Violation,
    WhatsAppClient,
    WhatsAppError,
)
from wacloud.testing import Sandbox

TO = "+15550001234"


def test_an_answer_of_meta_has_its_details(sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=131056, times=0)
    with pytest.raises(ApiError) as raised:
        # Not the recipient of the other tests: this one is held back from now on.
        sandbox.client(max_wait=0.2).send_text("+15550009999", "Hello")
    error = raised.value
    assert isinstance(error, RateLimitError)
    assert (error.code, error.scope, error.outcome) == (131056, "pair", "rejected")
    assert error.retryable
    assert not error.may_have_been_sent
    assert error.help in str(error)
    assert error.attempts >= 1


@pytest.mark.parametrize("to", [TO, "call me"])
def test_errors_can_be_copied_and_pickled(to: str, sandbox: Sandbox) -> None:
    sandbox.fault("graph_error", code=131047)
    with pytest.raises(WhatsAppError) as raised:
        sandbox.client().send_text(to, "Hello")
    error = raised.value
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is type(error)
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


def test_violations_are_values() -> None:
    violation = Violation(path="to", rule="format", message="no number")
    error = ValidationError("1 mistake", violations=[violation])
    assert pickle.loads(pickle.dumps(error)).violations == [violation]


def test_a_wrong_setting_is_told_by_the_constructor() -> None:
    with pytest.raises(ConfigError) as raised:
        WhatsAppClient("1065", "token", base_url="http://example.com")
    assert raised.value.setting == "base_url"
    assert raised.value.outcome == "not_sent"
    client = WhatsAppClient("1065", "token")
    with pytest.raises(ConfigError):
        client.with_options(max_retries=1000)
    in_seconds = r"connect_timeout: must be a number of seconds, at least 0, got the number -1\."
    with pytest.raises(ConfigError, match=in_seconds) as negative:
        client.with_options(connect_timeout=-1)
    assert negative.value.setting == "connect_timeout"
    with pytest.raises(TypeError):
        client.with_options(no_such_setting=1)  # type: ignore[call-arg]


def test_the_token_shows_nowhere(sandbox: Sandbox) -> None:
    token = "EAAG-very-secret"
    client = sandbox.client(access_token=token, base_url="http://127.0.0.1:1", max_retries=0)
    with pytest.raises(NotSentError) as refused:
        client.send_text(TO, "Hello")
    with pytest.raises(wacloud.AuthenticationError) as rejected:
        sandbox.client(access_token=token).send_text(TO, "Hello")
    for text in (client, refused.value, vars(refused.value), rejected.value, vars(rejected.value)):
        assert token not in repr(text)
        assert token not in str(text)
    with pytest.raises(ConfigError) as broken:
        WhatsAppClient("1065", f"{token}\n")
    assert token not in str(broken.value)


def test_a_closed_client_sends_nothing(sandbox: Sandbox) -> None:
    with sandbox.client() as client:
        client.send_text(TO, "Hello")
    with pytest.raises(NotSentError) as raised:
        client.send_text(TO, "Hello")
    assert raised.value.reason == "closed"
    with pytest.raises(NotSentError):
        client.send_bulk([])
    assert len(sandbox.messages()) == 1


def test_errors_are_found_where_people_look() -> None:
    assert wacloud.errors.RateLimitError is RateLimitError
    assert issubclass(RateLimitError, ApiError)
    assert issubclass(DeliveryUnknownError, WhatsAppError)
    assert RateLimitError.__module__ == "wacloud"


def test_settings_come_from_the_environment(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WA_PHONE_ID", "WA_TOKEN", "WA_BASE_URL", "WA_API_VERSION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigError) as missing:
        WhatsAppClient.from_env()
    assert missing.value.setting == "phone_number_id"
    told = str(missing.value)
    assert "the environment variables WA_PHONE_ID and WA_TOKEN are not set. " in told
    assert "API Setup" in told
    assert "`wacloud sandbox` needs no account" in told
    # One traceback, and one only, ends a program without settings.
    assert missing.value.__context__ is None
    monkeypatch.setenv("WA_PHONE_ID", sandbox.phone_number_id)
    with pytest.raises(ConfigError, match="access_token: the environment variable WA_TOKEN is not"):
        WhatsAppClient.from_env()
    with pytest.raises(ConfigError, match="variable WA_TOKEN is not set"):
        WhatsAppClient.from_env(phone_number_id="1")
    monkeypatch.setenv("WA_TOKEN", sandbox.token)
    monkeypatch.setenv("WA_BASE_URL", sandbox.url)
    assert WhatsAppClient.from_env(max_wait=5.0).send_text(TO, "Hello").id
    with pytest.raises(wacloud.AuthenticationError):
        WhatsAppClient.from_env(access_token="another").send_text(TO, "Hello")
    monkeypatch.setenv("WA_TOKEN", "two words")
    with pytest.raises(ConfigError, match="access_token, from WA_TOKEN: ") as wrong:
        WhatsAppClient.from_env()
    assert "two words" not in str(wrong.value)
    with pytest.raises(ConfigError, match="access_token: "):
        WhatsAppClient.from_env(access_token="two words")
    monkeypatch.delenv("WA_BASE_URL")
    monkeypatch.setenv("WA_TOKEN", "sandbox-token")
    with pytest.raises(ConfigError, match="from WA_TOKEN: is the sandbox's") as astray:
        WhatsAppClient.from_env()
    assert "set base_url (WA_BASE_URL in the environment)" in str(astray.value)


def test_options_of_a_call(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=60_000)
    with pytest.raises(DeliveryUnknownError) as raised:
        sandbox.client().send_text(TO, "Hello", timeout=1.5, max_wait=1, priority="urgent")
    assert raised.value.reason == "timeout"
    with pytest.raises(ConfigError):
        sandbox.client().send_text(TO, "Hello", priority="now")  # type: ignore[arg-type]
