"""A key that nobody used before."""

from __future__ import annotations

import pytest

from tests.helpers.fault_requests import new_key


@pytest.fixture
def key() -> str:
    return new_key()
