"""pytest-socket's ``--disable-socket``: a test that may reach this machine has its calls intercepted."""

from __future__ import annotations

import socket

import pytest
from intercepted import CLIENTS, name_in
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

from fakekit import Handle

pytestmark = pytest.mark.filterwarnings("ignore:A test tried to use socket")
"""pytest-socket warns of what it blocks, beside the exception."""


@pytest.mark.parametrize("client", list(CLIENTS))
@pytest.mark.fakekit(intercept=True)
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_intercepted_call_reaches_the_fake(client: str, xtrakit: Handle) -> None:
    assert name_in(CLIENTS[client]()) == xtrakit.customer(1)["customer_name"]
    xtrakit.assert_requested("GET", "customers/1", times=1)


@pytest.mark.fakekit(intercept=True)
@pytest.mark.allow_hosts(["127.0.0.1"])
def test_another_host_is_blocked_beside_it(xtrakit: Handle) -> None:
    with socket.socket() as sock, pytest.raises(SocketConnectBlockedError):
        sock.connect(("192.0.2.1", 80))


def test_sockets_are_blocked_without_it(xtrakit: Handle) -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket()
    assert xtrakit.customer(1)["id"] == 1
