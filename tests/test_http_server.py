"""HTTP/1.1 by raw sockets: what is accepted, what is refused, and how a connection ends (RFC 9110, RFC 9112)."""

from __future__ import annotations

import gc
import random
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import pytest

import fakekit
from tests.helpers.processes import PATIENCE, serving
from tests.helpers.raw_http import ask, exchange, get, read_all, statuses

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


@pytest.fixture(scope="module", params=[pytest.param("process", marks=pytest.mark.slow), "thread"])
def port(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The same server in a process, under gunicorn, and in a thread."""
    if request.param == "process":
        with serving(tmp_path_factory.mktemp("http")) as running:
            yield running.port
    else:
        with thread_port() as number:
            yield number


@contextmanager
def thread_port() -> Iterator[int]:
    """A server in a thread of this process; its port."""
    with fakekit.FakeServer() as fake:
        yield int(fake.origin.rpartition(":")[2])


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


@pytest.mark.parametrize(("data", "expected"), ACCEPTED.values(), ids=ACCEPTED)
def test_what_is_answered_keeps_its_connection(port: int, data: bytes, expected: list[int]) -> None:
    assert statuses(exchange(port, data + LAST)) == [*expected, 200]


REFUSED: dict[str, tuple[bytes, int]] = {
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (get(headers=b"Host: x\r\n"), 400),
    "a folded line": (get(headers=b"X: a\r\n b\r\n"), 400),
    "a folded first line": (get(first=b" Host: x\r\n"), 400),
    "a space before the colon": (get(headers=b"X : a\r\n"), 400),
    "no colon": (get(headers=b"X\r\n"), 400),
    "no name": (get(headers=b": a\r\n"), 400),
    "a NUL": (get(headers=b"X: a\0b\r\n"), 400),
    "a CR alone": (get(headers=b"X: a\rb\r\n"), 400),
    "LF alone": (get().replace(b"\r\n", b"\n"), 400),
    "LF alone in one line": (get(headers=b"X: a\n"), 400),
    "LF alone at the end": (get()[:-2] + b"\n", 400),
    "an unclosed bracket": (get(b"http://[/a"), 400),
    "a user in the target": (get(b"http://u:p@x/"), 400),
    "another scheme": (get(b"ftp://x/a"), 400),
    "an empty authority": (get(b"http:///a"), 400),
    "a port that is none": (get(b"http://x:99999/"), 400),
    "a fragment": (get(b"/a#b"), 400),
    "a relative path": (get(b"api/v1/customers/1"), 400),
    "a space in the target": (get(b"/a b"), 400),
    "a NUL in the target": (get(b"/a\0b"), 400),
    "a target that is not ASCII": (get(b"/\xff"), 400),
    "a method in lower case": (get(method=b"get"), 400),
    "a method that is none": (get(method=b"G@T"), 400),
    "a method of 60 letters": (get(method=b"X" * 60), 400),
    "HTTP/2 with prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (get(version=b"2.0"), 400),
    "HTTP/1.2": (get(version=b"1.2"), 400),
    "a length and a coding": (post(LENGTH + CHUNKED, CHUNKS), 400),
    "a coding and a length": (post(CHUNKED + LENGTH, CHUNKS), 400),
    "two lengths": (post(LENGTH + b"Content-Length: 3\r\n", BODY), 400),
    "a list of lengths": (post(b"Content-Length: 61, 61\r\n", BODY), 400),
    "a length with a sign": (post(b"Content-Length: +61\r\n", BODY), 400),
    "a negative length": (post(b"Content-Length: -1\r\n", BODY), 400),
    "a length in hex": (post(b"Content-Length: 0x3d\r\n", BODY), 400),
    "no length": (post(b"Content-Length: \r\n", BODY), 400),
    "a length beyond 64 bits": (post(b"Content-Length: 99999999999999999999\r\n", BODY), 400),
    "a length of 5,000 digits": (post(b"Content-Length: " + b"0" * 5000 + b"\r\n", BODY), 400),
    "chunked twice": (post(CHUNKED + CHUNKED, CHUNKS), 400),
    "chunked, but not last": (post(b"Transfer-Encoding: chunked, gzip\r\n", CHUNKS), 400),
    "a coding with a control character": (post(b"Transfer-Encoding: \x0bchunked\r\n", CHUNKS), 400),
    "a coding in HTTP/1.0": (post(CHUNKED + b"Connection: keep-alive\r\n", CHUNKS, b"1.0"), 400),
    "gzip": (post(b"Transfer-Encoding: gzip\r\n", BODY), 501),
    "gzip, then chunked": (post(b"Transfer-Encoding: gzip, chunked\r\n", CHUNKS), 501),
    "gzip and chunked on two lines": (post(b"Transfer-Encoding: gzip\r\n" + CHUNKED, CHUNKS), 501),
    "a coding that is none": (post(b"Transfer-Encoding: xchunked\r\n", CHUNKS), 501),
    "identity": (post(b"Transfer-Encoding: identity\r\n", BODY), 501),
    "the size of a chunk with a sign": (post(CHUNKED, b"-1\r\n"), 400),
    "the size of a chunk with 0x": (post(CHUNKED, b"0x" + CHUNKS), 400),
    "the size of a chunk with a space": (post(CHUNKED, b"3d \r\n" + BODY + b"\r\n0\r\n\r\n"), 400),
    "the size of a chunk beyond 64 bits": (post(CHUNKED, b"f" * 17 + b"\r\n"), 400),
    "a chunk that is longer": (post(CHUNKED, b"3d\r\n" + BODY + b"x\r\n0\r\n\r\n"), 400),
    "chunks with LF alone": (post(CHUNKED, CHUNKS.replace(b"\r\n", b"\n")), 400),
    "an extension with LF alone": (post(CHUNKED, b"3d;a\n\r\n" + BODY + b"\r\n0\r\n\r\n"), 400),
    "a length as a trailer": (post(CHUNKED, CHUNKS[:-2] + b"Content-Length: 3\r\n\r\n"), 400),
    "1,001 headers": (get(headers=b"X: 1\r\n" * 999), 431),
    "a header of 129 kB": (get(headers=b"X: " + b"x" * 132_000 + b"\r\n"), 431),
    "a header name of 129 kB": (get(headers=b"x" * 132_000 + b": 1\r\n"), 431),
    "a head without an end": (b"GET / HTTP/1.1\r\nX: " + b"x" * 900_000, 431),
    "a trailer without an end": (post(CHUNKED, CHUNKS[:-2] + b"X: " + b"x" * 900_000), 431),
    "an extension without an end": (post(CHUNKED, b"3d;" + b"x" * 900_000), 431),
    "a target of 9 kB": (get(b"/" + b"x" * 9000), 414),
    "a target without an end": (b"GET /" + b"x" * 900_000, 414),
    "TLS": (TLS_HELLO, 400),
    "anything": (b"\x00\xff\xfe\r\n\r\n", 400),
}


@pytest.mark.parametrize(("data", "status"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_ends_its_connection(port: int, data: bytes, status: int) -> None:
    """One response, whatever follows: nothing behind it is taken for a request, and nothing of it is quoted."""
    came = exchange(port, data + LAST)
    assert statuses(came) == [status]
    assert b"\r\nConnection: close\r\n" in came
    assert b"\r\nFakekit-Truth: standard\r\n" in came
    assert b"Regulars" not in came


@pytest.mark.parametrize("name", ["two hosts", "gzip, then chunked", "a chunk that is longer", "TLS"])
def test_requests_before_what_is_refused_are_answered(port: int, name: str) -> None:
    data, status = REFUSED[name]
    assert statuses(exchange(port, get() * 3 + data + LAST)) == [200, 200, 200, status]


def test_a_key_that_is_a_trailer_is_no_key(port: int) -> None:
    head = b"POST /api/v1/customer-groups/add HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    data = head + CHUNKED + b"\r\n" + CHUNKS[:-2] + b"Authorization: Bearer fk_http\r\n\r\n"
    assert statuses(exchange(port, data + LAST)) == [401, 200]


def test_a_header_with_an_underscore_is_no_header(port: int) -> None:
    first = b"Host: x\r\nAuthorization_: Bearer fk_http\r\n"
    assert statuses(exchange(port, get(first=first) + LAST)) == [401, 200]


@pytest.mark.parametrize("value", [b"close", b"Close", b"x, close", b"keep-alive\r\nConnection: close"])
def test_connection_close_is_the_last_request(port: int, value: bytes) -> None:
    came = exchange(port, get(headers=b"Connection: " + value + b"\r\n") + get())
    assert statuses(came) == [200]
    assert came.count(b"\r\nConnection: close\r\n") == 1


def test_http_1_0_ends_the_connection(port: int) -> None:
    assert statuses(exchange(port, get(version=b"1.0") + get())) == [200]
    assert statuses(exchange(port, b"GET / HTTP/1.0\r\n\r\n")) == [200]


def test_connect_is_refused_and_what_follows_is_no_request(port: int) -> None:
    head = b"CONNECT app.example.com:443 HTTP/1.1\r\nHost: app.example.com:443\r\n\r\n"
    assert statuses(exchange(port, head + get())) == [405]


def test_a_response_says_how_long_an_idle_connection_is_kept(port: int) -> None:
    came = exchange(port, get() + LAST)
    assert came.count(b"\r\nConnection: keep-alive\r\nKeep-Alive: timeout=75\r\n") == 1


SPLIT = {
    "an unknown method": (get(method=b"FOO") + get() + LAST, [405, 200, 200]),
    "an unknown method and a body": (get(method=b"FOO", headers=LENGTH) + BODY + LAST, [405, 200]),
    "a body": (post(LENGTH, BODY) + LAST, [200, 200]),
    "chunks and trailers": (post(CHUNKED, CHUNKS[:-2] + b"X: y\r\n\r\n") + LAST, [200, 200]),
    "Upgrade and a body": (post(UPGRADE + LENGTH, BODY) + LAST, [200, 200]),
    "Upgrade and chunks": (post(UPGRADE + CHUNKED, CHUNKS) + LAST, [200, 200]),
}


@pytest.mark.parametrize(("data", "expected"), SPLIT.values(), ids=SPLIT)
def test_it_does_not_matter_where_a_request_is_split(port: int, data: bytes, expected: list[int]) -> None:
    singles = [data[n : n + 1] for n in range(len(data))]
    assert statuses(exchange(port, *singles, wait=0.0002)) == expected
    for size in (61, 150):
        parts = [data[n : n + size] for n in range(0, len(data), size)]
        assert statuses(exchange(port, *parts, wait=0.001)) == expected


SHORT = [name for name, (data, _) in ACCEPTED.items() if len(data) < 1000]


@pytest.mark.parametrize("seed", [1, 2, 3, *(pytest.param(n, marks=pytest.mark.slow) for n in range(4, 30))])
def test_requests_of_every_kind_in_any_order_and_in_any_parts_are_answered_in_order(
    port: int, seed: int
) -> None:
    chance = random.Random(seed)
    names = chance.choices(SHORT, k=40)
    data = b"".join(ACCEPTED[name][0] for name in names) + LAST
    parts = []
    while data:
        size = chance.choice((1, 7, 100, 1000, 20_000))
        parts.append(data[:size])
        data = data[size:]
    expected = [status for name in names for status in ACCEPTED[name][1]]
    came = statuses(exchange(port, *parts, wait=0.0005))
    assert [status for status in came if status != 100] == [*expected, 200]


# --- Expect ------------------------------------------------------------------------------------------


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("value", [b"100-continue", b"100-Continue", b"x, 100-continue"])
def test_a_client_that_waits_for_100_continue_gets_it(port: int, value: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(post(b"Expect: " + value + b"\r\n" + LENGTH))
        assert client.recv(65536) == CONTINUE
        client.sendall(BODY + LAST)
        assert statuses(read_all(client)) == [200, 200]


def test_100_continue_comes_behind_the_responses_before_it(port: int) -> None:
    """It would be taken for the first of them; but it has to come, since the client waits for it."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(faulty(b"slow=50ms") + get() + post(EXPECT + CHUNKED))
        came = b""
        while not came.endswith(CONTINUE):
            data = client.recv(65536)
            assert data
            came += data
        assert statuses(came) == [200, 200, 100]
        client.sendall(CHUNKS + LAST)
        assert statuses(read_all(client)) == [200, 200]


def test_a_request_that_is_refused_gets_no_100_continue(port: int) -> None:
    assert statuses(exchange(port, post(EXPECT + LENGTH + CHUNKED))) == [400]
    assert statuses(exchange(port, post(EXPECT + b"Transfer-Encoding: gzip\r\n"))) == [501]


# --- half-closed connections -------------------------------------------------------------------------


HALF_CLOSED: dict[str, tuple[bytes, list[int]]] = {
    "nothing": (b"", []),
    "an empty line": (b"\r\n", []),
    "a request": (get(), [200]),
    "three requests": (get() * 3, [200, 200, 200]),
    "delayed requests": (faulty(b"slow=50ms") * 2, [200, 200]),
    "a list": (get(b"/api/v1/customers"), [200]),
    "a body": (post(LENGTH, BODY), [200]),
    "half a method": (b"GE", [400]),
    "half a head": (get()[:-2], [400]),
    "half a body": (post(LENGTH, BODY[:-1]), [400]),
    "half of the chunks": (post(CHUNKED, CHUNKS[:-2]), [400]),
    "five hundred requests": (get() * 500, [200] * 500),
    "five hundred requests and a half": (get() * 500 + get()[:-2], [200] * 500 + [400]),
    "a request and a half": (get() + get()[:-2], [200, 400]),
    "a delayed request and a half": (faulty(b"slow=50ms") + get()[:-2], [200, 400]),
}


@pytest.mark.parametrize(("data", "expected"), HALF_CLOSED.values(), ids=HALF_CLOSED)
def test_what_came_before_the_client_ended_its_side_is_answered(
    port: int, data: bytes, expected: list[int]
) -> None:
    assert statuses(exchange(port, data, half=True)) == expected
    assert statuses(exchange(port, data[: len(data) // 2], data[len(data) // 2 :], half=True)) == expected


# --- pipelining and faults ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (b"slow=30ms", [200, 200, 200, 200]),
        (b"fail=503", [200, 503, 200, 200]),
        (b"trickle=30ms", [200, 200]),
        (b"truncate", [200, 200]),
        (b"close", [200]),
        (b"garbage", [200]),
    ],
)
def test_a_fault_concerns_its_own_request_of_a_pipeline(port: int, fault: bytes, expected: list[int]) -> None:
    """Responses before it come whole and in order; where it ends the connection, none comes behind it."""
    came = exchange(port, get() + faulty(fault) + get() + LAST)
    assert statuses(came) == expected
    whole = exchange(port, get(headers=b"Connection: close\r\n"))
    assert came.partition(b"\r\n\r\n")[2].startswith(whole.partition(b"\r\n\r\n")[2])


def test_a_reset_in_a_pipeline_is_a_reset(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(faulty(b"slow=30ms") + faulty(b"reset") + get())
        with pytest.raises(ConnectionResetError):
            read_to_end(client)


def test_a_client_that_goes_away_at_any_time_breaks_nothing(port: int) -> None:
    wholes = (
        get(),
        faulty(b"slow=50ms"),
        faulty(b"trickle=50ms") + get(),
        post(LENGTH, BODY),
        get(b"/api/v1/customers"),
    )
    for whole in wholes:
        for size in (1, len(whole) // 2, len(whole)):
            for reset in (False, True):
                with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
                    if reset:
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    client.sendall(whole[:size])
    assert ask(port, "/api/v1/customers/1", b"Bearer fk_http").status == 200


# --- deadlines ---------------------------------------------------------------------------------------


@contextmanager
def hasty(**seconds: float) -> Iterator[int]:
    """The port of a server with short deadlines: of `HEAD`, `BODY`, `KEEP_ALIVE`."""
    with ExitStack() as stack:
        for name, value in seconds.items():
            stack.enter_context(mock.patch(f"fakekit.server.http_protocol.{name}_SECONDS", value))
        stack.enter_context(mock.patch("fakekit.server.connections.SWEEP_SECONDS", 0.02))
        yield stack.enter_context(thread_port())


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"G", [408]),
        (get()[:-2], [408]),
        (post(LENGTH, BODY[:-1]), [408]),
        (post(CHUNKED, CHUNKS[:-2]), [408]),
        (post(EXPECT + LENGTH), [100, 408]),
        (get() + b"G", [200, 408]),
        (get() + post(LENGTH), [200, 408]),
        (get() * 2 + get()[:-2], [200, 200, 408]),
    ],
)
def test_who_does_not_go_on_is_told_408(data: bytes, expected: list[int]) -> None:
    with hasty(HEAD=0.1, BODY=0.1) as port:
        assert statuses(exchange(port, data)) == expected


@pytest.mark.parametrize(
    ("data", "expected", "seconds"),
    [(b"", [], 0.1), pytest.param(get(), [200], 1.5, marks=pytest.mark.slow)],
)
def test_an_idle_connection_is_closed(data: bytes, expected: list[int], seconds: float) -> None:
    with hasty(KEEP_ALIVE=seconds) as port:
        assert statuses(exchange(port, data)) == expected


@pytest.mark.slow
def test_a_head_that_comes_a_byte_at_a_time_has_a_deadline_all_the_same() -> None:
    parts = [get()[n : n + 1] for n in range(len(get()) - 1)]
    with hasty(HEAD=0.1) as port:
        assert statuses(exchange(port, *parts, wait=0.01)) == [408]


@pytest.mark.slow
def test_what_is_delayed_is_not_idle() -> None:
    with hasty(KEEP_ALIVE=1.5) as port:
        assert statuses(exchange(port, faulty(b"slow=4s") + LAST)) == [200, 200]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "constant", "seconds"),
    [(b"Connection: close\r\n", "DRAIN_SECONDS", 0.05), (b"", "KEEP_ALIVE_SECONDS", 1.0)],
    ids=["closing", "kept"],
)
def test_a_client_that_reads_slowly_gets_the_whole_response(
    headers: bytes, constant: str, seconds: float
) -> None:
    """It takes three times as long as a connection on which nothing happens would be kept.

    The list is larger than what the kernel takes for a client that does not read.
    """
    with ExitStack() as stack:
        stack.enter_context(mock.patch(f"fakekit.server.http_protocol.{constant}", seconds))
        stack.enter_context(mock.patch("fakekit.server.connections.SWEEP_SECONDS", 0.02))
        fake = stack.enter_context(fakekit.FakeServer(customers=20_000))
        client = stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", int(fake.origin.rpartition(":")[2])))
        key = b"Host: x\r\nAuthorization: Bearer fk_demo\r\n"
        client.sendall(get(b"/api/v1/customers", headers, first=key) + (b"" if headers else LAST))
        came = bytearray()
        for _ in range(60):
            came += client.recv(262_144)
            time.sleep(seconds / 20)
        came += read_all(client)
    assert came.count(b'"customer_name"') == 20_000
    assert statuses(bytes(came[:300] + came[-500:])) == ([200] if headers else [200, 200])


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_closed() -> None:
    with (
        hasty(KEEP_ALIVE=0.4) as port,
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client,
        pytest.raises((ConnectionResetError, BrokenPipeError)),
    ):
        send_for_ever(client, get(b"/api/v1/customers") * 100)


# --- TLS on the plain port ---------------------------------------------------------------------------


def test_tls_on_the_plain_port_fails_at_once_and_is_in_the_log(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        context = ssl.create_default_context()
        with (
            socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as client,
            pytest.raises(ssl.SSLError),
        ):
            context.wrap_socket(client, server_hostname="localhost")
        _, err = running.end()
    assert err == "- malformed request 400 standard: not HTTP/1.1, or too long (https:// to http://?)\n"


# --- stopping ----------------------------------------------------------------------------------------


def test_connections_that_come_while_it_stops_leave_nothing_behind(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """asyncio accepts a connection in steps, and the loop may end between any two of them."""
    for number in range(30):
        server = fakekit.FakeServer()
        port = int(server.start().origin.rpartition(":")[2])
        with ExitStack() as stack:
            for _ in range(number % 5 + 1):
                client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                stack.enter_context(client).sendall(get()[:-2])
            server.stop()
    gc.collect()
    assert [str(warning.message) for warning in recwarn if warning.category is ResourceWarning] == []
