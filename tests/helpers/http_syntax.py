"""Requests as bytes: of every form that is accepted, and parts of them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import fakekit
from tests.helpers.raw_http import get, port_of

LAST = b"GET /_fakekit/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
"""A request that closes its connection: what is answered to it shows that the connection was still in use."""
BODY = b'{"group_name": "Regulars", "group_description": "Every week"}'
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
EXPECT = b"Expect: 100-continue\r\n"
TLS_HELLO = bytes.fromhex("16030100a5010000a10303") + b"\x01" * 160


def post(headers: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    more = b"Content-Type: application/json\r\n" + headers
    return get(b"/api/v1/customer-groups/add", more, version, b"POST") + body


def faulty(fault: bytes) -> bytes:
    return get(first=b"Host: x\r\nAuthorization: Bearer fk_http~" + fault + b"\r\n")


def read_to_end(client: socket.socket) -> None:
    """Read until the server ends its side. Raises ConnectionResetError where it does so by a reset."""
    while client.recv(65536):
        pass


def send_for_ever(client: socket.socket, data: bytes) -> None:
    """Send until the server closes the connection. Raises an OSError then."""
    while True:
        client.sendall(data)


ACCEPTED: dict[str, tuple[bytes, list[int]]] = {
    "pipelined": (get() * 5, [200] * 5),
    "empty lines before it": (b"\r\n\r\n" + get(), [200]),
    "a method that its path lacks": (get(method=b"TRACE"), [405]),
    "a method that nobody knows": (get(method=b"PURGE"), [405]),
    "a method of another protocol": (get(method=b"M-SEARCH") + get(method=b"PRI"), [405, 405]),
    "unknown methods in between": (get() + get(method=b"FOO") + get() + get(method=b"BAR"), [200, 405] * 2),
    "an unknown method with a body": (get(method=b"FOO", headers=LENGTH) + BODY + get(), [405, 200]),
    "HTTP/1.0 that is kept": (get(version=b"1.0", headers=b"Connection: keep-alive\r\n"), [200]),
    "absolute form": (get(b"http://x/api/v1/customers/1"), [200]),
    "absolute form with another host": (get(b"http://[::1]:80/api/v1/customers/1?"), [200]),
    "absolute form without a path": (get(b"http://x"), [200]),
    "asterisk form": (get(b"*", method=b"OPTIONS"), [204]),
    "no host in it": (get(first=b"Host:\r\nAuthorization: Bearer fk_http\r\n"), [200]),
    "a thousand headers": (get(headers=b"X: 1\r\n" * 998), [200]),
    "a header of 127 kB": (get(headers=b"X: " + b"x" * 130_000 + b"\r\n"), [200]),
    "a length with zeros": (post(b"Content-Length: 00%d\r\n" % len(BODY), BODY), [200]),
    "chunks": (post(CHUNKED, CHUNKS), [200]),
    "chunks, whatever the case": (post(b"transfer-encoding:\tCHUNKED \r\n", CHUNKS), [200]),
    "extensions of chunks": (
        post(CHUNKED, b'%x;a=b;c="d"\r\n%s\r\n0;e\r\n\r\n' % (len(BODY), BODY)),
        [200],
    ),
    "chunks before an unknown method": (post(CHUNKED, CHUNKS) + get(method=b"FOO"), [200, 405]),
    "chunks with empty lines in them": (post(CHUNKED, b"8\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n"), [422]),
    "trailers": (
        post(CHUNKED, CHUNKS[:-2] + b"Host: y\r\nAuthorization: Bearer no\r\nX: y\r\n\r\n"),
        [200],
    ),
    "headers with underscores": (
        post(b"Content_Length: 3\r\nTransfer_Encoding: chunked\r\n" + LENGTH, BODY),
        [200],
    ),
    "Upgrade": (get(headers=UPGRADE) + get(), [200, 200]),
    "Upgrade, a thousand times": (get(headers=UPGRADE) * 1000, [200] * 1000),
    "Upgrade and a body": (post(UPGRADE + LENGTH, BODY) + get(), [200, 200]),
    "Upgrade and chunks": (post(UPGRADE + CHUNKED, CHUNKS) + get(), [200, 200]),
    "Upgrade and nothing in the body": (post(UPGRADE + b"Content-Length: 0\r\n") + get(), [422, 200]),
    "Upgrade and an unknown method": (get(headers=UPGRADE, method=b"FOO") * 2, [405, 405]),
    "Expect and the whole body": (post(EXPECT + LENGTH, BODY) + get(), [200, 200]),
    "Expect without a body": (get(headers=EXPECT), [200]),
    "Expect in HTTP/1.0": (
        post(EXPECT + LENGTH + b"Connection: keep-alive\r\n", BODY, b"1.0"),
        [200],
    ),
    "another expectation": (post(b"Expect: x\r\n" + LENGTH, BODY), [200]),
}


@contextmanager
def thread_port() -> Iterator[int]:
    """A server in a thread of this process; its port."""
    with fakekit.FakeServer() as fake:
        yield port_of(fake.origin)
