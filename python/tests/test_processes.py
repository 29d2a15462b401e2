"""One client in many threads, and on both sides of a fork."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable

import pytest

from wacloud import DeliveryUnknownError, Message, WhatsAppClient
from wacloud.testing import Sandbox

TO = "+15550001234"

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")


def message(number: int) -> Message:
    return Message.text(f"+1555{number:07}", "Hello")


def in_a_child(work: Callable[[], str]) -> str:
    """What `work` returns in a forked process."""
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # Python warns of forks beside threads; the core's is the one that is meant here.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        status = 1
        try:
            os.write(writer, work().encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    with open(reader, encoding="utf-8") as told:
        text = told.read()
    assert os.waitpid(child, 0)[1] == 0
    return text


def test_threads_share_a_client(sandbox: Sandbox) -> None:
    client = sandbox.client(rate=0)
    ids: list[str] = []

    def work(first: int) -> None:
        for number in range(first, first + 20):
            ids.append(client.send(message(number)).id)

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 160
    assert {accepted["id"] for accepted in sandbox.messages()} == set(ids)


@forks
def test_a_client_works_on_both_sides_of_a_fork(sandbox: Sandbox) -> None:
    client = sandbox.client()
    client.send_text(TO, "before")
    in_child = in_a_child(lambda: client.send_text(TO, "in the child").id)
    in_grandchild = in_a_child(lambda: in_a_child(lambda: client.send_text(TO, "below").id))
    here = client.send_text(TO, "after").id
    bulk = in_a_child(
        lambda: ",".join(result.outcome for result in client.send_bulk(map(message, range(5))))
    )
    assert bulk == ",".join(["accepted"] * 5)
    ids = [accepted["id"] for accepted in sandbox.messages()]
    assert ids[1:4] == [in_child, in_grandchild, here]


@forks
def test_what_was_begun_before_a_fork_answers_in_the_child(sandbox: Sandbox) -> None:
    sandbox.settings(latency_ms=300)
    client = sandbox.client()
    bulk = client.send_bulk(map(message, range(3)), window=1)
    next(bulk)

    def child() -> str:
        try:
            return f"told {len(list(bulk))}"
        except DeliveryUnknownError as error:
            return error.reason

    assert in_a_child(child) == "forked"
    assert len(list(bulk)) == 2
    assert len(sandbox.messages()) == 3


def send(settings: dict[str, str], message: Message) -> str:
    client = WhatsAppClient(settings["number"], settings["token"], base_url=settings["url"])
    return client.send(message).id


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_multiprocessing(method: str, sandbox: Sandbox) -> None:
    settings = {
        "number": sandbox.phone_number_id,
        "token": sandbox.token,
        "url": sandbox.url,
    }
    send(settings, message(0))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with multiprocessing.get_context(method).Pool(2) as pool:
            ids = pool.starmap(send, [(settings, message(n)) for n in range(1, 7)])
    assert len(set(ids)) == 6
    assert len(sandbox.messages()) == 7


def test_results_can_be_pickled_but_clients_cannot(sandbox: Sandbox) -> None:
    client = sandbox.client()
    (result,) = client.send_bulk([message(0)])
    twin = pickle.loads(pickle.dumps(result))
    assert twin == result
    assert twin.sent == result.sent
    assert twin.sent.meta.attempts == 1
    with pytest.raises(TypeError):
        pickle.dumps(client)


@forks
def test_a_process_ends_while_a_call_is_under_way(sandbox: Sandbox) -> None:
    sandbox.fault("delay", delay_ms=30_000)
    client = sandbox.client()

    def child() -> str:
        thread = threading.Thread(target=client.send_text, args=(TO, "Hello"), daemon=True)
        thread.start()
        thread.join(0.2)
        return "ended"

    assert in_a_child(child) == "ended"


def test_a_process_may_end_while_it_is_called_back(sandbox: Sandbox) -> None:
    # A callback that is still under way when the main thread is done, as the one that wakes an
    # event loop can be.
    program = f"""
import json, threading, time
from wacloud import _native

settings = {{"phone_number_id": "1", "access_token": "t", "base_url": {sandbox.url!r}}}
client = _native.Client(json.dumps(settings))
call = client.submit("mark_read", '{{"message_id": "wamid.A"}}', "{{}}")
called = threading.Event()

def slow() -> None:
    assert threading.current_thread() is not threading.main_thread()
    called.set()
    # Comes back to the interpreter again and again, so also in the moment in which it goes.
    for _ in range(300):
        time.sleep(0.001)

call.on_done(slow)
assert called.wait(5)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
