"""A connection whose responses may be held back until the entries of their requests are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakekit.api.rendering import KEEP_ALIVE_SECONDS
from fakekit.server.streaming import StreamingProtocol

if TYPE_CHECKING:
    from fakekit.server.http_server import HttpServer
    from fakekit.server.listening import Listener
    from fakekit.server.outbox import Outbox


class HoldingProtocol(StreamingProtocol):
    """A `StreamingProtocol` of a server whose accounts are in a store.

    A remembered response is held in the outbox until its entry is stored. What comes meanwhile waits behind
    it, unparsed: if the response does not hold any more, the parser gets its request first.
    """

    def __init__(self, server: HttpServer, listener: Listener, outbox: Outbox) -> None:
        super().__init__(server, listener)
        self._outbox, self._held = outbox, b""  # the request whose response is held, and what came behind it
        if listener.key_for is None:
            self._repeat = self._repeat_held

    def _repeat_held(self, transport: object, request: bytes, scheme: str) -> bool:
        """Hold the remembered response to exactly these bytes, if there is one; return whether it is held.

        transport: of this connection.
        """
        return self._outbox.repeat(self, request, scheme)

    def data_received(self, data: bytes) -> None:
        """Answer what was received, as `HttpProtocol` does; while a response is held, keep it for later."""
        if self._held:
            self._held += data
            self._pause_reading()
        else:
            super().data_received(data)

    @property
    def is_active(self) -> bool:
        """Whether a request is being answered, or its response is held."""
        return bool(self._held) or super().is_active

    def _advance(self) -> None:
        """Begin with the next request, as `HttpProtocol` does; not while a response is held."""
        if not self._held:
            super()._advance()

    # What the outbox calls.

    def hold(self, request: bytes) -> None:
        """Let whatever comes wait behind a request, the bytes of which were received last."""
        self._held = request

    def send_held(self, request: bytes, response: bytes) -> None:
        """Send the response to the request of `hold`, and go on with what came behind it."""
        behind, self._held = self._held[len(request) :], b""
        self._transport.write(response)
        self.deadline = self._loop.time() + KEEP_ALIVE_SECONDS
        if behind:
            self.data_received(behind)
        if behind or self._has_eof:
            self._loop.call_soon(self._advance)

    def compute(self) -> None:
        """Have the app answer the request of `hold`, and go on with what came behind it."""
        data, self._held = self._held, b""
        self._parse(data, is_idle=True)
