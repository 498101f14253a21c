"""The socket by which gateway and proxy connect to a server, which no plugin of a test run blocks."""

from __future__ import annotations

from _socket import socket as CSocket  # noqa: N812
from typing import Any

from fakekit.unpatched import Socket


class ClientSocket(Socket):
    """A `socket.socket` that connects by the method of the C module.

    Plugins that block connections, such as pytest-recording, replace that of `socket.socket`. A connection of
    ours is no call of the code under test.
    """

    def connect(self, address: Any, /) -> None:
        """Connect to an address, as `socket.socket.connect` does. Raises OSError."""
        CSocket.connect(self, address)
