"""Faults and stubs over real sockets: what comes, how often, and what else goes on meanwhile."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import resource
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit import FaultError, Handle
from tests.helpers.commands import cli
from tests.helpers.processes import ALONE, PATIENCE, Server, drain, serving, wait_until
from tests.helpers.raw_http import Reply, ask, send

GARBAGE = b"\x00\x16\x03\xff<!garbage>\xfe\xed\xfa\xce not HTTP\r\n\r\n"
FAILED = b'{"status": 503, "error": "Service Unavailable"}\n'
AMA = (
    b'{"customer_name": "Ama", "customer_phone": "+233200000000", "customer_country": "Ghana", '
    b'"customer_city": "Accra", "customer_state": "Greater Accra", "address1": "1 High Street"}'
)
INVALID = b'{"status": 401, "error": "Unauthorized: Invalid API Key"}\n'

_numbers = itertools.count(1)


def new_key() -> str:
    return f"fk_faults-{os.getpid()}-{next(_numbers)}"


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def xtrakit(fake: fakekit.FakeServer, key: str) -> Handle:
    return fake.account(key)


def control(port: int, method: str, path: str, body: object = None) -> Reply:
    data = b"" if body is None else json.dumps(body).encode()
    head = f"{method} /_fakekit/accounts{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nFakekit-Control: 1\r\nConnection: close\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return send(port, head.encode() + b"\r\n" + data, method)


def arm(port: int, key: str, fault: Mapping[str, Any]) -> None:
    reply = control(port, "POST", f"/{key}/faults", fault)
    assert reply.status == 201, reply.body


def port_of(xtrakit: Handle) -> int:
    return int(xtrakit.origin.rpartition(":")[2])


def get(
    where: Server | Handle, key: str, path: str = "customers/1", method: str = "GET", body: object = None
) -> Reply:
    """One request on a connection of its own."""
    port = where.port if isinstance(where, Server) else port_of(where)
    data = b"" if body is None else json.dumps(body).encode()
    head = (
        f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n"
    )
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n"
    return send(port, head.encode() + b"\r\n" + data, method)


@dataclass
class Raw:
    """All that came on a connection, how it ended, and how long that took."""

    data: bytes
    end: str
    seconds: float

    @property
    def head(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.data.partition(b"\r\n\r\n")[2]


def raw(
    port: int,
    key: str,
    path: str = "customers/1",
    method: str = "GET",
    body: bytes = b"",
    wait: float = PATIENCE,
) -> Raw:
    """One request on a connection that is kept alive unless the server ends it."""
    began = time.monotonic()
    head = f"{method} /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    if body:
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    data, end = b"", "fin"
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as client:
        client.sendall(head.encode() + b"\r\n" + body)
        try:
            while part := client.recv(65536):
                data += part
        except ConnectionResetError:
            end = "reset"
        except TimeoutError:
            end = "open"
    return Raw(data, end, time.monotonic() - began)


# --- on the wire -------------------------------------------------------------------------------------


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


def test_trickle_takes_its_time_and_comes_whole(server: Server, key: str) -> None:
    whole = get(server, key).body
    came = raw(server.port, f"{key}~trickle=1s", wait=PATIENCE)
    assert (came.end, came.body) == ("fin", whole)
    assert 1 <= came.seconds < PATIENCE
    assert b"\r\nConnection: close" in came.head


def test_trickle_comes_in_pieces(server: Server, key: str) -> None:
    pieces: list[bytes] = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as client:
        client.sendall(
            f"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}~trickle=300ms\r\n\r\n".encode()
        )
        while part := client.recv(65536):
            pieces.append(part)
    assert len(pieces) >= 5


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


# --- the vendor's failures ---------------------------------------------------------------------------

UNAUTHORIZED = "documented", None
ASSUMED = "assumed", "fault.error"


@pytest.mark.parametrize(
    ("fault", "path", "status", "error", "truth", "extra"),
    [
        ("fail=401", "customers/1", 401, "Unauthorized: Invalid API Key", UNAUTHORIZED, ("www-authenticate", "Bearer")),
        ("fail=401,reason=missing", "customers", 401, "Unauthorized: Missing Bearer Token", UNAUTHORIZED, ("www-authenticate", "Bearer")),
        ("fail=404", "customers/1", 404, "Customer not found", ("assumed", "missing.error"), None),
        ("fail=404", "customers", 404, "Not Found", ASSUMED, None),
        ("fail=422", "customers", 422, "Unprocessable Entity", ASSUMED, None),
        ("fail=429", "customers/1", 429, "Too Many Requests", ASSUMED, ("retry-after", "1")),
        ("fail=429,retry_after=30", "customers/1", 429, "Too Many Requests", ASSUMED, ("retry-after", "30")),
        ("fail=500", "customers/1", 500, "Internal Server Error", ASSUMED, None),
        ("fail=503", "customers/1", 503, "Service Unavailable", ASSUMED, None),
        ("fail=503,retry_after=0", "customers/1", 503, "Service Unavailable", ASSUMED, ("retry-after", "0")),
    ],
)  # fmt: skip
def test_the_vendors_failures(
    server: Server,
    key: str,
    fault: str,
    path: str,
    status: int,
    error: str,
    truth: tuple[str, str | None],
    extra: tuple[str, str] | None,
) -> None:
    reply = get(server, f"{key}~{fault}", path)
    assert (reply.status, reply.json()) == (status, {"status": status, "error": error})
    assert (reply.headers["fakekit-truth"], reply.headers.get("fakekit-assumed")) == truth
    assert reply.headers["fakekit-fault"] == fault
    assert reply.headers.get("retry-after") == (extra[1] if extra and extra[0] == "retry-after" else None)
    if extra:
        assert reply.headers[extra[0]] == extra[1]


def test_a_422_names_a_field_that_the_endpoint_needs(server: Server, key: str) -> None:
    reply = get(server, f"{key}~fail=422", "customers/add", "POST", {})
    assert reply.json() == {"status": 422, "error": "customer_name is required"}


def test_head_gets_the_head_of_a_failure(server: Server, key: str) -> None:
    reply = get(server, f"{key}~fail=503", method="HEAD")
    assert (reply.status, reply.body, reply.headers["content-length"]) == (503, b"", "48")


# --- answers that break the contract -----------------------------------------------------------------


def customer(reply: Reply) -> dict[str, Any]:
    body: Any = reply.json()
    found: dict[str, Any] = body["data"]["customer"]
    return found


def test_a_field_is_missing(server: Server, key: str) -> None:
    changed = get(server, f"{key}~drop=customer_name")
    assert "customer_name" not in customer(changed)
    assert customer(changed) | {"customer_name": "Jane Doe"} == customer(get(server, key))
    assert changed.headers["fakekit-truth"] == "assumed"
    assert changed.headers["fakekit-assumed"] == "fault.answer"
    assert changed.headers["fakekit-fault"] == "drop=customer_name"
    assert changed.note == "a fault changed the answer: drop=customer_name"
    assert changed.headers["content-length"] == str(len(changed.body))


@pytest.mark.parametrize(
    ("fault", "name", "value"),
    [
        ("null=customer_name", "customer_name", None),
        ("mistype=customer_name", "customer_name", 12345),
        ("mistype=id", "id", "1"),
        ("mistype=data.customer.customer_group_id", "customer_group_id", "1"),
        ("null=data.customer.id", "id", None),
    ],
)
def test_a_field_is_null_or_of_another_type(
    server: Server, key: str, fault: str, name: str, value: object
) -> None:
    assert customer(get(server, f"{key}~{fault}"))[name] == value


def test_a_name_is_every_such_field_and_a_way_is_one(server: Server, key: str) -> None:
    everywhere: Any = get(server, f"{key}~null=id").json()
    assert (everywhere["data"]["customer"]["id"], everywhere["data"]["customer-group"][0]["id"]) == (
        None,
        None,
    )
    one: Any = get(server, f"{new_key()}~null=data.customer-group.id").json()
    assert (one["data"]["customer"]["id"], one["data"]["customer-group"][0]["id"]) == (1, None)


def test_a_list_is_text_and_each_record_of_a_list_is_changed(server: Server, key: str) -> None:
    text: Any = get(server, f"{key}~mistype=customers", "customers").json()
    assert text["data"]["customers"] == "not a list"
    dropped: Any = get(server, f"{new_key()}~drop=id", "customers").json()
    assert [row.get("id") for row in dropped["data"]["customers"]] == [None] * 50


@pytest.mark.parametrize("fault", ["drop=status", "drop=data", "null=data", "mistype=data", "mistype=status"])
@pytest.mark.parametrize("path", ["customers/51", "customers", "nothing"])
def test_a_fault_may_break_the_envelope_itself(server: Server, key: str, fault: str, path: str) -> None:
    reply = get(server, f"{key}~{fault}", path)
    assert reply.status == (404 if path in ("customers/51", "nothing") else 200)
    assert reply.json() != get(server, key, path).json() or "data" in fault


def test_the_content_type_is_another(server: Server, key: str) -> None:
    reply = get(server, f"{key}~content-type=text/html")
    assert reply.headers["content-type"] == "text/html"
    assert reply.body == get(server, key).body
    assert reply.headers["fakekit-assumed"] == "fault.answer"


def test_the_broken_answer_is_not_remembered_for_others(server: Server, key: str) -> None:
    before = get(server, key).body
    get(server, f"{key}~drop=data.customer.id")
    assert get(server, key).body == get(server, new_key()).body == before


def test_a_fault_without_anything_to_change_is_not_counted(xtrakit: Handle) -> None:
    xtrakit.fail("drop", field="customer_name", times=1)
    xtrakit.fail("content-type", "DELETE", media_type="text/html", times=1)
    assert "fakekit-fault" not in get(xtrakit, xtrakit.api_key, "customer-groups/1").headers
    gone = get(xtrakit, xtrakit.api_key, "customers/9", "DELETE")
    assert (gone.status, gone.headers.get("fakekit-fault"), gone.note) == (204, None, "")
    assert [fault["used"] for fault in xtrakit.faults] == [0, 0]
    assert "customer_name" not in customer(get(xtrakit, xtrakit.api_key))


# --- stubs -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stub", "status", "body", "media"),
    [
        ({"json": {"status": 200, "odd": [1, None]}}, 200, b'{"status": 200, "odd": [1, null]}\n', "application/json"),
        ({"json": []}, 200, b"[]\n", "application/json"),
        ({"json": None}, 200, b"null\n", "application/json"),
        ({"json": False}, 200, b"false\n", "application/json"),
        ({"json": "Ɛsi"}, 200, '"Ɛsi"\n'.encode(), "application/json"),
        ({"text": "Ɛsi"}, 200, "Ɛsi".encode(), "text/plain; charset=utf-8"),
        ({"text": ""}, 200, b"", "text/plain; charset=utf-8"),
        ({"text": "<h1>", "headers": {"content-type": "text/html"}}, 200, b"<h1>", "text/html"),
        ({"status": 418, "json": {}}, 418, b"{}\n", "application/json"),
        ({"status": 599, "json": {}}, 599, b"{}\n", "application/json"),
        ({"status": 204}, 204, b"", None),
        ({"status": 304}, 304, b"", None),
        ({}, 200, b"", None),
    ],
)  # fmt: skip
def test_a_stub_is_answered_as_it_was_given(
    server: Server, key: str, stub: dict[str, Any], status: int, body: bytes, media: str | None
) -> None:
    arm(server.port, key, {"fault": "respond", "method": "GET", "path": "customers/1", **stub})
    reply = get(server, key)
    assert (reply.status, reply.body, reply.headers.get("content-type")) == (status, body, media)
    assert reply.headers["fakekit-truth"] == "assumed"
    assert reply.headers["fakekit-assumed"] == "fault.answer"
    assert reply.headers["fakekit-fault"] == f"respond={status},method=GET,path=customers/1"
    assert reply.note == "a stub of this account answered, outside the contract"
    assert get(server, key, "customers/2").headers.get("fakekit-fault") is None
    head = get(server, key, method="HEAD")
    assert (head.status, head.body) == (status, b"")


def test_an_empty_stub_leaves_the_connection_usable(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "respond"})
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)) as client:
        for method in ("GET", "HEAD", "GET", "DELETE"):
            client.request(method, "/api/v1/customers/1", headers={"Authorization": f"Bearer {key}"})
            answer = client.getresponse()
            assert (answer.status, answer.read()) == (200, b"")


def test_a_stub_within_the_contract_says_only_that_it_is_one(server: Server, key: str) -> None:
    body = get(server, key, "customers/2").json()
    arm(server.port, key, {"fault": "respond", "path": "customers/1", "json": body})
    reply = get(server, key)
    assert (reply.json(), reply.note) == (body, "a stub of this account answered")
    refusal = {"status": 409, "error": "Customer is locked"}
    arm(server.port, key, {"fault": "respond", "status": 409, "path": "customers/1", "json": refusal})
    assert get(server, key).note == "a stub of this account answered"


def test_a_stub_for_an_endpoint_that_fakekit_has_not(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "respond", "path": "suppliers/*", "json": {"data": []}})
    reply = get(server, key, "suppliers/7", "PATCH")
    assert (reply.status, reply.json()) == (200, {"data": []})
    assert reply.note == "a stub of this account answered; fakekit has no such endpoint"
    assert get(server, key, "suppliers").status == 404


def test_the_headers_of_a_stub(server: Server, key: str) -> None:
    arm(
        server.port, key, {"fault": "respond", "json": {}, "headers": {"X-Trace": "a, b", "Retry-After": "9"}}
    )
    reply = get(server, key)
    assert (reply.headers["x-trace"], reply.headers["retry-after"]) == ("a, b", "9")


def test_strict_and_contract_checks_let_stubs_pass(key: str) -> None:
    with fakekit.FakeServer(strict=True) as xtrakit:
        xtrakit.respond("GET", "customers/1", json={"nothing": "of the contract"}, times=1)
        xtrakit.fail("drop", field="data")
        reply = get(xtrakit, xtrakit.api_key)
        assert (reply.status, reply.json()) == (200, {"nothing": "of the contract"})
        assert get(xtrakit, xtrakit.api_key).json() == {"status": 200, "message": "Customer found"}


def test_a_preflight_meets_no_fault(server: Server, key: str) -> None:
    data = b"OPTIONS /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    reply = send(server.port, data + f"Authorization: Bearer {key}~fail=503\r\n\r\n".encode(), "OPTIONS")
    assert (reply.status, reply.headers.get("fakekit-fault")) == (204, None)


def test_nothing_outside_the_vendors_api_meets_a_fault(server: Server, key: str) -> None:
    for path, status in (("/_fakekit/health", 200), ("/nothing", 404)):
        assert ask(server.port, path, f"Bearer {key}~fail=503".encode()).status == status


# --- which requests ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "met"),
    [
        ("*", "*", "GET customers/1, GET customers, POST customers/add, HEAD customers/1, GET nothing"),
        ("GET", "*", "GET customers/1, GET customers, HEAD customers/1, GET nothing"),
        ("get", "customers/1", "GET customers/1, HEAD customers/1"),
        ("*", "customers/*", "GET customers/1, POST customers/add, HEAD customers/1"),
        ("*", "/api/v1/customers/{id}", "GET customers/1, POST customers/add, HEAD customers/1"),
        ("POST", "customers/*", "POST customers/add"),
        ("*", "customers", "GET customers"),
        ("*", "customers/", "GET customers"),
        ("*", "*/add", "POST customers/add"),
        ("DELETE", "*", ""),
    ],
)
def test_which_requests_a_fault_concerns(xtrakit: Handle, method: str, path: str, met: str) -> None:
    xtrakit.fail(503, method, path)
    asked = ["GET customers/1", "GET customers", "POST customers/add", "HEAD customers/1", "GET nothing"]
    found = [a for a in asked if get(xtrakit, xtrakit.api_key, a.split()[1], a.split()[0]).status == 503]
    assert ", ".join(found) == met


def test_a_query_makes_no_difference(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers", times=1)
    assert get(xtrakit, xtrakit.api_key, "customers?status=x").status == 503


# --- how often ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "failed"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        ({"times": 2}, [1, 2]),
        ({"after": 3}, [4, 5, 6, 7, 8, 9]),
        ({"every": 3}, [3, 6, 9]),
        ({"after": 2, "every": 3}, [5, 8]),
        ({"after": 2, "times": 3}, [3, 4, 5]),
        ({"every": 2, "times": 2}, [2, 4]),
        ({"after": 1, "every": 2, "times": 2}, [3, 5]),
    ],
    ids=str,
)
def test_how_often(xtrakit: Handle, settings: dict[str, Any], failed: list[int]) -> None:
    xtrakit.fail(503, **settings)
    statuses = [get(xtrakit, xtrakit.api_key).status for _ in range(9)]
    assert [n for n, status in enumerate(statuses, 1) if status == 503] == failed
    assert {503: len(failed), 200: 9 - len(failed)} == {s: statuses.count(s) for s in (503, 200)}


def test_other_requests_are_not_counted(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", after=1, times=1)
    asked = ["customers/2", "customers/1", "customers", "customers/1", "customers/1"]
    assert [get(xtrakit, xtrakit.api_key, a).status for a in asked] == [200, 200, 200, 503, 200]


def test_a_sequence_of_stubs(xtrakit: Handle) -> None:
    """The counted ones in their order, then the latest of the others."""
    xtrakit.respond("GET", "customers/1", text="first", times=1)
    xtrakit.respond("GET", "customers/1", text="always")
    xtrakit.respond("GET", "customers/1", text="second", times=2)
    xtrakit.respond("GET", "customers/1", text="always, later")
    said = [get(xtrakit, xtrakit.api_key).body.decode() for _ in range(5)]
    assert said == ["first", "second", "second", "always, later", "always, later"]


def test_fail_twice_then_work(xtrakit: Handle) -> None:
    xtrakit.fail(503, times=2)
    assert [get(xtrakit, xtrakit.api_key).status for _ in range(3)] == [503, 503, 200]


def test_delays_add_up_and_one_fault_answers(xtrakit: Handle) -> None:
    xtrakit.delay(0.5)
    xtrakit.delay(0.5)
    xtrakit.fail(500)
    xtrakit.fail(503)
    began = time.monotonic()
    assert get(xtrakit, xtrakit.api_key).status == 503
    assert time.monotonic() - began >= 1


def test_faults_are_listed_with_their_counts_and_can_be_taken_away(xtrakit: Handle) -> None:
    first = xtrakit.fail(503, "GET", "customers/*", times=2)
    second = xtrakit.respond("GET", "customers/2", json={"a": 1})
    get(xtrakit, xtrakit.api_key)
    assert xtrakit.faults == [
        {"id": first, "fault": "fail", "status": 503, "method": "GET", "path": "customers/*", "times": 2, "seen": 1, "used": 1},
        {"id": second, "fault": "respond", "status": 200, "method": "GET", "path": "customers/2", "json": {"a": 1}, "seen": 0, "used": 0},
    ]  # fmt: skip
    xtrakit.remove_fault(first)
    assert [fault["id"] for fault in xtrakit.faults] == [second]
    with pytest.raises(fakekit.NoRecordError):
        xtrakit.remove_fault(first)
    xtrakit.clear_faults()
    assert xtrakit.faults == []
    xtrakit.fail(503)
    xtrakit.reset()
    assert (xtrakit.faults, get(xtrakit, xtrakit.api_key).status) == ([], 200)


def test_what_was_not_used_as_often_as_it_might_is_known(xtrakit: Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", times=2)
    xtrakit.delay(0, "DELETE")
    get(xtrakit, xtrakit.api_key)
    get(xtrakit, f"{xtrakit.api_key}~fail=500,path=nothing", "customers/2")
    assert [(f["fault"], f["used"]) for f in xtrakit.about["unused"]] == [
        ("fail", 1),
        ("slow", 0),
        ("fail", 0),
    ]
    get(xtrakit, xtrakit.api_key)
    assert [f["fault"] for f in xtrakit.about["unused"]] == ["slow", "fail"]


COUNTS = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["*", "GET", "DELETE"]),
        "path": st.sampled_from(["*", "customers/*", "customers/1", "sales"]),
    },
    optional={"times": st.integers(1, 3), "after": st.integers(0, 3), "every": st.integers(1, 3)},
)
ASKED = st.sampled_from([("GET", "customers/1"), ("GET", "customers/2"), ("GET", "sales"), ("HEAD", "sales")])


def expected_statuses(stubs: list[dict[str, Any]], asked: list[tuple[str, str]]) -> list[int]:
    """What is answered by a number of stubs, of which the n-th answers 200 + n; a model of its own."""
    passed, answered = [0] * len(stubs), [0] * len(stubs)
    order = [n for n, s in enumerate(stubs) if "times" in s]
    order += [n for n in reversed(range(len(stubs))) if "times" not in stubs[n]]
    statuses = []
    for _, path in asked:
        status = 0
        for n in order:
            stub = stubs[n]
            if stub["method"] == "DELETE" or (stub["path"] == "customers/*" and path == "sales"):
                continue
            if stub["path"] in ("customers/1", "sales") and stub["path"] != path:
                continue
            if answered[n] >= stub.get("times", 1000):
                continue
            passed[n] += 1
            first, step = stub.get("after", 0), stub.get("every", 1)
            if passed[n] in range(first + step, 1000, step):
                answered[n] += 1
                status = 200 + n
                break
        statuses.append(status)
    return statuses


@settings(max_examples=25)
@given(stubs=st.lists(COUNTS, max_size=5), asked=st.lists(ASKED, max_size=12))
def test_counting_is_as_in_a_model(
    fake: fakekit.FakeServer, stubs: list[dict[str, Any]], asked: list[tuple[str, str]]
) -> None:
    xtrakit = fake.account(new_key())
    for n, stub in enumerate(stubs):
        xtrakit.add_fault(
            {"fault": "respond", "status": 207 + n, "headers": {"X-Stub": str(200 + n)}, **stub}
        )
    found = []
    with closing(http.client.HTTPConnection("127.0.0.1", port_of(xtrakit), timeout=PATIENCE)) as client:
        for method, path in asked:
            client.request(method, f"/api/v1/{path}", headers=xtrakit.headers)
            answer = client.getresponse()
            answer.read()
            found.append(int(answer.headers.get("X-Stub", "0")))
    assert found == expected_statuses(stubs, asked)


def test_many_threads_and_exactly_ten_failures(server: Server, key: str) -> None:
    arm(server.port, key, {"fault": "fail", "status": 503, "times": 10})
    arm(server.port, key, {"fault": "null", "field": "customer_name", "times": 10})
    with ThreadPoolExecutor(32) as pool:
        replies = list(pool.map(lambda _: get(server, key), range(64)))
    assert sorted({r.status for r in replies}) == [200, 503]
    assert [r.status for r in replies].count(503) == 10
    assert [r.body for r in replies].count(FAILED) == 10
    nulls = [r for r in replies if r.status == 200 and customer(r)["customer_name"] is None]
    assert len(nulls) == 10


def test_no_account_sees_anothers_faults(server: Server, key: str) -> None:
    other = new_key()
    arm(server.port, key, {"fault": "fail", "status": 503})
    with ThreadPoolExecutor(8) as pool:
        keys = [key, other] * 16
        statuses = list(pool.map(lambda k: get(server, k).status, keys))
    assert statuses == [503, 200] * 16
    assert get(server, f"{other}~fail=500,times=1").status == 500
    assert get(server, other).status == 200


# --- the same, four ways -----------------------------------------------------------------------------

SLOWLY = '{"fault": "slow", "seconds": "10ms", "method": "GET", "times": 2}'


def outcome(where: Server | Handle, key: str) -> list[tuple[int, bytes, str | None, str]]:
    replies = [get(where, key) for _ in range(3)]
    return [(r.status, r.body[:50], r.headers.get("fakekit-fault"), r.note) for r in replies]


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("fail=503,times=2", {"fault": "fail", "status": 503, "times": 2}),
        ("fail=429,retry_after=7,every=2", {"fault": "fail", "status": 429, "retry_after": 7, "every": 2}),
        ("slow=10ms,path=customers/*,method=GET", {"fault": "slow", "seconds": 0.01, "method": "GET", "path": "customers/*"}),
        ("drop=data.customer,after=1", {"fault": "drop", "field": "data.customer", "after": 1}),
        ("content-type=text/html", {"fault": "content-type", "media_type": "text/html"}),
        ("respond=404,text=gone,times=1", {"fault": "respond", "status": 404, "text": "gone", "times": 1}),
    ],
)  # fmt: skip
def test_the_same_definition_four_ways(
    server: Server, text: str, document: dict[str, Any], tmp_path: Path
) -> None:
    by_key = outcome(server, f"{new_key()}~{text}")
    assert any(fault for _, _, fault, _ in by_key)
    arm(server.port, controlled := new_key(), document)
    assert outcome(server, controlled) == by_key
    with fakekit.FakeServer(faults=[text]) as from_start:
        mine = from_start
        assert outcome(mine, "fk_other") == by_key
        mine.clear_faults()
        mine.add_fault(text)
        assert outcome(mine, mine.api_key) == by_key
        mine.clear_faults()
        mine.add_fault(document)
        assert outcome(mine, mine.api_key) == by_key


@pytest.mark.slow
def test_faults_that_every_key_has_from_the_start(tmp_path: Path) -> None:
    options = ["--fault", "fail=503,times=1,path=customers/1", "--fault", SLOWLY]
    with serving(tmp_path, "--server", "alone", *options) as running:
        for key in (new_key(), new_key()):
            assert [get(running, key).status for _ in range(2)] == [503, 200]
            told: Any = control(running.port, "GET", f"/{key}").json()
            assert told["unused"] == []
            control(running.port, "POST", f"/{key}/reset")
            assert get(running, key).status == 503


@pytest.mark.parametrize("way", ["variable", "file"])
def test_the_environment_and_pyproject_say_faults_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if way == "variable":
        monkeypatch.setenv("FAKEKIT_FAULTS", "fail=503,times=1,path=customers/1")
    else:
        table = """faults = ["fail=503,times=1,path=customers/1", {fault = "slow", seconds = 0}]"""
        (tmp_path / "pyproject.toml").write_text(f"[tool.fakekit]\n{table}\n")
    client = fakekit.create_app().test_client()
    headers = {"Authorization": "Bearer fk_a"}
    assert [client.get("/api/v1/customers/1", headers=headers).status_code for _ in range(2)] == [503, 200]


def test_a_server_that_keeps_the_connection_to_itself_refuses_what_needs_it() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for fault in ("reset", "close", "truncate", "garbage", "trickle=10ms"):
        reply = client.get("/api/v1/customers/1", headers={"Authorization": f"Bearer fk_a~{fault}"})
        assert (reply.status_code, reply.headers["Fakekit-Note"]) == (
            200,
            "a fault was not applied: this server gives fakekit no access to the connection; use fakekit serve",
        )
    reply = client.get("/api/v1/customers/1", headers={"Authorization": "Bearer fk_a~slow=10ms"})
    assert "Fakekit-Note" not in reply.headers


def test_a_wrong_fault_ends_the_command(tmp_path: Path) -> None:
    done = cli("serve", "--port", "0", "--fault", "fial=503", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--faults: is not a kind of fault; write fail" in done.stderr
    done = cli("serve", "--port", "0", env={"FAKEKIT_FAULTS": "fail=418"}, cwd=tmp_path)
    assert done.returncode == 2
    assert (
        "FAKEKIT_FAULTS: fail: status: must be one of 401, 404, 422, 429, 500, 503; found '418'"
        in done.stderr
    )


def test_several_behind_one_key(server: Server, key: str) -> None:
    carrying = f"{key}~fail=503,times=1~fail=429,times=1~drop=data"
    assert [get(server, carrying).status for _ in range(3)] == [503, 429, 200]
    assert get(server, carrying).json() == {"status": 200, "message": "Customer found"}


def test_a_key_and_what_it_carries_share_one_account(server: Server, key: str) -> None:
    get(server, f"{key}~slow=0", "customers/2", "DELETE")
    assert get(server, key, "customers/2").status == 404


# --- what cannot be ----------------------------------------------------------------------------------

STATUSES = "must be one of 401, 404, 422, 429, 500, 503"
TIME = "must be a time from 0 to 60 seconds, such as 2s or 300ms"
PATH = "must be a path, such as customers/1 or customers/*"
FIELD = "must be the name of a field, or the path to it: data.customer.id"
OFTEN = "must be a whole number from 1 to 1,000,000"

WRONG: list[tuple[Any, str]] = [
    ({}, "fault: does not name a kind of fault; write one of fail, respond, slow, reset, close, truncate, trickle, garbage, content-type, drop, null, mistype"),
    ({"fault": "fial"}, "fault: is not a kind of fault; write fail"),
    ({"fault": "Slow"}, "fault: is not a kind of fault; write slow"),
    ({"fault": [5]}, "fault: is not a kind of fault; write one of fail, respond, slow, reset, close, truncate, trickle, garbage, content-type, drop, null, mistype"),
    ({"fault": "fail"}, "fault: fail: status: is required"),
    ({"fault": "fail", "status": 418}, f"fault: fail: status: {STATUSES}; found 418"),
    ({"fault": "fail", "status": True}, f"fault: fail: status: {STATUSES}; found true"),
    ({"fault": "fail", "status": [503]}, f"fault: fail: status: {STATUSES}; found [503]"),
    ({"fault": "fail", "status": None}, "fault: fail: status: must not be null"),
    ({"fault": "fail", "status": 503, "tmies": 2}, "fault: fail: tmies: is not a setting of fail; write times"),
    ({"fault": "fail", "status": 503, "seconds": 2}, "fault: fail: seconds: is not a setting of fail; write one of status, reason, retry_after, method, path, times, after, every"),
    ({"fault": "fail", "status": 401, "reason": "x"}, "fault: fail: reason: must be one of missing, invalid; found 'x'"),
    ({"fault": "fail", "status": 503, "reason": "missing"}, "fault: fail: reason: is only for status 401; found 'missing'"),
    ({"fault": "fail", "status": 404, "retry_after": 1}, "fault: fail: retry_after: is only for status 429 or 503; found 1"),
    ({"fault": "fail", "status": 503, "retry_after": -1}, "fault: fail: retry_after: must be a whole number from 0 to 86,400; found -1"),
    ({"fault": "fail", "status": 503, "times": 0}, f"fault: fail: times: {OFTEN}; found 0"),
    ({"fault": "fail", "status": 503, "times": 1.5}, f"fault: fail: times: {OFTEN}; found 1.5"),
    ({"fault": "fail", "status": 503, "times": "two"}, f"fault: fail: times: {OFTEN}; found 'two'"),
    ({"fault": "fail", "status": 503, "times": None}, "fault: fail: times: must not be null"),
    ({"fault": "fail", "status": 503, "every": 0}, f"fault: fail: every: {OFTEN}; found 0"),
    ({"fault": "fail", "status": 503, "after": -1}, "fault: fail: after: must be a whole number from 0 to 1,000,000; found -1"),
    ({"fault": "fail", "status": 503, "method": "BREW"}, "fault: fail: method: must be one of GET, POST, PUT, PATCH, DELETE, or * for any; found 'BREW'"),
    ({"fault": "fail", "status": 503, "method": "GET\n"}, "fault: fail: method: must be one of GET, POST, PUT, PATCH, DELETE, or * for any; found 'GET\\n'"),
    ({"fault": "fail", "status": 503, "path": ""}, f"fault: fail: path: {PATH}; found ''"),
    ({"fault": "fail", "status": 503, "path": 7}, f"fault: fail: path: {PATH}; found 7"),
    ({"fault": "fail", "status": 503, "path": "a/../b\r\nX: y"}, f"fault: fail: path: {PATH}; found 'a/../b\\r\\nX: y'"),
    ({"fault": "fail", "status": 503, "path": "customers?a=1"}, "fault: fail: path: must be a path without a query; found 'customers?a=1'; write customers"),
    ({"fault": "fail", "status": 418, "times": 0}, f"fault: fail: status: {STATUSES}; found 418\nfault: fail: times: {OFTEN}; found 0"),
    ({"fault": "slow"}, "fault: slow: seconds: is required"),
    ({"fault": "slow", "seconds": -1}, f"fault: slow: seconds: {TIME}; found -1"),
    ({"fault": "slow", "seconds": 61}, f"fault: slow: seconds: {TIME}; found 61"),
    ({"fault": "slow", "seconds": "2h"}, f"fault: slow: seconds: {TIME}; found '2h'"),
    ({"fault": "slow", "seconds": True}, f"fault: slow: seconds: {TIME}; found true"),
    ({"fault": "trickle", "seconds": "1e3"}, f"fault: trickle: seconds: {TIME}; found '1e3'"),
    ({"fault": "reset", "seconds": 1}, "fault: reset: seconds: is not a setting of reset; write one of method, path, times, after, every"),
    ({"fault": "truncate", "bytes": -1}, "fault: truncate: bytes: must be a whole number from 0 to 1,000,000; found -1"),
    ({"fault": "content-type"}, "fault: content-type: media_type: is required"),
    ({"fault": "content-type", "media_type": "text/html\r\nX: y"}, "fault: content-type: media_type: must be a media type, such as text/html; found 'text/html\\r\\nX: y'"),
    ({"fault": "drop", "field": "a..b"}, f"fault: drop: field: {FIELD}; found 'a..b'"),
    ({"fault": "null", "field": ""}, f"fault: null: field: {FIELD}; found ''"),
    ({"fault": "mistype", "field": 1}, f"fault: mistype: field: {FIELD}; found 1"),
    ({"fault": "respond", "status": 199}, "fault: respond: status: must be a whole number from 200 to 599; found 199"),
    ({"fault": "respond", "status": 204, "json": {}}, "fault: respond: status: is 204, which has no body (RFC 9110, 15.3.5); found 204"),
    ({"fault": "respond", "json": 1, "text": "x"}, "fault: respond: text: must not be set together with json"),
    ({"fault": "respond", "text": 5}, "fault: respond: text: must be text"),
    ({"fault": "respond", "headers": []}, "fault: respond: headers: must be headers by name"),
    ({"fault": "respond", "headers": {"a b": "x"}}, "fault: respond: headers: must have names that HTTP allows"),
    ({"fault": "respond", "headers": {"X\r\nY": "x"}}, "fault: respond: headers: must have names that HTTP allows"),
    ({"fault": "respond", "headers": {"X": "a\r\nSet-Cookie: b"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": "a\n"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": "Ɛsi"}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"X": 1}}, "fault: respond: headers: must have printable ASCII as their values"),
    ({"fault": "respond", "headers": {"content-LENGTH": "3"}}, "fault: respond: headers: must not have content-length, which the server sets"),
    ({"fault": "respond", "headers": {"Transfer-Encoding": "chunked"}}, "fault: respond: headers: must not have transfer-encoding, which the server sets"),
    ({"fault": "respond", "headers": {"Proxy-Authenticate": "Basic"}}, "fault: respond: headers: must not have proxy-authenticate, which the server sets"),
    ({"fault": "respond", "headers": {"TE": "trailers"}}, "fault: respond: headers: must not have te, which the server sets"),
    ({"fault": "respond", "headers": {"Fakekit-Truth": "documented"}}, "fault: respond: headers: must not have names that begin with fakekit-, which are fakekit's own"),
    ({"fault": "respond", "text": "x" * 65_536}, "fault: respond: is longer than 65,536 characters"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "told"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_told_and_nothing_is_applied(
    xtrakit: Handle, fault: dict[str, Any], told: str
) -> None:
    with pytest.raises(FaultError) as raised:
        xtrakit.add_fault(fault)
    assert str(raised.value) == told
    refused = control(port_of(xtrakit), "POST", f"/{xtrakit.api_key}/faults", fault)
    problems: Any = refused.json()
    assert (refused.status, problems["error"]) == (422, "FaultError")
    assert [p["what"] for p in problems["problems"]] == [p.description for p in raised.value.problems]
    assert xtrakit.faults == []
    assert get(xtrakit, xtrakit.api_key).status == 200


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("=503", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("fail=503,", "fault: is not NAME=VALUE with commas between; write fail=503,times=2"),
        ("fail=503,times", "fault: times: has no value"),
        ("fail=503,times=1,times=2", "fault: times: occurs twice"),
        ("fail=503,status=500", "fault: occurs twice"),
        ("reset=1", "fault: reset: takes no value; write reset"),
        ("slwo=2s", "fault: is not a kind of fault; write slow"),
        ('respond=200,json={"a": 1}', 'fault: json: is only accepted in a fault that is JSON; write {"fault": "respond", "json": {}}'),
        ("{", 'fault: is not JSON; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": ' + "[" * 2000 + "]" * 2000 + "}", 'fault: is nested too deeply; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": ' + "[" * 400 + "]" * 400 + "}", "fault: respond: json: must be JSON, in UTF-8 and at most 100 levels deep"),
        ('{"fault": "respond", "json": {"\\ud800": 1}}', 'fault: holds half of a surrogate pair; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "status": 200, "status": 404}', 'fault: has a name twice; write fail=503,times=2, or {"fault": "fail"}'),
        ('{"fault": "respond", "json": NaN}', 'fault: has a number that JSON does not allow; write fail=503,times=2, or {"fault": "fail"}'),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_text_that_is_no_fault(xtrakit: Handle, text: str, told: str) -> None:
    with pytest.raises(FaultError) as raised:
        xtrakit.add_fault(text)
    assert str(raised.value) == told
    assert xtrakit.faults == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"[" * 100_000, 400),
        (b'{"fault": "respond", "json": ' + b"[" * 500 + b"]" * 500 + b"}", 422),
        (b'{"fault": "respond", "json": "\\ud800"}', 400),
        (b'{"fault": "respond", "json": 1' + b"0" * 5000 + b"}", 400),
        (b'{"fault": "respond", "text": "' + b"x" * 2_000_000 + b'"}', 413),
        (b'{"' + b'": 1, "'.join(b"unknown%d" % n for n in range(3000)) + b'": 1, "fault": "reset"}', 422),
    ],
    ids=lambda value: str(value)[:40],
)
def test_hostile_json_is_refused_and_leaves_the_list_readable(
    server: Server, key: str, body: bytes, status: int
) -> None:
    head = f"POST /_fakekit/accounts/{key}/faults HTTP/1.1\r\nHost: 127.0.0.1\r\nFakekit-Control: 1\r\nConnection: close\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    assert send(server.port, head.encode() + body, "POST").status == status
    listed = control(server.port, "GET", f"/{key}/faults")
    assert (listed.status, listed.json()) == (200, [])


CANARIES = [
    "canary",
    "canary=canary",
    "fail=canary",
    "fail=503,canary=1",
    "fail=503,times=canary",
    "fail=503,path=canary?canary",
    "slow=canary",
    "reset=canary",
    "drop=canary!",
    "content-type=canary",
    '{"canary":1}',
    '{"fault":"canary"}',
    '{"fault":"respond","headers":{"canary":1}}',
    '{"fault":"respond","status":"canary"}',
    '{"fault":"fail","status":503,"canary":{"canary":1}}',
    "slow=1s~canary",
    "canary" + "x" * 2000,
]


def test_nothing_is_repeated_of_what_stands_behind_a_key(tmp_path: Path, key: str) -> None:
    with serving(tmp_path, "--server", "alone") as running:
        for behind in CANARIES:
            for path in ("customers/1", "nothing"):
                reply = get(running, f"{key}~{behind}", path)
                assert (reply.status, reply.body) == (401, INVALID)
                assert "canary" not in str(reply.headers)
        for path in ("", "/-/requests", f"/{key}/requests", f"/{key}/faults", f"/{key}"):
            assert b"canary" not in control(running.port, "GET", path).body
        out, err = running.end()
    assert "canary" not in out + err
    assert err.count(" 401 ") == 2 * len(CANARIES)


BEHIND = st.one_of(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=60),
    st.builds(
        lambda parts, end: ",".join(parts) + end,
        st.lists(
            st.sampled_from(
                ["fail=503", "slow=0", "reset", "respond=200", "times=1", "every=2", "drop=id", "path=*", "null=data", "garbage", "truncate=3", "trickle=0", "{", "}", "~", "text=a"]
            ),
            max_size=4,
        ),
        st.sampled_from(["", "~", "~slow=1ms", ",", "~drop=status"]),
    ),
)  # fmt: skip


@settings(max_examples=40)
@given(behind=BEHIND)
def test_any_text_behind_a_key_is_a_fault_or_a_401(fake: fakekit.FakeServer, behind: str) -> None:
    port = port_of(fake.account("fk_fuzz"))
    head = "GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(f"{head}Authorization: Bearer {new_key()}~{behind}\r\n\r\n".encode())
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65536):
                data += part
    assert b"server.error" not in data
    assert not data.startswith(b"HTTP/1.1 5") or b"fail=5" in data or b"respond=5" in data


# --- bounds ------------------------------------------------------------------------------------------


def test_an_account_has_a_hundred_faults_at_most(xtrakit: Handle) -> None:
    for _ in range(100):
        xtrakit.fail(503, "GET", "nothing")
    with pytest.raises(FaultError, match=r"^an account may have 100 faults at once; write fewer of them$"):
        xtrakit.fail(500)
    refused = control(port_of(xtrakit), "POST", f"/{xtrakit.api_key}/faults", {"fault": "reset"})
    assert refused.status == 422
    xtrakit.remove_fault(xtrakit.faults[0]["id"])
    xtrakit.fail(500)
    assert get(xtrakit, xtrakit.api_key).status == 500


def test_the_keys_of_an_account_carry_sixteen_sets_at_most(server: Server, key: str) -> None:
    for n in range(1, 17):
        assert get(server, f"{key}~fail=503,times={n}").status == 503
    reply = get(server, f"{key}~fail=503,times=17")
    assert (reply.status, reply.note) == (
        200,
        "a fault was not applied: the keys of one account may carry 16 different sets of faults",
    )
    assert get(server, f"{key}~fail=503,times=16").status == 503
    control(server.port, "DELETE", f"/{key}/faults")
    assert get(server, f"{key}~fail=503,times=17").status == 503


class Delayed:
    """Requests that wait, each on a connection of its own, until they are let go."""

    def __init__(self, port: int, key: str, count: int) -> None:
        self.clients: list[socket.socket] = []
        for _ in range(count):
            self.clients.append(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE))
            self.clients[-1].sendall(
                f"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n".encode()
            )

    @property
    def answered(self) -> int:
        """How many of them have an answer, or were closed."""
        return len(select.select(self.clients, [], [], 0)[0])

    def heads(self) -> list[bytes]:
        """The beginnings of all answers."""
        return [client.recv(65536) for client in self.clients]

    def close(self) -> None:
        for client in self.clients:
            client.close()

    def __enter__(self) -> Delayed:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def wait_until_asked(port: int, key: str, count: int) -> None:
    wait_until(lambda: len(asked(port, key)) >= count)


def asked(port: int, key: str) -> list[Any]:
    found: Any = control(port, "GET", f"/{key}/requests").json()
    requests: list[Any] = found["requests"]
    return requests


def test_forty_delayed_requests_hold_up_nobody(server: Server) -> None:
    key, other = new_key(), new_key()
    with Delayed(server.port, f"{key}~slow=50s", 40) as delayed:
        wait_until_asked(server.port, key, 40)
        for path, authorization in [
            ("/_fakekit/health", None),
            ("/api/v1/customers/1", f"Bearer {other}".encode()),
            ("/api/v1/customers/1", f"Bearer {key}".encode()),
        ]:
            assert ask(server.port, path, authorization).status == 200
        assert delayed.answered == 0


def test_many_delayed_requests_are_all_answered(server: Server) -> None:
    with Delayed(server.port, f"{new_key()}~slow=200ms", 20) as delayed:
        assert all(head.startswith(b"HTTP/1.1 200 OK") for head in delayed.heads())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gunicorn", ALONE])
def test_two_thousand_requests_are_delayed_at_once_and_keep_nobody_waiting(tmp_path: Path, name: str) -> None:
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, limit[1]), limit[1]))  # the server inherits it
    try:
        with serving(tmp_path, "--server", name) as running:
            key, other = new_key(), new_key()
            with (
                Delayed(running.port, f"{key}~slow=50s", 1000),
                Delayed(running.port, f"{other}~trickle=50s", 1000),
            ):
                for _ in range(3):  # a journal holds a thousand
                    wait_until_asked(running.port, key, 1000)
                    wait_until_asked(running.port, other, 1000)
                assert get(running, new_key()).note == ""
                waits = control(running.port, "GET", f"/{new_key()}/requests?count=1&timeout=0.1")
                assert waits.status == 200
                running.end()  # within `PATIENCE`, which is less than the delay
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def test_a_client_that_went_away_does_no_harm(server: Server, key: str) -> None:
    for fault in ("slow=150ms", "trickle=150ms", "slow=100ms~reset", "slow=100ms~truncate"):
        with Delayed(server.port, f"{key}~{fault}", 4):
            pass
    wait_until(lambda: len(asked(server.port, key)) == 16)
    time.sleep(0.2)
    replies = [get(server, key) for _ in range(3)]
    assert [(r.status, r.note) for r in replies] == [(200, "")] * 3


def test_stopping_while_requests_are_delayed_is_quick_and_leaves_nothing(key: str) -> None:
    before = set(threading.enumerate())
    server = fakekit.FakeServer()
    port = port_of(server.start())
    with Delayed(port, f"{key}~slow=50s", 20), Delayed(port, f"{key}~trickle=50s", 20):
        wait_until_asked(port, key, 40)
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < PATIENCE  # and not the delay
        wait_until(lambda: set(threading.enumerate()) <= before)


def test_delayed_requests_hold_no_thread(key: str) -> None:
    with fakekit.FakeServer() as xtrakit:
        get(xtrakit, f"{key}~slow=50ms")  # a thread of the pool imports the faults, and stays
        before = threading.active_count()
        for _ in range(3):
            with Delayed(port_of(xtrakit), f"{key}~slow=50ms", 30) as delayed:
                delayed.heads()
        wait_until(lambda: threading.active_count() <= before)
        assert get(xtrakit, key).status == 200


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gunicorn", ALONE])
def test_wire_faults_by_the_hundred_leave_the_server_well(tmp_path: Path, name: str) -> None:
    with serving(tmp_path, "--server", name) as running:
        drain(running)
        files = Path(f"/proc/{running.process.pid}/fd")
        kinds = ["reset", "close", "garbage", "truncate", "trickle=10ms", "slow=10ms"]
        with ThreadPoolExecutor(16) as pool:
            ends = list(pool.map(lambda n: end_of(running.port, f"fk_w{n % 7}", kinds[n % 6]), range(600)))
        assert ends.count("reset") >= 100
        assert get(running, "fk_w").status == 200
        assert len(list(files.iterdir())) < 60


def end_of(port: int, key: str, fault: str) -> str:
    """How the connection ended; one that was only slow is kept alive, and so is not waited for."""
    return raw(port, f"{key}~{fault}", wait=1 if fault.startswith("slow") else PATIENCE).end


def test_several_faults_may_stand_in_one_variable_and_what_is_no_fault_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = "fail=503,times=1~respond=201,times=1"
    both = fakekit.Settings.read({}, {"FAKEKIT_FAULTS": given}, tmp_path).faults
    assert both == ("fail=503,times=1", "respond=201,times=1")
    listed = fakekit.Settings.read({}, {"FAKEKIT_FAULTS": '["reset", {"fault": "close"}]'}, tmp_path).faults
    assert listed == ("reset", '{"fault": "close"}')
    (tmp_path / "pyproject.toml").write_text(
        '[tool.fakekit]\nfaults = [{fault = "slow", seconds = 2024-01-01}]\n'
    )
    with pytest.raises(fakekit.SettingsError, match=r"tool\.fakekit\.faults: must be a fault"):
        fakekit.Settings.read({}, {}, tmp_path)
    with pytest.raises(fakekit.SettingsError, match="faults: is not a kind of fault"):
        fakekit.FakeServer(faults=["nope"])


def test_a_stubs_own_cors_and_content_type_win() -> None:
    with fakekit.FakeServer() as xtrakit:
        own = {"Access-Control-Allow-Origin": "https://a.example", "Content-Type": "text/csv"}
        xtrakit.respond("GET", "customers/1", headers=own)
        answer = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.content == b""


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
