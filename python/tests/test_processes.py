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


# A program that takes its time to end.
SLOW = """
import sys, threading, time, types
from wacloud import Message, WhatsAppClient

class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.3)

# What modules hold goes when the interpreter is past the point where threads may enter it.
sys.modules["slow"] = types.ModuleType("slow")
sys.modules["slow"].thing = Slow()
url, token, number = sys.argv[1:]
wa = WhatsAppClient(number, token, base_url=url, rate=0, pair_rate=0)
"""

# Ends while the core's thread is still on its way back from waking it.
CALLED_BACK = """
entered = threading.Event()

def called():
    entered.set()
    time.sleep(0.1)

call = wa._submit("send_text", {"to": "+15550001234", "body": "Hello"}, {})
call.on_done(called)
entered.wait()
"""


# Ends while threads that nobody joins are sending.
SENDING = """
def single():
    while True:
        wa.send_text("+15550001234", "Hello")

def bulk():
    for _ in wa.send_bulk(Message.text("+15550001234", "Hello") for _ in iter(int, 1)):
        pass

for send in (single, bulk):
    threading.Thread(target=send, daemon=True).start()
time.sleep(0.3)
"""

# Waits at its end, after our part in that, for a thread that nobody joins.
FLUSHING = """
import atexit, queue, threading, time

messages = queue.Queue()
atexit.register(messages.join)

def work():
    while True:
        send, text = messages.get()
        send("+15550001234", text)
        messages.task_done()

threading.Thread(target=work, daemon=True).start()
"""
FLUSHED = """
for number in range(20):
    messages.put((wa.send_text, f"Hello {number}"))
"""


@pytest.mark.parametrize("body", [CALLED_BACK, SENDING], ids=["called back", "sending"])
def test_a_process_ends_while_threads_are_on_their_way(sandbox: Sandbox, body: str) -> None:
    assert ended(sandbox, SLOW + body) == 0


def test_what_waits_for_a_thread_at_the_end_of_a_process_gets_it(sandbox: Sandbox) -> None:
    assert ended(sandbox, FLUSHING + SLOW + FLUSHED) == 0
    assert len(sandbox.messages()) == 20


def ended(sandbox: Sandbox, program: str) -> int:
    """How the program ends: a negative number is the signal that killed it."""
    arguments = [sandbox.url, sandbox.token, sandbox.phone_number_id]
    return subprocess.run([sys.executable, "-c", program, *arguments], timeout=60).returncode
