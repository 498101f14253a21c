"""A store for accounts, at its interface: the entries of journals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from fakekit.accounts.state_store import AccountRow, Item, NewEntry, Source, StateStore, StoredEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore
from tests.helpers.control_api import running
from tests.helpers.event_streams import StreamClient, ids
from tests.helpers.raw_http import port_of

RECORD = Item("record", "customers/51", '{"id":51}')


def write(store: StateStore, count: int, content: str) -> list[int]:
    return store.write_entries([NewEntry("fk_a", 1.0, content)] * count)


def repeat(store: StateStore, *numbers: int, time: float = 1.0) -> list[int]:
    """Write entries that repeat those with these numbers, which are of a time."""
    return store.write_entries([NewEntry("fk_a", 2.0, "", [Source(number, time) for number in numbers])])


def test_entries_have_numbers_that_only_grow(store: SqlStore) -> None:
    assert store.write_entries([NewEntry("fk_a", 1.5, "one"), NewEntry("", 2.5, "two")]) == [1, 2]
    again = NewEntry("fk_a", 3.5, "", repeats=(Source(1, 1.5),), version=0, request_key="fk_a")
    assert store.write_entries([again]) == [3]
    assert store.entries("fk_a") == [StoredEntry(1, 1.5, "one"), StoredEntry(3, 3.5, "one")]
    assert store.entries("fk_a", 1) == [StoredEntry(3, 3.5, "one")]
    assert store.entries("") == [StoredEntry(2, 2.5, "two")]
    assert (store.last_number(), store.rows()) == (3, [AccountRow("fk_a")])
    assert store.write_entries([]) == []


def test_entries_that_repeat_others_are_written_together(store: SqlStore) -> None:
    assert [*write(store, 1, "one"), *write(store, 1, "two")] == [1, 2]
    assert (repeat(store, 2, 1, 9, 2), repeat(store, 9), repeat(store, 1)) == ([3, 4, 0, 5], [0], [6])
    # One that repeats another has no content of its own.
    assert (repeat(store, 5, 3, time=2.0), repeat(store, 1)) == ([0, 0], [7])
    # Of another database, there may be an entry with the same number.
    assert repeat(store, 1, time=1.5) == [0]
    contents = [(entry.number, entry.time, entry.content) for entry in store.entries("fk_a", 3)]
    assert contents == [(4, 2.0, "one"), (5, 2.0, "two"), (6, 2.0, "one"), (7, 2.0, "one")]
    assert store.summaries()[0].requests == 7


def test_a_response_of_another_version_is_not_repeated(store: SqlStore) -> None:
    with store.writing("fk_a") as account:
        version = account.put([RECORD])
    assert write(store, 1, "one") == [1]
    hit = NewEntry("fk_a", 2.0, "", repeats=(Source(1, 1.0),), version=version, request_key="fk_a")
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
        assert [*write(store, 1, "second"), *repeat(store, 2)] == [2, 3]
        copy.backup(database)  # as .restore does, beside the open connections of the store
        assert repeat(store, 2) == [0]
        assert repeat(store, 1) == [2]
        assert [entry.content for entry in store.entries("fk_a")] == ["first", "first"]


def test_a_response_is_repeated_only_where_the_key_still_leads(store: SqlStore) -> None:
    write(store, 1, "one")
    through_alias = NewEntry("fk_a", 2.0, "", repeats=(Source(1, 1.0),), request_key="fk_alias")
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
    assert store.find("fk_a") == AccountRow("fk_a", 1, 1, dropped_up_to=3)
    assert (store.entries("fk_a"), repeat(store, 1)) == ([], [0])
    assert write(store, 1, "two") == [4]


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 33])
@mock.patch("fakekit.state.journals.PRUNED_ENTRIES", 16)
def test_a_journal_has_the_last_thousand(store: SqlStore, together: int) -> None:
    write(store, 1, "first")
    for _ in range(3 * 33 // together):
        store.write_entries([NewEntry("fk_a", 2.0, "", (Source(1, 1.0),) * together)] * 7)
    write(store, 700, "later")
    entries = store.entries("fk_a")
    assert len(entries) in (1000, 1001)  # one more shows that there are older ones
    assert entries[0].content == "first"
    assert entries[-1] == StoredEntry(1394, 1.0, "later")
    row = store.find("fk_a")
    assert row is not None
    assert 200 < row.dropped_up_to <= 394
    assert row.truncated
    for _ in range(20):
        write(store, 100, "even later")
    row = store.find("fk_a")
    assert row is not None
    assert row.dropped_up_to > 2000
    assert {entry.content for entry in store.entries("fk_a")} == {"even later"}
    assert repeat(store, 1) == [0]


@pytest.mark.slow
def test_no_pattern_of_requests_keeps_a_journal_from_being_shortened(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with closing(open_state(StateLocation(str(file)), 100, {})) as store:
        in_turn = [NewEntry(f"fk_{number}", 1.0, "x") for number in range(10)] * 500
        for _ in range(40):
            store.write_entries(in_turn)
        with closing(sqlite3.connect(file)) as database:
            counts = database.execute("SELECT count(*) FROM fakekit_journal GROUP BY account").fetchall()
    assert len(counts) == 10
    assert all(1000 <= count < 15_000 for (count,) in counts)  # of 20,000 each


def test_what_later_entries_repeat_stays_stored_and_is_no_entry_itself(store: SqlStore) -> None:
    write(store, 1, "first")
    write(store, 1, "second")
    with mock.patch("fakekit.state.journals.PRUNED_ENTRIES", 1):
        for count in (600, 600, 1):
            repeat(store, *[1] * count)
            row = store.find("fk_a")
    assert row == AccountRow("fk_a", dropped_up_to=2, truncated=True)
    entries = store.entries("fk_a")
    assert [entries[0].number, entries[-1].number, len(entries)] == [203, 1203, 1001]
    assert {entry.content for entry in entries} == {"first"}
    assert (repeat(store, 2), repeat(store, 1)) == ([0], [1204])


@pytest.mark.slow
def test_a_stream_has_each_request_once_when_memory_is_full(state_location: str) -> None:
    """What made room in memory is read from the store again."""
    with (
        mock.patch("fakekit.accounts.registry.JOURNAL_BYTES", 10_000),
        mock.patch("fakekit.server.streaming.GATHER_SECONDS", 0),
        running(state=state_location) as fake,
        StreamClient(port_of(fake.origin)) as stream,
    ):
        for number in range(1, 21):
            assert fake.key("fk_a").ask(f"customers/{number}").ok
            assert ids(stream.read_until(f"id: {number}\n")) == [number]
