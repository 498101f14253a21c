"""The stream of an account's requests: server-sent events, as they come."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Thread
from typing import Any
from unittest import mock

import pytest
import requests

import fakekit
from fakekit.server.streaming import StreamingProtocol
from tests.helpers.control_api import running
from tests.helpers.event_streams import StreamClient, data, ids
from tests.helpers.processes import PATIENCE, Server, serving, wait_until
from tests.helpers.raw_http import ask, exchange, get, port_of, send, statuses

STREAM = "/_fakekit/accounts/fk_a/stream"
CONTROL = {"Fakekit-Control": "1"}
FIRST = "retry: 1000\n\n"
CLIENT = b"Host: 127.0.0.1\r\nAuthorization: Bearer fk_a\r\n"


def send_requests(port: int, count: int) -> None:
    last = get(headers=b"Connection: close\r\n", first=CLIENT)
    answers = exchange(port, get(first=CLIENT) * (count - 1) + last)
    assert statuses(answers) == [200] * count


def test_each_request_is_an_event_with_its_number_as_id() -> None:
    with running() as fake:
        port = port_of(fake.origin)
        ask(port, "/api/v1/customers/1", b"Bearer fk_a")
        with StreamClient(port) as stream:
            assert "Content-Type: text/event-stream\r\n" in stream.head
            assert "Transfer-Encoding: chunked\r\n" in stream.head
            assert "Content-Length" not in stream.head
            first = 'id: 1\nevent: request\ndata: {"number": 1, "status": 200, "problem": false}\n\n'
            assert stream.read_until("id: 1\n") == FIRST + first
            ask(port, "/api/v1/customers/2", b"Bearer fk_b")
            fake.control("POST", "/fk_a/reset")
            ask(port, "/api/v1/customers/999", b"Bearer fk_a")
            third = 'id: 3\nevent: request\ndata: {"number": 3, "status": 404, "problem": true}\n\n'
            assert stream.read_until("id: 3\n") == third


def test_a_stream_goes_on_behind_the_last_event_that_a_client_got() -> None:
    with running() as fake:
        port = port_of(fake.origin)
        send_requests(port, 4)
        for path, headers, expected in (
            ("fk_a/stream?since=2", "", [3, 4]),
            ("fk_a/stream", "Last-Event-ID: 3\r\n", [4]),
            ("fk_a/stream?since=1", "Last-Event-ID: 2\r\n", [3, 4]),
            ("fk_a/stream?since=5", "", [1, 2, 3, 4]),  # of a server that was restarted since
            ("fk_a/stream", "Last-Event-ID: 77\r\n", [1, 2, 3, 4]),
        ):
            with StreamClient(port, path, headers) as stream:
                assert ids(stream.read_until("id: 4\n")) == expected, (path, headers)
        fake.control("DELETE", "/fk_a/requests")
        with StreamClient(port, "fk_a/stream?since=2") as stream:
            send_requests(port, 1)
            assert ids(stream.read_until("id: 5\n")) == [5]


def test_a_request_that_ends_later_than_its_successor_is_not_missed() -> None:
    is_first_in, may_end = Event(), Event()

    def wait(request: fakekit.RecordedRequest) -> dict[str, int]:
        is_first_in.set()
        assert may_end.wait(PATIENCE)
        return {"status": 200}

    server = fakekit.FakeServer()
    with server as fake:
        port = port_of(fake.origin)
        server.account("fk_a").respond("GET", "stores", callback=wait)
        late = Thread(target=ask, args=(port, "/api/v1/stores", b"Bearer fk_a"))
        late.start()
        assert is_first_in.wait(PATIENCE)
        with StreamClient(port) as stream:
            ask(port, "/api/v1/customers/1", b"Bearer fk_a")
            assert ids(stream.read_until("id: 2\n")) == [2]
        may_end.set()
        late.join()
        with StreamClient(port, headers="Last-Event-ID: 2\r\n") as stream:
            assert ids(stream.read_until("id: 1\n")) == [1]


def test_a_stream_whose_response_fails_does_not_count_as_open() -> None:
    with mock.patch("fakekit.control.api.MAX_STREAMS", 1), running() as fake:
        port = port_of(fake.origin)
        with mock.patch("fakekit.api.middleware.RequestMiddleware._line", side_effect=RuntimeError):
            assert (
                requests.get(f"{fake.origin}{STREAM}", headers=CONTROL, timeout=PATIENCE).status_code == 500
            )
        with StreamClient(port) as stream:
            assert stream.read_part() == FIRST


def test_requests_without_a_valid_key_have_a_stream_too() -> None:
    with running() as fake, StreamClient(port_of(fake.origin), "-/stream") as stream:
        ask(port_of(fake.origin), "/api/v1/customers/1", b"Bearer API_KEY")
        assert data(stream.read_until("id: 1\n")) == [{"number": 1, "status": 401, "problem": True}]


def test_a_comment_comes_where_no_request_does() -> None:
    with (
        mock.patch("fakekit.server.streaming.HEARTBEAT_SECONDS", 0.02),
        running() as fake,
        StreamClient(port_of(fake.origin)) as stream,
    ):
        assert [stream.read_part() for _ in range(3)] == [FIRST, ":\n\n", ":\n\n"]


def test_a_thousand_requests_at_once_are_all_streamed_by_few_writes() -> None:
    with running() as fake, StreamClient(port_of(fake.origin)) as stream:
        send_requests(port_of(fake.origin), 1000)
        assert ids(stream.read_until("id: 1000\n")) == list(range(1, 1001))
        assert stream.chunks < 500


@pytest.fixture
def full_sockets() -> Iterator[None]:
    """Servers whose kernel takes little for a client that does not read."""
    connection_made = StreamingProtocol.connection_made

    def made(self: StreamingProtocol, transport: Any) -> None:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        connection_made(self, transport)

    with mock.patch.object(StreamingProtocol, "connection_made", made):
        yield


@pytest.mark.slow
@pytest.mark.usefixtures("full_sockets")
def test_a_client_that_does_not_read_is_skipped_and_goes_on_with_what_is_left() -> None:
    with running() as fake:
        port = port_of(fake.origin)
        with StreamClient(port, buffer=4096) as stream:
            for _ in range(5):
                send_requests(port, 1000)
            read = ids(stream.read_until("id: 5000\n"))
            assert read == sorted(set(read))
            assert read[-1000:] == list(range(4001, 5001))
            assert len(read) < 4500
            send_requests(port, 1)
            assert ids(stream.read_until("id: 5001\n")) == [5001]


@pytest.mark.slow
@pytest.mark.usefixtures("full_sockets")
def test_the_connection_of_a_client_that_never_reads_is_closed() -> None:
    with mock.patch("fakekit.server.streaming.HEARTBEAT_SECONDS", 0.1), running() as fake:
        port = port_of(fake.origin)
        with (
            mock.patch("fakekit.control.api.MAX_STREAMS", 1),
            StreamClient(port, buffer=4096),
        ):
            for _ in range(3):
                send_requests(port, 1000)
            wait_until(lambda: _opens(port))


def test_a_stream_ends_with_its_account() -> None:
    with running() as fake, StreamClient(port_of(fake.origin)) as stream:
        send_requests(port_of(fake.origin), 1)
        fake.control("DELETE", "/fk_a")
        assert ids(stream.read_to_end()) == [1]


def test_an_account_is_not_closed_to_make_room_while_somebody_looks_on() -> None:
    with running(max_accounts=3) as fake:
        port = port_of(fake.origin)

        def open_keys() -> set[str]:
            return {str(account["key"]) for account in fake.control("GET").json()}

        with StreamClient(port):
            for key in (b"fk_b", b"fk_c"):
                ask(port, "/api/v1/customers/1", b"Bearer " + key)
            assert open_keys() == {"fk_demo", "fk_a", "fk_c"}

        def is_closed() -> bool:
            ask(port, "/api/v1/customers/1", b"Bearer fk_b")
            ask(port, "/api/v1/customers/1", b"Bearer fk_c")
            return open_keys() == {"fk_demo", "fk_b", "fk_c"}

        wait_until(is_closed)


def test_only_so_many_streams_are_open_at_once() -> None:
    with mock.patch("fakekit.control.api.MAX_STREAMS", 2), running() as fake:
        port = port_of(fake.origin)
        with StreamClient(port):
            with StreamClient(port), StreamClient(port) as third:
                assert third.head.startswith("HTTP/1.1 503 ")
            wait_until(lambda: _opens(port))


class _SlowInt(int):
    """A limit that is compared slowly, so that two threads compare at the same time."""

    def __le__(self, other: int) -> bool:
        is_reached = int(self) <= other
        time.sleep(0.05)
        return is_reached


def test_two_streams_that_are_opened_at_once_do_not_take_the_same_last_place() -> None:
    with (
        mock.patch("fakekit.control.api.MAX_STREAMS", _SlowInt(1)),
        running() as fake,
        ExitStack() as opened,
        ThreadPoolExecutor(4) as pool,
    ):
        port = port_of(fake.origin)
        clients = list(pool.map(lambda _: opened.enter_context(StreamClient(port)), range(4)))
        assert sorted(client.head.split()[1] for client in clients) == ["200", "503", "503", "503"]


def _opens(port: int) -> bool:
    with StreamClient(port) as stream:
        return stream.head.startswith("HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("headers", "path", "status"),
    [
        (b"", "", 403),
        (b"Fakekit-Control: 1\r\nOrigin: http://evil.example\r\nHost: evil.example\r\n", "", 400),
        (b"Fakekit-Control: 1\r\n", "?since=x", 422),
        (b"Fakekit-Control: 1\r\n", "?after=1", 422),
        (b"Fakekit-Control: 1\r\nLast-Event-ID: sk_live_1\r\n", "", 422),
    ],
)
def test_the_control_api_checks_who_asks_and_for_what(
    headers: bytes, path: str, status: int, server: Server
) -> None:
    request = f"GET {STREAM}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".encode()
    reply = send(server.port, request + headers + b"\r\n")
    assert reply.status == status
    assert b"sk_live" not in reply.body


def test_http_1_0_gets_it_without_chunks_and_head_gets_no_events() -> None:
    with running() as fake:
        port = port_of(fake.origin)
        send_requests(port, 1)
        with StreamClient(port, version="1.0") as stream:
            assert "chunked" not in stream.head
            assert ids(stream.read_until("id: 1\n")) == [1]
            fake.control("DELETE", "/fk_a")
            assert stream.read_to_end() == ""
        head = requests.head(fake.origin + STREAM, headers=CONTROL, timeout=PATIENCE)
        assert (head.status_code, head.headers["Content-Type"]) == (200, "text/event-stream")


def test_a_client_that_ends_its_side_gets_what_there_is() -> None:
    with running() as fake:
        port = port_of(fake.origin)
        send_requests(port, 1)
        with StreamClient(port) as stream:
            stream.socket.shutdown(socket.SHUT_WR)
            assert ids(stream.read_to_end()) == [1]


@pytest.mark.slow
def test_a_server_that_stops_ends_its_streams(tmp_path: Path) -> None:
    with serving(tmp_path) as running, StreamClient(running.port) as stream:
        stream.read_until(FIRST)
        running.process.send_signal(signal.SIGINT)
        assert stream.read_to_end() == ""  # its orderly end: it was not cut when the time for stopping was up
        assert running.process.wait(PATIENCE) == 0


def test_under_another_server_a_stream_ends_and_the_client_connects_again() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    account = {"Authorization": "Bearer fk_a"}
    client.get("/api/v1/customers/1", headers=account)
    answer = client.get(STREAM, headers=CONTROL)  # a server without threads: it must be free for others
    assert (answer.content_type, ids(answer.text)) == ("text/event-stream", [1])
    began = time.monotonic()
    threads = {"wsgi.multithread": True}  # each of which a page that was left open would hold
    late = client.get(f"{STREAM}?since=1", headers=CONTROL, environ_overrides=threads)
    assert late.text == FIRST
    assert time.monotonic() - began < PATIENCE


def test_a_handle_is_told_what_to_use_instead() -> None:
    with pytest.raises(fakekit.ControlError, match="write requests, with since and count"):
        fakekit.FakeServer().do("stream", key="fk_a")
