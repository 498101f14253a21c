"""A socket of the server with a certificate and a rule for keys: HTTP/1.1 on it is as on the plain one."""

from __future__ import annotations

import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress

import pytest

import fakekit
from fakekit.server.authority import Authority
from fakekit.server.listening import Listener, bind
from tests.helpers.processes import PATIENCE, no_descriptor_left, nothing_left
from tests.helpers.raw_http import ask, read_all, receive
from tests.helpers.secrets_in_requests import SECRET
from tests.helpers.vendor_hosts import listening

HEAD = b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: fake.test\r\nAuthorization: Bearer %b\r\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def context(authority: Authority) -> ssl.SSLContext:
    return authority.server_context("fake.test")


@pytest.fixture(scope="module")
def port(fake: fakekit.FakeServer, context: ssl.SSLContext) -> Iterator[int]:
    listener = Listener(bind("127.0.0.1", 0), context)
    with listening(fake, listener):
        yield listener.port


@pytest.fixture
def client(port: int, authority: Authority) -> Iterator[ssl.SSLSocket]:
    with connected(port, authority) as sock:
        yield sock


def connected(port: int, authority: Authority) -> ssl.SSLSocket:
    trusting = ssl.create_default_context(cadata=authority.certificate.decode())
    plain = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    with closing(plain):  # wrapping detaches it
        return trusting.wrap_socket(plain, server_hostname="fake.test")


class ByHand:
    """A client whose TLS is apart from its socket, so that either can do what `ssl.SSLSocket` does not."""

    def __init__(self, sock: socket.socket, authority: Authority) -> None:
        trusting = ssl.create_default_context(cadata=authority.certificate.decode())
        self.sock, self.incoming, self.outgoing = sock, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = trusting.wrap_bio(self.incoming, self.outgoing, server_hostname="fake.test")

    def handshake(self) -> None:
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                self.sock.sendall(self.outgoing.read())
                self.incoming.write(receive(self.sock))

    def recv(self) -> bytes:
        while True:
            try:
                return self.tls.read(65536)
            except ssl.SSLWantReadError:
                self.incoming.write(receive(self.sock))


@pytest.fixture
def by_hand(port: int, authority: Authority) -> Iterator[ByHand]:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        yield ByHand(sock, authority)


def request(key: bytes, *lines: bytes) -> bytes:
    return HEAD % key + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def read_response(sock: socket.socket) -> bytes:
    """One response with a body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += receive(sock)
    length = int(re.findall(rb"\r\nContent-Length: (\d+)", data)[0])
    while len(data.partition(b"\r\n\r\n")[2]) < length:
        data += receive(sock)
    return data


def test_a_client_that_ends_its_side_by_tcp_gets_its_delayed_answer(client: ssl.SSLSocket) -> None:
    client.sendall(request(b"fk_half~slow=200ms"))
    socket.socket.shutdown(client, socket.SHUT_WR)  # ssl's own would decrypt nothing afterwards
    assert read_all(client).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_client_that_ends_its_side_by_tls_gets_its_delayed_answer(by_hand: ByHand) -> None:
    """RFC 8446, 6.1: close_notify ends one direction."""
    by_hand.handshake()
    by_hand.tls.write(request(b"fk_half~slow=200ms"))
    with suppress(ssl.SSLWantReadError):
        by_hand.tls.unwrap()
    by_hand.sock.sendall(by_hand.outgoing.read())
    received = b""
    while b'"customer_name"' not in received:
        received += by_hand.recv()
    assert received.startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("truncate", rb"HTTP/1\.1 200 OK\r\n.*Content-Length: 1007\r\n.*\r\n\r\n.{1,1006}"),
        ("close", rb""),
        ("garbage", rb"(?!HTTP).+"),
        ("trickle,seconds=0.1", rb'HTTP/1\.1 200 OK\r\n.*"customer_name": "Jane Doe".*'),
    ],
)
def test_a_fault_breaks_the_answer_and_not_tls(client: ssl.SSLSocket, fault: str, answer: bytes) -> None:
    client.sendall(request(f"fk_tls~{fault}".encode(), b"Connection: close"))
    assert re.fullmatch(answer, read_all(client), re.S)


def test_a_reset_is_a_reset(by_hand: ByHand) -> None:
    by_hand.handshake()
    by_hand.tls.write(request(b"fk_tls~reset"))
    by_hand.sock.sendall(by_hand.outgoing.read())
    with pytest.raises(ConnectionResetError):  # ssl would say that it has ended
        by_hand.recv()


def test_a_request_of_the_same_bytes_is_answered_again_and_sees_what_changed(
    fake: fakekit.FakeServer, client: ssl.SSLSocket
) -> None:
    handle = fake.account("fk_again")
    for _ in range(3):
        client.sendall(request(b"fk_again"))
        assert b'"customer_name": "Jane Doe"' in read_response(client)
    handle.change("customers", 1, customer_name="Ama Mensah")
    client.sendall(request(b"fk_again"))
    assert b'"customer_name": "Ama Mensah"' in read_response(client)
    assert len(handle.requests) == 4


def test_the_journal_says_by_which_scheme_the_same_bytes_came(
    fake: fakekit.FakeServer, client: ssl.SSLSocket, port: int
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as plain:
        for sock in (client, client, plain, plain, client):
            sock.sendall(request(b"fk_scheme"))
            read_response(sock)
    handle = fake.account("fk_scheme")
    assert [entry.scheme for entry in handle.requests] == ["https", "https", "http", "http", "https"]
    archive = handle._control.requests(format="har")
    urls = [entry["request"]["url"] for entry in archive["log"]["entries"]]
    assert urls[1:3] == ["https://fake.test/api/v1/customers/1", "http://fake.test/api/v1/customers/1"]


@pytest.mark.slow
def test_a_client_that_reads_nothing_is_not_read_from_until_it_does(by_hand: ByHand) -> None:
    count = 10_000  # 20 MB and as much of answers: more than the buffers of both ends hold
    by_hand.handshake()
    by_hand.tls.write(request(b"fk_unread", b"X: " + b"x" * 2000) * count)
    by_hand.sock.settimeout(None)
    sending = threading.Thread(target=by_hand.sock.sendall, args=(by_hand.outgoing.read(),), daemon=True)
    sending.start()
    time.sleep(1)
    assert sending.is_alive()
    answers, tail = 0, b""
    while answers < count:
        *before, tail = (tail + by_hand.recv()).split(b"HTTP/1.1 200 OK\r\n")
        answers += len(before)
    sending.join()


def test_plain_http_comes_a_byte_at_a_time_on_the_same_port(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        for byte in request(b"fk_slow", b"Connection: close"):
            sock.sendall(bytes([byte]))
        assert read_all(sock).startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_handshake_comes_a_byte_at_a_time(by_hand: ByHand) -> None:
    with suppress(ssl.SSLWantReadError):
        by_hand.tls.do_handshake()
    for byte in by_hand.outgoing.read():
        by_hand.sock.sendall(bytes([byte]))
    by_hand.handshake()
    assert by_hand.tls.version() == "TLSv1.3"


def problems(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What was logged, without the lines of requests, of which an earlier test's may still come."""
    return [record.getMessage() for record in caplog.records if record.levelno > logging.INFO]


@pytest.mark.parametrize("sent", [b"\x16", b"\x16\x03\x01\x00\x05nonsense", b"\x16" * 1000])
def test_what_only_begins_like_tls_is_closed_and_nothing_is_logged(
    port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as sock:
        sock.sendall(sent)
        sock.shutdown(socket.SHUT_WR)
        with suppress(ConnectionResetError):  # it had not read everything
            read_all(sock)
    assert problems(caplog) == []
    assert ask(port, "/api/v1/customers/1").status == 200


def test_a_client_that_does_not_trust_it_is_no_news(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        connected(port, Authority())
    assert problems(caplog) == []


def test_a_rule_for_keys_holds_for_its_socket_only(
    fake: fakekit.FakeServer, authority: Authority, context: ssl.SSLContext, port: int
) -> None:
    """The same bytes mean another account there, so no socket repeats a response to the other's."""
    mine = fake.account("fk_mine")
    mine.change("customers", 1, customer_name="mine")
    listener = Listener(bind("127.0.0.1", 0), context, lambda value: value and "Bearer fk_mine")
    with listening(fake, listener):
        for key, answer in ((b"fk_other", b"Jane Doe"), (SECRET.encode(), b"Invalid API Key")):
            for _ in range(2):
                with connected(port, authority) as direct, connected(listener.port, authority) as led:
                    direct.sendall(request(key))
                    assert answer in read_response(direct)
                    led.sendall(request(key))
                    assert b'"customer_name": "mine"' in read_response(led)
    assert len(mine.requests) == 4


def test_a_rule_sees_every_authorization_and_none(fake: fakekit.FakeServer, context: ssl.SSLContext) -> None:
    seen: list[str | None] = []

    def rule(value: str | None) -> str | None:
        seen.append(value)
        return None

    listener = Listener(bind("127.0.0.1", 0), context, rule)
    with listening(fake, listener):
        assert ask(listener.port, "/api/v1/customers/1", b"Bearer fk_a").status == 401
        assert ask(listener.port, "/api/v1/customers/1", None).status == 401
        twice = b"authorization: Basic x\r\n"
        assert ask(listener.port, "/api/v1/customers/1", b"Bearer fk_a", extra=twice).status == 401
    assert seen == ["Bearer fk_a", None, "Bearer fk_a, Basic x"]


def test_a_socket_that_is_closed_takes_its_connections_along_and_no_others(
    fake: fakekit.FakeServer, authority: Authority, context: ssl.SSLContext, port: int
) -> None:
    exits = ExitStack()
    with no_descriptor_left(), connected(port, authority) as other, exits:
        listener = Listener(bind("127.0.0.1", 0), context)
        address = ("127.0.0.1", listener.port)
        with listening(fake, listener):
            kept, waiting = (exits.enter_context(connected(listener.port, authority)) for _ in range(2))
            silent = exits.enter_context(socket.create_connection(address, timeout=PATIENCE))
            waiting.sendall(request(b"fk_closing~slow=60s"))
            kept.sendall(request(b"fk_closing"))
            read_response(kept)
        for sock in (kept, waiting, silent):
            with suppress(OSError):  # a reset, or TLS that ended without its own word
                assert sock.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(address)
        other.sendall(request(b"fk_closing"))
        assert b'"customer_name": "Jane Doe"' in read_response(other)


def test_a_connection_that_comes_while_its_socket_is_closed_is_closed_too(
    fake: fakekit.FakeServer, context: ssl.SSLContext
) -> None:
    """asyncio loses what it has accepted, and not set up yet, when its server is closed."""
    with no_descriptor_left():
        for _ in range(300):
            listener = Listener(bind("127.0.0.1", 0), context)
            with ExitStack() as clients, listening(fake, listener):
                for _ in range(3):
                    clients.enter_context(socket.create_connection(("127.0.0.1", listener.port)))


def test_a_server_that_does_not_run_serves_no_further_socket(context: ssl.SSLContext) -> None:
    listener = Listener(bind("127.0.0.1", 0), context)
    with (
        listener.sock,
        pytest.raises(RuntimeError, match="does not run"),
        listening(fakekit.FakeServer(), listener),
    ):
        pass


def test_a_server_may_be_stopped_while_it_serves_a_further_socket(context: ssl.SSLContext) -> None:
    with nothing_left():
        running, listener = fakekit.FakeServer(), Listener(bind("127.0.0.1", 0), context)
        running.start()
        with listening(running, listener):
            running.stop()
