"""HTTP/1.1 between a client and whoever answers it: requests are read and rewritten, answers are not.

For the proxy, and for the gateway to a fake elsewhere.

h11 reads the requests. Answers go by as the bytes they are, so that one which is broken on purpose
arrives as broken as it was; they need not be understood because each client's connection has one of its own
behind it, and the answers on it are in order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

import h11

from fakekit.api.response import ApiResponse, error_response, malformed
from fakekit.contract.refusals import phrase
from fakekit.intercept.streams import Stream, first_done

HEAD_BYTES = 128 * 1024 + 8192
"""How long a request's line and headers may be together: as much as the fake reads."""

LAST_ANSWER_SECONDS = 60.0
"""How long an answer may still take once its client has said that it sends nothing more."""

ABSENT = "the fake does not answer: it has ended"
"""The note of the 502 that a client gets when the fake cannot be connected to."""

QUIET_SECONDS = 0.2
"""How long a client that was refused in the middle of a request may send nothing until it is closed."""

Headers = list[tuple[bytes, bytes]]

_OF_THIS_HOP = {b"proxy-authorization", b"proxy-connection", b"upgrade"}


@dataclass(frozen=True)
class Route:
    """Where a request goes.

    to: name of the server that answers; a request with the same name as the one before uses its connection.
    connect: makes that connection; raises OSError, or `RefusedRequestError`.
    error_note: the note of the 502 that the client gets where OSError is raised.
    target: the request target to send.
    headers: the headers to send.
    """

    to: str
    connect: Callable[[], Awaitable[Stream]]
    error_note: str
    target: bytes
    headers: Headers


class RefusedRequestError(Exception):
    """A request that is not sent on; `response` is the answer to it, and its note says why."""

    def __init__(self, response: ApiResponse) -> None:
        self.response = response
        super().__init__(response.note)


RouteRequest = Callable[[h11.Request], Route]
Tunnel = Callable[[h11.Request, Stream, bytes], Awaitable[None]]


class Relay:
    """One client's connection, and the connection behind it to the server that answers.

    route: returns where a request goes; raises `RefusedRequestError`.
    tunnel: serves a CONNECT on the connection, given what was already read behind it. None hands a CONNECT to
        `route`, like any other request.
    """

    def __init__(self, client: Stream, route: RouteRequest, tunnel: Tunnel | None = None) -> None:
        self.client, self.route, self.tunnel = client, route, tunnel
        self._upstream: Stream | None = None
        self._to = ""
        self._responses: asyncio.Task[None] | None = None
        self._finished = asyncio.Event()

    async def run(self) -> None:
        """Relay until either side ends. The client's connection is closed afterwards, or reset.

        `Proxy` and `Gateway` call it once for each connection. Raises OSError when the client has gone.
        """
        try:
            await first_done(self._requests(), self._finished.wait())
            await self._finish()
            await self.client.close()
        finally:
            if self._responses:
                self._responses.cancel()
            if self._upstream:
                self._upstream.cut()
            self.client.cut()

    async def _requests(self) -> None:
        """Send on the client's requests until it ends its side; hand a CONNECT to `tunnel`.

        A request that is not HTTP, or that `route` refuses, is answered here and is the last.
        """
        requests = _Requests(self.client)
        try:
            while request := await requests.request():
                if request.method == b"CONNECT" and self.tunnel:
                    return await self.tunnel(request, self.client, requests.rest)
                await self._send_on(requests, request, self.route(request))
                if not requests.next():
                    break
            await requests.read_to_end()
        except h11.RemoteProtocolError as error:
            status = error.error_status_hint
            await self._reject(malformed(HTTPStatus(status if status in (413, 431) else 400)))
            await self._drop_rest()
        except RefusedRequestError as refused:
            await self._reject(refused.response)
        return None

    async def _send_on(self, requests: _Requests, request: h11.Request, route: Route) -> None:
        """Send a request and its body to the server of its route, in chunks if it came so.

        Where that server has gone, wait until its response is copied. Raises `RefusedRequestError`.
        """
        upstream = await self._connect_upstream(route)
        chunked = any(name == b"transfer-encoding" for name, _ in request.headers)
        try:
            await upstream.write(_head(request, route))
            while data := await requests.data():
                await upstream.write(b"%x\r\n%b\r\n" % (len(data), data) if chunked else data)
            if chunked and not requests.is_closed:
                await upstream.write(b"0\r\n\r\n")
        except OSError:  # it may have answered all the same; `_copy_responses` sees how it ended
            await self._finished.wait()

    async def _connect_upstream(self, route: Route) -> Stream:
        """Return the connection to the server of a route: the present one, or a new one.

        Before a new one is made, the present one finishes its responses and is closed; a task then copies
        those of the new one. Raises `RefusedRequestError` (502) where it cannot be made.
        """
        if self._upstream and self._to == route.to:
            return self._upstream
        await self._finish()
        try:
            self._upstream = await route.connect()
        except OSError:
            raise RefusedRequestError(make_response(HTTPStatus.BAD_GATEWAY, route.error_note)) from None
        self._to = route.to
        self._responses = asyncio.ensure_future(self._copy_responses(self._upstream))
        return self._upstream

    async def _copy_responses(self, upstream: Stream) -> None:
        """Send the client every byte that the server sends; reset the client if the server was reset.

        The body of a task. At the end it sets `_finished`, unless `_finish` ended the server's connection.
        """
        try:
            while data := await upstream.read():
                await self.client.write(data)
        except OSError:
            self.client.reset()
        if upstream is self._upstream:
            self._finished.set()

    async def _finish(self) -> None:
        """Tell the server that no more requests come, wait for its last responses, and close its connection.

        For `LAST_ANSWER_SECONDS` at most. The client's connection stays open. Does nothing without a server.
        """
        upstream, responses = self._upstream, self._responses
        self._upstream = self._responses = None
        if upstream and responses:
            upstream.end()
            try:
                await asyncio.wait([responses], timeout=LAST_ANSWER_SECONDS)
            finally:
                responses.cancel()
                upstream.cut()

    async def _reject(self, response: ApiResponse) -> None:
        """Send a response of our own to the client, once those to the requests before it are sent."""
        await self._finish()
        await self.client.write(response.to_http())

    async def _drop_rest(self) -> None:
        """Read and drop what the client is still sending, until it is quiet for `QUIET_SECONDS`.

        Closing at once would reset the connection before the client has read the answer (RFC 9112, 9.6).
        """
        with suppress(OSError):  # of which TimeoutError is one
            while await asyncio.wait_for(self.client.read(), QUIET_SECONDS):
                pass


class _Requests:
    """The requests of a connection, one after the other, each with its body.

    is_closed: whether the client has closed its side.
    """

    def __init__(self, client: Stream) -> None:
        self.client, self.is_closed = client, False
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)

    @property
    def rest(self) -> bytes:
        """The bytes that were read behind the last request: those of a tunnel after a CONNECT."""
        return self._parser.trailing_data[0]

    async def request(self) -> h11.Request | None:
        """Return the next request's line and headers; None at the end. Raises h11.RemoteProtocolError."""
        event = await self._event()
        return event if isinstance(event, h11.Request) else None

    async def data(self) -> bytes:
        """Return more of the current request's body; b"" at its end, or the connection's."""
        event = await self._event()
        return bytes(event.data) if isinstance(event, h11.Data) else b""

    def next(self) -> bool:
        """Prepare for another request; return whether there may be one on this connection.

        h11 pairs requests with answers. Ours go by unseen, so it is told of one.
        """
        if self._parser.our_state is h11.SEND_RESPONSE:
            self._parser.send(h11.Response(status_code=200, headers=[(b"content-length", b"0")]))
            self._parser.send(h11.EndOfMessage())
        if self._parser.our_state is h11.DONE and self._parser.their_state is h11.DONE:
            self._parser.start_next_cycle()
            return True
        return False

    async def read_to_end(self) -> None:
        """Read and drop what comes until the client closes its side; it may send no further request."""
        while not self.is_closed:
            self.is_closed = not await self.client.read()

    async def _event(self) -> object:
        """Return h11's next event, reading from the client until there is one."""
        while (event := self._parser.next_event()) is h11.NEED_DATA and not self.is_closed:
            data = await self.client.read()
            if data:
                self._parser.receive_data(data)
            self.is_closed = not data
        return event


def _head(request: h11.Request, route: Route) -> bytes:
    """Return a request's line and headers as they are sent on; HTTP/1.0 stays, with its one request."""
    left_out = (b"connection", b"keep-alive") if request.http_version < b"1.1" else ()
    lines = [b"%b %b HTTP/%b" % (request.method, route.target, request.http_version)]
    lines += [b"%b: %b" % (name, value) for name, value in route.headers if name.lower() not in left_out]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def forwarded_headers(request: h11.Request) -> Headers:
    """Return a request's headers without those for a proxy, and without an upgrade of the protocol."""
    return [(name, value) for name, value in request.headers.raw_items() if name.lower() not in _OF_THIS_HOP]


def make_response(status: HTTPStatus, note: str, *headers: tuple[str, str]) -> ApiResponse:
    """Return a response of the proxy's or the gateway's own, in the fake's error envelope."""
    return error_response(status, phrase(status), "standard", note, headers)
