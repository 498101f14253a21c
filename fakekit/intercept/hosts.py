"""Marker addresses, which stand for the vendor's hosts while calls are redirected, and loopback addresses."""

from __future__ import annotations

import socket

from fakekit.vendor import VENDOR_HOSTS, vendor_host

LOOPBACK = "127.0.0.1"

_MARKERS = {f"127.88.75.{number}": host for number, host in enumerate(sorted(VENDOR_HOSTS), 1)}
"""Marker addresses: what a vendor's name resolves to while its calls are redirected.

Clients cache addresses, so a marker does not say where a call goes: that is decided when the client connects.
Markers are loopback addresses on which nothing listens: a connection that passes us by reaches nobody."""
_MARKER_OF = {host: marker_address for marker_address, host in _MARKERS.items()}
_MAPPED = "::ffff:"
"""Prefix of an IPv4 address in the form that an IPv6 socket connects to (RFC 4291, 2.5.5.2)."""


def marker_address(host: str, *, mapped: bool = False) -> str:
    """Return the marker of a vendor's host: the loopback address that stands for it, ``127.88.75.1``.

    mapped: return it in the form of IPv6: ``::ffff:127.88.75.1``.

    Raises KeyError for a host that is not in `fakekit.vendor.VENDOR_HOSTS`.
    """
    return (_MAPPED if mapped else "") + _MARKER_OF[host]


def loopback_address(family: int, port: int) -> tuple[str, int]:
    """Return 127.0.0.1 and a port as an address that a socket of this family can connect to.

    family: AF_INET or AF_INET6, which has the address in the form of IPv6.
    """
    return (LOOPBACK if family == socket.AF_INET else _MAPPED + LOOPBACK, port)


def peer_address(sock: socket.socket) -> tuple[str, int] | None:
    """Return the host and port that a socket is connected to.

    None while it is not connected, and for a peer without a host, as that of a Unix socket.
    """
    try:
        address = sock.getpeername()
    except OSError:
        return None
    return address[:2] if isinstance(address, tuple) else None


def named_vendor_host(address: object) -> str | None:
    """Return the vendor's host that an argument of `socket.connect` means; None for any other address.

    address: a tuple that starts with the host: by name, or by the marker that it resolved to. What is no
        tuple, as the path of a Unix socket, is another address.
    """
    if not isinstance(address, tuple) or not address:
        return None
    host = address[0]
    if isinstance(host, str):
        marked_host = _MARKERS.get(host.removeprefix(_MAPPED))
        if marked_host:
            return marked_host
    return vendor_host(host)
