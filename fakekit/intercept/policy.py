"""What the patches ask: what is to become of a call for one of the vendor's hosts."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fakekit.vendor import vendor_host

if TYPE_CHECKING:
    import ssl


class Policy:
    """What is to happen to a call for one of the vendor's hosts. This one lets everything through.

    A method that raises stops the call at that point.
    """

    def resolve(self, host: str) -> bool:
        """Whether the name resolves to a marker; otherwise the real resolver is asked."""
        return False

    def resolved(self, addresses: Any) -> None:
        """The real resolver answered this."""

    def connect(self, sock: socket.socket, host: str | None, address: Any) -> Any:
        """The address to connect to. `host` is the vendor's host that it names, or is the marker of."""
        if host is None or vendor_host(address[0]):
            return address
        return socket.getaddrinfo(host, address[1], sock.family, socket.SOCK_STREAM)[0][4]

    def wrap(self, context: ssl.SSLContext, sock: socket.socket | None, host: str) -> ssl.SSLContext:
        """The context to make a TLS connection to the host with; no socket is known under asyncio."""
        return context

    def ask(self, host: str, through: tuple[str, int | None]) -> None:
        """A plain HTTP request for the host is about to be made of the proxy at `through`."""

    def environment(self, environ: Mapping[str, str] | None) -> Mapping[str, str] | None:
        """What a child process is given instead of this environment; None is this process's own."""
        return environ

    def wrapped(self, sock: ssl.SSLSocket) -> None:
        """A TLS connection to the host was made ready."""
