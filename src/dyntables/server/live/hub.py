"""The hub: numbers messages, keeps the last ones, and hands them to every client through a bounded queue.

A client that does not keep up is not waited for: what waits for it is dropped, and it is told to read everything again.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field

from dyntables import clock
from dyntables.server.live.messages import Hello, Message, Resync

HEARTBEAT_SECONDS = 10.0
QUEUE_LENGTH = 256
KEPT = 2000
_LINGER_SECONDS = 60.0


@dataclass(eq=False, slots=True)
class Subscriber:
    """One client; its queue is touched only in the loop of the app."""

    loop: asyncio.AbstractEventLoop
    waiting: deque[str] = field(default_factory=deque)
    filled: asyncio.Event = field(default_factory=asyncio.Event)
    overflows: int = 0
    doubted: bool = False

    async def next(self, seconds: float) -> list[str]:
        """Return what waits, or nothing after that time."""
        try:
            await asyncio.wait_for(self.filled.wait(), seconds)
        except TimeoutError:
            return []
        found = list(self.waiting)
        self.waiting.clear()
        self.filled.clear()
        return found

    def doubt(self) -> None:
        """Let the client be asked at once whether it may still be here."""
        self.doubted = True
        self.filled.set()

    def put(self, text: str, resync: str) -> None:
        """Add a message; with no room left, replace all by the demand to read everything again."""
        if len(self.waiting) >= QUEUE_LENGTH:
            self.waiting.clear()
            self.waiting.append(resync)
            self.overflows += 1
        else:
            self.waiting.append(text)
        self.filled.set()


class Hub:
    """``publish`` may be called from any thread; the rest from the loop."""

    def __init__(self) -> None:
        self.epoch = uuid.uuid4().hex[:12]
        self.sequence = 0
        self._kept: deque[tuple[int, Message, str]] = deque(maxlen=KEPT)
        self._subscribers: set[Subscriber] = set()
        self._lock = threading.Lock()
        self._left_at = clock.monotonic() - _LINGER_SECONDS
        self._asked_at = clock.monotonic() - _LINGER_SECONDS

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._subscribers)

    @property
    def wanted(self) -> bool:
        """Whether anybody listens, or did until a moment ago and may come back."""
        last = max(self._left_at, self._asked_at)
        return bool(self._subscribers) or clock.monotonic() - last < _LINGER_SECONDS

    def publish(self, message: Message) -> None:
        """Number a message and hand it to all."""
        with self._lock:
            self.sequence += 1
            numbered = message.model_copy(update={"sequence": self.sequence})
            text = numbered.model_dump_json()
            self._kept.append((self.sequence, numbered, text))
            subscribers = list(self._subscribers)
            resync = self.resync("the client did not keep up").model_dump_json()
        for subscriber in subscribers:
            subscriber.loop.call_soon_threadsafe(subscriber.put, text, resync)

    def doubt(self) -> None:
        """Note that people, sign-ins or tokens have changed: every client is asked again who it is."""
        with self._lock:
            subscribers = list(self._subscribers)
        for subscriber in subscribers:
            subscriber.loop.call_soon_threadsafe(subscriber.doubt)

    def forget(self) -> None:
        """Note that messages were not made for a while: nobody can resume from before."""
        with self._lock:
            if self._kept or self.sequence:
                self.epoch = uuid.uuid4().hex[:12]
                self.sequence = 0
                self._kept.clear()

    def subscribe(self, epoch: str | None, after: int | None) -> Subscriber:
        """Add a client, and queue what it missed since it was last here."""
        subscriber = Subscriber(asyncio.get_running_loop())
        with self._lock:
            self._subscribers.add(subscriber)
            hello = Hello(epoch=self.epoch, heartbeat_seconds=HEARTBEAT_SECONDS, sequence=self.sequence)
            subscriber.waiting.append(hello.model_dump_json())
            if epoch is not None and after is not None:
                missed = self._since(epoch, after)
                texts = [text for _, _, text in missed] if missed is not None else None
                if texts is None or len(texts) >= QUEUE_LENGTH:
                    texts = [self.resync("too much has happened since").model_dump_json()]
                subscriber.waiting.extend(texts)
        subscriber.filled.set()
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        """Remove a client."""
        with self._lock:
            self._subscribers.discard(subscriber)
            self._left_at = clock.monotonic()

    def missed(self, epoch: str | None, after: int) -> tuple[str, int, list[Message]]:
        """Return epoch, newest sequence and the messages after a sequence, for clients that poll."""
        with self._lock:
            self._asked_at = clock.monotonic()
            found = self._since(epoch, after) if epoch is not None else []
            messages: list[Message] = (
                [message for _, message, _ in found]
                if found is not None
                else [self.resync("too much has happened since")]
            )
            return self.epoch, self.sequence, messages

    def resync(self, reason: str) -> Resync:
        """Return the demand to read everything again."""
        return Resync(epoch=self.epoch, reason=reason, sequence=self.sequence)

    def _since(self, epoch: str, after: int) -> list[tuple[int, Message, str]] | None:
        """Return the messages after one, or None if some of them are not known any more."""
        if epoch != self.epoch or after > self.sequence:
            return None
        oldest = self._kept[0][0] if self._kept else self.sequence + 1
        if after + 1 < oldest:
            return None
        return [kept for kept in self._kept if kept[0] > after]
