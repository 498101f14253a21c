"""A request whose body does not come whole (RFC 9112, 8) changes nothing, whatever serves the app."""

from __future__ import annotations

import socket
import threading
import wsgiref.simple_server
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import werkzeug.serving

import fakekit
from fakekit import FakeServer
from fakekit.log import LOGGER
from tests.helpers.processes import PATIENCE, Server, serving
from tests.helpers.raw_http import ask, port_of

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
JSON = b"Content-Type: application/json\r\n"

PARTS: dict[str, tuple[bytes, bytes]] = {
    "a form with a Content-Length": (FORM + b"Content-Length: 100\r\n", b"group_name=Regu"),
    "JSON that is whole by itself": (JSON + b"Content-Length: 100\r\n", b'{"group_name": "Regu"}'),
    "nothing of the body": (FORM + b"Content-Length: 15\r\n", b""),
    "all but one byte": (FORM + b"Content-Length: 16\r\n", b"group_name=Regu"),
    "chunks without the last one": (
        FORM + b"Transfer-Encoding: chunked\r\n",
        b"f\r\ngroup_name=Regu\r\n",
    ),
    "half a chunk": (FORM + b"Transfer-Encoding: chunked\r\n", b"64\r\ngroup_name=Regu"),
    "half of a chunk's size": (FORM + b"Transfer-Encoding: chunked\r\n", b"f\r\ngroup_name=Regu\r\n1"),
    "chunks and then none": (
        FORM + b"Transfer-Encoding: chunked\r\n",
        b"f\r\ngroup_name=Regu\r\nxyz\r\n\r\n",
    ),
}


def head(method: str, path: str, headers: bytes) -> bytes:
    """The head of a request, without the empty line."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer fk_part\r\n".encode() + headers
    )


def send_a_part(port: int, data: bytes, *, reads: bool = True) -> bytes:
    """Send this, close the sending side, and return all that is answered; `reads`: or close both sides."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(data)
        if not reads:
            return b""
        client.shutdown(socket.SHUT_WR)
        answer = b""
        try:
            while chunk := client.recv(65536):
                answer += chunk
        except ConnectionResetError:  # the server had not read all that was sent
            pass
        return answer


def groups(port: int) -> bytes:
    return ask(port, "/api/v1/customer-groups", b"Bearer fk_part").body


@pytest.mark.parametrize(("headers", "body"), PARTS.values(), ids=PARTS)
def test_a_body_that_did_not_come_whole_changes_nothing_and_is_a_400(
    server: Server, headers: bytes, body: bytes
) -> None:
    before = groups(server.port)
    sent = head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + body
    answer = send_a_part(server.port, sent)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"Fakekit-Truth: standard\r\n" in answer
    assert answer.count(b"HTTP/1.1 ") == 1
    assert groups(server.port) == before


def test_a_client_that_is_gone_changes_nothing_either(server: Server) -> None:
    before = groups(server.port)
    for headers, body in PARTS.values():
        send_a_part(
            server.port, head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + body, reads=False
        )
    assert groups(server.port) == before


WRITES = {
    "an edit": ("PUT", "/api/v1/customer-groups/1"),
    "a deletion": ("DELETE", "/api/v1/customer-groups/1"),
    "a control request": ("POST", "/_fakekit/accounts/fk_part/records/customer_groups"),
    "a reset": ("POST", "/_fakekit/accounts/fk_part/reset"),
    "closing an account": ("DELETE", "/_fakekit/accounts/fk_part"),
}


@pytest.mark.parametrize(("method", "path"), WRITES.values(), ids=WRITES)
def test_whatever_it_was_to_change(server: Server, method: str, path: str) -> None:
    whole = b'{"group_name": "Before"}'
    headers = JSON + b"Content-Length: %d\r\nConnection: close\r\n" % len(whole)
    send_a_part(server.port, head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + whole)
    before = groups(server.port)
    assert b'"Before"' in before
    more = b"Fakekit-Control: 1\r\n" + JSON + b"Content-Length: 100\r\n"
    answer = send_a_part(server.port, head(method, path, more) + b"\r\n" + b'{"group_name": "Regu"}')
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert groups(server.port) == before


@pytest.mark.parametrize("underneath", ["gunicorn", "alone"])
def test_the_log_says_that_the_body_was_not_whole(tmp_path: Path, underneath: str) -> None:
    headers, body = PARTS["a form with a Content-Length"]
    with serving(tmp_path, "--server", underneath) as running:
        send_a_part(running.port, head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + body)
        _, log = running.end()
    assert " 400 " in log
    assert "standard: the body ended early" in log
    assert "Regu" not in log


def test_a_fault_that_was_to_be_used_is_still_there() -> None:
    with FakeServer() as xtrakit:
        xtrakit.fail(503, times=1)
        port = port_of(xtrakit.origin)
        headers = FORM.replace(b"\r\n", b"\r\nContent-Length: 100\r\n")
        send_a_part(port, head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + b"group_name=R")
        assert [fault["used"] for fault in xtrakit.faults] == [0]


class _QuietHandler(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


class _QuietWerkzeugHandler(werkzeug.serving.WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def other_server(make: Callable[[Any], Any]) -> Iterator[int]:
    """A WSGI server that is not one of fakekit's, with an app of `create_app`; its port."""
    server = make(fakekit.create_app(fakekit.Settings.of()))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


OTHERS: dict[str, Callable[[Any], Any]] = {
    "wsgiref": lambda app: wsgiref.simple_server.make_server(
        "127.0.0.1", 0, app, handler_class=_QuietHandler
    ),
    "werkzeug": lambda app: werkzeug.serving.make_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=_QuietWerkzeugHandler
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("make", OTHERS.values(), ids=OTHERS)
def test_under_other_servers(make: Callable[[Any], Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", LOGGER.name), other_server(make) as port:
        before = groups(port)
        for headers, body in PARTS.values():
            sent = head("POST", "/api/v1/customer-groups/add", headers) + b"\r\n" + body
            status = send_a_part(port, sent).split(b" ")[1]
            # What wsgiref does not decode is a coding that is not implemented here (RFC 9112, 6.1).
            assert status == b"400" or (status == b"501" and b"chunked" in headers)
        assert groups(port) == before
    assert "the body ended early" in caplog.text


def test_what_follows_a_body_that_is_not_chunks_is_no_request(server: Server) -> None:
    broken = head("POST", "/api/v1/customer-groups/add", FORM + b"Transfer-Encoding: chunked\r\n")
    second = head("POST", "/api/v1/customer-groups/add", FORM + b"Content-Length: 17\r\n")
    sent = broken + b"\r\nf\r\ngroup_name=Regu\r\n-\r\n" + second + b"\r\ngroup_name=Second"
    before = groups(server.port)
    assert send_a_part(server.port, sent).count(b"HTTP/1.1 ") <= 1
    assert groups(server.port) == before


def test_a_whole_body_is_processed_also_in_chunks(server: Server) -> None:
    headers = FORM + b"Transfer-Encoding: chunked\r\nConnection: close\r\n"
    sent = (
        head("POST", "/api/v1/customer-groups/add", headers)
        + b"\r\nf\r\ngroup_name=Whol\r\n1\r\ne\r\n0\r\n\r\n"
    )
    assert send_a_part(server.port, sent).startswith(b"HTTP/1.1 200")
    assert b'"Whole"' in groups(server.port)
