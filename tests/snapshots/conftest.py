"""A fake in this process, asked by HTTP, and a key that nobody used before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.helpers.control_api import Fake, Key, running


@pytest.fixture(scope="module")
def fake() -> Iterator[Fake]:
    with running() as started:
        yield started


@pytest.fixture
def key(fake: Fake) -> Key:
    return fake.key()
