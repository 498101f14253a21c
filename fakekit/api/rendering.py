"""A response as bytes of HTTP/1.1: the only place where they are made."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import formatdate
from functools import lru_cache
from typing import NamedTuple

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


class RenderedResponse(NamedTuple):
    """A response as bytes, in three parts, so that a remembered response gets a new Date.

    start: from the status line to the name of the header Date.
    rest: the rest of the head, behind the value of Date.
    body: empty for HEAD and for a status without one.
    """

    start: bytes
    rest: bytes
    body: bytes

    @property
    def head(self) -> bytes:
        """Status line and headers, to the empty line, with the present time as Date."""
        return self.start + date_value(int(wall_time())) + self.rest


def render_response(
    status: str,
    headers: Iterable[tuple[str, str]],
    payload: bytes | None,
    closes: bool,
    version: str = "1.1",
    is_head: bool = False,
) -> RenderedResponse:
    """Return a response as bytes of HTTP/1.x.

    status: with its phrase: ``404 Not Found``.
    payload: the body; None for one that is sent later in pieces: in chunks, or in HTTP/1.0 until the
        connection ends.
    closes: whether the connection ends behind it.
    version: of HTTP, as the request has it.
    is_head: whether the request is a HEAD.
    """
    fields = [(name, value) for name, value in headers if name.lower() != "connection"]
    has_body = status[:3] not in ("204", "304") and status[0] != "1"
    if payload is None:
        fields += [("Transfer-Encoding", "chunked")] if version == "1.1" else []
    elif has_body and not any(name.lower() == "content-length" for name, _ in fields):
        fields.append(("Content-Length", str(len(payload))))
    lines = "".join([f"{name}: {value}\r\n" for name, value in fields])
    start = f"HTTP/{version} {status}\r\n{lines}Server: fakekit\r\nDate: "
    body = payload if payload and has_body and not is_head else b""
    rest = _CLOSE if closes else _KEEP_ALIVE
    return RenderedResponse(start.encode("latin-1", "replace"), rest, body)
