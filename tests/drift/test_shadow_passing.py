"""`fakekit shadow`: what passes between a program and the service stays as it is, and is read on the way."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import fakekit
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.shadow_gateway import ShadowGateway
from fakekit.server.authority import Authority
from fakekit.server.listening import Listener, bind
from tests.helpers.processes import PATIENCE, nothing_left, wait_until
from tests.helpers.raw_http import read_all
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.vendor_hosts import listening

ASK = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: app.xtrakit.com\r\nAuthorization: Bearer %b\r\n\r\n"
CLOSE = ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")


class Passed:
    """A gateway to a service, and what it has reported."""

    def __init__(self, gateway: ShadowGateway, reported: list[PassedRequest]) -> None:
        self.gateway, self.reported = gateway, reported

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.gateway.port), timeout=PATIENCE)

    def summary(self, count: int) -> list[tuple[str, str, int, str]]:
        """Of the first requests, once they are reported: method, target, status and problem."""
        wait_until(lambda: len(self.reported) >= count)
        return [(p.method, p.target, p.status, p.problem or "") for p in self.reported]


@contextmanager
def passing(base_url: str, ca_file: str | None = None) -> Iterator[Passed]:
    reported: list[PassedRequest] = []
    tls = Authority().server_context("app.xtrakit.com")
    gateway = ShadowGateway(base_url, tls, {}, ca_file, reported.append)
    gateway.start()
    try:
        yield Passed(gateway, reported)
    finally:
        gateway.stop()


def test_requests_and_responses_are_read_in_pairs_also_on_a_connection_that_is_kept(
    fake: fakekit.FakeServer,
) -> None:
    """One response of each kind: with a length, without a body, to a HEAD, of a chunked request."""
    fake.account("fk_passes")
    origin = fake.account("fk_demo").origin
    key = {"Authorization": "Bearer fk_passes", "Host": "app.xtrakit.com"}
    with (
        passing(f"{origin}/api/v1") as passed,
        closing(http.client.HTTPConnection("127.0.0.1", passed.gateway.port, timeout=PATIENCE)) as connection,
    ):
        answers = []
        body = [b'{"group_name": "VIP", ', b'"group_description": "Very"}']
        for method, path, sent in [
            ("GET", "/api/v1/customers/1", None),
            ("HEAD", "/api/v1/customers/1", None),
            ("POST", "/api/v1/customer-groups/add", iter(body)),
            ("DELETE", "/api/v1/customers/2", None),
            ("GET", "/elsewhere", None),
        ]:
            headers = {**key, "Content-Type": "application/json"}
            connection.request(method, path, sent, headers, encode_chunked=sent is not None)
            answer = connection.getresponse()
            answers.append((answer.status, answer.read()))
        assert passed.summary(5) == [
            ("GET", "/api/v1/customers/1", 200, ""),
            ("HEAD", "/api/v1/customers/1", 200, ""),
            ("POST", "/api/v1/customer-groups/add", 200, ""),
            ("DELETE", "/api/v1/customers/2", 204, ""),
            ("GET", "/elsewhere", 404, ""),
        ]
        assert [(p.status, bytes(p.response_body)) for p in passed.reported] == answers
        assert bytes(passed.reported[2].body) == b"".join(body)
        assert json.loads(answers[0][1])["data"]["customer"]["customer_name"] == "Jane Doe"


def test_requests_that_do_not_wait_for_responses_are_read_in_pairs(fake: fakekit.FakeServer) -> None:
    origin = fake.account("fk_demo").origin
    last = CLOSE.replace(b"/1 ", b"/0 ") % b"fk_demo"
    with passing(f"{origin}/api/v1") as passed, passed.connect() as sock:
        sock.sendall(ASK % b"fk_demo" + ASK % b"wrong" + last)
        came = read_all(sock)
        assert passed.summary(3) == [
            ("GET", "/api/v1/customers/1", 200, ""),
            ("GET", "/api/v1/customers/1", 401, ""),
            ("GET", "/api/v1/customers/0", 404, ""),
        ]
    assert [came.count(status) for status in (b"HTTP/1.1 200", b"HTTP/1.1 401", b"HTTP/1.1 404")] == [1, 1, 1]


BROKEN = {
    "an interim response": (
        b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        (200, b"{}", ""),
    ),
    "the end of the connection is that of the body": (b"HTTP/1.0 200 OK\r\n\r\n{}", (200, b"{}", "")),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        (200, b"{}", ""),
    ),
    "a body that ends early": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
        (200, b"{", "a connection that broke off"),
    ),
    "no response": (b"", (0, b"", "a connection that broke off")),
    "no HTTP": (b"\x00\x01 what is this\r\n\r\n", (0, b"", "a connection that broke off")),
    "too long": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n" + b" " * 5_000_000,
        (200, b" " * 4_194_304, "a body of more than 4 MB"),
    ),
}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=[pytest.mark.slow] if kind == "too long" else []) for kind in BROKEN]
)
def test_every_byte_passes_whatever_it_is(kind: str) -> None:
    sent, expected = BROKEN[kind]
    arrived: list[bytes] = []

    def script(sock: socket.socket) -> None:
        arrived.append(read_request(sock))
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)

    with answering(script) as origin, passing(f"{origin}/v2/") as passed, passed.connect() as sock:
        sock.sendall(ASK % b"92857043717beff382ae75c8dc7514162f04")
        assert read_all(sock) == sent
        ((_, target, status, problem),) = passed.summary(1)
    assert (status, bytes(passed.reported[0].response_body), problem) == expected
    assert target == "/api/v1/customers/1"
    host = origin.removeprefix("http://").encode()
    assert arrived == [
        b"GET /v2/customers/1 HTTP/1.1\r\nHost: %b\r\n"
        b"Authorization: Bearer 92857043717beff382ae75c8dc7514162f04\r\n\r\n" % host
    ]


@pytest.mark.parametrize("method", [b"GET", b"POST"])
def test_a_response_that_nobody_waited_for_says_nothing_but_that_there_was_a_write(method: bytes) -> None:
    arrived = threading.Event()

    def script(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{")
        arrived.set()
        sock.recv(1)

    with answering(script) as origin, passing(f"{origin}/api/v1") as passed, passed.connect() as sock:
        sock.sendall((ASK % b"fk_demo").replace(b"GET", method))
        assert arrived.wait(PATIENCE)
    expected = [("POST", True, "")] if method == b"POST" else []
    assert [(p.method, p.is_abandoned, p.problem or "") for p in passed.reported] == expected


def test_a_service_that_is_not_there_is_a_502_that_says_so_and_is_reported() -> None:
    with answering(lambda sock: None) as origin:
        pass
    with passing(f"{origin}/api/v1") as passed, passed.connect() as sock:
        sock.sendall(ASK % b"fk_demo")
        sock.shutdown(socket.SHUT_WR)
        came = read_all(sock)
        assert came.startswith(b"HTTP/1.1 502 ")
        assert b"the service cannot be reached from here, or its certificate is not trusted" in came
        assert passed.summary(1) == [("GET", "/api/v1/customers/1", 0, "no server at this address")]
    assert (b"Authorization", b"Bearer fk_demo") in passed.reported[0].headers


def test_the_certificate_of_the_service_is_verified(fake: fakekit.FakeServer, tmp_path: Path) -> None:
    """By the file that was given, or by what the system trusts."""
    authority, ca_file = Authority(), tmp_path / "ca.pem"
    ca_file.write_bytes(authority.certificate)
    fake.account("fk_demo")
    listener = Listener(bind("127.0.0.1", 0), authority.server_context("127.0.0.1", "other.test"))
    with listening(fake, listener):
        for host, file, status in [
            ("127.0.0.1", str(ca_file), b"200"),
            ("localhost", str(ca_file), b"502"),  # the certificate is for another name
            ("127.0.0.1", None, b"502"),
        ]:
            with passing(f"https://{host}:{listener.port}/api/v1", file) as passed, passed.connect() as sock:
                sock.sendall(CLOSE % b"fk_demo")
                assert read_all(sock)[9:12] == status
                problem = "" if status == b"200" else "a certificate that is not trusted"
                assert [problem for *_, problem in passed.summary(1)] == [problem]


def test_without_a_base_url_a_request_to_another_host_goes_nowhere() -> None:
    """To the vendor's it would go to the real service, which no test does."""
    with passing("") as passed, passed.connect() as sock:
        sock.sendall((ASK % b"fk_demo").replace(b"app.xtrakit.com", b"example.org"))
        sock.shutdown(socket.SHUT_WR)
        came = read_all(sock)
    assert came.startswith(b"HTTP/1.1 502 ")
    assert b"the Host of the request is none of the vendor's" in came
    assert passed.reported == []


def test_a_response_that_comes_before_the_end_of_the_request_is_reported_and_so_is_the_next() -> None:
    """A service may refuse a body by its length, while the client goes on sending it."""
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\n{}"
    early = threading.Event()

    def script(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(refusal)
        assert early.wait(PATIENCE)
        assert sock.recv(4) == b"body"
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")

    head = ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\n")
    with answering(script) as origin, passing(f"{origin}/api/v1") as passed, passed.connect() as sock:
        sock.sendall(head % b"fk_demo")
        assert sock.recv(65536) == refusal
        sock.sendall(b"body")
        early.set()
        sock.sendall(ASK % b"fk_demo")
        assert [status for _, _, status, _ in passed.summary(2)] == [413, 200]


def test_only_what_is_below_the_vendors_path_goes_below_that_of_the_service() -> None:
    arrived: list[bytes] = []

    def script(sock: socket.socket) -> None:
        arrived.append(read_request(sock).partition(b" HTTP")[0])
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    targets = [b"/api/v10/customers", b"/api/v1?page=2", b"/api/v1/customers/1"]
    with answering(script) as origin, passing(f"{origin}/base") as passed:
        for target in targets:
            with passed.connect() as sock:
                sock.sendall((CLOSE % b"fk_demo").replace(b"/api/v1/customers/1", target))
                read_all(sock)
        assert [target for _, target, _, _ in passed.summary(3)] == [t.decode() for t in targets]
    assert arrived == [b"GET /api/v10/customers", b"GET /base?page=2", b"GET /base/customers/1"]


def test_no_thread_is_left() -> None:
    with nothing_left(), passing("http://127.0.0.1:9"):
        pass
