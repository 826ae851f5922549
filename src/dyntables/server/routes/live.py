"""The live connection, and the same news for clients that poll."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Query, WebSocket, WebSocketDisconnect
from fastapi.concurrency import run_in_threadpool

from dyntables import clock
from dyntables.errors import DyntablesError
from dyntables.server.deps import Shared, Viewer
from dyntables.server.live.hub import HEARTBEAT_SECONDS, Hub, Subscriber
from dyntables.server.live.messages import Heartbeat, Missed
from dyntables.server.security.authenticate import authenticate
from dyntables.server.services import Services

router = APIRouter(tags=["live"])
Epoch = Annotated[str | None, Query(max_length=40)]
_CHECK_SECONDS = 60.0


@router.get("/live/messages", summary="Poll for news")
async def poll_messages(
    user: Viewer, services: Shared, epoch: Epoch = None, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> Missed:
    """Return what happened since a sequence; without an epoch, only where the next poll begins."""
    epoch_now, sequence, messages = services.live.hub.missed(epoch, after)
    return Missed(epoch=epoch_now, sequence=sequence, messages=messages)


@router.websocket("/live")
async def connect(socket: WebSocket, epoch: Epoch = None, after: Annotated[int | None, Query(ge=0)] = None) -> None:
    """Send every message as it comes; name the epoch and the last sequence seen to get what was missed."""
    services: Services = socket.app.state.services
    try:
        await run_in_threadpool(authenticate, socket, services)
    except DyntablesError as error:
        await socket.close(4401, error.message)
        return
    await socket.accept()
    subscriber = services.live.hub.subscribe(epoch, after)
    sending = asyncio.create_task(_send(socket, services, subscriber))
    try:
        # Clients have nothing to say; what they send is read, so that it is noticed when they go.
        while (await socket.receive())["type"] != "websocket.disconnect":
            continue
    finally:
        services.live.hub.leave(subscriber)
        sending.cancel()
        # The client may have gone while something was sent to it.
        with suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
            await sending


async def _send(socket: WebSocket, services: Services, subscriber: Subscriber) -> None:
    """Send what waits, a heartbeat when nothing does, and end when the sign-in has."""
    checked = clock.monotonic()
    while True:
        texts = await subscriber.next(HEARTBEAT_SECONDS) or [_heartbeat(services.live.hub)]
        if subscriber.doubted or clock.monotonic() - checked > _CHECK_SECONDS:
            checked, subscriber.doubted = clock.monotonic(), False
            try:
                await run_in_threadpool(authenticate, socket, services)
            except DyntablesError as error:
                await socket.close(4401, error.message)
                return
        for text in texts:
            await socket.send_text(text)


def _heartbeat(hub: Hub) -> str:
    return Heartbeat(at=clock.now(), sequence=hub.sequence).model_dump_json()
