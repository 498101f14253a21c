"""A connection whose requests and responses are read while they pass, for `fakekit shadow`.

Every byte goes by as it is, at once: what is read here is a copy, and a failure to read it changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import h11

from fakekit.drift.terms import Description
from fakekit.intercept.relay import HEAD_BYTES, Headers
from fakekit.intercept.streams import Stream
from fakekit.log import log_failure
from fakekit.unpatched import monotonic

_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MAX_BODY = 4 * 1024 * 1024
"""How many bytes of a body are kept."""


@dataclass(eq=False, repr=False)
class PassedRequest:
    """One request that passed and, when it has come, its response. It has credentials: nothing prints it.

    method, target: of the request line: ``GET``, ``/api/v1/customers?page=2``.
    headers: of the request.
    body: the request's, without chunks. is_cut: whether it was larger than `MAX_BODY`.
    status: of the response; 0 when none has come.
    response_headers, response_body: of the response; the body may be in a content coding.
    problem: why there is no whole response; None where there is one.
    began, ended: when it was sent, and when its response had come, by the monotonic clock; `Shadow` sets the
        second.
    is_abandoned: whether the client was gone before the response came.
    """

    method: str
    target: str
    headers: Headers
    body: bytearray = field(default_factory=bytearray)
    is_cut: bool = False
    status: int = 0
    response_headers: Headers = field(default_factory=list)
    response_body: bytearray = field(default_factory=bytearray)
    problem: Description | None = None
    began: float = field(default_factory=monotonic)
    ended: float = 0.0
    is_abandoned: bool = False

    @property
    def may_write(self) -> bool:
        """Whether it may change something, by its method (RFC 9110, 9.2.1)."""
        return self.method not in _SAFE_METHODS


class _RequestReader:
    """Reads the requests that are written to a connection.

    pending: the requests whose response has not ended yet, oldest first; the last one may not be complete.
    Nor may one whose response has ended.
    """

    def __init__(self) -> None:
        self.pending: deque[PassedRequest] = deque()
        self._current: PassedRequest | None = None
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)

    def receive(self, data: bytes) -> None:
        """Read more bytes. Raises `h11.RemoteProtocolError` for what is no HTTP."""
        self._parser.receive_data(data)
        while (event := self._parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case h11.Request():
                    method, target = event.method.decode("ascii"), event.target.decode("latin-1")
                    self._current = PassedRequest(method, target, event.headers.raw_items())
                    self.pending.append(self._current)
                case h11.Data() if self._current is not None:
                    # The response may have ended already: a service may refuse a body before it has it all.
                    self._current.is_cut = not _append(self._current.body, event.data)
                case h11.EndOfMessage():
                    self._begin_next()
                case h11.ConnectionClosed():
                    return

    def _begin_next(self) -> None:
        """Prepare for another request. h11 pairs requests with responses, so it is told of one."""
        self._parser.send(h11.Response(status_code=200, headers=[(b"content-length", b"0")]))
        self._parser.send(h11.EndOfMessage())
        if self._parser.our_state is h11.DONE and self._parser.their_state is h11.DONE:
            self._parser.start_next_cycle()


class _ResponseReader:
    """Reads the responses to the requests of a connection, which come in the same order.

    pending: the requests, see `_RequestReader`; a request is removed when its response has ended.
    report: called with each request that has its response.
    """

    def __init__(self, pending: deque[PassedRequest], report: Callable[[PassedRequest], None]) -> None:
        self._pending, self._report = pending, report
        self._parser: h11.Connection | None = None

    def receive(self, data: bytes) -> None:
        """Read more bytes; b"" is the end of the connection. Raises `h11.RemoteProtocolError`.

        Bytes without a request are dropped.
        """
        while data or self._parser is not None:
            if self._parser is None:
                if not self._pending:
                    return
                self._parser = _parser_for(self._pending[0].method)
            self._parser.receive_data(data)
            if not self._read_events(self._parser):
                return
            data, self._parser = self._parser.trailing_data[0], None

    def _read_events(self, parser: h11.Connection) -> bool:
        """Read what has come of the first request's response; return whether the response has ended."""
        request = self._pending[0]
        while (event := parser.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
            match event:
                case h11.Response():
                    request.status, request.response_headers = event.status_code, event.headers.raw_items()
                case h11.Data():
                    if not _append(request.response_body, event.data):
                        request.problem = Description.TOO_LONG
                case h11.EndOfMessage():
                    self._report(self._pending.popleft())
                    return True
                case h11.ConnectionClosed():
                    return True
        return False


class ObservedStream(Stream):
    """The connection to the real service, of which each request is reported together with its response.

    inner: the connection, which is used up by this one.
    report: called with each request, once its response has ended, or the service has ended the connection
        without it. It must not block.
    """

    def __init__(self, inner: Stream, report: Callable[[PassedRequest], None]) -> None:
        super().__init__(inner._reader, inner._writer)
        self._report = report
        self._requests = _RequestReader()
        self._responses = _ResponseReader(self._requests.pending, report)
        self._is_reading, self._has_ended = True, False

    async def write(self, data: bytes) -> None:
        """Send bytes of a request, and read a copy. Raises OSError when the other side is gone."""
        self._observe(self._requests.receive, data)  # first: the response may come while this is sent
        await super().write(data)

    async def read(self) -> bytes:
        """Return bytes of a response, and read a copy; b"" at the end. Raises OSError after a reset."""
        try:
            data = await super().read()
        except OSError:
            self._has_ended = True
            raise
        self._has_ended = not data
        self._observe(self._responses.receive, data)
        return data

    def cut(self) -> None:
        """Close the connection now, and report the requests to which the service gave no whole response.

        Of those whose client has gone, or which came when the command ended, nothing is known: writes are
        reported as abandoned, others not.
        """
        super().cut()
        pending = self._requests.pending
        while pending:
            request = pending.popleft()
            if self._has_ended or not self._is_reading:
                request.problem = request.problem or Description.BROKEN
            elif request.may_write:
                request.is_abandoned = True
            else:
                continue
            self._report(request)

    def _observe(self, receive: Callable[[bytes], None], data: bytes) -> None:
        """Have a reader read what has passed; after a failure, nothing more of this connection is read."""
        if not self._is_reading:
            return
        try:
            receive(data)
        except h11.RemoteProtocolError:
            self._is_reading = False  # `cut` reports the requests that are left
        except Exception as error:
            self._is_reading = False
            log_failure(error)


def _parser_for(method: str) -> h11.Connection:
    """Return a parser of the response to a request with this method: one to a HEAD has no body."""
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_BYTES)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "service")]))
    parser.send(h11.EndOfMessage())
    return parser


def _append(body: bytearray, data: bytes) -> bool:
    """Add bytes to a body, up to `MAX_BODY`; return whether all of them are in it."""
    body += data[: MAX_BODY - len(body)]
    return len(body) < MAX_BODY
