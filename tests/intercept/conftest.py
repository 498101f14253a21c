"""Servers of this process under the vendor's names."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest

from fakekit.intercept.patches import PATCHES
from fakekit.intercept.policy import Policy
from fakekit.server.authority import Authority
from tests.helpers.proxies import Led, Network, leading


class _ServersOfOurOwn(Policy):
    """For tests that speak to servers of this process under the vendor's names; no name is looked up."""

    def resolve(self, host: str) -> bool:
        raise AssertionError(f"{host} was looked up")


@pytest.fixture(autouse=True)
def _the_guard_lets_servers_of_our_own_be_tested() -> Iterator[None]:
    with PATCHES.installed(_ServersOfOurOwn()):
        yield


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


@pytest.fixture(scope="module")
def led() -> Iterator[Led]:
    with leading() as running:
        yield running


@pytest.fixture(scope="module")
def led_by_gateway() -> Iterator[Led]:
    with leading(by_gateway=True) as running:
        yield running


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()
