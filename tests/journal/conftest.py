"""A fake in this process, and an account of the test's own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import fakekit


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer(seed=1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def xtrakit(fake: fakekit.FakeServer, request: pytest.FixtureRequest) -> Iterator[fakekit.Handle]:
    key = f"fk_{abs(hash(request.node.nodeid))}"
    yield fake.account(key)
    fake.close_account(key)
