"""The proxy of a run: the vendor's hosts never leave this machine, and others pass through as if it were not there."""

from __future__ import annotations

import base64
import http.client
import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import fakekit
from fakekit.intercept.authority import Authority
from fakekit.intercept.gateway import Gateway
from fakekit.intercept.keys import replace_key
from fakekit.intercept.proxy import Proxy
from fakekit.server.listening import Listener, bind
from tests.helpers.processes import descriptors, wait_until
from tests.helpers.raw_http import read_all
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.secrets_in_requests import SECRET

GET = "GET {} HTTP/1.1\r\nHost: app.xtrakit.com\r\nAuthorization: Bearer API_KEY\r\nConnection: close\r\n"


@dataclass
class Network:
    """Stands for everything beyond this machine: what is looked up, and what reaches the way out."""

    looked_up: list[str] = field(default_factory=list)
    went_out: list[bytes] = field(default_factory=list)


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    """Nothing is looked up but this machine; what would go out goes to a proxy that notes it."""
    seen = Network()
    look_up = socket.getaddrinfo

    def getaddrinfo(host: str, *args: object, **kwargs: object) -> object:
        if re.fullmatch("[0-9.]+", host):
            return look_up(host, *args, **kwargs)  # type: ignore[arg-type]
        seen.looked_up.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "no such host, in this test")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield seen
    assert not [name for name in seen.looked_up if "xtrakit" in name.lower()]
    assert not [sent for sent in seen.went_out if b"xtrakit" in sent.lower()]


@dataclass
class Led:
    proxy: Proxy
    server: fakekit.FakeServer
    authority: Authority

    @property
    def secret(self) -> str:
        return self.proxy.url.split("//")[1].split("@")[0]

    @property
    def admission(self) -> str:
        return f"Proxy-Authorization: Basic {base64.b64encode(self.secret.encode()).decode()}\r\n"

    def ask(self, request: str, admitted: bool = True) -> bytes:
        """Everything that comes back for a request, its last empty line left out."""
        with socket.create_connection(("127.0.0.1", self.proxy.port), timeout=10) as sock:
            sock.sendall((request + (self.admission if admitted else "") + "\r\n").encode("latin-1"))
            return read_all(sock)

    def tunnel(self, target: str) -> socket.socket:
        sock = socket.create_connection(("127.0.0.1", self.proxy.port), timeout=10)
        sock.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{self.admission}\r\n".encode())
        opened = b"HTTP/1.1 200 Connection established\r\n\r\n"
        if sock.recv(len(opened)) != opened:
            sock.close()
            raise AssertionError("there is no tunnel")
        return sock


@contextmanager
def leading(
    isolated: bool = False, environ: Mapping[str, str] | None = None, by_gateway: bool = False
) -> Iterator[Led]:
    """A proxy before a fake that serves the vendor's hosts itself, or has a gateway for them."""
    with ExitStack() as ends:
        server, authority = fakekit.FakeServer(), Authority()
        origin = server.start().origin
        ends.callback(server.stop)
        tls = authority.server_context("fake.test")  # the guard knows the vendor's names
        if by_gateway:
            gateway = Gateway(origin, tls, replace_key())
            gateway.start()
            ends.callback(gateway.stop)
            port = gateway.port
        else:
            listener = Listener(bind("127.0.0.1", 0), tls, replace_key())
            port = listener.port
            ends.enter_context(server.listening(listener))
        proxy = Proxy(port, isolated, environ or {})
        proxy.start()
        ends.callback(proxy.stop)
        yield Led(proxy, server, authority)


@pytest.fixture(scope="module")
def led() -> Iterator[Led]:
    with leading() as running:
        yield running


@pytest.fixture(scope="module")
def led_by_gateway() -> Iterator[Led]:
    with leading(by_gateway=True) as running:
        yield running


def test_a_fake_in_another_process_is_reached_by_a_gateway(led_by_gateway: Led) -> None:
    asked = GET.format("https://app.xtrakit.com/api/v1/customers/1")
    assert b'"customer_name": "Jane Doe"' in led_by_gateway.ask(asked)
    with over_tls(led_by_gateway.tunnel("app.xtrakit.com:443"), led_by_gateway.authority) as sock:
        sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
        assert b'"customer_name": "Jane Doe"' in read_all(sock)


def over_tls(sock: socket.socket, authority: Authority) -> ssl.SSLSocket:
    context = ssl.create_default_context(cadata=authority.certificate.decode())
    return context.wrap_socket(sock, server_hostname="fake.test")


SPELLINGS = [
    "app.xtrakit.com:443",
    "api.xtrakit.com:443",
    "APP.XtraKit.COM:443",
    "app.xtrakit.com.:443",
    "app.xtrakit.com:80",
    "api.xtrakit.com..:8443",
]


@pytest.mark.parametrize("target", SPELLINGS)
def test_a_tunnel_to_the_vendor_ends_at_the_fake(led: Led, target: str) -> None:
    with over_tls(led.tunnel(target), led.authority) as sock:
        sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
        assert b'"customer_name": "Jane Doe"' in read_all(sock)


def test_a_tunnel_may_carry_plain_http(led: Led) -> None:
    with led.tunnel("app.xtrakit.com:80") as sock:
        sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
        assert b'"customer_name": "Jane Doe"' in read_all(sock)


@pytest.mark.parametrize("scheme", ["http", "https", "HTTPS"])
@pytest.mark.parametrize("host", SPELLINGS)
def test_a_request_that_names_the_vendor_in_full_is_the_fakes(led: Led, scheme: str, host: str) -> None:
    answer = led.ask(GET.format(f"{scheme}://{host}/api/v1/customers/1"))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"customer_name": "Jane Doe"' in answer


def answer_to(sock: socket.socket, request: bytes) -> tuple[int, bytes]:
    sock.sendall(request)
    with closing(http.client.HTTPResponse(sock)) as answer:
        answer.begin()
        return answer.status, answer.read()


def test_a_connection_is_kept_between_requests_that_name_their_host(led: Led) -> None:
    asked = f"GET https://app.xtrakit.com/api/v1/customers/1 HTTP/1.1\r\nHost: a\r\n{led.admission}\r\n"
    missing = (401, b'{"status": 401, "error": "Unauthorized: Missing Bearer Token"}\n')
    with socket.create_connection(("127.0.0.1", led.proxy.port)) as sock:
        assert [answer_to(sock, asked.encode()) for _ in range(3)] == [missing] * 3


def test_who_does_not_know_the_secret_is_refused(led: Led) -> None:
    wrong = f"Proxy-Authorization: Basic {base64.b64encode(b'run:guess').decode()}\r\n"
    for request in (
        GET.format("http://app.xtrakit.com/"),
        "CONNECT app.xtrakit.com:443 HTTP/1.1\r\nHost: a\r\n",
    ):
        for credentials in ("", wrong):
            answer = led.ask(request + credentials, admitted=False)
            assert answer.startswith(b"HTTP/1.1 407 Proxy Authentication Required\r\n")
            assert b'\r\nProxy-Authenticate: Basic realm="fakekit exec"\r\n' in answer
    assert len(led.secret) > 30


@pytest.mark.parametrize(
    "target",
    [
        "a",
        "a:",
        ":443",
        "a:0",
        "a:65536",
        "a:99999999",
        "a:x",
        "a b:1",
        "[::1:2",
        "ａpp.xtrakit.com:443",
        "a%2E:1",
    ],
)
def test_a_malformed_connect_is_refused(led: Led, target: str) -> None:
    asked = target.encode().decode("latin-1")
    answer = led.ask(f"CONNECT {asked} HTTP/1.1\r\nHost: a\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")


@pytest.mark.parametrize(
    "target",
    ["/", "/api/v1/customers/1", "ftp://app.xtrakit.com/", "http:///x", "http://app%2Extrakit.com/", "*"],
)
def test_what_names_no_host_is_refused_and_told_what_a_proxy_needs(led: Led, target: str) -> None:
    answer = led.ask(GET.format(target))
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"\r\nFakekit-Note: a request to a proxy must be for http://HOST/PATH" in answer


def echo(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(data)


def test_other_hosts_are_tunnelled_untouched_and_half_closed(led: Led) -> None:
    everything = bytes(range(256)) * 3000

    def say(sock: socket.socket) -> None:
        sock.sendall(everything)
        sock.shutdown(socket.SHUT_WR)

    with answering(echo) as origin, led.tunnel(origin.removeprefix("http://")) as sock:
        saying = threading.Thread(target=say, args=(sock,))
        saying.start()
        assert read_all(sock) == everything
        saying.join()


def test_other_hosts_see_their_request_and_nothing_of_the_proxy(led: Led) -> None:
    asked: list[bytes] = []

    def script(sock: socket.socket) -> None:
        asked.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        sock.recv(1)  # until the client, or the proxy for it, wants no more

    rest = b"Host: a.test\r\nAuthorization: Bearer theirs\r\n"
    admission = b"Proxy-Connection: keep-alive\r\n" + led.admission.encode()
    with (
        answering(script) as one,
        answering(script) as two,
        socket.create_connection(("127.0.0.1", led.proxy.port)) as sock,
    ):
        for origin in (one, two):  # one after the other by one connection
            request = b"GET %b/a%%20b?c HTTP/1.1\r\n%b" % (origin.encode(), rest)
            assert answer_to(sock, request + admission + b"\r\n") == (200, b"ok")
        fake = b"GET https://app.xtrakit.com/api/v1/x HTTP/1.1\r\n" + rest + admission + b"\r\n"
        assert answer_to(sock, fake)[0] == 404
    assert asked == [b"GET /a%20b?c HTTP/1.1\r\n" + rest + b"\r\n"] * 2


def test_a_host_that_is_named_in_full_by_https_is_asked_by_tls(
    led: Led, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As axios asks, whose proxy has to speak TLS for it: with whom the user trusts."""
    theirs = Authority()
    context = theirs.server_context("127.0.0.1")
    (tmp_path / "ca.pem").write_bytes(theirs.certificate)

    def script(sock: socket.socket) -> None:
        with suppress(ssl.SSLError), context.wrap_socket(sock, server_side=True) as secure:
            secure.recv(65536)
            secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with answering(script) as origin:
        asked = GET.format(origin.replace("http:", "https:") + "/")
        assert led.ask(asked).startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
        assert led.ask(asked) == b"HTTP/1.1 204 No Content\r\n\r\n"


def test_isolated_refuses_every_other_host_but_this_machine() -> None:
    with leading(isolated=True) as led, answering(echo) as here:
        for request in (GET.format("http://example.com/"), "CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n"):
            answer = led.ask(request)
            assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
            assert b"\r\nFakekit-Note: fakekit exec --isolated rejects every host" in answer
        led.tunnel(here.removeprefix("http://")).close()
        assert led.ask(GET.format("https://app.xtrakit.com/api/v1/customers/1")).startswith(
            b"HTTP/1.1 200 OK"
        )


def test_a_host_that_cannot_be_reached_is_a_502(led: Led, network: Network) -> None:
    for request in (GET.format("http://nobody.test/"), "CONNECT nobody.test:443 HTTP/1.1\r\nHost: a\r\n"):
        answer = led.ask(request)
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    assert network.looked_up == ["nobody.test"] * 2


GONE = b"\r\nFakekit-Note: the fake does not answer: it has ended\r\n"


def test_the_vendor_is_never_reached_when_the_fake_is_down(network: Network) -> None:
    with leading() as led:
        led.server.stop()
        for asked in (
            GET.format("https://app.xtrakit.com/api/v1/customers/1"),
            "CONNECT app.xtrakit.com:443 HTTP/1.1\r\nHost: a\r\n",
        ):
            answer = led.ask(asked)
            assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
            assert GONE in answer
    assert network == Network()


def test_the_vendor_is_never_reached_when_the_fake_behind_a_gateway_is_down(network: Network) -> None:
    with leading(by_gateway=True) as led:
        led.server.stop()
        answer = led.ask(GET.format("https://app.xtrakit.com/api/v1/customers/1"))
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        assert GONE in answer
        with over_tls(led.tunnel("app.xtrakit.com:443"), led.authority) as sock:
            sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
            assert GONE in read_all(sock)
    assert network == Network()


@contextmanager
def users_proxy(network: Network, answer: bytes) -> Iterator[str]:
    def script(sock: socket.socket) -> None:
        network.went_out.append(read_request(sock))
        sock.sendall(answer)
        if answer.startswith(b"HTTP/1.1 200 Connection"):
            echo(sock)

    with answering(script) as origin:
        yield origin.replace("http://", "http://me:word@")


def test_the_proxy_that_the_environment_names_is_gone_through(network: Network) -> None:
    key = b"Proxy-Authorization: Basic " + base64.b64encode(b"me:word") + b"\r\n"
    with (
        users_proxy(network, b"HTTP/1.1 200 Connection established\r\n\r\n") as url,
        leading(environ={"HTTPS_PROXY": url, "http_proxy": url, "no_proxy": "here.test"}) as led,
    ):
        with led.tunnel("example.com:443") as sock:
            sock.sendall(b"ping")
            assert sock.recv(4) == b"ping"
        led.tunnel("app.xtrakit.com:443").close()
        assert led.ask(GET.format("http://app.xtrakit.com/api/v1/customers/1")).startswith(b"HTTP/1.1 200 OK")
        assert led.ask(GET.format("http://here.test/")).startswith(b"HTTP/1.1 502")
        with socket.create_connection(("127.0.0.1", led.proxy.port)) as sock:
            sock.sendall(f"GET http://example.com/ HTTP/1.1\r\nHost: a\r\n{led.admission}\r\n".encode())
            assert sock.recv(12) == b"HTTP/1.1 200"
    assert network.went_out == [
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n" + key + b"\r\n",
        b"GET http://example.com/ HTTP/1.1\r\nHost: a\r\n" + key + b"\r\n",
    ]
    assert "here.test" in network.looked_up


def test_a_proxy_that_refuses_or_is_of_another_kind_is_a_502(network: Network) -> None:
    connect = "CONNECT example.com:443 HTTP/1.1\r\nHost: a\r\n"
    with (
        users_proxy(network, b"HTTP/1.1 403 Forbidden\r\n\r\n") as url,
        leading(environ={"https_proxy": url}) as led,
    ):
        assert led.ask(connect).startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
    for url in ("socks5://127.0.0.1:1", f"http://me:{SECRET}#word@127.0.0.1:1"):
        with leading(environ={"ALL_PROXY": url}) as led:
            answer = led.ask(connect)
        assert answer.startswith(b"HTTP/1.1 502 Bad Gateway\r\n")
        note = b"\r\nFakekit-Note: fakekit cannot use the proxy that https_proxy names"
        assert note in answer


def test_it_logs_no_key_no_body_and_nobody_elses_traffic(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with leading() as led, answering(echo) as elsewhere:
        asked = GET.format("https://app.xtrakit.com/api/v1/customers/1").replace("API_KEY", SECRET)
        assert SECRET.encode() not in led.ask(asked)
        assert SECRET.encode() not in led.ask(GET.format(f"https://{SECRET}:{SECRET}@app.xtrakit.com/"))
        assert SECRET.encode() not in led.ask(f"CONNECT {SECRET} HTTP/1.1\r\nHost: a\r\n")
        with led.tunnel(elsewhere.removeprefix("http://")) as sock:
            sock.sendall(SECRET.encode())
            sock.recv(65536)
        assert SECRET not in caplog.text
        assert elsewhere.removeprefix("http://") not in caplog.text
        assert led.secret.split(":")[1] not in caplog.text


Misuse = Callable[[Led, socket.socket], None]


def says_nothing(led: Led, sock: socket.socket) -> None:
    pass


def says_half(led: Led, sock: socket.socket) -> None:
    sock.sendall(b"CONNECT app.xtr")


def half_closes(led: Led, sock: socket.socket) -> None:
    sock.sendall(b"CONNECT app.xtrakit.com:443 HTTP/1.1\r\n")
    sock.shutdown(socket.SHUT_WR)


def tunnels_and_says_nothing(led: Led, sock: socket.socket) -> None:
    sock.sendall(f"CONNECT app.xtrakit.com:443 HTTP/1.1\r\nHost: a\r\n{led.admission}\r\n".encode())
    sock.recv(100)


def tunnels_and_half_closes(led: Led, sock: socket.socket) -> None:
    tunnels_and_says_nothing(led, sock)
    sock.sendall(b"\x16\x03\x01")
    sock.shutdown(socket.SHUT_WR)


def asks_and_leaves(led: Led, sock: socket.socket) -> None:
    asked = GET.format("https://app.xtrakit.com/api/v1/customers/1").replace("close", "keep-alive")
    sock.sendall(f"{asked}{led.admission}\r\n".encode())


def is_malformed(led: Led, sock: socket.socket) -> None:
    sock.sendall(b"CONNECT \x00\r\n\r\n")


MISUSES = [
    says_nothing,
    says_half,
    half_closes,
    tunnels_and_says_nothing,
    tunnels_and_half_closes,
    asks_and_leaves,
    is_malformed,
]


@pytest.mark.parametrize("misuse", MISUSES)
def test_a_client_that_misbehaves_leaves_nothing_behind(misuse: Misuse) -> None:
    with leading() as led:
        led.ask(GET.format("https://app.xtrakit.com/api/v1/customers/1"))
        before, threads = descriptors(), threading.active_count()
        with ExitStack() as clients:
            for _ in range(20):
                sock = clients.enter_context(socket.create_connection(("127.0.0.1", led.proxy.port)))
                misuse(led, sock)
            assert threading.active_count() <= threads  # however many there are, and however slow
            ok = led.ask(GET.format("https://app.xtrakit.com/api/v1/customers/1"))
            assert ok.startswith(b"HTTP/1.1 200 OK\r\n")
        wait_until(lambda: descriptors() <= before)


def test_stopping_it_with_open_tunnels_leaves_nothing_behind() -> None:
    before, threads = descriptors(), threading.active_count()
    with ExitStack() as clients, leading() as led:
        for _ in range(20):
            clients.enter_context(led.tunnel("app.xtrakit.com:443"))
    assert threading.active_count() <= threads  # those of an earlier test may have ended meanwhile
    wait_until(lambda: descriptors() <= before)


@pytest.mark.slow
def test_200_at_once_and_10_000_in_a_row_leave_nothing_behind() -> None:
    with leading() as led:
        ask = GET.format("https://app.xtrakit.com/api/v1/customers/1")
        led.ask(ask)
        before, threads = descriptors(), threading.active_count()
        with ExitStack() as clients:
            tunnels = [clients.enter_context(led.tunnel("app.xtrakit.com:443")) for _ in range(200)]
            secure = [clients.enter_context(over_tls(sock, led.authority)) for sock in tunnels]
            for sock in secure:
                sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
            assert all(b'"customer_name": "Jane Doe"' in read_all(sock) for sock in secure)
            assert threading.active_count() <= threads
        wait_until(lambda: descriptors() <= before)
        for number in range(10_000):
            if number % 2:
                assert led.ask(ask).startswith(b"HTTP/1.1 200 OK\r\n")
            else:
                led.tunnel("app.xtrakit.com:443").close()
        assert threading.active_count() <= threads
        wait_until(lambda: descriptors() <= before)
