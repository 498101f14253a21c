"""Two connections as one: what one side sends, the other receives."""

from __future__ import annotations

import asyncio
import socket

from fakekit.intercept.streams import Stream, ThreadService

LAST_BYTES_SECONDS = 60.0
"""How many seconds one side of a tunnel may go on after the other has ended."""


class Forwarder(ThreadService):
    """Connects each connection that it accepts to a service of this machine, for ``--allow``.

    host, port: where to connect to; of the addresses of a name, the first that answers. A client is reset
        when none does.

    `start`, which takes the socket to accept on, and `stop` are inherited from `ThreadService`.
    """

    def __init__(self, host: str, port: int) -> None:
        super().__init__("fakekit-forwarder")
        self._host, self._target_port = host, port

    async def serve(self, client: socket.socket) -> None:
        """Connect a client to the service, and copy bytes both ways until the connection ends.

        Called by `ThreadService` for each connection that it accepts.
        """
        accepted = await Stream.from_accepted(client)
        try:
            target = await Stream.connect(self._host, self._target_port)
        except OSError:
            accepted.reset()
            return
        try:
            await connect_streams(accepted, target)
            await target.close()
            await accepted.close()
        finally:
            target.cut()
            accepted.cut()


async def connect_streams(first: Stream, second: Stream) -> None:
    """Copy bytes in both directions until both sides have ended, or one was reset: then reset the other.

    After one side has ended, the other may go on for `LAST_BYTES_SECONDS`. Neither is closed here.
    """
    tasks = {asyncio.ensure_future(_copy(first, second)), asyncio.ensure_future(_copy(second, first))}
    try:
        _, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if pending:
            await asyncio.wait(pending, timeout=LAST_BYTES_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _copy(source: Stream, target: Stream) -> None:
    """Copy bytes from `source` to `target` until `source` ends, then end `target`; a reset resets both."""
    try:
        while data := await source.read():
            await target.write(data)
        target.end()
    except OSError:
        source.reset()
        target.reset()
