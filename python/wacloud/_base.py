"""What the sync and the async client have in common: settings, and handing work to the core."""

from __future__ import annotations

import os
from os import PathLike, fspath

from wacloud import _native
from wacloud._errors import error_from_core
from wacloud._generated.names import DURATIONS
from wacloud._generated.results import ClientStats, PaceReport
from wacloud._json import decode, encode, to_core
from wacloud._log import tell, wanted
from wacloud._message import operation_and_params
from wacloud._tokens import Tokens

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Self, Unpack

    from wacloud._generated.types import AsyncTokenFunction, Settings, TokenFunction

# The settings that `from_env` reads, and where.
_ENVIRONMENT = {
    "phone_number_id": "WA_PHONE_ID",
    "access_token": "WA_TOKEN",
    "business_account_id": "WA_BUSINESS_ACCOUNT_ID",
    "base_url": "WA_BASE_URL",
    "api_version": "WA_API_VERSION",
}


class _Given(dict):  # type: ignore[type-arg]
    """Settings as they were given. Token and proxy hold secrets, and tools that report errors like
    to show the attributes of everything that was near."""

    def __repr__(self) -> str:
        return f"<{len(self)} settings>"


class ClientBase:
    """A client's settings and its side of the core."""

    _settings: dict[str, Any]
    _core: _native.Client
    _closed: bool

    def _configure(
        self, settings: Mapping[str, Any], copy_of: _native.Client | None = None
    ) -> None:
        config = to_core(settings, DURATIONS)
        if copy_of is not None:
            config["copy_of"] = _look(copy_of, "family")
        token = config.get("access_token")
        if callable(token):
            del config["access_token"]
            config["token_callback"] = True
        core = _native.Client(encode(config))
        problem = core.error()
        if problem is not None:
            raise error_from_core(decode(problem))
        self._settings = _Given(settings)
        self._core = core
        self._token_function = token if callable(token) else None
        self._closed = False
        if wanted() is not None:
            tell({"log": _look(core, "warnings")})

    @classmethod
    def from_env(cls, **settings: Unpack[Settings]) -> Self:
        """A client of the number in the environment: ``WA_PHONE_ID`` and ``WA_TOKEN``.

        ``WA_BUSINESS_ACCOUNT_ID``, ``WA_BASE_URL`` and ``WA_API_VERSION`` count when they are set.
        Settings given here come before the environment.

        Raises:
            ConfigError: Variables are missing, all of which it tells, or a setting is wrong.
        """
        found = {
            name: os.environ[variable]
            for name, variable in _ENVIRONMENT.items()
            if os.environ.get(variable)
        }
        from wacloud.errors import ConfigError

        missing = [
            name
            for name in ("phone_number_id", "access_token")
            if name not in found and settings.get(name) is None
        ]
        if missing:
            problem = _native.Client(encode({"missing": missing})).error()
            assert problem is not None
            raise error_from_core(decode(problem))
        try:
            return cls(**{**found, **settings})
        except ConfigError as error:
            if error.setting in settings or error.setting not in found:
                raise
            about = f"{error.setting}, from {_ENVIRONMENT[error.setting]}:"
            message = error.message.replace(f"{error.setting}:", about, 1)
            raise ConfigError(**{**vars(error), "message": message}) from None

    def with_options(self, **settings: Unpack[Settings]) -> Self:
        """A copy with some settings changed. Cheap: connections and pace stay common.

        Raises:
            ConfigError: A setting is wrong.
        """
        unknown = sorted(settings.keys() - self._settings.keys())
        if unknown:
            raise TypeError(f"with_options() got an unexpected keyword argument {unknown[0]!r}")
        copy = type(self).__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy._configure({**self._settings, **settings}, copy_of=self._core)
        return copy

    def set_access_token(self, access_token: str | TokenFunction | AsyncTokenFunction) -> None:
        """Uses another access token from now on; calls and bulks under way end with the old one.

        Copies that were made before (`with_options`, `phone`) keep theirs: where many are to
        follow, give them a function.

        Args:
            access_token: The new token, or a function that returns it.

        Raises:
            ConfigError: It is no token; the old one stays.
        """
        copy = self.with_options(access_token=access_token)
        self._settings, self._core = copy._settings, copy._core
        self._token_function = copy._token_function

    def stats(self) -> ClientStats:
        """What this client has done since it was made, together with its copies.

        Asks nobody and waits for nothing. After a fork the child counts anew.
        """
        return ClientStats.from_core(_look(self._core, "stats"))

    def pace(self) -> PaceReport:
        """What is going on with the pace of the number: how fast it goes, how many wait, and
        whether Meta has refused.

        Asks nobody and waits for nothing: of a Redis server it tells what that said last.
        """
        return PaceReport.from_core(_look(self._core, "pace"))

    def __repr__(self) -> str:
        number = self._settings["phone_number_id"]
        return f"<{type(self).__name__} phone_number_id={number!r}>"

    def _submit(
        self,
        operation: str,
        params: Mapping[str, Any],
        options: Mapping[str, Any],
        held: list[_native.Call] | None = None,
    ) -> _native.Call:
        """Begins a call. Who waits for it without an event loop gives a list that holds it from its
        first moment on: Ctrl-C may come before the call is returned."""
        self._check_open()
        given = {name: value for name, value in params.items() if value is not None}
        return self._core.submit(operation, encode(given), _options(options), held)

    def _start_bulk(self, options: Mapping[str, Any]) -> _native.Bulk:
        self._check_open()
        journal = options.get("journal")
        if isinstance(journal, PathLike):
            options = {**options, "journal": fspath(journal)}
        return self._core.bulk(_options(options))

    def _tokens(self) -> Tokens:
        return Tokens(self._token_function)

    def _check_open(self) -> None:
        if self._closed:
            raise error_from_core(_CLOSED)


def answering(event: object, message: object) -> tuple[str, dict[str, Any]]:
    """The operation and parameters of a message that quotes an event."""
    if isinstance(event, str):
        # It would do for a recipient as well as for the id of a message, and is only one of them.
        problem = "reply takes an event of webhooks.parse, got a str: to write to a number use send"
        raise TypeError(problem)
    if isinstance(message, str):
        return "send_text", {"to": event, "body": message, "reply_to": event}
    operation, params = operation_and_params(message)
    return operation, {**params, "reply_to": event}


def _options(options: Mapping[str, Any]) -> str:
    core = to_core(options, DURATIONS)
    if "fallback" in core:
        core["fallback"] = operation_and_params(core["fallback"])
    level = wanted()
    if level is not None:
        core["log"] = level
    return encode(core)


def _look(core: _native.Client, what: str) -> Any:
    """The core's answer to a local question."""
    envelope = decode(core.look(encode({"what": what})))
    if "error" in envelope:
        raise error_from_core(envelope["error"])
    return envelope["ok"]


_CLOSED = {
    "type": "NotSentError",
    "message": "The client was closed, so nothing was sent. Make a new one, or close it later.",
    "outcome": "not_sent",
    "may_have_been_sent": False,
    "tracker": None,
    "attempts": 0,
    "reason": "closed",
    "retry_after": None,
}
