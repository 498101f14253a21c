"""Requests read from the bytes of one connection, by llhttp (the package httptools).

llhttp refuses what RFC 9112 forbids in a head and in chunks: white space before a colon, folded lines,
control characters, a line feed alone, Content-Length beside Transfer-Encoding. The rest is done here.
"""

from __future__ import annotations

from collections import deque
from http import HTTPStatus

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from fakekit.api.body import BODY_BYTES
from fakekit.api.response import ApiResponse, malformed, refuse_body
from fakekit.contract.refusals import PARTIAL_BODY, UNKNOWN_CODING
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.request_target import split_target, with_known_method

LINE_BYTES = 128 * 1024
"""The longest header line that is read."""
HEAD_BYTES = 512 * 1024
"""How many bytes of an unfinished head are kept."""
MAX_HEADERS = 1000
"""How many header lines a request may have."""
TARGET_BYTES = 8192
"""The longest request target that is read."""
BLOCK_BYTES = 8192
"""How many bytes are parsed at once where requests begin; the next ones when these requests are answered.

256 kB, which asyncio reads at once, may hold 10,000 of them: 8 MB of objects, and 50 ms for other clients.
"""
DRAINED_BYTES = 64 * 1024 * 1024
"""How many bytes of a body are read at all; the connection ends behind a longer one."""

_EMPTY_LINE = b"\r\n\r\n"


class _RefusedError(Exception):
    """A request that the application is not to see; raised in the parser's callbacks."""


class RequestReader:
    """Parses the bytes of one connection into requests; the parser calls its ``on_...`` methods.

    requests: those that are complete, in order; the caller takes them out. What is refused is in it as the
        response to give.
    is_done: whether nothing more is read: the last request closes the connection, or something was refused.
    expects_continue: whether the client waits for ``100 Continue`` before it sends the body of the request
        that is being read.
    """

    def __init__(self) -> None:
        self.requests: deque[ReceivedRequest | ApiResponse] = deque()
        self.is_done = self.expects_continue = False
        self._parser = HttpRequestParser(self)
        self._request: ReceivedRequest | None = None
        self._is_in_head = False
        self._rest = self._partial_method = b""  # kept: what is parsed later, and a method without its end
        self._tail = b""  # the last bytes parsed, which may begin an empty line
        self._remaining: int | None = None  # bytes of a body with Content-Length that are still to come
        self._overhead = 0  # bytes since the head or the last part of a body began
        self._line_bytes = 0  # bytes of a line whose end has not come yet
        self._hosts = 0
        self._method = self._framing = b""
        self._skips_head = False
        self._status = HTTPStatus.BAD_REQUEST

    @property
    def has_more(self) -> bool:
        """Whether something came that is not answered yet: requests, or a part of one."""
        return bool(self.requests or self._rest or self.is_reading)

    @property
    def is_reading(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._request is not None or bool(self._partial_method)

    @property
    def is_in_head(self) -> bool:
        """Whether it is incomplete in its head, and not in its body."""
        return self._is_in_head or bool(self._partial_method)

    def feed(self, data: bytes) -> None:
        """Parse bytes as they came, and add the requests that they complete to `requests`.

        What comes behind `BLOCK_BYTES` with a request in them is kept until `feed_rest`.
        """
        if self._rest:
            self._rest += data
            return
        while data and not self.is_done:
            size = max(BLOCK_BYTES, self._remaining or 0)
            self._feed_block(data[:size])
            data = data[size:]
            if self.requests:
                self._rest = b"" if self.is_done else data
                return

    def feed_rest(self) -> None:
        """Parse what `feed` kept behind the first block, if anything; called once `requests` is empty."""
        data, self._rest = self._rest, b""
        self.feed(data)

    def _feed_block(self, data: bytes) -> None:
        """Parse a block of bytes, one request's part after the other."""
        if self._partial_method:
            data, self._partial_method = self._partial_method + data, b""
        while data and not self.is_done:
            if self._request is None and not (data := self._begin(data)):
                return
            size = self._size_of_part(data)
            self._feed_part(data[:size])
            data = data[size:]

    def end(self) -> None:
        """Refuse, with 400, a request that is incomplete when the client ends its side, if there is one."""
        if self.is_reading:
            self.reject(malformed(HTTPStatus.BAD_REQUEST) if self.is_in_head else refuse_body(PARTIAL_BODY))

    def reject(self, response: ApiResponse) -> None:
        """Let this be the last response, after those to the requests before."""
        if not self.is_done:
            self.requests.append(response)
        self.is_done, self._request, self._is_in_head, self.expects_continue = True, None, False, False
        self._partial_method = self._rest = b""

    def _begin(self, data: bytes) -> bytes:
        """Begin with a request; return its first bytes; none, and keep them, within its method."""
        data = data.lstrip(b"\r\n")  # RFC 9112, 2.2
        self._tail, self._overhead, self._line_bytes, self._remaining = b"", 0, 0, None
        self._method, parsed = with_known_method(data)
        if not parsed:
            self._partial_method = data
        return parsed

    def _size_of_part(self, data: bytes) -> int:
        """Return how many of the bytes certainly belong to the request that is being read.

        The parser is given no more of them at once: it cannot say where in its bytes a request ended. A head
        ends with an empty line, and so do chunks and their trailers.
        """
        if self._remaining is not None:
            return min(len(data), self._remaining) or len(data)
        end = (self._tail + data).find(_EMPTY_LINE)
        size = len(data) if end < 0 else end + len(_EMPTY_LINE) - len(self._tail)
        self._tail = (self._tail + data[:size])[-3:]
        return size

    def _feed_part(self, part: bytes) -> None:
        """Hand a part of one request to the parser, and refuse the request if it breaks HTTP or a limit."""
        is_start, completed = self._request is None and not self._method, len(self.requests)
        self._overhead += len(part)
        line_end = part.rfind(b"\n")
        self._line_bytes = len(part) - line_end - 1 + (self._line_bytes if line_end < 0 else 0)
        try:
            self._parse(part)
        except HttpParserError:
            self._refuse()
            return
        has_long_line = self._is_in_head and self._line_bytes > LINE_BYTES + len(": \r\n")
        if has_long_line or self._overhead > HEAD_BYTES:  # of a head, trailers or a chunk's extensions
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            self._refuse()
        elif is_start and self._request is None and len(self.requests) == completed + 1:
            request = self.requests[-1]
            if isinstance(request, ReceivedRequest) and not request.size:
                request.raw = part

    def _parse(self, data: bytes) -> None:
        """Hand bytes to the parser, which stops behind the head of a request with Upgrade: a new one goes on.

        Upgrade is ignored (RFC 9110, 7.8). Java's client sends it with the body that belongs to the request.

        Raises HttpParserError.
        """
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade:
            self._parser = HttpRequestParser(self)
            if self._framing:
                self._skips_head, framing, self._framing = True, self._framing, b""
                self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + _EMPTY_LINE)

    def _refuse(self) -> None:
        """Answer what the parser or a callback has not accepted, and read nothing more.

        The response has the status that was set, 400 by default, and repeats nothing of the request. Behind
        the last request of a connection, nothing is answered.
        """
        if self._status is HTTPStatus.NOT_IMPLEMENTED:
            self.reject(refuse_body(UNKNOWN_CODING))
        elif self._request is not None and not self._is_in_head and self._status is HTTPStatus.BAD_REQUEST:
            self.reject(refuse_body(PARTIAL_BODY))
        elif not self.is_done:  # what stands behind the last request of a connection is no news
            self.reject(malformed(self._status))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if not self._skips_head:
            self._request, self._is_in_head = ReceivedRequest(), True
            self._hosts = 0

    def on_url(self, url: bytes) -> None:
        """Take the request target, or a further part of it.

        Raises `_RefusedError` for one longer than `TARGET_BYTES`, which is then answered with 414.
        """
        request = self._request
        if request is None or self._skips_head:
            return
        request.target += url
        if len(request.target) > TARGET_BYTES:
            self._status = HTTPStatus.REQUEST_URI_TOO_LONG
            raise _RefusedError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line; a trailer (RFC 9110, 6.5.1) is dropped. Raises `_RefusedError` for too many."""
        request = self._request
        if request is None or not self._is_in_head:
            return
        name, value = name.lower(), value.rstrip(b" \t")
        request.headers.append((name, value))
        self._hosts += name == b"host"
        if len(request.headers) > MAX_HEADERS or len(name) + len(value) > LINE_BYTES:
            self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise _RefusedError

    def on_headers_complete(self) -> None:
        """Check the head. Raises `_RefusedError`."""
        request = self._request
        if request is None or self._skips_head:
            self._skips_head = False
            return
        request.version = self._parser.get_http_version()
        request.method = (self._method or self._parser.get_method()).decode("ascii")
        if request.version not in ("1.0", "1.1") or self._hosts > 1:
            raise _RefusedError
        if request.version == "1.1" and not self._hosts:
            raise _RefusedError
        try:
            request.target, host = split_target(request.target, request.method)
        except ValueError:
            raise _RefusedError from None
        if host:
            request.headers = [(n, v) for n, v in request.headers if n != b"host"] + [(b"host", host)]
        request.keep_alive = self._parser.should_keep_alive() and request.method != "CONNECT"
        self._check_framing(request)
        self._is_in_head, self._overhead = False, 0

    def _check_framing(self, request: ReceivedRequest) -> None:
        """Note how the end of the body will be found. Raises `_RefusedError`.

        A transfer coding that nobody here decodes is refused (RFC 9112, 6.1), and any in HTTP/1.0.
        """
        headers = dict(request.headers)
        framing = next((n for n in (b"content-length", b"transfer-encoding") if n in headers), b"")
        if framing == b"content-length":
            self._remaining = int(headers[framing])
        elif framing:
            if request.version == "1.0":
                raise _RefusedError
            if any(n == framing and v.lower() != b"chunked" for n, v in request.headers):
                self._status = HTTPStatus.NOT_IMPLEMENTED
                raise _RefusedError
        if framing and self._parser.should_upgrade() and request.method != "CONNECT":
            self._framing = framing + b": " + headers[framing]
        if framing and request.version == "1.1":
            values = headers.get(b"expect", b"").lower().split(b",")
            self.expects_continue = b"100-continue" in map(bytes.strip, values)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; of a long one only the length is kept."""
        request = self._request
        if request is None:
            return
        request.size += len(body)
        self._overhead, self.expects_continue = 0, False
        if self._remaining is not None:
            self._remaining -= len(body)
        if request.size > BODY_BYTES:
            request.body = None
        elif request.body is not None:
            request.body += body
        if request.size > DRAINED_BYTES:
            request.keep_alive = False
            self.on_message_complete()

    def on_message_complete(self) -> None:
        """Add the request to `requests`, unless the parser has stopped at its Upgrade before its body."""
        if self._request is None or self._framing:
            return
        request, self._request = self._request, None
        self._method, self.expects_continue = b"", False
        if not self.is_done:
            self.requests.append(request)
            self.is_done = not request.keep_alive
