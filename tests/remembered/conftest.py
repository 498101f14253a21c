"""A connection that is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import fakekit
from tests.helpers.raw_http import Connection, port_of


@pytest.fixture
def connection(xtrakit: fakekit.Handle) -> Iterator[Connection]:
    with Connection(port_of(xtrakit.origin)) as opened:
        yield opened
