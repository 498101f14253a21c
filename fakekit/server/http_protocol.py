"""One client's connection: requests are answered one after the other, in the order in which they came."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fakekit.api.rendering import KEEP_ALIVE_SECONDS, RenderedResponse, render_response
from fakekit.api.response import ApiResponse, malformed
from fakekit.api.wire import LINGER_NOT
from fakekit.server.delivery import End, Step, Wait, Write, steps_of
from fakekit.server.listening import Listener
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.remembered import repeat_nothing
from fakekit.server.request_reader import RequestReader
from fakekit.server.wsgi import WsgiResult

if TYPE_CHECKING:
    from fakekit.server.http_server import HttpServer
    from fakekit.server.tls import TlsConnection

HEAD_SECONDS = 30.0
"""How long the head of a request may take from its first byte."""
BODY_SECONDS = 30.0
"""How long a body may stop in the middle."""
DRAIN_SECONDS = 2.0
"""How long what a client still sends is read and dropped after the last response.

Closed at once, its kernel would throw the response away (RFC 9112, 9.6)."""


class HttpProtocol(asyncio.Protocol):
    """One client's connection. Every method is called by the event loop's thread.

    listener: where it was accepted.
    deadline: when `expire` is to be called, by the loop's clock.
    local, peer: address and port of either side. scheme: ``http`` or ``https``.
    """

    def __init__(self, server: HttpServer, listener: Listener) -> None:
        self._server, self._loop, self.listener = server, server.loop, listener
        self._repeat = server.repeat if listener.key_for is None else repeat_nothing
        self._reader = RequestReader()
        self._transport: Any = None
        self._current: ReceivedRequest | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_write_paused = self._is_read_paused = self._has_eof = self._is_ending = False
        self._closes = False  # whether the response that is being sent is the last one
        self._unsent = 0  # when the deadline was last looked at
        self.deadline = 0.0
        self.local, self.peer, self.scheme = ("", 0), ("", 0), "http"

    # What the transport calls.

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for a first request; close a connection that came in the moment of a stop."""
        self._transport = transport
        self.local = (transport.get_extra_info("sockname") or ("", 0))[:2]
        self.peer = (transport.get_extra_info("peername") or ("", 0))[:2]
        self.deadline = self._loop.time() + KEEP_ALIVE_SECONDS
        self._server.connections.add(self)
        if self.listener.sock.fileno() < 0:  # closed since this connection was accepted
            transport.abort()

    def use_tls(self, transport: TlsConnection) -> None:
        """Answer by another transport from now on, which encrypts; called before anything was received."""
        self._transport, self.scheme = transport, "https"

    def connection_lost(self, error: Exception | None) -> None:
        """Give up what was still to be sent."""
        self._server.connections.discard(self)
        self._is_ending = True
        self._repeat = repeat_nothing  # what it is may lead back to this object
        self._reader.requests.clear()
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Answer from memory what was asked before, byte for byte; else parse, and answer the requests."""
        reader = self._reader
        if reader.is_done:
            return
        is_idle = self._current is None and not reader.has_more
        if is_idle and not self._is_write_paused and self._repeat(self._transport, data, self.scheme):
            self.deadline = self._loop.time() + KEEP_ALIVE_SECONDS
        else:
            self._parse(data, is_idle)

    def _parse(self, data: bytes, is_idle: bool) -> None:
        """Parse bytes as they came, and begin to answer the requests that they complete.

        is_idle: whether nothing was being read or answered when they came.
        """
        (reader := self._reader).feed(data)
        if reader.is_reading and (is_idle or not reader.is_in_head):
            self._wait_for_request()
        if reader.requests:
            self._pause_reading()
        self._advance()

    def eof_received(self) -> bool:
        """Answer what came before the client ended its side; return True, which keeps the other side open."""
        self._has_eof = True
        self._advance()
        return True

    def pause_writing(self) -> None:
        """Stop to read and to answer: the client does not read what it has asked for."""
        self._is_write_paused = True
        self._pause_reading()

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped."""
        self._is_write_paused = False
        self._advance()

    # What the server calls.

    @property
    def is_active(self) -> bool:
        """Whether a request is being answered."""
        return self._current is not None

    @property
    def is_reading(self) -> bool:
        """Whether a request has begun and is not complete.

        Such connections are the last to be closed when there are too many.
        """
        return self._reader.is_reading

    @property
    def has_unsent(self) -> bool:
        """Whether a part of a response has not been sent, because the client has not read enough."""
        return bool(self._transport.get_write_buffer_size())

    def expire(self) -> None:
        """Close the connection, with a 408 in the middle of a request; called after `deadline`.

        A client that goes on reading what was written for it, however slowly, is given more time.
        """
        unsent, self._unsent = self._unsent, self._transport.get_write_buffer_size()
        if self._unsent != unsent:
            seconds = KEEP_ALIVE_SECONDS if self._unsent or not self._is_ending else DRAIN_SECONDS
            self.deadline = self._loop.time() + seconds
        elif self._reader.is_reading and not self._is_ending:
            self._reader.reject(malformed(HTTPStatus.REQUEST_TIMEOUT))
            self._advance()
        else:
            self._transport.abort()

    def close(self) -> None:
        """Close the connection once what was written is sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close the connection at once."""
        self._transport.abort()

    def respond(self, request: ReceivedRequest, result: WsgiResult) -> None:
        """Send the response to the current request, by the steps that its faults ask for.

        Returns before it is sent when a fault delays it.
        """
        if result.deferred is None or not result.deferred.faults:
            self._transport.write(self._render_whole(request, result))
            self._finish(result)
            return
        closing = _render(request, result, closes=True)
        whole = partial(self._render_whole, request, result)
        self._run(steps_of(result.deferred.faults, closing.head, closing.body, whole), result)

    # Sending.

    def _render_whole(self, request: ReceivedRequest, result: WsgiResult) -> bytes:
        """Return a response as bytes, and set `_closes`: whether the connection ends behind it.

        Called when the response is written, not before: while it is delayed, the client may end its side, or
        the server stop.
        """
        is_last = self._has_eof and not self._reader.has_more
        self._closes = not request.keep_alive or is_last or self._server.is_stopping
        rendered = _render(request, result, self._closes)
        return rendered.head + rendered.body

    def _run(self, steps: Iterator[Step], result: WsgiResult) -> None:
        """Take the steps of a response up to the next wait, after which a timer calls this again.

        Behind the last step, or on a connection that is closing, it calls `_finish`.
        """
        for step in steps:
            if self._transport.is_closing():
                break
            match step:
                case Wait(seconds):
                    self._timer = self._loop.call_later(seconds, self._run, steps, result)
                    return
                case Write(data):
                    self._transport.write(data)
                case End(is_reset):
                    self._closes = True
                    if is_reset:
                        self._reset()
        self._finish(result)

    def _reset(self) -> None:
        """Reset the connection (RST); what was written and not sent is lost."""
        with suppress(OSError):
            connection = self._transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        self._transport.abort()

    def _finish(self, result: WsgiResult) -> None:
        """Log the response that was sent, and go on with the next request or end the connection."""
        if result.deferred is not None:
            self._server.log(result.deferred)
        self._current = self._timer = None
        self.deadline = self._loop.time() + KEEP_ALIVE_SECONDS
        if self._closes:
            self._end()
        else:
            self._loop.call_soon(self._advance)  # other connections have their turn between two requests

    def _end(self) -> None:
        """End the connection after its last response, and drop what the client still sends for a while."""
        self._is_ending = self._reader.is_done = True
        self._reader.requests.clear()
        if self._transport.is_closing():
            return
        if self._has_eof or not self._transport.can_write_eof():
            self._transport.close()
            return
        with suppress(OSError):  # the client has gone already
            self._transport.write_eof()
        self.deadline = self._loop.time() + DRAIN_SECONDS
        self._resume_reading()

    # Order.

    def _advance(self) -> None:
        """Begin with the next request, if there is one and none is being answered.

        A refused one is answered here, and is the last. With none, read on, or close the connection if the
        client has ended its side.
        """
        if self._current is not None or self._is_write_paused or self._transport.is_closing():
            return
        reader = self._reader
        if not reader.requests and reader.has_more:
            reader.feed_rest()
            if self._has_eof and not reader.requests:
                reader.end()
        if not reader.requests:
            if self._has_eof:
                self._transport.close()
            elif reader.is_reading:
                self._wait_for_request()
            self._resume_reading()
            return
        request = reader.requests.popleft()
        if isinstance(request, ApiResponse):
            self._transport.write(request.to_http())
            self._end()
            return
        self._current, self.deadline = request, float("inf")
        self._server.handle(self, request)

    def _wait_for_request(self) -> None:
        """Give the client time for the rest of the request that it has begun, and tell it to send the body.

        Only once every request before it is answered: the 100 would be taken for the response to one.
        """
        reader = self._reader
        self.deadline = self._loop.time() + (HEAD_SECONDS if reader.is_in_head else BODY_SECONDS)
        if reader.expects_continue and self._current is None and not reader.requests:
            reader.expects_continue = False
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _pause_reading(self) -> None:
        """Read nothing more from the client for now; nothing happens if that is so already."""
        if not self._is_read_paused and not self._transport.is_closing():
            self._is_read_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        """Read again what the client sends, unless it does not read itself or the connection is closing."""
        if self._is_read_paused and not self._is_write_paused and not self._transport.is_closing():
            self._is_read_paused = False
            self._transport.resume_reading()


def _render(request: ReceivedRequest, result: WsgiResult, closes: bool) -> RenderedResponse:
    """Return the response to a request as bytes; closes: whether the connection ends behind it."""
    is_head = request.method == "HEAD"
    return render_response(result.status, result.headers, result.body, closes, request.version, is_head)
