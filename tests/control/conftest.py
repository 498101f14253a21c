"""The server of the session, asked by HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.control_api import Fake, asking
from tests.helpers.processes import Server


@pytest.fixture(scope="module")
def over_http(server: Server) -> Iterator[Fake]:
    with asking(server.origin) as asked:
        yield asked
