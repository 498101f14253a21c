"""pytest-recording's ``--block-network``: no test reaches a host, but an intercepted call reaches the fake."""

from __future__ import annotations

import socket

import pytest
from intercepted import CLIENTS, name_in

from fakekit import Handle


@pytest.mark.parametrize("client", list(CLIENTS))
@pytest.mark.fakekit(intercept=True)
def test_an_intercepted_call_reaches_the_fake(client: str, xtrakit: Handle) -> None:
    assert name_in(CLIENTS[client]()) == xtrakit.customer(1)["customer_name"]
    xtrakit.assert_requested("GET", "customers/1", times=1)


@pytest.mark.fakekit(intercept=True)
def test_another_host_is_blocked_beside_it(xtrakit: Handle) -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match="Network is disabled"):
        sock.connect(("192.0.2.1", 80))


def test_another_host_is_blocked_without_it() -> None:
    with socket.socket() as sock, pytest.raises(RuntimeError, match="Network is disabled"):
        sock.connect(("192.0.2.1", 80))
