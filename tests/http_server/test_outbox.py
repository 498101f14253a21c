"""With a store, a response is sent once the entry of its request is stored; nothing else about a connection changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from time import sleep
from unittest import mock

import pytest
import requests

import fakekit
from fakekit.state.sqlite import CHECK_SECONDS
from tests.helpers.event_streams import StreamClient
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import Connection, ask, exchange, get, port_of, statuses
from tests.helpers.remembered_responses import computed, name_in
from tests.helpers.remembered_responses import get as get_with_key

FETCH = get(b"/api/v1/customers/1")
MISSING = get(b"/api/v1/customers/987654")
STRANGERS = get(
    b"/_fakekit/accounts/-/requests", first=b"Host: localhost\r\nFakekit-Control: 1\r\nConnection: close\r\n"
)
ADD = (
    get(
        b"/api/v1/customer-groups/add",
        headers=b"Content-Type: application/json\r\nContent-Length: 27\r\n",
        method=b"POST",
    )
    + b'{"group_name": "Only once"}'
)
LAST = get(b"/api/v1/customers/1", headers=b"Connection: close\r\n")


def customer(number: int) -> bytes:
    return get(f"/api/v1/customers/{number}".encode())


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(state=tmp_path_factory.mktemp("stored") / "state.db") as xtrakit:
        yield xtrakit


@pytest.fixture
def port(stored: fakekit.Handle) -> int:
    """Of the server, which remembers the responses to `FETCH` and `MISSING`."""
    port = port_of(stored.origin)
    with Connection(port) as connection:
        for request in (FETCH, MISSING) * 2:
            connection.ask(request)
    return port


@pytest.mark.parametrize(
    "parts",
    [
        [FETCH + MISSING + FETCH + LAST],
        [FETCH, MISSING, FETCH, LAST],
        [FETCH, MISSING + FETCH, LAST],
        [FETCH, MISSING[:30], MISSING[30:] + FETCH + LAST[:1], LAST[1:]],
        [FETCH, MISSING, get(headers=b"Content-Length: 2\r\n", method=b"POST") + b"{}", FETCH, LAST],
    ],
)
@pytest.mark.parametrize("wait", [0, pytest.param(0.002, marks=pytest.mark.slow)])
def test_responses_come_in_the_order_of_their_requests(port: int, parts: list[bytes], wait: float) -> None:
    other = [405] if b"POST" in b"".join(parts) else []
    came = exchange(port, *parts, wait=wait)
    assert statuses(came) == [200, 404, *other, 200, 200]


def test_who_ends_his_side_gets_the_response_that_is_held(port: int) -> None:
    with computed() as again:
        assert statuses(exchange(port, FETCH, half=True)) == [200]
    assert again == []


def test_a_request_is_in_the_journal_before_its_response_is_sent(stored: fakekit.Handle) -> None:
    account = fakekit.connect(stored.origin, "fk_slow")
    with Connection(port_of(stored.origin)) as connection:
        connection.send(get_with_key(key="fk_slow~slow=60s"))
        assert len(account.wait_for("GET", "customers/1", timeout=PATIENCE)) == 1


@pytest.mark.slow
def test_what_another_server_on_the_store_writes_is_seen_at_once(tmp_path: Path) -> None:
    with (
        fakekit.FakeServer(state=tmp_path / "state.db") as one,
        fakekit.FakeServer(state=tmp_path / "state.db") as other,
        Connection(port_of(one.origin)) as connection,
    ):
        for number in range(5):
            for _ in range(2):
                connection.ask(FETCH)
            account = fakekit.connect(other.origin, "fk_http")
            account.change("customers", 1, customer_name=f"Ama {number}")
            assert name_in(connection.ask(FETCH)[2]) == f"Ama {number}"
            with computed() as again:
                assert name_in(connection.ask(FETCH)[2]) == f"Ama {number}"
            assert again == []


def test_numbers_are_given_in_the_store_and_are_those_of_the_log(
    stored: fakekit.Handle, port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "fakekit")
    account = fakekit.connect(stored.origin, "fk_http")
    account.forget_requests()
    assert statuses(exchange(port, FETCH, MISSING, LAST)) == [200, 404, 200]
    numbers = [request.number for request in account.requests]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    logged = [record.getMessage().split(" ")[0] for record in caplog.records]
    assert logged[-3:] == [f"#{number}" for number in numbers]


def test_repeated_requests_that_wait_together_are_each_answered_and_recorded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "fakekit")
    file = tmp_path / "state.db"
    with fakekit.FakeServer(state=file) as server, ExitStack() as stack:
        connections = [stack.enter_context(Connection(port_of(server.origin))) for _ in range(6)]
        for _ in range(2):
            assert connections[0].ask(FETCH)[0] == 200
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for connection in connections:
                connection.send(FETCH)
            other.execute("ROLLBACK")
        assert [connection.read()[0] for connection in connections] == [200] * 6
        entries = fakekit.connect(server.origin, "fk_http").requests
        assert [(entry.number, entry.path, entry.status) for entry in entries] == [
            (number, "/api/v1/customers/1", 200) for number in range(1, 9)
        ]
    logged = [record.getMessage().split(" ")[0] for record in caplog.records]
    assert logged == [f"#{number}" for number in range(1, 9)]


@pytest.mark.slow
def test_no_request_is_recorded_with_a_time_before_it_was_sent(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with fakekit.FakeServer(state=file) as server, ExitStack() as stack:
        connections = [stack.enter_context(Connection(port_of(server.origin))) for _ in range(3)]
        for _ in range(2):
            assert connections[0].ask(FETCH)[0] == 200
        control = f"{server.origin}/_fakekit/accounts/fk_http/requests"
        for _ in range(8):
            with closing(sqlite3.connect(file, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                connections[0].send(FETCH)
                sleep(0.02)  # its entry is being stored; the next two wait together, mostly
                connections[1].send(FETCH)
                sleep(0.0003)
                before = datetime.now(UTC)
                connections[2].send(FETCH)
                sleep(0.002)
                other.execute("ROLLBACK")
            assert [connection.read()[0] for connection in connections] == [200] * 3
            since = before.isoformat().replace("+00:00", "Z")
            found = requests.get(
                control, {"since": since}, headers={"Fakekit-Control": "1"}, timeout=PATIENCE
            )
            assert found.json()["requests"]


@pytest.mark.parametrize("way", ["restored", "moved"])
def test_what_is_recorded_after_a_copy_took_the_place_of_the_file(tmp_path: Path, way: str) -> None:
    """An entry of the copy may get a number that another one had in the file."""
    file, copy = tmp_path / "state.db", tmp_path / "copy.db"
    with fakekit.FakeServer(state=file) as server, Connection(port_of(server.origin)) as connection:
        assert connection.ask(customer(1))[0] == 200
        with closing(sqlite3.connect(file)) as database, closing(sqlite3.connect(copy)) as other:
            database.backup(other)
        for number in (2, 3, 2, 3):
            assert connection.ask(customer(number))[0] == 200
        if way == "restored":
            with closing(sqlite3.connect(copy)) as other, closing(sqlite3.connect(file)) as database:
                other.backup(database)
        else:
            for end in ("-wal", "-shm"):
                (tmp_path / f"state.db{end}").unlink(missing_ok=True)
            copy.replace(file)
            sleep(5 * CHECK_SECONDS)  # docs/state.md: entries of 10 ms may be in the old file
        for number in (5, 3, 3, 2, 2):
            assert connection.ask(customer(number))[0] == 200
        paths = [entry.path for entry in fakekit.connect(server.origin, "fk_http").requests]
    assert paths == [f"/api/v1/customers/{number}" for number in (1, 5, 3, 3, 2, 2)]


def test_while_the_store_does_not_answer_responses_are_503_with_a_note(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A computed one and a remembered one; afterwards all is as before."""
    file = tmp_path / "state.db"
    caplog.set_level("WARNING", "fakekit")
    with fakekit.FakeServer(state=file) as server, Connection(port_of(server.origin)) as connection:
        for _ in range(2):
            assert connection.ask(FETCH)[0] == 200
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with mock.patch("fakekit.state.sqlite.BUSY_SECONDS", 0.05):
                for request in (FETCH, MISSING):
                    status, headers, body = connection.ask(request)
                    assert (status, body) == (503, b'{"status": 503, "error": "Service Unavailable"}\n')
                    assert "database is locked" in dict(headers)["Fakekit-Note"]
        assert [connection.ask(request)[0] for request in (FETCH, MISSING, FETCH)] == [200, 404, 200]
        logged = [record.getMessage() for record in caplog.records if str(file) in record.getMessage()]
        assert logged == [f"{file}: cannot be used: database is locked", f"{file}: can be used again"]
        account = fakekit.connect(server.origin, "fk_http")
        account.assert_requested("GET", "customers/1", times=4)
        account.assert_requested("GET", "customers/987654", times=1)


def test_a_write_is_stored_with_its_entry_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    refusing = (
        "CREATE TRIGGER none BEFORE INSERT ON fakekit_journal BEGIN SELECT RAISE(ABORT, 'no entries'); END"
    )
    with fakekit.FakeServer(state=file) as server, Connection(port_of(server.origin)) as connection:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute(refusing)
            status, headers, _ = connection.ask(ADD)
            assert (status, dict(headers)["Fakekit-Note"]) == (503, f"{file}: cannot be used: no entries")
            other.execute("DROP TRIGGER none")
        account = fakekit.connect(server.origin, "fk_http")
        assert account.records("customer_groups", group_name="Only once") == []
        assert connection.ask(ADD)[0] == 200
        assert len(account.records("customer_groups", group_name="Only once")) == 1
        account.assert_requested("POST", "customer-groups/add", times=1)


@pytest.mark.slow
def test_others_are_answered_while_an_entry_waits_and_somebody_streams_requests(tmp_path: Path) -> None:
    """Only the request whose entry waits for another process that writes is held up."""
    file = tmp_path / "state.db"
    with (
        fakekit.FakeServer(state=file) as server,
        Connection(port_of(server.origin)) as connection,
        closing(StreamClient(port_of(server.origin), "fk_http/stream").socket),
        closing(sqlite3.connect(file, isolation_level=None)) as other,
        mock.patch("fakekit.state.sqlite.BUSY_SECONDS", 2 * PATIENCE),
    ):
        for _ in range(2):
            assert connection.ask(FETCH)[0] == 200
        other.execute("BEGIN IMMEDIATE")
        connection.send(FETCH)
        sleep(0.2)  # until the stream has looked for further requests
        health = requests.get(f"{server.origin}/_fakekit/health", timeout=PATIENCE)
        other.execute("ROLLBACK")
        assert health.ok
        assert connection.read()[0] == 200


@pytest.mark.slow
def test_a_request_that_is_repeated_when_the_file_was_moved_away_and_when_it_is_back(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with fakekit.FakeServer(state=file) as server, Connection(port_of(server.origin)) as connection:
        for _ in range(2):
            assert connection.ask(FETCH)[0] == 200
        file.rename(tmp_path / "aside.db")
        sleep(2 * CHECK_SECONDS)  # the loop's thread relies on it so long
        for _ in range(2):
            status, headers, _ = connection.ask(FETCH)
            assert (status, "unable to open database file" in dict(headers)["Fakekit-Note"]) == (503, True)
        (tmp_path / "aside.db").rename(file)
        assert connection.ask(FETCH)[0] == 200


@pytest.mark.slow
def test_a_response_whose_entry_finds_no_room_is_not_sent(tmp_path: Path) -> None:
    """Between the look for room and the entry, another process may have taken it."""
    with fakekit.FakeServer(state=tmp_path / "state.db", max_accounts=3) as server:
        for key in ("fk_a", "fk_b"):
            fakekit.connect(server.origin, key).snapshot()
        with mock.patch("fakekit.state.sql_store.SqlStore.check_room"):
            reply = ask(port_of(server.origin), "/api/v1/customers/1", b"Bearer fk_c")
        assert (reply.status, reply.note) == (
            503,
            "other new keys have taken the room for the account of this one",
        )


@pytest.mark.slow
def test_an_error_of_fakekit_while_it_stores_is_a_500_and_the_connection_goes_on(
    stored: fakekit.Handle, port: int
) -> None:
    with Connection(port) as connection:
        with mock.patch("fakekit.state.sql_store.SqlStore.write_entries", side_effect=RuntimeError):
            assert [connection.ask(request)[0] for request in (FETCH, MISSING)] == [500, 500]
        assert [connection.ask(request)[0] for request in (FETCH, MISSING)] == [200, 404]


@pytest.mark.slow
def test_a_head_and_a_request_without_a_key_wait_for_their_entries_too(stored: fakekit.Handle) -> None:
    port = port_of(stored.origin)
    assert ask(port, "/api/v1/customers/1", None).status == 401
    assert exchange(port, get(method=b"HEAD", headers=b"Connection: close\r\n")).endswith(b"\r\n\r\n")
    answer = exchange(port, STRANGERS)
    assert b'"status": 401' in answer
