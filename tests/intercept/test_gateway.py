"""The vendor's hosts on this machine: TLS under a CA of the run, by a socket of the server or, for a fake
elsewhere, by a gateway whose answers arrive as they were sent."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

import fakekit
from fakekit.server.authority import Authority
from fakekit.server.keys import keep_key, replace_foreign_key
from tests.helpers.processes import PATIENCE, free_port, nothing_left
from tests.helpers.raw_http import read_all
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.secrets_in_requests import SECRET, everything_back, requests_with
from tests.helpers.vendor_hosts import ASK, NAMES, WAYS, Port, client, relaying, secured, tls, vendor_hosts


@pytest.fixture(params=WAYS)
def gateway(request: pytest.FixtureRequest, fake: fakekit.FakeServer, authority: Authority) -> Iterator[Port]:
    with vendor_hosts(request.param, fake, authority) as running:
        yield running


def test_the_documented_customer_comes_under_either_name_by_tls_alone(
    gateway: Port, authority: Authority
) -> None:
    for name in NAMES:
        with tls(gateway, authority, name) as sock:
            assert sock.selected_alpn_protocol() == "http/1.1"
            sock.sendall(ASK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert b'"customer_name": "Jane Doe"' in read_all(sock)


def test_nobody_else_can_be_played_with_its_certificate(gateway: Port, authority: Authority) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        tls(gateway, authority, "third.test")
    with pytest.raises(ssl.SSLCertVerificationError, match=r"self-signed|unable to get local issuer"):
        tls(gateway, Authority())


def test_a_connection_is_kept_for_every_kind_of_request(gateway: Port, authority: Authority) -> None:
    key = {"Authorization": "Bearer fk_kept"}
    with closing(client(gateway, authority)) as connection:
        for method, path, body, expected in [
            ("GET", "/api/v1/customers/1", None, (200, 1007)),
            ("HEAD", "/api/v1/customers/1", None, (200, 0)),
            ("POST", "/api/v1/customer-groups/add", b"x" * 300_000, (422, 49)),
            ("GET", "/api/v1/customers/x", None, (404, 47)),
        ]:
            connection.request(method, path, body, key)
            answer = connection.getresponse()
            assert (answer.status, len(answer.read())) == expected, (method, path)
        sock = connection.sock
        parts = iter([b'{"group_name": "VIP", ', b'"group_description": "Very"}'])
        head = {**key, "Content-Type": "application/json"}
        connection.request("POST", "/api/v1/customer-groups/add", parts, head, encode_chunked=True)
        answer = connection.getresponse()
        assert (answer.status, connection.sock) == (200, sock)
        assert b'"group_name": "VIP"' in answer.read()


def test_an_answer_without_a_body_keeps_the_connection(authority: Authority) -> None:
    def script(sock: socket.socket) -> None:
        for _ in range(3):
            read_request(sock)
            sock.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with answering(script) as origin, relaying(origin, authority) as gateway, tls(gateway, authority) as sock:
        for _ in range(3):
            sock.sendall(ASK)
            assert sock.recv(65536) == b"HTTP/1.1 204 No Content\r\n\r\n"
        assert sock.recv(1) == b""


def test_requests_in_one_go_are_answered_in_order(gateway: Port, authority: Authority) -> None:
    with tls(gateway, authority) as sock:
        last = b"GET /api/v1/customers/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
        sock.sendall(ASK + ASK + last + b"Authorization: Bearer fk_demo\r\n\r\n")
        assert re.findall(rb"HTTP/1.1 (\d+)", read_all(sock)) == [b"200", b"200", b"404"]


def test_a_client_that_waits_for_100_continue_gets_it(gateway: Port, authority: Authority) -> None:
    head = b"POST /api/v1/customer-groups/add HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    with tls(gateway, authority) as sock:
        sock.sendall(head + b"Authorization: Bearer fk_demo\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n")
        sock.sendall(b"{}")
        assert sock.recv(65536).startswith(b"HTTP/1.1 422")


def test_no_protocol_is_changed_and_nothing_is_tunnelled(gateway: Port, authority: Authority) -> None:
    upgrade = ASK[:-2] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n"
    with tls(gateway, authority) as sock:
        sock.sendall(upgrade + b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\nHost: a\r\n\r\n")
        answers = read_all(sock)
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"405"]
    assert b"\r\nFakekit-Note: this is a server and not a proxy; CONNECT is for proxies\r\n" in answers


def test_what_is_not_http_is_answered_as_the_fake_answers_it(gateway: Port, authority: Authority) -> None:
    for sent, status in [(b"nonsense\r\n\r\n", b"400"), (ASK[:-2] + b"X: " + b"x" * 200_000, b"431")]:
        with tls(gateway, authority) as sock:
            sock.sendall(sent)
            answer = read_all(sock)
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert b"\r\nFakekit-Note: this is not HTTP as RFC 9112 defines it" in answer


def test_http_1_0_is_answered_and_ends(gateway: Port, authority: Authority) -> None:
    with tls(gateway, authority) as sock:
        key = b"Authorization: Bearer fk_demo\r\n\r\n"
        sock.sendall(b"GET /api/v1/customers/1 HTTP/1.0\r\n" + key)
        assert read_all(sock).startswith(b"HTTP/1.0 200 OK\r\n")


def test_a_gateway_keeps_no_connection_of_http_1_0(fake: fakekit.FakeServer, authority: Authority) -> None:
    """The server itself keeps one where the client asks for it, as RFC 9112, 9.3 has it."""
    origin = fake.account("fk_demo").origin
    with relaying(origin, authority) as gateway, tls(gateway, authority) as sock:
        key = b"Authorization: Bearer fk_demo\r\nConnection: keep-alive\r\n\r\n"
        sock.sendall(b"GET /api/v1/customers/1 HTTP/1.0\r\n" + key)
        assert read_all(sock).startswith(b"HTTP/1.0 200 OK\r\n")


@pytest.mark.parametrize(
    ("came", "taken", "sent"),
    [
        ("Bearer API_KEY", "Bearer fk_demo", "Bearer API_KEY"),
        ("bearer 92857043717beff3", "bearer fk_demo", "bearer 92857043717beff3"),
        ("Bearer 12|aB3:c", "Bearer fk_demo", "Bearer 12|aB3:c"),
        ("Bearer fk_mine", "Bearer fk_mine", "Bearer fk_mine"),
        ("Bearer fk_not/one", "Bearer fk_not/one", "Bearer fk_not/one"),
        ("Basic eDp5", "Basic eDp5", "Basic eDp5"),
        ('Bearer "quoted"', 'Bearer "quoted"', 'Bearer "quoted"'),
        ("Bearer", "Bearer", "Bearer"),
        (None, None, None),
    ],
)
def test_whose_key_counts(came: str | None, taken: str | None, sent: str | None) -> None:
    assert (replace_foreign_key()(came), keep_key(came)) == (taken, sent)


def test_only_the_authorization_is_rewritten(authority: Authority) -> None:
    asked: list[bytes] = []

    def script(sock: socket.socket) -> None:
        asked.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

    sent = b"GET /a%2Fb?c=d HTTP/1.1\r\nHost: app.xtrakit.com\r\nX-Odd_Case:  v \r\n"
    with answering(script) as origin, relaying(origin, authority, replace_foreign_key()) as gateway:
        for key in (b"authorization: Bearer API_KEY\r\n\r\n", b"\r\n"):
            with tls(gateway, authority) as sock:
                sock.sendall(sent + key)
                assert read_all(sock) == b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"
    plain = b"GET /a%2Fb?c=d HTTP/1.1\r\nHost: app.xtrakit.com\r\nX-Odd_Case: v\r\n"
    assert asked == [plain + b"Authorization: Bearer fk_demo\r\n\r\n", plain + b"\r\n"]


def test_a_broken_answer_arrives_as_broken_as_it_was(authority: Authority) -> None:
    broken = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut sho"
    for garbage in (broken, b"\x00\xffnot http\r\n", b""):

        def script(sock: socket.socket, said: bytes = garbage) -> None:
            read_request(sock)
            sock.sendall(said)

        with (
            answering(script) as origin,
            relaying(origin, authority) as gateway,
            tls(gateway, authority) as sock,
        ):
            sock.sendall(ASK)
            assert read_all(sock) == garbage


def test_a_reset_is_a_reset(authority: Authority) -> None:
    came = threading.Event()

    def script(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        came.wait(PATIENCE)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with (
        answering(script) as origin,
        relaying(origin, authority) as gateway,
        socket.create_connection(
            ("127.0.0.1", gateway.port), timeout=PATIENCE
        ) as sock,  # ssl would say that it has ended
    ):
        sock.sendall(ASK)
        assert sock.recv(65536) == b"HTTP/1.1 200 OK\r\n"
        came.set()
        with pytest.raises(ConnectionResetError):
            sock.recv(65536)


def test_a_slow_answer_comes_as_it_is_made(authority: Authority) -> None:
    go_on = threading.Event()

    def script(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        go_on.wait(PATIENCE)
        sock.sendall(b"Content-Length: 0\r\n\r\n")

    with answering(script) as origin, relaying(origin, authority) as gateway, tls(gateway, authority) as sock:
        sock.sendall(ASK)
        assert sock.recv(65536) == b"HTTP/1.1 200 OK\r\n"
        go_on.set()
        assert sock.recv(65536) == b"Content-Length: 0\r\n\r\n"


@pytest.mark.slow
@pytest.mark.parametrize("secure", [True, False])
def test_a_client_that_reads_late_gets_the_whole_of_an_answer_that_has_ended(
    authority: Authority, secure: bool
) -> None:
    """Of many lengths, since some of them have to end in a buffer of the front's, behind the system's own."""
    lengths = range(100_000, 6_000_000, 50_000)

    def script(sock: socket.socket) -> None:
        length = int(re.findall(rb"GET /(\d+)", read_request(sock))[0])
        threading.Thread(target=answer, args=(sock.dup(), length)).start()

    def answer(sock: socket.socket, length: int) -> None:
        with sock:
            sock.sendall(b"x" * length)
            sock.shutdown(socket.SHUT_RDWR)

    with answering(script) as origin, relaying(origin, authority) as gateway, ExitStack() as open_ones:
        socks = []
        for length in lengths:
            plain = socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE)
            socks.append(open_ones.enter_context(secured(plain, authority) if secure else plain))
            socks[-1].sendall(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % length)
        time.sleep(4)
        assert [len(read_all(sock)) for sock in socks] == list(lengths)


def test_a_fake_that_is_down_is_a_502(authority: Authority) -> None:
    with relaying(f"http://127.0.0.1:{free_port()}", authority) as gateway, tls(gateway, authority) as sock:
        sock.sendall(ASK)
        answer = read_all(sock)
    assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert b"\r\nFakekit-Note: the fake does not answer: it has ended\r\n" in answer
    assert answer.endswith(b'{"status": 502, "error": "Bad Gateway"}\n')


def test_a_secret_is_in_no_log_and_no_answer_wherever_it_stands(
    gateway: Port, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name, request in requests_with(SECRET.encode()).items():
        answer = everything_back(gateway.port, request)
        assert SECRET[:18].encode() not in answer.lower(), name
        assert not answer.startswith(b"HTTP/1.1 500"), name
    assert SECRET[:18] not in caplog.text.lower()


def test_no_plain_key_is_ever_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written: list[bytes] = []
    load = ssl.SSLContext.load_cert_chain

    def looking(self: ssl.SSLContext, certfile: str, *args: object, **kwargs: object) -> None:
        written.extend(file.read_bytes() for file in tmp_path.iterdir())
        load(self, certfile, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(ssl.SSLContext, "load_cert_chain", looking)
    Authority().server_context("app.xtrakit.com")
    (only,) = written
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in only
    assert only.count(b"PRIVATE KEY-----") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", WAYS)
def test_it_leaves_nothing_behind(way: str, fake: fakekit.FakeServer, authority: Authority) -> None:
    def use() -> None:
        with ExitStack() as clients, vendor_hosts(way, fake, authority) as gateway:
            open_ones = [clients.enter_context(tls(gateway, authority)) for _ in range(5)]
            half = clients.enter_context(
                socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE)
            )
            half.sendall(b"\x16")
            clients.enter_context(socket.create_connection(("127.0.0.1", gateway.port), timeout=PATIENCE))
            open_ones[0].sendall(ASK)
            open_ones[1].sendall(ASK[:20])

    for _ in range(3):
        with nothing_left(pool_stays=True):
            use()


def test_a_gateway_may_be_started_and_stopped_twice(fake: fakekit.FakeServer, authority: Authority) -> None:
    with relaying(fake.account("fk_demo").origin, authority) as gateway:
        gateway.start()
        gateway.stop()
    assert gateway.port == 0


def test_importing_it_does_not_import_cryptography() -> None:
    import subprocess
    import sys

    code = "import sys, fakekit.intercept.gateway; print('cryptography' in sys.modules, 'trustme' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False False\n"
