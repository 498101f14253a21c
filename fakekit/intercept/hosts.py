"""The addresses that stand for the vendor's hosts while they are led, and those of this machine."""

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
    """The address that stands for a host; mapped: as one of IPv6."""
    return (_MAPPED if mapped else "") + _MARKER_OF[host]


def is_loopback_address(host: object) -> bool:
    """Whether an address is loopback's."""
    return isinstance(host, str) and (host == "localhost" or host.removeprefix(_MAPPED) in (LOOPBACK, "::1"))


def loopback_address(family: int, port: int) -> tuple[str, int]:
    """A port of this machine as a socket of this family connects to it."""
    return (LOOPBACK if family == socket.AF_INET else _MAPPED + LOOPBACK, port)


def peer_address(sock: socket.socket) -> tuple[str, int] | None:
    """Where a socket is connected to; None while it is not."""
    try:
        host, port = sock.getpeername()[:2]
    except OSError:
        return None
    return host, port


def named_vendor_host(address: object) -> str | None:
    """The vendor's host behind what is given to `connect`: its name, or a marker."""
    if not isinstance(address, tuple) or not address:
        return None
    host = address[0]
    if isinstance(host, str):
        marked_host = _MARKERS.get(host.removeprefix(_MAPPED))
        if marked_host:
            return marked_host
    return vendor_host(host)
