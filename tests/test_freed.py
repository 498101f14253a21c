"""What a request held is freed once it is answered, and not only when the garbage collector comes."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask, Request
from werkzeug.test import EnvironBuilder

import fakekit
from tests.helpers.raw_http import Connection, port_of
from tests.helpers.vendor_api import CUSTOMER

REQUESTS = {
    "a write": ("/api/v1/customers/add", "fk_demo", CUSTOMER),
    "a refused write": ("/api/v1/customers/add", "fk_demo", {"customer_name": "Ama"}),
    "an answer of a fault": ("/api/v1/customers/add", "fk_demo~fail=503", CUSTOMER),
    "a broken connection": ("/api/v1/customers/add", "fk_demo~reset", CUSTOMER),
    "a stub outside of the contract": (
        "/api/v1/customers/add",
        'fk_demo~respond=200,json={"status":1}',
        CUSTOMER,
    ),
    "a list": ("/api/v1/customers?customer_name=Ama", "fk_demo", None),
    "no key": ("/api/v1/customers/add", "", CUSTOMER),
    "a control request": ("/_fakekit/accounts", "", {"key": "fk_freed"}),
    "a refused control request": ("/_fakekit/accounts", "", {"key": 1}),
}


@pytest.fixture(autouse=True)
def _no_collection() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(scope="module")
def app() -> Flask:
    return fakekit.create_app(fakekit.Settings.of(seed=1))


class _Marker:
    """Is in an environment, and goes with it."""


@pytest.mark.parametrize(("path", "key", "body"), REQUESTS.values(), ids=REQUESTS)
def test_under_another_server(app: Flask, path: str, key: str, body: dict[str, Any] | None) -> None:
    headers = [("Authorization", f"Bearer {key}"), ("Fakekit-Control", "1")]
    method = "POST" if body else "GET"
    environ = EnvironBuilder(path, method=method, json=body, headers=headers).get_environ()
    environ["test.marker"] = marker = _Marker()
    is_there = weakref.ref(marker)
    with suppress(Exception):  # a fault that ends the connection raises
        b"".join(app(environ, lambda *_: lambda _: None))
    del environ, marker
    assert is_there() is None


def _requests() -> int:
    return sum(type(each) is Request for each in gc.get_objects())


def test_under_fakekits_own(xtrakit: fakekit.Handle) -> None:
    data = json.dumps(CUSTOMER).encode()
    head = f"Host: x\r\nAuthorization: Bearer {xtrakit.api_key}\r\nContent-Length: {len(data)}\r\n\r\n"
    before = _requests()
    with Connection(port_of(xtrakit.origin)) as connection:
        for _ in range(20):
            connection.ask(b"POST /api/v1/customers/add HTTP/1.1\r\n" + head.encode() + data)
    assert _requests() <= before + 2  # the last one of each thread
