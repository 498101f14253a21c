"""When nothing is remembered, and how much memory remembered responses take."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request_finished, request_started

import fakekit
from fakekit.server.listening import Listener, bind
from fakekit.server.remembered import RememberedResponses
from fakekit.server.thread import ThreadServer
from tests.helpers.processes import PATIENCE, drain, megabytes, serving
from tests.helpers.raw_http import Connection, receive
from tests.helpers.remembered_responses import computed, get


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
                data = receive(client)
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


def test_the_bytes_of_a_request_are_not_kept(xtrakit: fakekit.Handle, connection: Connection) -> None:
    request = get(key=xtrakit.api_key, more="Cookie: session=4f9c0b7e2d61\r\n")
    assert [connection.ask(request)[0] for _ in range(2)] == [200, 200]
    # By `type`, because `isinstance` asks the proxies that other tests have left for what they stand for.
    kept = [repr(found._responses) for found in gc.get_objects() if type(found) is RememberedResponses]
    assert any(xtrakit.api_key in text for text in kept)
    assert not [text for text in kept if "4f9c0b7e2d61" in text]


def test_after_its_last_fault_an_account_is_answered_from_memory_again(
    xtrakit: fakekit.Handle, connection: Connection
) -> None:
    xtrakit.remove_fault(xtrakit.fail(503))
    connection.ask(get(key=xtrakit.api_key))
    with computed() as again:
        status, _, _ = connection.ask(get(key=xtrakit.api_key))
    assert (status, again) == (200, [])
