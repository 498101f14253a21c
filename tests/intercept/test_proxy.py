"""The proxy of a run: the vendor's hosts never leave, and other hosts are reached as without it."""

from __future__ import annotations

import base64
import logging
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from fakekit.server.authority import Authority
from tests.helpers.processes import PATIENCE
from tests.helpers.proxies import GET, Led, Network, answer_to, echo, leading, over_tls, users_proxy
from tests.helpers.raw_http import read_all
from tests.helpers.scripted_server import answering, read_request
from tests.helpers.secrets_in_requests import SECRET


def test_a_fake_in_another_process_is_reached_by_a_gateway(led_by_gateway: Led) -> None:
    asked = GET.format("https://app.xtrakit.com/api/v1/customers/1")
    assert b'"customer_name": "Jane Doe"' in led_by_gateway.ask(asked)
    with over_tls(led_by_gateway.tunnel("app.xtrakit.com:443"), led_by_gateway.authority) as sock:
        sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
        assert b'"customer_name": "Jane Doe"' in read_all(sock)


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


def test_a_connection_is_kept_between_requests_that_name_their_host(led: Led) -> None:
    asked = f"GET https://app.xtrakit.com/api/v1/customers/1 HTTP/1.1\r\nHost: a\r\n{led.admission}\r\n"
    missing = (401, b'{"status": 401, "error": "Unauthorized: Missing Bearer Token"}\n')
    with socket.create_connection(("127.0.0.1", led.proxy.port), timeout=PATIENCE) as sock:
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
        socket.create_connection(("127.0.0.1", led.proxy.port), timeout=PATIENCE) as sock,
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
        with socket.create_connection(("127.0.0.1", led.proxy.port), timeout=PATIENCE) as sock:
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
