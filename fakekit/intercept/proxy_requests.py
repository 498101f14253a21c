"""Requests to a proxy for one of the vendor's hosts, found in what a socket is about to send."""

from __future__ import annotations

import re
from typing import Any

from fakekit.vendor import vendor_host

LONGEST = 600
"""How many bytes of the data are looked at: the start of a request has the target."""

_HTTP_TARGET = re.compile(rb"(?:CONNECT |[A-Z]{3,10} https?://)([^ /?#\r\n]+)", re.IGNORECASE)
"""Matches the start of a request to an HTTP proxy (RFC 9112, 3.2.2 and 3.2.3); the group is the authority."""

_SOCKS5_NAME = b"\x05\x01\x00\x03"
"""Start of SOCKS5's "connect to this name" (RFC 1928, 4); the name's length and the name follow."""
_SOCKS4 = b"\x04\x01"
"""Start of SOCKS4's "connect"; port, address, user and, in SOCKS4a, a name follow."""


def find_proxied_host(data: Any) -> str | None:
    r"""Return the vendor's host that data asks an HTTP or SOCKS proxy for; None for any other data.

    data: bytes, or anything else with a buffer.

    >>> find_proxied_host(b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\n")
    'app.xtrakit.com'
    >>> find_proxied_host(b"GET /api/v1/customers HTTP/1.1\r\nHost: app.xtrakit.com\r\n")
    """
    try:
        start = bytes(memoryview(data).cast("B")[:LONGEST])
    except (TypeError, ValueError):
        return None  # the socket refuses it, or it is a part of an array
    if start.startswith(_SOCKS5_NAME):
        return vendor_host(start[5 : 5 + start[4]]) if len(start) > 5 else None
    if start.startswith(_SOCKS4):
        names = start[8:].split(b"\0")
        return vendor_host(names[1]) if len(names) > 1 else None
    match = _HTTP_TARGET.match(start)
    return vendor_host(match[1].rpartition(b"@")[2].partition(b":")[0]) if match else None
