"""A store for accounts, at its interface: the entries of journals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from fakekit.accounts.state_store import AccountRow, Item, NewEntry, StateStore, StoredEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore
from tests.helpers.control_api import running
from tests.helpers.event_streams import StreamClient, ids
from tests.helpers.raw_http import port_of

RECORD = Item("record", "customers/51", '{"id":51}')


def write(store: StateStore, count: int, content: str = "", repeats: int = 0) -> list[int]:
    return store.write_entries([NewEntry("fk_a", 1.0, content, repeats)] * count)


def test_entries_have_numbers_that_only_grow(store: SqlStore) -> None:
    assert store.write_entries([NewEntry("fk_a", 1.5, "one"), NewEntry("", 2.5, "two")]) == [1, 2]
    assert store.write_entries([NewEntry("fk_a", 3.5, "", repeats=1, version=0, request_key="fk_a")]) == [3]
    assert store.entries("fk_a") == [StoredEntry(1, 1.5, "one"), StoredEntry(3, 3.5, "one")]
    assert store.entries("fk_a", 1) == [StoredEntry(3, 3.5, "one")]
    assert store.entries("") == [StoredEntry(2, 2.5, "two")]
    assert (store.last_number(), store.rows()) == (3, [AccountRow("fk_a")])
    assert store.write_entries([]) == []


def test_what_repeats_a_repeated_entry_has_its_content(store: SqlStore) -> None:
    assert [*write(store, 1, "one"), *write(store, 1, repeats=1), *write(store, 1, repeats=2)] == [1, 2, 3]
    assert store.entries("fk_a", 1) == [StoredEntry(2, 1.0, "one"), StoredEntry(3, 1.0, "one")]


def test_a_response_of_another_version_is_not_repeated(store: SqlStore) -> None:
    with store.writing("fk_a") as account:
        version = account.put([RECORD])
    assert write(store, 1, "one") == [1]
    hit = NewEntry("fk_a", 2.0, "", repeats=1, version=version, request_key="fk_a")
    old, other = hit._replace(version=version + 1), hit._replace(key="fk_b")
    assert store.write_entries([old, hit, other]) == [0, 2, 0]
    with store.writing("fk_a") as account:
        account.put([RECORD])
    assert store.write_entries([hit]) == [0]
    store.drop("fk_a")
    assert store.write_entries([hit, hit._replace(key="fk_b")]) == [0, 0]
    assert store.rows() == []
    assert store.last_number() == 2


def test_what_a_copy_from_before_lacks_is_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with (
        closing(open_state(StateLocation(str(file)), 10, {})) as store,
        closing(sqlite3.connect(file)) as database,
        closing(sqlite3.connect(tmp_path / "copy.db")) as copy,
    ):
        assert write(store, 1, "first") == [1]
        database.backup(copy)
        assert [*write(store, 1, "second"), *write(store, 1, repeats=2)] == [2, 3]
        copy.backup(database)  # as .restore does, beside the open connections of the store
        assert write(store, 1, repeats=2) == [0]
        assert write(store, 1, repeats=1) == [2]
        assert [entry.content for entry in store.entries("fk_a")] == ["first", "first"]


def test_a_response_is_repeated_only_where_the_key_still_leads(store: SqlStore) -> None:
    write(store, 1, "one")
    through_alias = NewEntry("fk_a", 2.0, "", repeats=1, request_key="fk_alias")
    assert store.write_entries([through_alias]) == [0]
    with store.writing("fk_alias") as alias:
        alias.set_alias("fk_a")
    assert store.write_entries([through_alias]) == [2]
    with store.writing("fk_a") as alias:
        alias.set_alias("fk_b")
    assert store.write_entries([through_alias, through_alias._replace(request_key="fk_a")]) == [3, 0]


def test_deleted_entries_are_not_repeated(store: SqlStore) -> None:
    write(store, 3, "one")
    assert store.drop_entries("fk_a") == 1
    assert store.find("fk_a") == AccountRow("fk_a", 1, 1, dropped=-3)
    assert (store.entries("fk_a"), write(store, 1, repeats=1)) == ([], [0])
    assert write(store, 1, "two") == [4]


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 33])
def test_a_journal_has_the_last_thousand(store: SqlStore, batch: int) -> None:
    write(store, 1, "first")
    for _ in range(3 * 33 // batch):
        write(store, 7 * batch, repeats=1)
    write(store, 700, "later")
    entries = store.entries("fk_a")
    assert len(entries) in (1000, 1001)  # one more shows that there are older ones
    assert entries[0].content == "first"
    assert entries[-1] == StoredEntry(1394, 1.0, "later")
    row = store.find("fk_a")
    assert row is not None
    assert 200 < row.dropped <= 394
    for _ in range(20):
        write(store, 100, "even later")
    row = store.find("fk_a")
    assert row is not None
    assert row.dropped > 2000
    assert {entry.content for entry in store.entries("fk_a")} == {"even later"}
    assert write(store, 1, repeats=1) == [0]


@pytest.mark.slow
def test_a_stream_has_each_request_once_when_memory_is_full(state_location: str) -> None:
    """What made room in memory is read from the store again."""
    with (
        mock.patch("fakekit.accounts.registry.JOURNAL_BYTES", 10_000),
        running(state=state_location) as fake,
        StreamClient(port_of(fake.origin)) as stream,
    ):
        for number in range(1, 21):
            assert fake.key("fk_a").ask(f"customers/{number}").ok
            assert ids(stream.read_until(f"id: {number}\n")) == [number]
