"""Faults of the connection: resets, cuts, garbage and delays, over real sockets."""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from contextlib import closing

import pytest

import fakekit
from tests.helpers.fault_requests import AMA, GARBAGE, Delayed, get, raw
from tests.helpers.processes import PATIENCE, Server
from tests.helpers.raw_http import send


def test_reset_is_a_tcp_reset_without_a_byte(server: Server, key: str) -> None:
    came = raw(server.port, f"{key}~reset")
    assert (came.data, came.end) == (b"", "reset")


def test_close_is_the_end_without_a_byte(server: Server, key: str) -> None:
    came = raw(server.port, f"{key}~close")
    assert (came.data, came.end) == (b"", "fin")


def test_garbage_is_always_the_same_bytes(server: Server, key: str) -> None:
    for _ in range(2):
        came = raw(server.port, f"{key}~garbage")
        assert (came.data, came.end) == (GARBAGE, "fin")


@pytest.mark.parametrize(
    ("fault", "kept"), [("truncate", None), ("truncate=0", 0), ("truncate=10", 10), ("truncate=99999", -1)]
)
def test_truncate_ends_within_the_body(server: Server, key: str, fault: str, kept: int | None) -> None:
    whole = get(server, key).body
    came = raw(server.port, f"{key}~{fault}")
    assert came.end == "fin"
    assert came.head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert f"Content-Length: {len(whole)}\r\n".encode() in came.head + b"\r\n"
    expected = {None: len(whole) // 2, -1: len(whole) - 1}.get(kept, kept)
    assert came.body == whole[:expected]


@pytest.mark.slow
def test_trickle_takes_its_time_and_comes_whole(server: Server, key: str) -> None:
    whole = get(server, key).body
    came = raw(server.port, f"{key}~trickle=1s", wait=PATIENCE)
    assert (came.end, came.body) == ("fin", whole)
    assert 1 <= came.seconds < PATIENCE
    assert b"\r\nConnection: close" in came.head


def test_trickle_comes_in_pieces(server: Server, key: str) -> None:
    """Three of them come while most of the response is still to come."""
    whole = get(server, key).body
    with Delayed(server.port, f"{key}~trickle=12s", 1) as delayed:
        came = b"".join(delayed.heads()[0] for _ in range(3))
    body = came.partition(b"\r\n\r\n")[2]
    assert whole.startswith(body)
    assert 0 < len(body) < len(whole)


@pytest.mark.slow
def test_slow_is_late_and_otherwise_as_ever(server: Server, key: str) -> None:
    began = time.monotonic()
    late = get(server, f"{key}~slow=1s")
    assert 1 <= time.monotonic() - began < PATIENCE
    assert (late.status, late.body) == (200, get(server, key).body)
    assert late.headers["fakekit-fault"] == "slow=1s"
    assert late.headers["fakekit-truth"] == "documented"


def test_a_slow_connection_stays_alive(server: Server, key: str) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as client:
        for _ in range(2):
            client.request("GET", "/api/v1/customers/1", headers={"Authorization": f"Bearer {key}~slow=20ms"})
            assert client.getresponse().read().startswith(b'{"status": 200')
            assert client.sock is not None


@pytest.mark.parametrize(
    ("fault", "end"),
    [("reset", "reset"), ("close", "fin"), ("garbage", "fin"), ("truncate", "fin"), ("trickle=50ms", "fin")],
)
@pytest.mark.parametrize("method", ["HEAD", "DELETE"])
def test_on_the_wire_without_a_body(server: Server, key: str, method: str, fault: str, end: str) -> None:
    came = raw(server.port, f"{key}~{fault}", method=method)
    assert came.end == end
    assert came.body in (b"", b"\r\n")
    head = {"truncate": True, "trickle=50ms": True}.get(fault, False)
    status = b"HTTP/1.1 200" if method == "HEAD" else b"HTTP/1.1 204"
    assert came.data.startswith(status) == head
    assert (b"\r\n\r\n" in came.data) == (fault in ("trickle=50ms", "garbage"))


@pytest.mark.parametrize("fault", ["reset", "close", "garbage", "truncate=0", "trickle=20ms"])
def test_what_is_lost_on_the_wire_was_carried_out(server: Server, key: str, fault: str) -> None:
    raw(server.port, f"{key}~{fault}", "customers/add", "POST", AMA)
    answer = get(server, key, "customers/51")
    assert (answer.status, b'"customer_name": "Ama"' in answer.body) == (200, True)


@pytest.mark.parametrize("fault", ["fail=503", "fail=422", "respond=200"])
def test_what_fails_or_is_answered_is_not_carried_out(server: Server, key: str, fault: str) -> None:
    data = (
        f"POST /api/v1/customers/add HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}~{fault}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(AMA)}\r\n\r\n"
    ).encode()
    assert send(server.port, data + AMA, "POST").headers["fakekit-fault"] == fault
    assert get(server, key, "customers/51").status == 404


def test_a_failure_on_the_wire_too(server: Server, key: str) -> None:
    """One fault answers and another truncates it."""
    came = raw(server.port, f"{key}~fail=503~truncate=8")
    assert came.head.startswith(b"HTTP/1.1 503 SERVICE UNAVAILABLE\r\n")
    assert b"Content-Length: 48" in came.head
    assert came.body == b'{"status'


def test_a_delay_works_on_a_connection_under_tls_on_which_there_is_no_looking() -> None:
    client, other = socket.socketpair()
    context = ssl.create_default_context()
    with other, context.wrap_socket(client, server_hostname="x", do_handshake_on_connect=False) as secure:
        asked = fakekit.create_app(fakekit.Settings.of()).test_client()
        answer = asked.get(
            "/api/v1/customers/1",
            headers={"Authorization": "Bearer fk_late~slow=50ms"},
            environ_overrides={"werkzeug.socket": secure},
        )
    assert answer.status_code == 200
    assert answer.headers["Fakekit-Fault"] == "slow=0.05s"
