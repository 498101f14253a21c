"""Requests to a proxy for one of the vendor's hosts, found in what a socket is about to send."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from fakekit.intercept.hosts import peer_address
from fakekit.intercept.policy import Policy
from fakekit.vendor import vendor_host

LONGEST = 600
"""How many bytes of the data are looked at: the start of a request has the target."""

_HTTP_TARGET = re.compile(
    rb"(?:CONNECT |[A-Z]{3,10} (?i:https?)://)([^ /?#\r\n]+)[^ \r\n]*(?: HTTP/1| [HTP/]{0,5}\Z|\Z)"
)
"""Matches the start of a request to an HTTP proxy (RFC 9112, 3.2.2 and 3.2.3); the group is the authority.

The version follows, unless the data ends before: text that only mentions an address is no request."""

_FIRST_BYTES = b"\x04\x05ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""What a request to a proxy may start with."""

_SOCKS5_NAME = b"\x05\x01\x00\x03"
"""Start of SOCKS5's "connect to this name" (RFC 1928, 4); the name's length and the name follow."""
_SOCKS4 = b"\x04\x01"
"""Start of SOCKS4's "connect"; port, address, user and, in SOCKS4a, a name follow."""


def find_target_host(data: Any) -> str | None:
    r"""Return the vendor's host that data asks an HTTP or SOCKS proxy for; None for any other data.

    data: bytes, or anything else with a buffer.

    >>> find_target_host(b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\n")
    'app.xtrakit.com'
    >>> find_target_host(b"GET /api/v1/customers HTTP/1.1\r\nHost: app.xtrakit.com\r\n")
    """
    try:
        view = data if type(data) is bytes else memoryview(data).cast("B")
    except (TypeError, ValueError):
        return None  # the socket refuses it, or it is a part of an array
    if not view or view[0] not in _FIRST_BYTES:
        return None
    start = bytes(view[:LONGEST])
    if start.startswith(_SOCKS5_NAME):
        return vendor_host(start[5 : 5 + start[4]]) if len(start) > 5 else None
    if start.startswith(_SOCKS4):
        names = start[8:].split(b"\0")
        return vendor_host(names[1]) if len(names) > 1 else None
    match = _HTTP_TARGET.match(start)
    return vendor_host(match[1].rpartition(b"@")[2].partition(b":")[0]) if match else None


def stop_proxy_call(policy: Policy, sock: socket.socket, data: object) -> None:
    """Ask the policy, which may raise an OSError, if a socket is about to send a request to a proxy.

    Only a request for one of the vendor's hosts is asked about. The connection of one that is stopped is
    ended, so that its client does not wait for a response: httpx would, even after a failed send. A socket
    that does not block is only shut down: an event loop closes it.

    data: see `find_target_host`.
    """
    __tracebackhide__ = True
    host = find_target_host(data)
    if not host:
        return
    try:
        policy.use_proxy(host, peer_address(sock) or ("", None))
    except OSError:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        if sock.gettimeout() != 0:
            sock.close()
        raise


def join_start(buffers: Iterable[Any]) -> bytes:
    """Return the first `LONGEST` bytes of the buffers of `sendmsg`, or more; empty if one is no buffer."""
    start = b""
    for buffer in buffers:
        if len(start) >= LONGEST:
            break
        try:
            start += memoryview(buffer).cast("B")[:LONGEST]
        except (TypeError, ValueError):
            return b""
    return start
