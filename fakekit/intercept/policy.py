"""What decides over a call for one of the vendor's hosts; guard, permission and lead are such rules."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl


class Policy:
    """Decides what happens to calls for the vendor's hosts. This one lets everything through.

    The replaced functions of the standard library call its methods, in the thread that made the call. A
    method that raises stops the call at that point.
    """

    def resolve(self, host: str) -> bool:
        """Return whether the name resolves to a marker; otherwise the real resolver is asked."""
        return False

    def resolved(self, addresses: Any) -> None:
        """Take note of what the real resolver answered, in the form of `socket.getaddrinfo`."""

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """Return the address to connect to.

        host: the vendor's host that `address` names, or is the marker of; None for any other address.
        """
        if host is None or vendor_host(address[0]):
            return address
        return socket.getaddrinfo(host, address[1], sock.family, socket.SOCK_STREAM)[0][4]

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Return the context for a TLS connection to a vendor's host.

        sock: the socket that it is made on; None under asyncio, which does not show it.
        """
        return context

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """Called before a proxy at `through` is asked for a vendor's host in plain HTTP."""

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """Return the environment for a child process instead of this one; None is this process's own."""
        return environ

    def wrapped(self, sock: ssl.SSLSocket) -> None:
        """Take note of a TLS connection to a vendor's host that was set up."""
