"""A remembered response is never stale, and no write holds up those who read."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any
from unittest import mock

import pytest

import fakekit
from fakekit.accounts.changes import Changes
from fakekit.import_lock import IMPORT_LOCK
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import Connection, Headers, port_of
from tests.helpers.remembered_responses import get, name_in

CUSTOMER = {
    "customer_name": "Esi",
    "customer_phone": "+233401234567",
    "customer_country": "Ghana",
    "customer_city": "Accra",
    "customer_state": "Greater Accra",
    "address1": "1 Ring Road",
}


def edit(xtrakit: fakekit.Handle) -> None:
    """Change the customer as a client of the API does."""
    body = json.dumps(CUSTOMER).encode()
    head = f"PUT /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {xtrakit.api_key}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with Connection(port_of(xtrakit.origin)) as connection:
        assert connection.ask(head.encode() + body)[0] == 200


def control(method: str, path: str, body: Any = None) -> Callable[[fakekit.Handle], None]:
    def run(xtrakit: fakekit.Handle) -> None:
        data = json.dumps(body).replace("KEY", xtrakit.api_key).encode() if body is not None else b""
        head = f"{method} /_fakekit/accounts{path.replace('KEY', xtrakit.api_key)} HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Fakekit-Control: 1\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        with Connection(port_of(xtrakit.origin)) as connection:
            status, _, answer = connection.ask(head.encode() + data)
            assert 200 <= status < 300, answer

    return run


def nothing(xtrakit: fakekit.Handle) -> None:
    """There is nothing to prepare."""


def change(xtrakit: fakekit.Handle) -> None:
    xtrakit.change("customers", 1, customer_name="Esi")


def change_after_snapshot(xtrakit: fakekit.Handle) -> None:
    assert xtrakit.snapshot() == "s1"
    change(xtrakit)


def add_fault(xtrakit: fakekit.Handle) -> None:
    assert xtrakit.fail(503, "GET", "customers/1") == 1


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
    fake: fakekit.FakeServer,
    prepare: Callable[[fakekit.Handle], None],
    write: Callable[[fakekit.Handle], None],
    expected: str,
    request: pytest.FixtureRequest,
) -> None:
    """Also on connections that were there before it, and twice, as it may be remembered by then."""
    fakekit.connect(fake.account("fk_demo").origin, "fk_changed").change(
        "customers", 1, customer_name="Abena"
    )
    xtrakit = fakekit.connect(
        fake.account("fk_demo").origin, "fk_" + re.sub(r"\W", "-", request.node.name)[-50:]
    )
    with Connection(port_of(xtrakit.origin)) as one, Connection(port_of(xtrakit.origin)) as other:
        prepare(xtrakit)
        for connection in (one, one, other, other):
            connection.ask(get(key=xtrakit.api_key))
        write(xtrakit)
        seen = [outcome(connection.ask(get(key=xtrakit.api_key))) for connection in (one, other, one, other)]
    assert seen == [expected] * 4


def set_by_edit(xtrakit: fakekit.Handle, number: int) -> None:
    xtrakit.change("customers", 1, customer_name=f"N{number}")


def set_by_stub(xtrakit: fakekit.Handle, number: int) -> None:
    xtrakit.respond("GET", "customers/1", json={"data": {"customer": {"customer_name": f"N{number}"}}})


def set_by_restore(xtrakit: fakekit.Handle, number: int) -> None:
    xtrakit.restore(f"s{number}")


@pytest.mark.parametrize("write", [set_by_edit, set_by_stub, set_by_restore])
def test_readers_on_other_connections_never_see_what_was_before(
    xtrakit: fakekit.Handle, write: Callable[[fakekit.Handle, int], None]
) -> None:
    """Each reader notes what was written before it asks: what it is answered is not older."""
    for number in range(1, 31) if write is set_by_restore else ():
        set_by_edit(xtrakit, number)
        xtrakit.snapshot()
    write(xtrakit, 1)
    written, is_done = [1], Event()

    def read() -> None:
        with Connection(port_of(xtrakit.origin)) as connection:
            while not is_done.is_set():
                before = written[0]
                assert int(name_in(connection.ask(get(key=xtrakit.api_key))[2])[1:]) >= before

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for number in range(1, 31):
                write(xtrakit, number)
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


def asks_that_do_not_wait(xtrakit: fakekit.Handle) -> Iterator[bytes]:
    """A remembered response, a computed one, a missing one, faults of a key that has had none, and health."""
    key = xtrakit.api_key
    yield from (get("customers/1", key), get("customers/33", key), get("customers/987654", key))
    yield get("customers/2", f"{key}~fail=503,path=sales")
    yield b"GET /_fakekit/health HTTP/1.1\r\nHost: x\r\n\r\n"


def test_nobody_waits_for_a_write_to_the_same_account(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    connection.ask(get(key=xtrakit.api_key))
    connection.ask(get(key=f"{xtrakit.api_key}_other~fail=503"))  # the kinds of faults are imported
    writer = Thread(target=edit, args=(xtrakit,))
    with blocked("change"):
        writer.start()
        time.sleep(0.05)
        answers = [connection.ask(data)[0] for data in asks_that_do_not_wait(xtrakit)]
        assert writer.is_alive()
    writer.join()
    assert answers == [200, 200, 404, 200, 200]


def test_nobody_waits_for_lists_however_many(xtrakit: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=xtrakit.api_key))
    connection.ask(get(key=f"{xtrakit.api_key}_other~fail=503"))
    with blocked("records"):
        lists = [Connection(port_of(xtrakit.origin)) for _ in range(20)]
        for one in lists:
            one.send(get("customers", xtrakit.api_key))
        answers = [connection.ask(data)[0] for data in asks_that_do_not_wait(xtrakit)]
    assert [one.read()[0] for one in lists] == [200] * 20
    for one in lists:
        one.__exit__()
    assert answers == [200, 200, 404, 200, 200]


def test_nobody_waits_for_an_import(xtrakit: fakekit.Handle, connection: Connection) -> None:
    connection.ask(get(key=xtrakit.api_key))
    with IMPORT_LOCK:
        paths = [
            get("customers/1", xtrakit.api_key),
            get("customers/34", xtrakit.api_key),
            get("sales/x", xtrakit.api_key),
        ]
        answers = [connection.ask(data)[0] for data in paths]
    assert answers == [200, 200, 404]
