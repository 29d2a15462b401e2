"""A worker of a Celery queue. The queue hands out the work; the journal makes a job that comes
twice harmless.

    celery -A celery_worker worker --concurrency 4

    from celery_worker import send
    send.delay("order 1042", "+15550001234", "Your order is on its way.")

It takes WA_PHONE_ID and WA_TOKEN from the environment, and REDIS_URL (`redis://127.0.0.1:6379/0`
unless set), which has the queue and the journal of the campaign CAMPAIGN (`orders` unless set).

A worker that dies has not acknowledged its job, so Celery hands it to another one. What certainly
did not leave is sent there. What may have left is unknown, and nobody sends it again.
"""

import os

from celery import Celery, Task
from wacloud import Message, WhatsAppClient
from wacloud.errors import NotSentError, StoreError

REDIS_URL = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")
CAMPAIGN = os.environ.get("CAMPAIGN", "orders")
# A worker that says nothing for 30 seconds loses what it has: then another one may try.
LEASE_S = 30

app = Celery("orders", broker=REDIS_URL, backend=REDIS_URL)
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Without this the queue brings what a dead worker had only after an hour.
    broker_transport_options={"visibility_timeout": 120},
)

wa = WhatsAppClient.from_env()


@app.task(bind=True, max_retries=None)
def send(task: Task, key: str, to: str, text: str) -> str:
    """Sends a message once, however often its job comes; returns what became of it."""
    try:
        messages = [(key, Message.text(to, text))]
        (result,) = wa.send_bulk(messages, journal=REDIS_URL, campaign=CAMPAIGN)
    except StoreError as error:
        # The journal is away, so nothing has left.
        raise task.retry(exc=error, countdown=5) from error
    error = result.error
    if isinstance(error, StoreError):
        raise task.retry(exc=error, countdown=5)
    if isinstance(error, NotSentError):
        # `claimed`: another worker has it. The next try is told what became of it there.
        raise task.retry(exc=error, countdown=LEASE_S + 1 if error.reason == "claimed" else 5)
    # Accepted, rejected, with mistakes, or unknown: another try would say the same.
    return result.outcome
