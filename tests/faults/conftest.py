"""A key of the test's own, and a fake in this process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import fakekit
from fakekit import Handle
from tests.helpers.fault_requests import new_key


@pytest.fixture
def key() -> str:
    return new_key()


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    server = fakekit.FakeServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def xtrakit(fake: fakekit.FakeServer, key: str) -> Handle:
    return fake.account(key)
