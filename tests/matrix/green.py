"""What has to hold where gevent or eventlet has replaced threads, sockets and locks by those of greenlets."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from collections.abc import Callable
from contextlib import closing

import pytest

import fakekit
from fakekit import Handle


def _fetch(connection: http.client.HTTPConnection, path: str, key: str) -> str:
    """Return the name in the response to a fetch."""
    with closing(connection):
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"})
        name: str = json.load(connection.getresponse())["data"]["customer"]["customer_name"]
        return name


def test_an_operation(operate: Callable[[Handle], None], xtrakit: Handle) -> None:
    operate(xtrakit)


def test_many_greenlets_ask_at_once(xtrakit: Handle) -> None:
    xtrakit.delay(0.1)
    host = xtrakit.origin.removeprefix("http://")
    names: list[str] = []

    def ask() -> None:
        names.append(_fetch(http.client.HTTPConnection(host), "/api/v1/customers/1", xtrakit.api_key))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names == ["Jane Doe"] * 20


def test_the_suite_may_run_a_loop_of_its_own(xtrakit: Handle) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    assert asyncio.run(answer()) == 42


@pytest.mark.fakekit(intercept=True)
@pytest.mark.parametrize("kind", [http.client.HTTPSConnection, http.client.HTTPConnection])
def test_calls_for_the_vendors_host_are_led(kind: type[http.client.HTTPConnection], xtrakit: Handle) -> None:
    xtrakit.change("customers", 1, customer_name="mine")
    assert _fetch(kind("app.xtrakit.com"), "/api/v1/customers/1", "REAL") == "mine"


def test_a_server_of_the_suites_own() -> None:
    with fakekit.FakeServer() as handle:
        host = handle.origin.removeprefix("http://")
        assert _fetch(http.client.HTTPConnection(host), "/api/v1/customers/1", "fk_own") == "Jane Doe"
