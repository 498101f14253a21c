"""What the guard takes for a request to a proxy in what a socket sends, and what it leaves alone."""

from __future__ import annotations

import pytest

from fakekit.intercept.proxy_requests import find_proxied_host
from tests.helpers.pytest_runs import run


@pytest.mark.parametrize(
    "data",
    [
        b"See https://app.xtrakit.com/docs for it.",
        b"SEE https://app.xtrakit.com/docs for it.",
        b"get http://app.xtrakit.com/ HTTP/1.1\r\n",
        b"CONNECT app.xtrakit.com to your shop.",
        b"",
        b"\x17\x03\x03GET http://app.xtrakit.com/ HTTP/1.1\r\n",
    ],
)
def test_text_that_names_an_address_is_no_request_to_a_proxy(data: bytes) -> None:
    assert find_proxied_host(data) is None


@pytest.mark.parametrize(
    "data",
    [
        b"GET http://app.xtrakit.com/ HTTP/1.1\r\n",
        b"PATCH HTTPS://app.xtrakit.com HTTP/1.0\r\n",
        b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\n",
        b"GET http://app.xtrakit.com/",
        b"GET http://app.xtrakit.com/ HTT",
        b"GET http://app.xtrakit.com/" + b"a" * 570 + b" HTTP/1.1\r\n",
        b"GET http://app.xtrakit.com/" + b"a" * 700 + b" HTTP/1.1\r\n",
        bytearray(b"GET http://app.xtrakit.com/ HTTP/1.1\r\n"),
    ],
)
def test_a_request_to_a_proxy_is_found_also_where_its_version_is_not_among_the_bytes(data: bytes) -> None:
    assert find_proxied_host(data) == "app.xtrakit.com"


SENDS = """
import socket

import pytest

REQUEST = b"GET http://app.xtrakit.com/api/v1/customers HTTP/1.1\\r\\n\\r\\n"

@pytest.fixture
def pair():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            yield client, server

def test_a_body_that_is_sent_apart_from_its_head(pair):
    client, server = pair
    server.sendall(b"HTTP/1.1 200 OK\\r\\n\\r\\n")
    server.sendall(b"See https://app.xtrakit.com/docs for it.")
    assert server.sendmsg(iter([b"", b"SEE app.xtrakit.com"])) == 19
    assert server.sendmsg((b"app.xtrakit.com", b".")) == 16
    server.shutdown(socket.SHUT_WR)
    assert client.makefile("rb").read().endswith(b"docs for it.SEE app.xtrakit.comapp.xtrakit.com.")

def test_unix():
    client, server = socket.socketpair()
    with client, server, pytest.raises(OSError, match="stopped before the request to a proxy"):
        client.sendall(REQUEST)

def test_sendmsg(pair):
    client, server = pair
    with pytest.raises(OSError, match="stopped before the request to a proxy"):
        client.sendmsg(iter([memoryview(REQUEST[:15]), bytearray(REQUEST[15:])]))
    assert server.recv(1) == b""
"""


def test_a_request_to_a_proxy_is_stopped_in_every_kind_of_send_and_other_text_is_sent(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(SENDS)
    result = run(pytester, "-rN", "--show-capture=no")
    result.assert_outcomes(passed=1, failed=2)
    stopped = "app.xtrakit.com, stopped before the request to a proxy"
    lines = [line.strip().rpartition("/")[2] for line in result.outlines if " in test_" in line]
    assert [line.partition(" in ")[2] for line in lines] == [
        f"test_unix: {stopped}",
        f"test_sendmsg: {stopped}",
    ]
