"""The application under test, pointed at the fake: all that a suite has to say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from crm import Crm

import fakekit


@pytest.fixture
def crm(xtrakit: fakekit.Handle) -> Iterator[Crm]:
    """The client, with this test's own key."""
    client = Crm(xtrakit.base_url, xtrakit.api_key)
    yield client
    client.session.close()
