"""Responses that the server gives again from memory: the same as computed ones, only for exactly this request, in their turn."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest import mock

import pytest

import fakekit
from fakekit.resources import ENDPOINTS, RESOURCES
from tests.helpers.processes import PATIENCE, serving
from tests.helpers.raw_http import Connection, exchange, port_of, statuses
from tests.helpers.remembered_responses import computed, get, name_in, without_date


def every_get(xtrakit: fakekit.Handle) -> Iterator[str]:
    """A request to every GET of the API, to one that misses its record, and to one that is no endpoint."""
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            path = endpoint.path.removeprefix("/api/v1/")
            if endpoint.parameter:
                value = "1"
                if endpoint.resource != "stores":  # of which there is one, and no list
                    first = xtrakit._control.records(resource=endpoint.resource, limit=1)[0]
                    value = str(
                        first[RESOURCES[endpoint.resource].key_field]
                    ).strip()  # a space leads item codes
                yield path.replace("{" + endpoint.parameter + "}", value)
                path = path.replace("{" + endpoint.parameter + "}", "987654")
            yield path
    yield from ("customers?customer_city=Accra", "customers?nonsense=1", "nothing/here", "customers/1?x=y")


def test_it_is_the_same_header_by_header_on_every_get_of_the_api(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    paths = list(every_get(xtrakit))
    assert len(paths) > 20
    for path in paths:
        first_status, first_headers, first_body = connection.ask(get(path, xtrakit.api_key))
        with computed() as again:
            status, headers, body = connection.ask(get(path, xtrakit.api_key))
        assert (path, again) == (path, [])
        assert (path, status, body) == (path, first_status, first_body)
        assert without_date(headers) == without_date(first_headers)
        assert [name for name, _ in headers].count("Date") == 1


def test_its_date_is_that_of_now(xtrakit: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=xtrakit.api_key))
    for second, date in (
        (1722759825, "Sun, 04 Aug 2024 08:23:45 GMT"),
        (1722759826, "Sun, 04 Aug 2024 08:23:46 GMT"),
    ):
        with (
            mock.patch("fakekit.server.remembered.wall_time", return_value=second + 0.9),
            computed() as again,
        ):
            _, headers, _ = connection.ask(get(key=xtrakit.api_key))
        assert (dict(headers)["Date"], again) == (date, [])


def test_journal_numbers_and_times_are_those_of_each_request(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    for path in ("customers/1", "customers/987654", "customers?customer_city=Accra"):
        xtrakit.forget_requests()
        for _ in range(3):
            connection.ask(get(path, xtrakit.api_key))
        first, *others = xtrakit.requests
        assert len(others) == 2
        for before, entry in zip([first, *others], others, strict=False):
            assert entry.number == before.number + 1
            assert entry.time >= before.time
            same = ("method", "path", "query", "json", "size", "status", "truth", "assumed", "note", "answer")
            assert [getattr(entry, name) for name in same] == [getattr(first, name) for name in same]


def test_its_line_of_the_log_is_the_same(tmp_path: Path) -> None:
    with serving(tmp_path) as running:
        with Connection(running.port) as connection:
            for path in ("customers/1", "customers/987654", "customers/1"):
                for _ in range(2):
                    connection.ask(get(path))
        _, err = running.end()
    lines = [re.sub(r" \d+\.\d+ms ", " ", line) for line in err.splitlines()]
    missing = (
        "GET /api/v1/customers/987654 404 assumed (fine): the population ends at 50; start with --customers 987654, "
        "or add it to a fixture file"
    )
    fetched = "GET /api/v1/customers/1 200 documented"
    texts = [fetched, fetched, missing, missing, fetched, fetched]
    assert lines == [f"#{number} {text}" for number, text in enumerate(texts, 1)]


def test_assumptions_are_those_of_the_account(xtrakit: fakekit.Handle, connection: Connection) -> None:
    for _ in range(2):
        connection.ask(get("customers/987654", xtrakit.api_key))
    assert xtrakit.assumptions == ("missing.status", "missing.error")


@pytest.mark.parametrize("is_remote", [False, True], ids=["in process", "by HTTP"])
def test_who_waits_for_requests_sees_them(
    xtrakit: fakekit.Handle, connection: Connection, is_remote: bool
) -> None:
    connection.ask(get(key=xtrakit.api_key))
    waiting = fakekit.connect(xtrakit.origin, xtrakit.api_key) if is_remote else xtrakit
    with ThreadPoolExecutor(1) as pool, computed() as again:
        future = pool.submit(waiting.wait_for, "GET", "customers/1", times=4, timeout=PATIENCE)
        for _ in range(3):
            time.sleep(0.02)
            connection.ask(get(key=xtrakit.api_key))
        found = future.result(timeout=PATIENCE)
    assert (len(found), again) == (4, [])


def test_it_counts_as_a_use_of_its_account() -> None:
    """Of three accounts, of which one is the handle's, the least recently used makes room."""
    with fakekit.FakeServer(max_accounts=3) as xtrakit, Connection(port_of(xtrakit.origin)) as connection:
        connection.ask(get(key="fk_a"))
        connection.ask(get(key="fk_b"))
        with computed() as again:
            connection.ask(get(key="fk_a"))
        connection.ask(get(key="fk_c"))
        opened = fakekit.connect(xtrakit.origin, "fk_demo")
        assert again == []
        kept = [key for key in ("fk_a", "fk_b", "fk_c") if is_open(opened.origin, key)]
        assert kept == ["fk_a", "fk_c"]


def is_open(origin: str, key: str) -> bool:
    port = port_of(origin)
    with Connection(port) as connection:
        _, _, body = connection.ask(
            b"GET /_fakekit/accounts HTTP/1.1\r\nHost: localhost\r\nFakekit-Control: 1\r\n\r\n"
        )
    return key in [account["key"] for account in json.loads(body)]


# --- only for exactly this request -------------------------------------------------------------------


VARIANTS: dict[str, tuple[Callable[[bytes], bytes], int, bool]] = {
    "another header": (lambda r: with_header(r, b"Accept: text/html"), 200, True),
    "another host": (lambda r: r.replace(b"Host: x", b"Host: y"), 200, True),
    "a kept connection": (lambda r: with_header(r, b"Connection: keep-alive"), 200, True),
    "a query": (lambda r: r.replace(b"customers/1", b"customers/1?a=b"), 200, True),
    "another record": (lambda r: r.replace(b"customers/1", b"customers/987654"), 404, True),
    "HEAD": (lambda r: r.replace(b"GET", b"HEAD"), 200, False),
    "another method": (lambda r: r.replace(b"GET", b"POST"), 405, False),
    "HTTP/1.0": (lambda r: with_header(r.replace(b"1.1", b"1.0"), b"Connection: keep-alive"), 200, False),
    "an escape": (lambda r: r.replace(b"customers", b"%63ustomers"), 200, False),
    "absolute form": (lambda r: r.replace(b"GET /", b"GET http://x/"), 200, False),
    "no key": (lambda r: re.sub(rb"Authorization: .*?\r\n", b"", r), 401, False),
    "a key that is none": (lambda r: r.replace(b"Bearer fk_", b"Bearer sk_"), 401, False),
    "two keys": (lambda r: with_header(r, b"Authorization: Bearer fk_demo"), 401, False),
    "a fault in the key": (lambda r: re.sub(rb"(fk_\S+)", rb"\1~fail=503", r), 503, False),
    "Range": (lambda r: with_header(r, b"Range: bytes=0-1"), 200, False),
    "a condition": (lambda r: with_header(r, b"If-None-Match: *"), 200, False),
    "Expect": (lambda r: with_header(r, b"Expect: 100-continue"), 200, False),
    "Upgrade": (lambda r: with_header(r, b"Connection: Upgrade\r\nUpgrade: h2c"), 200, False),
    "Upgrade to a value of Connection": (lambda r: with_header(r, b"Upgrade: keep-alive"), 200, False),
    "Range with a value of Connection": (lambda r: with_header(r, b"Range: keep-alive"), 200, False),
    "Expect with a value of Connection": (lambda r: with_header(r, b"Expect: keep-alive"), 200, False),
    "an empty body": (lambda r: with_header(r, b"Content-Length: 0"), 200, False),
    "a body": (lambda r: with_header(r, b"Content-Length: 2") + b"{}", 200, False),
    "chunks": (lambda r: with_header(r, b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 200, False),
}


def with_header(request: bytes, line: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")


@pytest.mark.parametrize(("change", "expected", "is_remembered"), VARIANTS.values(), ids=VARIANTS)
def test_a_request_that_differs_gets_its_own_answer(
    xtrakit: fakekit.Handle,
    connection: Connection,
    change: Callable[[bytes], bytes],
    expected: int,
    is_remembered: bool,
) -> None:
    plain = get(key=xtrakit.api_key)
    for _ in range(3):
        assert connection.ask(plain)[0] == 200
    variant = change(plain)
    for is_first in (True, False):
        with computed() as again:
            connection.send(variant)
            if variant.startswith(b"HEAD"):
                assert_head_only(connection)
            else:
                assert connection.read()[0] == expected
        assert again == [] if is_remembered and not is_first else len(again) == 1
    assert name_in(connection.ask(plain)[2]) == "Jane Doe"


def assert_head_only(connection: Connection) -> None:
    """Read a response to HEAD; its length is that of a body which does not come."""
    connection.send(b"GET /_fakekit/health HTTP/1.1\r\nHost: x\r\n\r\n")
    while connection._came.count(b"\r\n\r\n") < 2:
        connection._read_more()
    head, _, connection._came = connection._came.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\nContent-Length: 1007\r\n" in head
    assert connection.read()[0] == 200


KEPT = [
    b"keep-alive, X-Foo",
    b"X-Foo",
    b"TE",
    b"upgrade",
    b"",
    b"keep-alive,",
    b"keep-alive\r\nConnection: X-Foo",
]


@pytest.mark.parametrize("value", KEPT)
def test_with_any_other_value_of_connection_it_is_computed(
    xtrakit: fakekit.Handle, connection: Connection, value: bytes
) -> None:
    request = with_header(get(key=xtrakit.api_key), b"Connection: " + value)
    with computed() as again:
        answers = [connection.ask(request) for _ in range(3)]
    assert [(status, name_in(body)) for status, _, body in answers] == [(200, "Jane Doe")] * 3
    assert [dict(headers)["Connection"] for _, headers, _ in answers] == ["keep-alive"] * 3
    assert len(again) == 3


CLOSED = [b"close", b"Close", b"keep-alive, close", b"Keep-Alive,close", b"keep-alive\r\nConnection: close"]


@pytest.mark.parametrize("value", CLOSED)
def test_a_request_that_closes_its_connection_closes_it_each_time(
    xtrakit: fakekit.Handle, value: bytes
) -> None:
    plain = get(key=xtrakit.api_key)
    closing = with_header(plain, b"Connection: " + value)
    with computed() as again:
        for _ in range(3):
            came = exchange(port_of(xtrakit.origin), closing + plain)
            assert statuses(came) == [200]
            assert came.count(b"\r\nConnection: close\r\n") == 1
    assert len(again) == 3


def test_a_request_that_closes_its_connection_closes_it(xtrakit: fakekit.Handle) -> None:
    plain = get(key=xtrakit.api_key)
    closing = with_header(plain, b"Connection: close")
    for _ in range(3):
        came = exchange(port_of(xtrakit.origin), plain + closing + plain)
        assert statuses(came) == [200, 200]
        assert came.count(b"\r\nConnection: close\r\n") == 1


def test_each_key_has_its_own(
    xtrakit: fakekit.Handle, fake: fakekit.FakeServer, connection: Connection
) -> None:
    fake.account("fk_other").change("customers", 1, customer_name="Ama")
    for _ in range(3):
        assert name_in(connection.ask(get(key=xtrakit.api_key))[2]) == "Jane Doe"
        assert name_in(connection.ask(get(key="fk_other"))[2]) == "Ama"


# --- only when it is its turn ------------------------------------------------------------------------


def test_it_does_not_overtake_a_response_that_is_being_made(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    plain = get(key=xtrakit.api_key)
    connection.ask(plain)
    connection.send(get("customers/2", f"{xtrakit.api_key}~slow=100ms"))
    time.sleep(0.03)
    connection.send(plain)
    assert b'"id": 2,' in connection.read()[2]
    assert b'"id": 1,' in connection.read()[2]


def test_it_does_not_overtake_requests_that_are_queued(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    plain = get(key=xtrakit.api_key)
    connection.ask(plain)
    connection.send(get("customers", xtrakit.api_key) + get("customers/2", xtrakit.api_key))
    connection.send(plain)
    assert b'"customers"' in connection.read()[2]
    assert b'"id": 2,' in connection.read()[2]
    assert b'"id": 1,' in connection.read()[2]


def test_its_bytes_inside_of_another_request_are_no_request(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    plain = get(key=xtrakit.api_key)
    connection.ask(plain)
    body = b"POST /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(plain)
    for part in (body, b"GET /_fakekit/health HTTP/1.1\r\nX: "):
        connection.send(part)
        time.sleep(0.02)
        connection.send(plain)
    assert connection.read()[0] == 401
    assert json.loads(connection.read()[2])["status"] == "ok"
    assert connection.ask(plain)[0] == 200
