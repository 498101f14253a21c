"""A server in this process, a key of the test's own and a connection that is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

import fakekit
from tests.helpers.raw_http import Connection
from tests.helpers.remembered_responses import port_of


@pytest.fixture(scope="module")
def server() -> Iterator[fakekit.FakeServer]:
    running = fakekit.FakeServer(seed=1)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def fake(server: fakekit.FakeServer, request: pytest.FixtureRequest) -> Iterator[fakekit.Handle]:
    """A key of the test's own."""
    key = "fk_" + re.sub(r"\W", "-", request.node.name)[:50]
    yield server.account(key)
    server.close_account(key)


@pytest.fixture
def connection(fake: fakekit.Handle) -> Iterator[Connection]:
    with Connection(port_of(fake)) as opened:
        yield opened
