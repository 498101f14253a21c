"""A store for accounts, at its interface: rows, items, journals."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakekit.accounts.state_store import AccountRow, Item, NewEntry, StateStore, StoredEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state

RECORD = Item("record", "customers/51", '{"id": 51}')
CLOCK = Item("clock", "", '{"frozen": true}')


@pytest.fixture
def store(state_location: str) -> Iterator[StateStore]:
    opened = open_state(StateLocation(state_location), 10, {"seed": "1"})
    yield opened
    opened.close()


def test_nothing_is_stored_under_a_new_key(store: StateStore) -> None:
    assert store.find("fk_a") is None
    assert store.items("fk_a") == []
    assert store.entries("fk_a") == []
    assert (store.rows(), store.last_number(), store.drop("fk_a")) == ([], 0, False)


def test_a_write_stores_items_with_a_version_that_no_account_had(store: StateStore) -> None:
    with store.writing("fk_a") as first:
        assert first.row is None
        assert first.put([RECORD, CLOCK]) == 1
    with store.writing("fk_b") as second:
        assert second.put([RECORD]) == 2
    with store.writing("fk_a") as third:
        assert third.row == AccountRow("fk_a", 1)
        assert third.put([CLOCK._replace(value=None)]) == 3
        assert third.items(1) == [CLOCK._replace(value=None)]
    assert store.find("fk_a") == AccountRow("fk_a", 3)
    assert store.items("fk_a") == [RECORD, CLOCK._replace(value=None)]
    assert store.items("fk_a", 1) == [CLOCK._replace(value=None)]


def test_row_and_items_are_read_as_of_one_moment(store: StateStore) -> None:
    assert store.read("fk_a") == (None, [])
    with store.writing("fk_a") as write:
        write.put([RECORD])
    with store.writing("fk_a") as write:
        write.put([CLOCK])
    assert store.read("fk_a", 1) == (AccountRow("fk_a", 2), [CLOCK])
    with store.writing("fk_a") as write:
        assert write.replace([RECORD], '{"seed": 7}') == 3
    assert store.read("fk_a", 2) == (AccountRow("fk_a", 3, 3, settings='{"seed": 7}'), [RECORD])


def test_entries_have_numbers_that_only_grow(store: StateStore) -> None:
    assert store.write_entries([NewEntry("fk_a", 1.5, "one"), NewEntry("", 2.5, "two")]) == [1, 2]
    assert store.write_entries([NewEntry("fk_a", 3.5, "", repeats=1, version=0, request_key="fk_a")]) == [3]
    assert store.entries("fk_a") == [StoredEntry(1, 1.5, "one"), StoredEntry(3, 3.5, "one")]
    assert store.entries("fk_a", 1) == [StoredEntry(3, 3.5, "one")]
    assert store.entries("") == [StoredEntry(2, 2.5, "two")]
    assert (store.last_number(), store.rows()) == (3, [AccountRow("fk_a")])
