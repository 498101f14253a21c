"""Clients of the proxy that misbehave leave nothing behind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from tests.helpers.processes import PATIENCE, no_descriptor_left, no_thread_left, nothing_left
from tests.helpers.proxies import GET, Led, leading, over_tls
from tests.helpers.raw_http import read_all

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
        with no_descriptor_left(), ExitStack() as clients:
            with no_thread_left():  # however many there are, and however slow
                for _ in range(20):
                    sock = clients.enter_context(
                        socket.create_connection(("127.0.0.1", led.proxy.port), timeout=PATIENCE)
                    )
                    misuse(led, sock)
            ok = led.ask(GET.format("https://app.xtrakit.com/api/v1/customers/1"))
            assert ok.startswith(b"HTTP/1.1 200 OK\r\n")


def test_stopping_it_with_open_tunnels_leaves_nothing_behind() -> None:
    with nothing_left(), ExitStack() as clients, leading() as led:
        for _ in range(20):
            clients.enter_context(led.tunnel("app.xtrakit.com:443"))


@pytest.mark.slow
def test_200_at_once_and_10_000_in_a_row_leave_nothing_behind() -> None:
    with leading() as led:
        ask = GET.format("https://app.xtrakit.com/api/v1/customers/1")
        led.ask(ask)
        with no_descriptor_left(), ExitStack() as clients, no_thread_left():
            tunnels = [clients.enter_context(led.tunnel("app.xtrakit.com:443")) for _ in range(200)]
            secure = [clients.enter_context(over_tls(sock, led.authority)) for sock in tunnels]
            for sock in secure:
                sock.sendall(f"{GET.format('/api/v1/customers/1')}\r\n".encode())
            assert all(b'"customer_name": "Jane Doe"' in read_all(sock) for sock in secure)
        with nothing_left():
            for number in range(10_000):
                if number % 2:
                    assert led.ask(ask).startswith(b"HTTP/1.1 200 OK\r\n")
                else:
                    led.tunnel("app.xtrakit.com:443").close()
