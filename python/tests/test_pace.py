"""What a client says about its pace, and what it takes for settings of it."""

from pathlib import Path
from typing import Any

import pytest

from wacloud import ConfigError, NotSentError, RateLimitError
from wacloud.testing import Sandbox

TO = "+15550001234"


def test_the_pace_of_a_client_that_has_done_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    pace = sandbox.client(rate=20, pace="host", pace_dir=str(tmp_path)).pace()
    assert (pace.store, pace.rate, pace.waiting, pace.parked) == ("host", 20, 0, 0)
    assert pace.current_rate == pytest.approx(19.4)
    assert (pace.held_back_ms, pace.refused, pace.last_code) == (0, 0, None)
    assert sandbox.client(rate=0).pace().current_rate == 0
    assert sandbox.client().pace().store == "process"


def test_a_refusal_shows(sandbox: Sandbox, tmp_path: Path) -> None:
    client = sandbox.client(pace="host", pace_dir=str(tmp_path))
    sandbox.fault("graph_error", code=130429)
    client.send_text(TO, "Hello")
    pace = client.pace()
    assert (pace.refused, pace.last_code) == (1, 130429)
    assert pace.current_rate < 0.97 * pace.rate
    # Another client of the same host is told the same, but for what only the first has met.
    other = sandbox.client(pace="host", pace_dir=str(tmp_path), max_retries=1).pace()
    assert other.refused == 1


@pytest.mark.parametrize("code", [131056, 131057])
def test_who_is_held_back_learns_for_how_long(sandbox: Sandbox, tmp_path: Path, code: int) -> None:
    # A book of its own: the hold outlasts the test.
    client = sandbox.client(pace="host", pace_dir=str(tmp_path), max_wait=1)
    sandbox.fault("graph_error", code=code, retry_after_s=60)
    with pytest.raises(RateLimitError) as refused:
        client.send_text(TO, "Hello")
    assert refused.value.retry_after == 60
    with pytest.raises(NotSentError) as held:
        client.send_text(TO, "Hello")
    assert (held.value.reason, len(sandbox.requests())) == ("max_wait", 1)
    assert held.value.retry_after is not None
    assert 40 <= held.value.retry_after <= 60


def test_the_number_is_asked_for_its_rate(sandbox: Sandbox) -> None:
    client = sandbox.client(rate="auto")
    client.send_text(TO, "Hello")
    assert client.pace().rate in (80, 1000)
    assert "fields=throughput" in sandbox.requests()[0]["path"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("rate", "fast"),
        ("rate", -1),
        ("pair_rate", -1),
        ("pace", "nowhere"),
        ("pace", "redis://"),
        ("pace_dir", "relative"),
    ],
)
def test_mistakes_name_the_setting(sandbox: Sandbox, setting: str, value: Any) -> None:
    with pytest.raises(ConfigError) as raised:
        sandbox.client(**{setting: value}).send_text(TO, "Hello")
    assert raised.value.setting == setting
    assert sandbox.requests() == []
