"""HTTP/1.1 by raw sockets: how a connection goes on and ends."""

from __future__ import annotations

import gc
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
from tests.helpers.http_syntax import (
    BODY,
    CHUNKED,
    CHUNKS,
    EXPECT,
    LAST,
    LENGTH,
    faulty,
    post,
    read_to_end,
    send_for_ever,
    thread_port,
)
from tests.helpers.processes import PATIENCE, serving
from tests.helpers.raw_http import Connection, ask, exchange, get, port_of, read_all, receive, statuses

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
            came += receive(client)
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
        stack.enter_context(mock.patch("fakekit.server.connections.EXPIRY_SECONDS", 0.02))
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


def test_a_connection_without_a_request_is_closed() -> None:
    with hasty(KEEP_ALIVE=0.1) as port:
        assert exchange(port, b"") == b""


@contextmanager
def hasty_once_connected() -> Iterator[Connection]:
    """A connection that has got a response; those that come next are idle for a tenth of a second at most."""
    with hasty() as port, Connection(port) as connection:
        assert connection.ask(get())[0] == 200
        ask(port, "/_fakekit/health")  # once this is answered, the server is done with the response before
        with mock.patch("fakekit.server.http_protocol.KEEP_ALIVE_SECONDS", 0.1):
            yield connection


def test_an_idle_connection_is_closed() -> None:
    with hasty_once_connected() as connection:
        assert connection.ask(get())[0] == 200
        with pytest.raises(ConnectionError):
            connection.read()


@pytest.mark.slow
def test_a_head_that_comes_a_byte_at_a_time_has_a_deadline_all_the_same() -> None:
    parts = [get()[n : n + 1] for n in range(len(get()) - 1)]
    with hasty(HEAD=0.1) as port:
        assert statuses(exchange(port, *parts, wait=0.01)) == [408]


@pytest.mark.slow
def test_what_is_delayed_is_not_idle() -> None:
    with hasty_once_connected() as connection:
        connection.send(get() + faulty(b"slow=1s"))
        assert [connection.read()[0] for _ in range(2)] == [200, 200]


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
        stack.enter_context(mock.patch("fakekit.server.connections.EXPIRY_SECONDS", 0.02))
        fake = stack.enter_context(fakekit.FakeServer(customers=20_000))
        client = stack.enter_context(socket.socket())
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        client.settimeout(PATIENCE)
        client.connect(("127.0.0.1", port_of(fake.origin)))
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
    gc.collect()  # what earlier tests have left would be told here, too
    recwarn.clear()
    for number in range(30):
        server = fakekit.FakeServer()
        port = port_of(server.start().origin)
        with ExitStack() as stack:
            for _ in range(number % 5 + 1):
                client = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
                stack.enter_context(client).sendall(get()[:-2])
            server.stop()
    gc.collect()
    assert [str(warning.message) for warning in recwarn if warning.category is ResourceWarning] == []
