"""Plugins that mock, record or serve HTTP: responses, respx, httpx, recording, httpserver, django, flask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import flask
import pytest
import responses
import respx
import vcr

from fakekit import Handle

MOCKS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "responses": lambda: responses.RequestsMock(assert_all_requests_are_fired=False),
    "respx": lambda: respx.mock(assert_all_called=False),
    "vcr": lambda: vcr.use_cassette("none.yaml", record_mode="none"),
}


@pytest.fixture
def app() -> flask.Flask:
    """What pytest-flask tests."""
    app = flask.Flask(__name__)
    app.add_url_rule("/", "home", lambda: "home")
    return app


@pytest.fixture(params=[*MOCKS, "httpx_mock", "httpserver"])
def mocked(request: pytest.FixtureRequest) -> Iterator[None]:
    """HTTP as the code under test meets it."""
    if request.param in MOCKS:
        with MOCKS[request.param]():
            yield
    else:
        request.getfixturevalue(request.param)
        yield


def test_before(mocked: None, xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


def test_after(xtrakit: Handle, mocked: None, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


@pytest.mark.vcr(record_mode="none")
@pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
def test_recording(xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    operate(xtrakit)


def test_django(client: Any, settings: Any, xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    settings.DEBUG = True
    operate(xtrakit)


def test_flask(app: flask.Flask, xtrakit: Handle, operate: Callable[[Handle], None]) -> None:
    with app.test_client() as client:
        assert client.get("/").text == "home"
        operate(xtrakit)
