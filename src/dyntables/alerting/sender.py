"""The sender: takes messages from the outbox, one of a channel at a time, and keeps what came of each.

A message is claimed, and the claim committed, before it is sent; who dies in between loses the claim after a minute,
and somebody sends it again, under the same key. Every process may send; a message has one sender.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from dyntables import clock
from dyntables.alerting.backoff import wait_after
from dyntables.alerting.channels.channel import DeliveryError, Outgoing
from dyntables.alerting.channels.registry import channel_of
from dyntables.alerting.secrets import Vault
from dyntables.alerts.message import message_of
from dyntables.catalog import Connection
from dyntables.catalog.alerts.channels import find_channel
from dyntables.catalog.alerts.outbox import Claimed, Ended, claim, end_attempt, seconds_until_due
from dyntables.engines.postgres.connection.errors import translated
from dyntables.engines.postgres.connection.session import connect_unattended
from dyntables.errors import DyntablesError

# Longer than any attempt takes.
LEASE = timedelta(seconds=60)
_LOOK_SECONDS = 1.0
_THREADS = 4


class Sender:
    """A thread that looks, and a few that send.

    Args:
        url: the database.
        on_problem: called with an error of the database; it goes on all the same.
    """

    def __init__(self, url: str, on_problem: Callable[[Exception], None]) -> None:
        self._url, self._on_problem = url, on_problem
        self._stop, self._wake = threading.Event(), threading.Event()
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="alert sender", daemon=True)

    def __enter__(self) -> Sender:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._wake.set()
        self._thread.join()

    def wake(self) -> None:
        """Look at the outbox now."""
        self._wake.set()

    def _run(self) -> None:
        with ThreadPoolExecutor(_THREADS, "alert channel") as pool:
            while not self._stop.is_set():
                try:
                    with translated(), connect_unattended(self._url, application_name="dyntables alerts") as connection:
                        while not self._stop.is_set():
                            self._take(connection, pool)
                            due = seconds_until_due(connection)
                            self._wake.wait(_LOOK_SECONDS if due is None or due <= 0 else min(due, _LOOK_SECONDS))
                            self._wake.clear()
                except DyntablesError as error:
                    self._on_problem(error)
                    self._stop.wait(_LOOK_SECONDS)

    def _take(self, connection: Connection, pool: ThreadPoolExecutor) -> None:
        """Give what is due to the threads that are free."""
        while len(self._busy) < _THREADS and not self._stop.is_set():
            with self._lock:
                busy = list(self._busy)
            claimed = claim(connection, LEASE, busy)
            if claimed is None:
                return
            with self._lock:
                self._busy.add(claimed.channel)
            pool.submit(self._send, claimed)

    def _send(self, claimed: Claimed) -> None:
        try:
            with translated(), connect_unattended(self._url, application_name="dyntables alerts") as connection:
                ended = attempt(connection, claimed)
                with connection.transaction():
                    end_attempt(connection, claimed, ended)
        except DyntablesError as error:
            self._on_problem(error)
        finally:
            with self._lock:
                self._busy.discard(claimed.channel)
            self._wake.set()


def attempt(connection: Connection, claimed: Claimed) -> Ended:
    """Try to deliver a message; return what came of it, and when to try again."""
    began = clock.monotonic()

    def ended(response: str, *, ok: bool = False, wait: timedelta | None = None) -> Ended:
        return Ended(ok, response, (clock.monotonic() - began) * 1000, wait)

    try:
        return ended(deliver(connection, claimed), ok=True)
    except DeliveryError as error:
        again = None if error.permanent else wait_after(claimed.attempts, random.random(), error.retry_after)
        return ended(error.response, wait=again)
    except DyntablesError as error:
        return ended(error.message)
    except Exception as error:
        # A channel must not stop the others, whatever its receiver does; the text may quote what is secret.
        return ended(f"failed: {type(error).__name__}", wait=wait_after(claimed.attempts, random.random()))


def deliver(connection: Connection, claimed: Claimed) -> str:
    """Deliver a message to its channel; return what the receiver said."""
    channel = find_channel(connection, claimed.channel)
    if channel is None:
        raise DeliveryError("there is no such channel any more", permanent=True)
    if not channel.enabled:
        raise DeliveryError("the channel is off", permanent=True)
    secret = Vault().decrypt(channel.secret) if channel.secret is not None else None
    outgoing = Outgoing(claimed.key, message_of(claimed.body))
    return channel_of(channel.kind).send(channel.config, secret, outgoing)
