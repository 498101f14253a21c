"""Responses that the server gives again from memory: the same as computed ones in all but their cost.

The tests speak raw HTTP, since a response is found by the exact bytes of its request.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any
from unittest import mock

import pytest
from flask import Flask, request_finished, request_started

import fakekit
from fakekit.accounts.changes import Changes
from fakekit.api.service import Service
from fakekit.import_lock import IMPORT_LOCK
from fakekit.resources import ENDPOINTS, RESOURCES
from fakekit.server.listening import Listener, bind
from fakekit.server.thread import ThreadServer
from tests.helpers.processes import PATIENCE, drain, megabytes, serving
from tests.helpers.raw_http import Connection, Headers, exchange, statuses


def get(path: str = "customers/1", key: str = "fk_demo", more: str = "") -> bytes:
    return f"GET /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{more}\r\n".encode()


def port_of(fake: fakekit.Handle) -> int:
    return int(fake.origin.rpartition(":")[2])


def name_in(body: bytes) -> str:
    return str(json.loads(body)["data"]["customer"]["customer_name"])


def without_date(headers: Headers) -> Headers:
    return [(name, "" if name == "Date" else value) for name, value in headers]


@contextmanager
def computed() -> Iterator[list[str]]:
    """The paths of the requests that are computed meanwhile; those answered from memory are not among them."""
    paths: list[str] = []
    serve = Service.serve

    def record(self: Service, request: Any) -> Any:
        paths.append(request.path)
        return serve(self, request)

    with mock.patch.object(Service, "serve", record):
        yield paths


@pytest.fixture(scope="module")
def server() -> Iterator[fakekit.FakeServer]:
    running = fakekit.FakeServer(seed=1)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fake(server: fakekit.FakeServer, request: pytest.FixtureRequest) -> Iterator[fakekit.Handle]:
    """A key of the test's own."""
    key = "fk_" + re.sub(r"\W", "-", request.node.name)[:50]
    yield server.account(key)
    server.close_account(key)


@pytest.fixture
def connection(fake: fakekit.Handle) -> Iterator[Connection]:
    with Connection(port_of(fake)) as opened:
        yield opened


# --- the same response -------------------------------------------------------------------------------


def every_get(fake: fakekit.Handle) -> Iterator[str]:
    """A request to every GET of the API, to one that misses its record, and to one that is no endpoint."""
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            path = endpoint.path.removeprefix("/api/v1/")
            if endpoint.parameter:
                value = "1"
                if endpoint.resource != "stores":  # of which there is one, and no list
                    first = fake._control("records", resource=endpoint.resource, limit=1)[0]
                    value = str(
                        first[RESOURCES[endpoint.resource].key_field]
                    ).strip()  # a space leads item codes
                yield path.replace("{" + endpoint.parameter + "}", value)
                path = path.replace("{" + endpoint.parameter + "}", "987654")
            yield path
    yield from ("customers?customer_city=Accra", "customers?nonsense=1", "nothing/here", "customers/1?x=y")


def test_it_is_the_same_header_by_header_on_every_get_of_the_api(
    fake: fakekit.Handle, connection: Connection
) -> None:
    paths = list(every_get(fake))
    assert len(paths) > 20
    for path in paths:
        first_status, first_headers, first_body = connection.ask(get(path, fake.api_key))
        with computed() as again:
            status, headers, body = connection.ask(get(path, fake.api_key))
        assert (path, again) == (path, [])
        assert (path, status, body) == (path, first_status, first_body)
        assert without_date(headers) == without_date(first_headers)
        assert [name for name, _ in headers].count("Date") == 1


def test_its_date_is_that_of_now(fake: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=fake.api_key))
    for second, date in (
        (1722759825, "Sun, 04 Aug 2024 08:23:45 GMT"),
        (1722759826, "Sun, 04 Aug 2024 08:23:46 GMT"),
    ):
        with (
            mock.patch("fakekit.server.remembered.wall_time", return_value=second + 0.9),
            computed() as again,
        ):
            _, headers, _ = connection.ask(get(key=fake.api_key))
        assert (dict(headers)["Date"], again) == (date, [])


def test_journal_numbers_and_times_are_those_of_each_request(
    fake: fakekit.Handle, connection: Connection
) -> None:
    for path in ("customers/1", "customers/987654", "customers?customer_city=Accra"):
        fake.forget_requests()
        for _ in range(3):
            connection.ask(get(path, fake.api_key))
        first, *others = fake.requests
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
        "GET /api/v1/customers/987654 404 assumed: the population ends at 50; start with --customers 987654, "
        "or add it to a fixture file"
    )
    fetched = "GET /api/v1/customers/1 200 documented"
    texts = [fetched, fetched, missing, missing, fetched, fetched]
    assert lines == [f"#{number} {text}" for number, text in enumerate(texts, 1)]


def test_assumptions_are_those_of_the_account(fake: fakekit.Handle, connection: Connection) -> None:
    for _ in range(2):
        connection.ask(get("customers/987654", fake.api_key))
    assert fake.assumptions == ("missing.status", "missing.error")


@pytest.mark.parametrize("is_remote", [False, True], ids=["in process", "by HTTP"])
def test_who_waits_for_requests_sees_them(
    fake: fakekit.Handle, connection: Connection, is_remote: bool
) -> None:
    connection.ask(get(key=fake.api_key))
    waiting = fakekit.connect(fake.origin, fake.api_key) if is_remote else fake
    with ThreadPoolExecutor(1) as pool, computed() as again:
        future = pool.submit(waiting.wait_for, "GET", "customers/1", times=4, timeout=PATIENCE)
        for _ in range(3):
            time.sleep(0.02)
            connection.ask(get(key=fake.api_key))
        found = future.result(timeout=PATIENCE)
    assert (len(found), again) == (4, [])


def test_it_counts_as_a_use_of_its_account() -> None:
    """Of three accounts, of which one is the handle's, the least recently used makes room."""
    with fakekit.FakeServer(max_accounts=3) as fake, Connection(port_of(fake)) as connection:
        connection.ask(get(key="fk_a"))
        connection.ask(get(key="fk_b"))
        with computed() as again:
            connection.ask(get(key="fk_a"))
        connection.ask(get(key="fk_c"))
        opened = fakekit.connect(fake.origin, "fk_demo")
        assert again == []
        kept = [key for key in ("fk_a", "fk_b", "fk_c") if is_open(opened.origin, key)]
        assert kept == ["fk_a", "fk_c"]


def is_open(origin: str, key: str) -> bool:
    port = int(origin.rpartition(":")[2])
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
    "an empty body": (lambda r: with_header(r, b"Content-Length: 0"), 200, False),
    "a body": (lambda r: with_header(r, b"Content-Length: 2") + b"{}", 200, False),
    "chunks": (lambda r: with_header(r, b"Transfer-Encoding: chunked") + b"0\r\n\r\n", 200, False),
}


def with_header(request: bytes, line: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\n" + line + b"\r\n\r\n")


@pytest.mark.parametrize(("change", "expected", "is_remembered"), VARIANTS.values(), ids=VARIANTS)
def test_a_request_that_differs_gets_its_own_answer(
    fake: fakekit.Handle,
    connection: Connection,
    change: Callable[[bytes], bytes],
    expected: int,
    is_remembered: bool,
) -> None:
    plain = get(key=fake.api_key)
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


def test_a_request_that_closes_its_connection_closes_it(fake: fakekit.Handle) -> None:
    plain = get(key=fake.api_key)
    closing = with_header(plain, b"Connection: close")
    for _ in range(3):
        came = exchange(port_of(fake), plain + closing + plain)
        assert statuses(came) == [200, 200]
        assert came.count(b"\r\nConnection: close\r\n") == 1


def test_each_key_has_its_own(
    fake: fakekit.Handle, server: fakekit.FakeServer, connection: Connection
) -> None:
    server.account("fk_other").change("customers", 1, customer_name="Ama")
    for _ in range(3):
        assert name_in(connection.ask(get(key=fake.api_key))[2]) == "Jane Doe"
        assert name_in(connection.ask(get(key="fk_other"))[2]) == "Ama"


# --- only when it is its turn ------------------------------------------------------------------------


def test_it_does_not_overtake_a_response_that_is_being_made(
    fake: fakekit.Handle, connection: Connection
) -> None:
    plain = get(key=fake.api_key)
    connection.ask(plain)
    connection.send(get("customers/2", f"{fake.api_key}~slow=100ms"))
    time.sleep(0.03)
    connection.send(plain)
    assert b'"id": 2,' in connection.read()[2]
    assert b'"id": 1,' in connection.read()[2]


def test_it_does_not_overtake_requests_that_are_queued(fake: fakekit.Handle, connection: Connection) -> None:
    plain = get(key=fake.api_key)
    connection.ask(plain)
    connection.send(get("customers", fake.api_key) + get("customers/2", fake.api_key))
    connection.send(plain)
    assert b'"customers"' in connection.read()[2]
    assert b'"id": 2,' in connection.read()[2]
    assert b'"id": 1,' in connection.read()[2]


def test_its_bytes_inside_of_another_request_are_no_request(
    fake: fakekit.Handle, connection: Connection
) -> None:
    plain = get(key=fake.api_key)
    connection.ask(plain)
    body = b"POST /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(plain)
    for part in (body, b"GET /_fakekit/health HTTP/1.1\r\nX: "):
        connection.send(part)
        time.sleep(0.02)
        connection.send(plain)
    assert connection.read()[0] == 401
    assert json.loads(connection.read()[2])["status"] == "ok"
    assert connection.ask(plain)[0] == 200


# --- never stale -------------------------------------------------------------------------------------


CUSTOMER = {
    "customer_name": "Esi",
    "customer_phone": "+233401234567",
    "customer_country": "Ghana",
    "customer_city": "Accra",
    "customer_state": "Greater Accra",
    "address1": "1 Ring Road",
}


def edit(fake: fakekit.Handle) -> None:
    """Change the customer as a client of the API does."""
    body = json.dumps(CUSTOMER).encode()
    head = f"PUT /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {fake.api_key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with Connection(port_of(fake)) as connection:
        assert connection.ask(head.encode() + body)[0] == 200


def control(method: str, path: str, body: Any = None) -> Callable[[fakekit.Handle], None]:
    def run(fake: fakekit.Handle) -> None:
        data = json.dumps(body).replace("KEY", fake.api_key).encode() if body is not None else b""
        head = (
            f"{method} /_fakekit/accounts{path.replace('KEY', fake.api_key)} HTTP/1.1\r\nHost: localhost\r\n"
        )
        head += f"Fakekit-Control: 1\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        with Connection(port_of(fake)) as connection:
            status, _, answer = connection.ask(head.encode() + data)
            assert 200 <= status < 300, answer

    return run


def nothing(fake: fakekit.Handle) -> None:
    """There is nothing to prepare."""


def change(fake: fakekit.Handle) -> None:
    fake.change("customers", 1, customer_name="Esi")


def change_after_snapshot(fake: fakekit.Handle) -> None:
    assert fake.snapshot() == "s1"
    change(fake)


def add_fault(fake: fakekit.Handle) -> None:
    assert fake.fail(503, "GET", "customers/1") == 1


WRITES: dict[str, tuple[Callable[[fakekit.Handle], None], Callable[[fakekit.Handle], None], str]] = {
    "an edit": (nothing, edit, "Esi"),
    "a change by a test": (nothing, change, "Esi"),
    "a change by HTTP": (
        nothing,
        control("PATCH", "/KEY/records/customers/1", {"customer_name": "Esi"}),
        "Esi",
    ),
    "a removal": (nothing, control("DELETE", "/KEY/records/customers/1"), "404"),
    "a fault": (nothing, control("POST", "/KEY/faults", {"fault": "fail", "status": 503}), "503"),
    "the end of a fault": (add_fault, control("DELETE", "/KEY/faults/1"), "Jane Doe"),
    "the end of all faults": (add_fault, control("DELETE", "/KEY/faults"), "Jane Doe"),
    "a stub": (
        nothing,
        control("POST", "/KEY/stubs", {"method": "GET", "path": "customers/*", "status": 418}),
        "418",
    ),
    "a reset": (change, control("POST", "/KEY/reset"), "Jane Doe"),
    "a snapshot": (change_after_snapshot, control("POST", "/KEY/snapshots/s1/restore"), "Jane Doe"),
    "another world": (nothing, control("POST", "", {"key": "KEY", "customers": 0}), "404"),
    "other assumptions": (
        nothing,
        control("POST", "", {"key": "KEY", "assumptions": {"payload.tenant_fields": False}}),
        "Jane Doe without user_id",
    ),
    "faults from the start": (nothing, control("POST", "", {"key": "KEY", "faults": ["fail=503"]}), "503"),
    "the end of its account": (change, control("DELETE", "/KEY"), "Jane Doe"),
    "an alias": (nothing, control("PUT", "/fk_changed/alias", {"alias": "KEY"}), "Abena"),
    "the end of an alias": (
        control("PUT", "/fk_changed/alias", {"alias": "KEY"}),
        control("DELETE", "/KEY/alias"),
        "Jane Doe",
    ),
}


def outcome(response: tuple[int, Headers, bytes]) -> str:
    status, _, body = response
    if status != 200:
        return str(status)
    return name_in(body) + ("" if b'"user_id"' in body else " without user_id")


@pytest.mark.parametrize(("prepare", "write", "expected"), WRITES.values(), ids=WRITES)
def test_a_read_after_a_write_sees_it(
    server: fakekit.FakeServer,
    prepare: Callable[[fakekit.Handle], None],
    write: Callable[[fakekit.Handle], None],
    expected: str,
    request: pytest.FixtureRequest,
) -> None:
    """Also on connections that were there before it, and twice, as it may be remembered by then."""
    fakekit.connect(server.account("fk_demo").origin, "fk_changed").change(
        "customers", 1, customer_name="Abena"
    )
    fake = fakekit.connect(
        server.account("fk_demo").origin, "fk_" + re.sub(r"\W", "-", request.node.name)[-50:]
    )
    with Connection(port_of(fake)) as one, Connection(port_of(fake)) as other:
        prepare(fake)
        for connection in (one, one, other, other):
            connection.ask(get(key=fake.api_key))
        write(fake)
        seen = [outcome(connection.ask(get(key=fake.api_key))) for connection in (one, other, one, other)]
    assert seen == [expected] * 4


def set_by_edit(fake: fakekit.Handle, number: int) -> None:
    fake.change("customers", 1, customer_name=f"N{number}")


def set_by_stub(fake: fakekit.Handle, number: int) -> None:
    fake.respond("GET", "customers/1", json={"data": {"customer": {"customer_name": f"N{number}"}}})


def set_by_restore(fake: fakekit.Handle, number: int) -> None:
    fake.restore(f"s{number}")


@pytest.mark.parametrize("write", [set_by_edit, set_by_stub, set_by_restore])
def test_readers_on_other_connections_never_see_what_was_before(
    fake: fakekit.Handle, write: Callable[[fakekit.Handle, int], None]
) -> None:
    """Each reader notes what was written before it asks: what it is answered is not older."""
    for number in range(1, 31) if write is set_by_restore else ():
        set_by_edit(fake, number)
        fake.snapshot()
    write(fake, 1)
    written, is_done = [1], Event()

    def read() -> None:
        with Connection(port_of(fake)) as connection:
            while not is_done.is_set():
                before = written[0]
                assert int(name_in(connection.ask(get(key=fake.api_key))[2])[1:]) >= before

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(1, 31):
                write(fake, number)
                written[0] = number
                time.sleep(0.005)
        finally:
            is_done.set()
        for reader in readers:
            reader.result(timeout=PATIENCE)


# --- the loop waits for nobody -----------------------------------------------------------------------


@contextmanager
def blocked(method: str) -> Iterator[None]:
    """Requests that call this method of `Changes` do not return until this ends."""
    go_on, original = Event(), getattr(Changes, method)

    def block(self: Changes, *arguments: Any) -> Any:
        go_on.wait(PATIENCE)
        return original(self, *arguments)

    with mock.patch.object(Changes, method, block):
        try:
            yield
        finally:
            go_on.set()


def asks_that_do_not_wait(fake: fakekit.Handle) -> Iterator[bytes]:
    """A remembered response, a computed one, a missing one, faults of a key that has had none, and health."""
    key = fake.api_key
    yield from (get("customers/1", key), get("customers/33", key), get("customers/987654", key))
    yield get("customers/2", f"{key}~fail=503,path=sales")
    yield b"GET /_fakekit/health HTTP/1.1\r\nHost: x\r\n\r\n"


def test_nobody_waits_for_a_write_to_the_same_account(fake: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=fake.api_key))
    connection.ask(get(key=f"{fake.api_key}_other~fail=503"))  # the kinds of faults are imported
    writer = Thread(target=edit, args=(fake,))
    with blocked("change"):
        writer.start()
        time.sleep(0.05)
        answers = [connection.ask(data)[0] for data in asks_that_do_not_wait(fake)]
        assert writer.is_alive()
    writer.join()
    assert answers == [200, 200, 404, 200, 200]


def test_nobody_waits_for_lists_however_many(fake: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=fake.api_key))
    connection.ask(get(key=f"{fake.api_key}_other~fail=503"))
    with blocked("records"):
        lists = [Connection(port_of(fake)) for _ in range(20)]
        for one in lists:
            one.send(get("customers", fake.api_key))
        answers = [connection.ask(data)[0] for data in asks_that_do_not_wait(fake)]
    assert [one.read()[0] for one in lists] == [200] * 20
    for one in lists:
        one.__exit__()
    assert answers == [200, 200, 404, 200, 200]


def test_nobody_waits_for_an_import(fake: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=fake.api_key))
    with IMPORT_LOCK:
        paths = [
            get("customers/1", fake.api_key),
            get("customers/34", fake.api_key),
            get("sales/x", fake.api_key),
        ]
        answers = [connection.ask(data)[0] for data in paths]
    assert answers == [200, 200, 404]


# --- functions of somebody else's --------------------------------------------------------------------


def hooks(app: Flask, calls: list[object]) -> dict[str, Callable[[], object]]:
    """Ways to have a function called at each request; each adds something to `calls`."""

    def middleware() -> None:
        inner = app.wsgi_app

        def outer(environ: Any, start_response: Any) -> Any:
            calls.append(1)
            return inner(environ, start_response)

        app.wsgi_app = outer  # type: ignore[method-assign]

    def receive(sender: Flask, **_: object) -> None:
        calls.append(sender)

    receivers.append(receive)
    return {
        "before_request": lambda: app.before_request_funcs[None].insert(0, lambda: calls.append(1)),
        "after_request": lambda: app.after_request(lambda response: calls.append(1) or response),  # type: ignore[func-returns-value]
        "teardown_request": lambda: app.teardown_request(calls.append),
        "teardown_appcontext": lambda: app.teardown_appcontext(calls.append),
        "url_value_preprocessor": lambda: app.url_value_preprocessor(lambda *_: calls.append(1)),
        "request_started": lambda: request_started.connect(receive, app),
        "request_finished": lambda: request_finished.connect(receive, app),
        "wsgi_app": middleware,
    }


receivers: list[object] = []
"""Flask keeps only weak references to what listens to its signals."""


@pytest.mark.parametrize("name", list(hooks(Flask("x"), [])))
def test_with_functions_of_somebody_elses_nothing_is_remembered(name: str) -> None:
    calls: list[object] = []
    app = fakekit.create_app(fakekit.Settings.of())
    hooks(app, calls)[name]()
    server = ThreadServer(app, Listener(bind("127.0.0.1", 0)))
    server.start()
    try:
        with Connection(server.listener.port) as connection, computed() as again:
            for _ in range(4):
                assert connection.ask(get())[0] == 200
        assert len(again) == 4
    finally:
        server.stop()
        receivers.clear()
    assert len(calls) == 4


# --- memory ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_flood_of_different_requests_takes_bounded_memory(tmp_path: Path) -> None:
    """30,000 requests of 4 kB, and 2,000 with a header name of 60 kB, would take 240 MB."""
    with serving(tmp_path) as running:
        drain(running)
        with Connection(running.port) as connection:
            for number in range(500):
                connection.ask(get(more=f"X: {number}\r\n"))
            before = megabytes(running.process.pid)
            for number in range(30_000):
                connection.ask(get(more=f"X: {number:03900}\r\n"))
            for number in range(2000):
                connection.ask(get(more=f"X{number:060000}: 1\r\n"))
        grown = megabytes(running.process.pid) - before
    assert grown < 40


@pytest.mark.slow
def test_four_hundred_thousand_requests_of_who_reads_nothing_take_bounded_memory(tmp_path: Path) -> None:
    """The server stops reading, so that the client cannot send them all; it goes on once the client reads."""
    with serving(tmp_path) as running:
        drain(running)
        with Connection(running.port) as connection:
            connection.ask(get())
        before = megabytes(running.process.pid)
        with socket.create_connection(("127.0.0.1", running.port)) as client:
            client.settimeout(1.0)
            sent = send_until_stopped(client, get() * 1000, 400)
            grown = megabytes(running.process.pid) - before
            with Connection(running.port) as connection:
                assert connection.ask(get())[0] == 200
            client.settimeout(PATIENCE)
            came, rest = 0, b""
            while came < 10_000:
                data = client.recv(1_000_000)
                assert data
                came += (rest + data).count(b"HTTP/1.1 200")
                rest = data[-11:]  # one byte less than what is counted
    assert 10_000 * len(get()) < sent < 400_000 * len(get())
    assert grown < 40


def send_until_stopped(client: socket.socket, block: bytes, times: int) -> int:
    """Send a block so often, or until the server takes no more of it; the number of bytes that it took."""
    sent = 0
    for _ in range(times):
        rest = memoryview(block)
        while rest:
            try:
                size = client.send(rest)
            except TimeoutError:
                return sent
            sent, rest = sent + size, rest[size:]
    return sent
