"""A service that stands for the vendor's, over TLS on a port of this machine, for programs in any language."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from fakekit.drift.api_key import ApiKey
from fakekit.drift.responses import OutgoingRequest
from fakekit.server.authority import Authority
from fakekit.vendor import BASE_PATH, VENDOR_HOSTS
from tests.helpers.bends.service import Service
from tests.helpers.scripted_server import answering, read_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, app: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.set_app(app)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print nothing: a client may close a connection in the middle."""


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Print nothing."""


def _answer(service: Service, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
    """The response to a GET as the service bends it, to anything else as it is."""
    if environ["REQUEST_METHOD"] != "GET" or not environ["PATH_INFO"].startswith(f"{BASE_PATH}/"):
        return service.app.wsgi_app(environ, start)
    query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
    target = environ["PATH_INFO"].removeprefix(f"{BASE_PATH}/") + query
    token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    response = service.send(OutgoingRequest(target, ApiKey(token, "the test") if token else None))
    headers = {**response.headers, "content-length": str(len(response.body))}
    start(f"{response.status} {HTTPStatus(response.status).phrase}", list(headers.items()))
    return [response.body]


@contextmanager
def served_over_tls(service: Service, folder: Path) -> Iterator[tuple[str, Path]]:
    """Serve a service during the block; give its base URL, and the file of its certificate authority."""
    authority, ca_file = Authority(), folder / "service-ca.pem"
    ca_file.write_bytes(authority.certificate)
    server = _Server(
        authority.server_context("127.0.0.1", *VENDOR_HOSTS),
        lambda environ, start: _answer(service, environ, start),
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_port}{BASE_PATH}", ca_file
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def network_with(port: int, asked: list[str]) -> Iterator[str]:
    """A proxy of the user's that leads every tunnel to a port of this machine; its URL.

    asked: gets the target of each tunnel.
    """

    def script(client: socket.socket) -> None:
        asked.append(read_request(client).split()[1].decode())
        with socket.create_connection(("127.0.0.1", port)) as service:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            join(client, service)

    with answering(script) as origin:
        yield origin


def join(first: socket.socket, second: socket.socket) -> None:
    """Copy what each of two connections sends to the other, until one ends."""
    with DefaultSelector() as selector:
        selector.register(first, EVENT_READ, second)
        selector.register(second, EVENT_READ, first)
        while True:
            for key, _ in selector.select():
                assert isinstance(key.fileobj, socket.socket)
                data = key.fileobj.recv(65536)
                if not data:
                    return
                key.data.sendall(data)
