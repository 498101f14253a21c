"""Requests read from the bytes of one connection, by llhttp (the package httptools).

llhttp refuses what RFC 9112 forbids in a head and in chunks: white space before a colon, folded lines,
control characters, a line feed alone, Content-Length beside Transfer-Encoding. The rest is done here.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from fakekit.api.body import BODY_BYTES
from fakekit.api.response import ApiResponse, malformed, partial

LINE_BYTES = 128 * 1024
"""The longest header line that is read."""
HEAD_BYTES = 512 * 1024
"""How many bytes of an unfinished head are kept."""
MAX_HEADERS = 1000
"""How many header lines a request may have."""
TARGET_BYTES = 8192
"""The longest request target that is read."""
DRAINED_BYTES = 64 * 1024 * 1024
"""How many bytes of a body are read at all; the connection ends behind a longer one."""

_METHOD = re.compile(rb"(?:\r\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) ")
_METHODS = frozenset(b"GET HEAD POST PUT PATCH DELETE OPTIONS TRACE CONNECT".split())
"""Methods that the parser is given as they come; any other it would refuse, or understand as a protocol's."""


@dataclass
class ReceivedRequest:
    """One request as it came over a connection.

    target: the request target in origin form, ``/api/v1/customers?page=1``.
    headers: names in lower case and values, in the order in which they came; trailers are not among them.
    body: the bytes of the body, or None when they were more than are kept; `size` counts all of them.
    keep_alive: whether another request may follow on the connection.
    raw: the bytes of the whole request if it came in one piece and has no body, else empty.
    """

    method: str = ""
    target: bytes = b""
    version: str = "1.1"
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytearray | None = field(default_factory=bytearray)
    size: int = 0
    keep_alive: bool = True
    raw: bytes = b""


class _RefusedError(Exception):
    """A request that the application is not to see; raised in the parser's callbacks."""


class RequestReader:
    """Parses the bytes of one connection into requests; the parser calls its ``on_...`` methods.

    on_continue: called when a client waits for ``100 Continue`` before it sends a body.

    requests: those that are complete, in order; the caller takes them out. What is refused is in it as the
        response to give.
    is_done: whether nothing more is read: the last request closes the connection, or something was refused.
    is_in_head: whether it is incomplete in its head, and not in its body.
    """

    def __init__(self, on_continue: Callable[[], None]) -> None:
        self.requests: deque[ReceivedRequest | ApiResponse] = deque()
        self.is_done = self.is_in_head = False
        self._on_continue = on_continue
        self._parser = HttpRequestParser(self)
        self._request: ReceivedRequest | None = None
        self._completed = self._head_bytes = self._hosts = 0
        self._method = b""
        self._framing = b""
        self._skips_head = False
        self._status = HTTPStatus.BAD_REQUEST

    @property
    def is_reading(self) -> bool:
        """Whether a request has begun and is not complete."""
        return self._request is not None

    def feed(self, data: bytes) -> None:
        """Parse bytes as they came, and add the requests that they complete to `requests`."""
        starts, completed = self._request is None, self._completed
        try:
            self._parse(self._with_known_method(data) if starts else data)
        except HttpParserError:
            self._refuse()
            return
        if self.is_in_head:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
                self._refuse()
        elif starts and self._request is None and self._completed == completed + 1:
            request = self.requests[-1]
            if isinstance(request, ReceivedRequest) and not request.size:
                request.raw = data

    def end(self) -> None:
        """Refuse a request that is incomplete when the client has ended its side."""
        if self._request is not None:
            self.reject(malformed(HTTPStatus.BAD_REQUEST) if self.is_in_head else partial())

    def reject(self, response: ApiResponse) -> None:
        """Let this be the last response, after those to the requests before."""
        if not self.is_done:
            self.requests.append(response)
        self.is_done, self._request, self.is_in_head = True, None, False

    def _parse(self, data: bytes) -> None:
        """Hand bytes to the parser, and to a new one behind a request with Upgrade, where it stops.

        Upgrade is ignored (RFC 9110, 7.8). Java's client sends it with the body that belongs to the request.

        Raises HttpParserError.
        """
        try:
            self._parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            rest = data[upgrade.args[0] :]
            self._parser = HttpRequestParser(self)
            if self._framing:
                self._skips_head, framing, self._framing = True, self._framing, b""
                self._parser.feed_data(b"POST / HTTP/1.1\r\n" + framing + b"\r\n\r\n")
            if rest and not self.is_done:
                self._parse(rest)

    def _with_known_method(self, data: bytes) -> bytes:
        """Return the bytes with PUT in the place of a method that the parser would refuse.

        Such a request is answered like any other with a method that its path lacks (RFC 9110, 15.5.6).
        """
        match = _METHOD.match(data)
        if match is None or match[1] in _METHODS:
            self._method = b""
            return data
        self._method = match[1]
        return data[: match.start(1)] + b"PUT" + data[match.end(1) :]

    def _refuse(self) -> None:
        """Refuse what the parser or a callback has not accepted; nothing of it is repeated."""
        if self._request is not None and not self.is_in_head and self._status is HTTPStatus.BAD_REQUEST:
            self.reject(partial())
        elif not self.is_done:  # what stands behind the last request of a connection is no news
            self.reject(malformed(self._status))

    # What the parser calls.

    def on_message_begin(self) -> None:
        """Begin a request."""
        if not self._skips_head:
            self._request, self.is_in_head = ReceivedRequest(), True
            self._head_bytes = self._hosts = 0

    def on_url(self, url: bytes) -> None:
        """Take the request target, or a further part of it."""
        request = self._request
        if request is None or self._skips_head:
            return
        request.target += url
        if len(request.target) > TARGET_BYTES:
            self._status = HTTPStatus.REQUEST_URI_TOO_LONG
            raise _RefusedError

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header line; those behind a body are trailers, and dropped (RFC 9110, 6.5.1)."""
        request = self._request
        if request is None or not self.is_in_head:
            return
        name = name.lower()
        request.headers.append((name, value.rstrip(b" \t")))
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
        is_http_1_1 = request.version == "1.1"
        if self._hosts > 1 or (is_http_1_1 and not self._hosts) or request.version not in ("1.0", "1.1"):
            raise _RefusedError
        request.target, host = _origin_form(request.target, request.method)
        if host:
            request.headers = [(n, v) for n, v in request.headers if n != b"host"] + [(b"host", host)]
        request.keep_alive = self._parser.should_keep_alive() and request.method != "CONNECT"
        self.is_in_head = False
        headers = dict(request.headers)
        framing = next((n for n in (b"content-length", b"transfer-encoding") if n in headers), b"")
        if framing and self._parser.should_upgrade() and request.method != "CONNECT":
            self._framing = framing + b": " + headers[framing]
        if is_http_1_1 and headers.get(b"expect", b"").lower() == b"100-continue":
            self._on_continue()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; of a long one only the length is kept."""
        request = self._request
        if request is None:
            return
        request.size += len(body)
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
        request, self._request, self._method = self._request, None, b""
        self._completed += 1
        if not self.is_done:
            self.requests.append(request)
            self.is_done = not request.keep_alive


def _origin_form(target: bytes, method: str) -> tuple[bytes, bytes]:
    """Return a request target without scheme and host, and the host it named, empty for none.

    A host in the target counts, whatever the header says (RFC 9112, 3.2.2). Raises `_RefusedError` for what
    is no target.
    """
    if b"#" in target:
        raise _RefusedError
    if target.startswith(b"/") or target == b"*" or method == "CONNECT":
        return target, b""
    try:
        parts = urlsplit(target)
        _ = parts.port
    except ValueError:
        raise _RefusedError from None
    if parts.scheme not in (b"http", b"https") or not parts.netloc:
        raise _RefusedError
    return (parts.path or b"/") + (b"?" + parts.query if parts.query else b""), parts.netloc
