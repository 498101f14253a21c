"""A store for accounts, at its interface: rows, items, aliases."""

from __future__ import annotations

import pytest

from fakekit.accounts.state_store import AccountRow, Item, StateStore
from fakekit.state.sql_store import SqlStore

RECORD = Item("record", "customers/51", '{"id":51}')
CLOCK = Item("clock", "", '{"frozen":true}')


def put(store: StateStore, key: str, *items: Item) -> int:
    with store.writing(key) as write:
        return write.put(items)


def test_nothing_is_stored_under_a_new_key(store: SqlStore) -> None:
    assert store.find("fk_a") is None
    assert store.read("fk_a") == (None, [])
    assert store.read("fk_a")[1] == []
    assert store.entries("fk_a") == []
    assert (store.rows(), store.last_number(), store.drop("fk_a")) == ([], 0, False)
    assert store.drop_entries("fk_a") == 0


def test_a_write_stores_items_with_a_version_that_no_account_had(store: SqlStore) -> None:
    with store.writing("fk_a") as first:
        assert first.row is None
        assert first.put([RECORD, CLOCK]) == 1
    assert put(store, "fk_b", RECORD) == 2
    with store.writing("fk_a") as third:
        assert third.row == AccountRow("fk_a", 1, 1)
        assert third.put([CLOCK._replace(value=None)]) == 3
        assert third.items(1) == [CLOCK._replace(value=None)]
    assert store.find("fk_a") == AccountRow("fk_a", 3, 1)
    assert store.read("fk_a")[1] == [RECORD, CLOCK._replace(value=None)]
    assert store.read("fk_a", 1)[1] == [CLOCK._replace(value=None)]


@pytest.mark.slow
def test_several_steps_of_a_write_have_one_version(store: SqlStore) -> None:
    with store.writing("fk_a") as write:
        assert [write.put([RECORD]), write.put([CLOCK]), write.set_alias("fk_b")] == [1, 1, 1]
    assert store.read("fk_a") == (AccountRow("fk_a", 1, 1, "fk_b"), [CLOCK, RECORD])


def test_row_and_items_are_read_as_of_one_moment(store: SqlStore) -> None:
    put(store, "fk_a", RECORD)
    put(store, "fk_a", CLOCK)
    assert store.read("fk_a", 1) == (AccountRow("fk_a", 2, 1), [CLOCK])
    with store.writing("fk_a") as write:
        assert write.replace([RECORD], '{"seed":7}') == 3
    assert store.read("fk_a", 2) == (AccountRow("fk_a", 3, 3, settings='{"seed":7}'), [RECORD])
    with store.writing("fk_a") as write:
        assert write.replace([]) == 4
    assert store.read("fk_a", 3) == (AccountRow("fk_a", 4, 4, settings='{"seed":7}'), [])


def test_a_write_that_fails_stores_nothing(store: SqlStore) -> None:
    put(store, "fk_a", RECORD)

    def fail(key: str) -> None:
        with store.writing(key) as write:
            write.replace([CLOCK])
            raise KeyError

    for key in ("fk_a", "fk_new"):
        with pytest.raises(KeyError):
            fail(key)
    with store.writing("fk_empty"):
        pass
    assert store.read("fk_a")[1] == [RECORD]
    assert store.rows() == [AccountRow("fk_a", 1, 1)]


def test_an_account_that_was_dropped_shares_nothing_with_a_later_one(store: SqlStore) -> None:
    put(store, "fk_a", RECORD)
    assert store.drop("fk_a")
    assert (store.find("fk_a"), store.read("fk_a")[1]) == (None, [])
    assert put(store, "fk_a", CLOCK) == 2
    # A process that knows version 1 reads all, and not only what is newer.
    assert store.read("fk_a", 1) == (AccountRow("fk_a", 2, 2), [CLOCK])


def test_an_alias_is_a_row_of_its_own(store: SqlStore) -> None:
    put(store, "fk_a", RECORD)
    with store.writing("fk_alias") as write:
        write.set_alias("fk_a")
    assert store.rows() == [AccountRow("fk_a", 1, 1), AccountRow("fk_alias", 2, 2, "fk_a")]
    assert store.drop("fk_alias")
    assert store.read("fk_a")[1] == [RECORD]
    with store.writing("fk_alias") as write:
        write.set_alias("fk_a")
    with store.writing("fk_alias") as write:
        write.set_alias("")
    assert store.find("fk_alias") is None
    put(store, "fk_alias", RECORD)
    for key in ("fk_a", ""):
        with store.writing("fk_alias") as write:
            write.set_alias(key)
    assert store.read("fk_alias")[1] == [RECORD]


def test_any_text_is_stored(store: SqlStore) -> None:
    items = [
        Item("unread", "get ?a\0\\x00\n=\ud800Ɔ", "1"),
        Item("record", "customers/51", '["\\u0000 Ɔ 😀"]'),
    ]
    put(store, "fk_a", *items)
    assert sorted(store.read("fk_a")[1]) == sorted(items)
    put(store, "fk_a", Item("record", "customers/52", '"\ud800"'))
    assert store.read("fk_a", 1)[1] == [Item("record", "customers/52", '"\\ud800"')]


@pytest.mark.slow
def test_what_says_that_items_were_removed_is_removed_now_and_then(store: SqlStore) -> None:
    for number in range(1, 254, 2):
        put(store, "fk_a", Item("fault", str(number), "{}"))
        put(store, "fk_a", Item("fault", str(number), None))
    put(store, "fk_a", RECORD)
    assert len(store.read("fk_a")[1]) == 128
    assert put(store, "fk_a", CLOCK) == 256
    assert store.read("fk_a", 255) == (AccountRow("fk_a", 256, 256), [RECORD, CLOCK])
