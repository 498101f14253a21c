"""The addresses that stand for the vendor's hosts while calls are led to the fake, and loopback's."""

from __future__ import annotations

import socket

from fakekit.vendor import VENDOR_HOSTS, vendor_host

LOOPBACK = "127.0.0.1"

_MARKERS = {f"127.88.75.{number}": host for number, host in enumerate(sorted(VENDOR_HOSTS), 1)}
"""What a name resolves to when it is to be led somewhere. Clients keep addresses, so these say nothing of
where to: that is looked up when somebody connects. They are loopback addresses, so that one which is
connected to without us goes nowhere."""
_MARKER_OF = {host: marker_address for marker_address, host in _MARKERS.items()}
_MAPPED = "::ffff:"
"""What makes an IPv4 address one that an IPv6 socket can connect to."""


def marker_address(host: str, *, mapped: bool = False) -> str:
    """Return the loopback address that stands for a vendor's host; `mapped` as one of IPv6."""
    return (_MAPPED if mapped else "") + _MARKER_OF[host]


def is_loopback_address(host: object) -> bool:
    """Return whether an address is of the loopback interface, IPv4, IPv6 or mapped."""
    return isinstance(host, str) and (host == "localhost" or host.removeprefix(_MAPPED) in (LOOPBACK, "::1"))


def loopback_address(family: int, port: int) -> tuple[str, int]:
    """Return the address of a local port, as a socket of this family takes it."""
    return (LOOPBACK if family == socket.AF_INET else _MAPPED + LOOPBACK, port)


def peer_address(sock: socket.socket) -> tuple[str, int] | None:
    """Return the address that a socket is connected to; None while it is not."""
    try:
        host, port = sock.getpeername()[:2]
    except OSError:
        return None
    return host, port


def named_vendor_host(address: object) -> str | None:
    """Return the vendor's host that an argument of `connect` means, by name or marker; None for others."""
    if not isinstance(address, tuple) or not address:
        return None
    host = address[0]
    if isinstance(host, str):
        marked_host = _MARKERS.get(host.removeprefix(_MAPPED))
        if marked_host:
            return marked_host
    return vendor_host(host)
