from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore


@pytest.fixture
def open_store(state_location: str) -> Iterator[Callable[[int], SqlStore]]:
    """Opens the store of this test, and closes it afterwards; each call is like another process."""
    with ExitStack() as stack:

        def opened(max_accounts: int) -> SqlStore:
            store = open_state(StateLocation(state_location), max_accounts, {"seed": "1"})
            stack.callback(store.close)
            return store

        yield opened


@pytest.fixture
def store(open_store: Callable[[int], SqlStore]) -> SqlStore:
    return open_store(100)
