"""A proxy of a run and the network around it."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field

import fakekit
from fakekit.intercept.gateway import Gateway
from fakekit.intercept.proxy import Proxy
from fakekit.server.authority import Authority
from fakekit.server.keys import replace_foreign_key
from fakekit.server.listening import Listener, bind
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import read_all
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.vendor_hosts import listening

GET = "GET {} HTTP/1.1\r\nHost: app.xtrakit.com\r\nAuthorization: Bearer API_KEY\r\nConnection: close\r\n"


@dataclass
class Network:
    """Stands for everything beyond this machine: what is looked up, and what reaches the way out."""

    looked_up: list[str] = field(default_factory=list)
    went_out: list[bytes] = field(default_factory=list)


@dataclass
class Led:
    proxy: Proxy
    server: fakekit.FakeServer
    authority: Authority

    @property
    def secret(self) -> str:
        return self.proxy.url.split("//")[1].split("@")[0]

    @property
    def admission(self) -> str:
        return f"Proxy-Authorization: Basic {base64.b64encode(self.secret.encode()).decode()}\r\n"

    def ask(self, request: str, admitted: bool = True) -> bytes:
        """Everything that comes back for a request, its last empty line left out."""
        with socket.create_connection(("127.0.0.1", self.proxy.port), timeout=PATIENCE) as sock:
            sock.sendall((request + (self.admission if admitted else "") + "\r\n").encode("latin-1"))
            return read_all(sock)

    def tunnel(self, target: str) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=PATIENCE)
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{self.admission}\r\n".encode())
        opened = b"HTTP/1.1 200 Connection established\r\n\r\n"
        if sock.recv(len(opened)) != opened:
            sock.close()
            raise AssertionError("there is no tunnel")
        return sock


@contextmanager
def leading(environ: Mapping[str, str] | None = None, by_gateway: bool = False) -> Iterator[Led]:
    """A proxy before a fake that serves the vendor's hosts itself, or has a gateway for them."""
    with ExitStack() as ends:
        server, authority = fakekit.FakeServer(), Authority()
        origin = server.start().origin
        ends.callback(server.stop)
        tls = authority.server_context("fake.test")  # the guard knows the vendor's names
        if by_gateway:
            gateway = Gateway(origin, tls, replace_foreign_key())
            gateway.start()
            ends.callback(gateway.stop)
            port = gateway.port
        else:
            listener = Listener(bind("127.0.0.1", 0), tls, replace_foreign_key())
            port = listener.port
            ends.enter_context(listening(server, listener))
        proxy = Proxy(port, environ or {})
        proxy.start()
        ends.callback(proxy.stop)
        yield Led(proxy, server, authority)


def over_tls(sock: socket.socket, authority: Authority) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    return context.wrap_socket(sock, server_hostname="fake.test")


def answer_to(sock: socket.socket, request: bytes) -> tuple[int, bytes]:
    sock.sendall(request)
    with closing(http.client.HTTPResponse(sock)) as answer:
        answer.begin()
        return answer.status, answer.read()


def echo(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(data)


@contextmanager
def users_proxy(network: Network, answer: bytes) -> Iterator[str]:
    def script(sock: socket.socket) -> None:
        network.went_out.append(read_request(sock))
        sock.sendall(answer)
        if answer.startswith(b"HTTP/1.1 200 Connection"):
            echo(sock)

    with answering(script) as origin:
        yield origin.replace("http://", "http://me:word@")
