"""A proxy between a client and a server of TCP, which can stand still as a network does."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.helpers.processes import PATIENCE


class StallingProxy:
    """Passes bytes on in both directions, but not while `stalls`; then it takes them, and nothing comes."""

    def __init__(self, target: int) -> None:
        self.stalls, self._target, self._ends = False, target, False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._ends:
            for ready in select.select([self._listener, *self._pairs], [], [], 0.02)[0]:
                if ready is self._listener:
                    client, _ = self._listener.accept()
                    server = socket.create_connection(("127.0.0.1", self._target), timeout=PATIENCE)
                    self._pairs |= {client: server, server: client}
                elif ready in self._pairs:
                    self._pass_on(ready)

    def _pass_on(self, source: socket.socket) -> None:
        target = self._pairs[source]
        with contextlib.suppress(OSError):
            if data := source.recv(65536):
                if not self.stalls:
                    target.sendall(data)
                return
        for each in (source, target):
            del self._pairs[each]
            each.close()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ends = True
        self._thread.join(PATIENCE)
        for each in (self._listener, *self._pairs):
            each.close()


@contextmanager
def stalling_proxy(target: int) -> Iterator[StallingProxy]:
    """A proxy for a port of 127.0.0.1."""
    proxy = StallingProxy(target)
    proxy.start()
    try:
        yield proxy
    finally:
        proxy.stop()
