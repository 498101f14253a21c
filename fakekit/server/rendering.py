"""A response as bytes of HTTP/1.1: the only place where they are made on our own server."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache

from fakekit.api.response import ApiResponse
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.wsgi import WsgiResult
from fakekit.unpatched import wall_time

KEEP_ALIVE_SECONDS = 75
"""How long a connection may be idle."""

_CLOSE = b"\r\nConnection: close\r\n\r\n"
_KEEP_ALIVE = b"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=%d\r\n\r\n" % KEEP_ALIVE_SECONDS
"""What stands between the date and the body of a response."""


@lru_cache(1)
def date_value(second: int) -> bytes:
    """Return the value of the header Date (RFC 9110, 6.6.1) for a time in seconds since 1970."""
    return formatdate(second, usegmt=True).encode()


def render_response(request: ReceivedRequest, result: WsgiResult, closes: bool) -> tuple[bytes, bytes]:
    """Return the head of a response and its body, which is empty for HEAD and for a status without one.

    closes: whether the connection ends behind it.
    """
    start, rest, body = render_parts(request, result, closes)
    return start + date_value(int(wall_time())) + rest, body


def render_parts(request: ReceivedRequest, result: WsgiResult, closes: bool) -> tuple[bytes, bytes, bytes]:
    """Return a response as what stands before the value of Date, the rest of its head, and its body.

    In three parts, so that a remembered response gets a new Date.

    closes: whether the connection ends behind it.
    """
    headers = [(name, value) for name, value in result.headers if name.lower() != "connection"]
    has_body = result.status[:3] not in ("204", "304") and result.status[0] != "1"
    if has_body and not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(len(result.body))))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    start = f"HTTP/{request.version} {result.status}\r\n{lines}Server: fakekit\r\nDate: "
    body = result.body if has_body and request.method != "HEAD" else b""
    return start.encode("latin-1", "replace"), _CLOSE if closes else _KEEP_ALIVE, body


def render_refusal(response: ApiResponse) -> bytes:
    """Return the response to a request that the reader has refused, as bytes; the connection ends then."""
    result = WsgiResult(response.status_line, list(response.fields), response.payload)
    return b"".join(render_response(ReceivedRequest("GET"), result, closes=True))
