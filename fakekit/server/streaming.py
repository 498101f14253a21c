"""A connection whose response may be a stream: events that the loop sends as they come, without a thread."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fakekit.api.event_stream import FIRST_BYTES
from fakekit.api.rendering import render_response
from fakekit.server.http_protocol import HttpProtocol

if TYPE_CHECKING:
    from fakekit.api.event_stream import EventStream
    from fakekit.server.http_server import HttpServer
    from fakekit.server.listening import Listener
    from fakekit.server.received_request import ReceivedRequest
    from fakekit.server.wsgi import WsgiResult

HEARTBEAT_SECONDS = 15.0
"""How often a comment is sent: a client notices by it that the server is there, and the server that it is."""
UNREAD_HEARTBEATS = 4
"""How many of them a client may leave unread before its connection is closed."""
GATHER_SECONDS = 0.05
"""How long events are gathered for one write, so that many requests cost few writes."""


class StreamingProtocol(HttpProtocol):
    """An `HttpProtocol` that also sends streams of events, until client, account or server ends."""

    def __init__(self, server: HttpServer, listener: Listener) -> None:
        super().__init__(server, listener)
        self._stream: EventStream | None = None
        self._is_chunked = self._is_scheduled = False
        self._unread = 0  # how many heartbeats could not be sent
        self._result: WsgiResult
        self._comment_timer: asyncio.TimerHandle

    def connection_lost(self, error: Exception | None) -> None:
        """Give up what was still to be sent, and end the stream."""
        super().connection_lost(error)
        self.end_stream()

    def eof_received(self) -> bool:
        """Answer what came before the client ended its side; a stream ends, as the client has likely gone."""
        is_open = super().eof_received()
        self.end_stream()
        return is_open

    def resume_writing(self) -> None:
        """Go on where `pause_writing` stopped; in a stream behind the last event that was written."""
        super().resume_writing()
        if self._stream is not None:
            self._resume_reading()
            self._send_events()

    def respond(self, request: ReceivedRequest, result: WsgiResult) -> None:
        """Send the response to the current request, as `HttpProtocol` does, or begin to send a stream."""
        if result.deferred is None or result.deferred.stream is None:
            super().respond(request, result)
            return
        self._stream, self._result = result.deferred.stream, result
        self._is_chunked, self._closes = request.version == "1.1", True
        self._server.streaming.add(self)
        self._server.waits.poll()
        self._comment_timer = self._loop.call_later(HEARTBEAT_SECONDS, self._send_comment)
        head = render_response(result.status, result.headers, None, True, request.version).head
        self._transport.write(head)
        self._write(FIRST_BYTES)
        self._stream.journal.add_listener(self._schedule_events)
        self._send_events()
        if self._has_eof or self._is_ending or self._server.is_stopping:
            self.end_stream()
        else:
            self._resume_reading()  # to notice when the client ends its side

    def end_stream(self) -> None:
        """End the stream, if one is being sent; a client that has not read it is cut off."""
        if self._stream is None:
            return
        stream, self._stream = self._stream, None
        self._server.streaming.discard(self)
        self._comment_timer.cancel()
        stream.journal.remove_listener(self._schedule_events)
        stream.close()
        if self._is_chunked and not self.has_unsent:
            self._transport.write(b"0\r\n\r\n")
        self._finish(self._result)
        if self.has_unsent:
            self._transport.abort()

    def _schedule_events(self) -> None:
        """Have events sent in a moment; the journal calls it for each request, in any thread."""
        if not self._is_scheduled:
            self._is_scheduled = True
            self._server.call_from_thread(self._loop.call_later, GATHER_SECONDS, self._send_events)

    def _send_events(self) -> None:
        """Send the events that came since the last time; nothing while the client takes nothing.

        The stream ends behind the last event of a closed journal.
        """
        if self._stream is None or self._is_write_paused:
            return
        self._is_scheduled, is_last = False, self._stream.journal.is_closed  # before the look: none is missed
        self._write(self._stream.take())
        if is_last:
            self.end_stream()

    def _send_comment(self) -> None:
        """Send a comment, and have this called again; close the connection of a client that reads none."""
        self._comment_timer = self._loop.call_later(HEARTBEAT_SECONDS, self._send_comment)
        if not self._is_write_paused:
            self._unread = 0
            self._write(b":\n\n")
        elif self._unread < UNREAD_HEARTBEATS:
            self._unread += 1
        else:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        """Send a part of the body; nothing where it is empty, which would be the last chunk."""
        if data:
            self._transport.write(b"%x\r\n%b\r\n" % (len(data), data) if self._is_chunked else data)
