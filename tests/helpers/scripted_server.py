"""Servers that do with a connection what a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.helpers.raw_http import receive


@contextmanager
def answering(script: Callable[[socket.socket], None]) -> Iterator[str]:
    """The origin of a server that does with each connection what the script says."""
    clients: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=serve_all, args=(listener, script, clients))
        serving.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for client in clients:  # a script may still wait for more of it
                with suppress(OSError):
                    client.shutdown(socket.SHUT_RDWR)
            serving.join()


def serve_all(
    listener: socket.socket, script: Callable[[socket.socket], None], clients: list[socket.socket]
) -> None:
    """Do what the script says with one connection after the other, until the listener is shut down."""
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            clients.append(client)
            with client, suppress(OSError):  # it went away, or the test is over
                script(client)


def read_request(client: socket.socket) -> bytes:
    """The head of a request. Raises ConnectionError when the client goes away before its end."""
    data = b""
    while not data.endswith(b"\r\n\r\n"):
        data += receive(client)
    return data
