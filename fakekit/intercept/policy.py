"""The base class of what decides about calls for the vendor's hosts: stop, allow or redirect them."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl


class Policy:
    """Decides what happens to calls for the vendor's hosts. This base class lets everything through.

    The replaced functions of the standard library call its methods while it is installed, in the thread that
    makes the call. A method that raises stops the call at that point.
    """

    def resolve(self, host: str) -> bool:
        """Return whether a vendor's host resolves to its marker; False asks the real resolver.

        Called before a lookup. A marker is a loopback address that stands for the host until the connection
        is made. The base class returns False.
        """
        return False

    def on_resolve(self, addresses: object) -> None:
        """Do nothing; a subclass may use what the real resolver answered for a vendor's host.

        Called after a lookup that `resolve` let through.

        addresses: a list of tuples, as `socket.getaddrinfo` returns it.
        """

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """Return the address to connect to. Called before every connection, also for other hosts.

        The base class returns `address`, or looks the real one up for a marker, a loopback address that
        stands for a host. Raises OSError.

        host: the vendor's host that `address` means by name or marker; None for any other address.
        address: the tuple that `socket.connect` was called with.
        """
        if host is None or vendor_host(address[0]):
            return address
        return socket.getaddrinfo(host, address[1], sock.family, socket.SOCK_STREAM)[0][4]

    def is_redirected(self, sock: socket.socket) -> bool:
        """Return whether a connected socket leads to the fake; the base class returns False.

        Called before data is sent by it, which a mock in the place of `send` shall not get then.
        """
        return False

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """Return the TLS context for a handshake with a vendor's host; the base class returns `context`.

        context: the one that the caller uses.
        sock: the connected socket; None under asyncio, which does not pass it.
        """
        return context

    def use_proxy(self, host: str, proxy: tuple[str, int | None]) -> None:
        """Do nothing; a subclass may raise to stop a plain HTTP request for a vendor's host to a proxy.

        Called before the request is sent.

        proxy: the proxy's host and port.
        """

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """Return the environment variables for a child process; the base class returns `environ`.

        Called before each `subprocess.Popen`.

        environ: the argument ``env`` of the caller; None for the variables of this process.
        """
        return environ

    def on_wrap(self, sock: ssl.SSLSocket) -> None:
        """Do nothing; a subclass may use the socket of a TLS connection to a vendor's host.

        Called after the socket was wrapped. asyncio's connections are not among them.
        """
