"""The vendor's hosts on this machine: TLS under a certificate authority of the run."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

import pytest

import fakekit
from fakekit.intercept.gateway import Gateway
from fakekit.server.authority import Authority
from fakekit.server.keys import keep_key, replace_foreign_key
from fakekit.server.listening import KeyFor, Listener, bind
from tests.helpers.processes import PATIENCE

NAMES = ("fake.test", "other.test")
"""Not the vendor's, which the guard would stop in this process; tests/test_exec.py has those."""

ASK = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: app.xtrakit.com\r\nAuthorization: Bearer fk_demo\r\n\r\n"


class Port(Protocol):
    """Something that listens: a `Listener` or a `Gateway`."""

    @property
    def port(self) -> int: ...


def listening(server: fakekit.FakeServer, listener: Listener) -> AbstractContextManager[None]:
    """Have a fake serve a further socket, which the test has made itself, during a block."""
    return server._require_running().listening(listener)


WAYS = ["server", pytest.param("server with a rule", marks=pytest.mark.slow), "gateway"]


@contextmanager
def vendor_hosts(way: str, server: fakekit.FakeServer, authority: Authority) -> Iterator[Port]:
    """The hosts `NAMES`, which a server serves itself or a gateway before it."""
    if way == "gateway":
        with relaying(server.account("fk_demo").origin, authority) as running:
            yield running
    else:
        rule = replace_foreign_key() if way == "server with a rule" else None
        listener = Listener(bind("127.0.0.1", 0), authority.server_context(*NAMES), rule)
        with listening(server, listener):
            yield listener


@contextmanager
def relaying(origin: str, authority: Authority, key_for: KeyFor = keep_key) -> Iterator[Gateway]:
    running = Gateway(origin, authority.server_context(*NAMES), key_for)
    running.start()
    try:
        yield running
    finally:
        running.stop()


def tls(gateway: Port, authority: Authority, name: str = NAMES[0]) -> ssl.SSLSocket:
    return secured(socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE), authority, name)


def secured(plain: socket.socket, authority: Authority, name: str = NAMES[0]) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    context.set_alpn_protocols(["h2", "http/1.1"])
    try:
        return context.wrap_socket(plain, server_hostname=name)
    finally:
        plain.close()  # wrapping has detached it, or failed


def client(gateway: Port, authority: Authority) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(NAMES[0])
    connection.sock = tls(gateway, authority)
    return connection
