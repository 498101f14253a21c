from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore

OpenStore = Callable[..., SqlStore]


@pytest.fixture
def open_store(state_location: str) -> Iterator[OpenStore]:
    """Opens the store of this test, and closes it afterwards; each call is like another process."""
    with ExitStack() as stack:

        def opened(max_accounts: int = 100) -> SqlStore:
            store = open_state(StateLocation(state_location), max_accounts, {"seed": "1"})
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture
def store(open_store: OpenStore) -> SqlStore:
    return open_store()
