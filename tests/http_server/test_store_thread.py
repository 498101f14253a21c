"""With a file, one thread of the server writes; what it has for others is handed over without waiting for more."""

from __future__ import annotations

import socket
import sqlite3
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import sleep
from unittest import mock

import pytest

import fakekit
from fakekit.state.sql_store import SqlStore
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import Connection, get, port_of

pytestmark = pytest.mark.slow
WRITING = SqlStore.writing


def add(key: bytes) -> bytes:
    body = b'{"group_name": "Regulars"}'
    headers = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    first = b"Host: x\r\nAuthorization: Bearer %s\r\n" % key
    return get(b"/api/v1/customer-groups/add", headers=headers, method=b"POST", first=first) + body


@contextmanager
def writes_that_wait(events: dict[str, threading.Event]) -> Iterator[None]:
    """Writes of some keys begin when their event is set."""

    def writing(store: SqlStore, key: str) -> object:
        if key in events:
            assert events[key].wait(PATIENCE)
        return WRITING(store, key)

    with mock.patch.object(SqlStore, "writing", writing):
        yield


def test_a_write_is_answered_while_the_next_one_waits(tmp_path: Path) -> None:
    """For the file, say, in which another process writes."""
    events = {"fk_a": threading.Event(), "fk_b": threading.Event()}
    with (
        fakekit.FakeServer(state=tmp_path / "state.db") as server,
        Connection(port_of(server.origin)) as first,
        Connection(port_of(server.origin)) as second,
        writes_that_wait(events),
    ):
        first.send(add(b"fk_a"))
        second.send(add(b"fk_b"))
        sleep(0.2)  # until the second one waits for the thread
        events["fk_a"].set()
        assert first.read()[0] == 200
        events["fk_b"].set()
        assert second.read()[0] == 200


def test_a_client_that_has_gone_takes_no_other_response_away(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with (
        fakekit.FakeServer(state=file) as server,
        closing(sqlite3.connect(file, isolation_level=None)) as other,
    ):
        port = port_of(server.origin)
        fakekit.connect(server.origin, "fk_gone").fail("close")
        other.execute("BEGIN IMMEDIATE")
        gone = socket.create_connection(("127.0.0.1", port))
        gone.sendall(add(b"fk_gone"))
        sleep(0.2)  # until it waits for the file, and the others behind it
        with Connection(port) as first, Connection(port) as second:
            first.send(add(b"fk_a"))
            second.send(add(b"fk_b"))
            sleep(0.2)
            gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset
            gone.close()
            sleep(0.2)
            other.execute("ROLLBACK")
            assert [first.read()[0], second.read()[0]] == [200, 200]


def test_what_waits_when_a_server_stops_is_not_done_afterwards(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    server = fakekit.FakeServer(state=file)
    port = port_of(server.start().origin)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        clients = [socket.create_connection(("127.0.0.1", port)) for _ in range(4)]
        for client in clients:
            client.sendall(add(b"fk_late"))
        sleep(0.2)
        server.stop()
        other.execute("ROLLBACK")
        sleep(0.5)
        (count,) = other.execute("SELECT count(*) FROM fakekit_item WHERE part = 'record'").fetchone()
        assert count <= 1  # the one that had begun
        for client in clients:
            client.close()
