"""The server of the session, asked by HTTP, and a key that nobody used before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.control_api import Fake, Key, asking
from tests.helpers.processes import Server


@pytest.fixture(scope="module")
def fake(server: Server) -> Iterator[Fake]:
    with asking(server.origin) as asked:
        yield asked


@pytest.fixture
def key(fake: Fake) -> Key:
    return fake.key()
