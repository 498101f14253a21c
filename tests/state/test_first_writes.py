"""Two at once write an account that is new: the second one sees what the first one has stored."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event

import pytest

from fakekit.accounts.state_store import AccountRow, Item, NewEntry, StateStore
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from tests.helpers.processes import PATIENCE

FIRST, SECOND = Item("record", "customers/51", "1"), Item("record", "customers/52", "2")


@pytest.fixture
def stores(state_location: str) -> Iterator[tuple[StateStore, StateStore]]:
    """Two stores at one location, as those of two processes."""
    one, two = (open_state(StateLocation(state_location), 10, {"seed": "1"}) for _ in range(2))
    with closing(one), closing(two):
        yield one, two


def test_the_second_writer_of_a_new_account_reads_what_the_first_one_stored(
    stores: tuple[StateStore, StateStore],
) -> None:
    one, two = stores
    begun = Event()

    def write_second() -> tuple[AccountRow | None, list[Item]]:
        begun.set()
        with two.writing("fk_new") as write:
            found = write.row, write.items()
            write.put([SECOND])
        return found

    with ThreadPoolExecutor(1) as threads:
        with one.writing("fk_new") as write:
            write.put([FIRST])
            second = threads.submit(write_second)
            begun.wait(PATIENCE)
            Event().wait(0.05)  # it is at the lock, or comes to it later: the result is the same
        row, items = second.result(PATIENCE)
    assert row is not None
    assert (row.version, items) == (1, [FIRST])
    assert one.read("fk_new")[1] == [FIRST, SECOND]


def test_a_writer_that_stores_nothing_leaves_the_journal_of_another(
    stores: tuple[StateStore, StateStore],
) -> None:
    one, two = stores
    assert one.write_entries([NewEntry("fk_new", 1.5, "one")]) == [1]
    with two.writing("fk_new"):
        pass
    assert [entry.content for entry in one.entries("fk_new")] == ["one"]
