"""How much a store holds: accounts, aliases, items, journals; what makes room, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import pytest

import fakekit
from fakekit.accounts.state_store import AccountRow, Item, NewEntry, Source, StateStore
from fakekit.errors import AccountsFullError
from fakekit.state.sql_store import SqlStore
from tests.helpers.control_api import asking, running

pytestmark = pytest.mark.slow
OpenStore = Callable[[int], SqlStore]
RECORD = Item("record", "customers/51", '{"id":51}')
FULL = "all 3 accounts are in use, so there is no room for a new key; write a larger --max-accounts, or use fewer keys"


def put(store: StateStore, key: str, *items: Item) -> None:
    with store.writing(key) as write:
        write.put(items or [RECORD])


def ask(store: StateStore, *keys: str) -> list[int]:
    return store.write_entries([NewEntry(key, 1.0, "one") for key in keys])


def keys(store: StateStore) -> list[str]:
    return [row.key for row in store.rows()]


def test_the_least_recently_used_account_without_content_makes_room(open_store: OpenStore) -> None:
    store = open_store(3)
    ask(store, "fk_a", "fk_b", "fk_c", "fk_a")
    put(store, "fk_b", Item("unread", "get a", "1"))
    assert keys(store) == ["fk_b", "fk_c", "fk_a"]
    assert ask(store, "fk_d") == [5]
    assert keys(store) == ["fk_c", "fk_a", "fk_d"]
    put(store, "fk_c")
    put(store, "fk_e")
    assert sorted(keys(store)) == ["fk_c", "fk_d", "fk_e"]
    # Its journal was dropped, and says so when it comes back.
    ask(store, "fk_a")
    assert store.find("fk_a") == AccountRow("fk_a", dropped_up_to=5, truncated=True)


def test_what_is_written_together_does_not_make_room_for_each_other(open_store: OpenStore) -> None:
    store = open_store(2)
    ask(store, "fk_a")
    ask(store, "fk_b")
    assert ask(store, "fk_a", "fk_c") == [3, 4]
    assert keys(store) == ["fk_a", "fk_c"]
    assert [entry.number for entry in store.entries("fk_a")] == [1, 3]
    put(store, "fk_a")
    assert ask(store, "fk_d", "fk_e", "fk_a") == [5, 0, 6]


def test_who_makes_room_at_the_same_time_waits_for_nobody_who_waits_for_him(open_store: OpenStore) -> None:
    stores = [open_store(30) for _ in range(4)]

    def ask_often(store: SqlStore, first: int) -> int:
        batches = [[f"fk_{(first + 7 * i + 5 * j) % 40:02}" for j in range(5)] for i in range(40)]
        return sum(map(bool, itertools.chain.from_iterable(ask(store, *batch) for batch in batches)))

    with mock.patch("fakekit.state.sql_store.DEADLOCKS", 0), ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(ask_often, stores, (0, 3, 11, 17))) == 800


def test_an_account_that_is_opened_misses_no_entry_though_others_were_dropped(state_location: str) -> None:
    server = fakekit.FakeServer(state=state_location, max_accounts=4)
    with server as xtrakit, asking(xtrakit.origin) as fake:
        for number in range(6):
            assert fake.key(f"fk_{number}").ask("customers/1").ok
        assert fake.control("POST", "", {"key": "fk_new", "seed": 5}).ok
        server.account("fk_handle")
        for key in ("fk_new", "fk_handle"):
            assert fake.key(key).ask("customers/1").ok
            fakekit.connect(xtrakit.origin, key).assert_requested("GET", "customers/1", times=1)


def test_among_many_accounts_a_part_is_looked_at(open_store: OpenStore) -> None:
    store = open_store(6)
    for number in range(6):
        put(store, f"fk_{number}")
    with mock.patch("fakekit.state.sql_store.SEARCHED_ACCOUNTS", 2):
        for _ in range(3):
            with pytest.raises(AccountsFullError):
                put(store, "fk_new")
        for number in (5, 0):
            put(store, f"fk_{number}", RECORD._replace(value=None))
        for number in (7, 8):
            put(store, f"fk_{number}")
        with pytest.raises(AccountsFullError):
            put(store, "fk_new")
    assert sorted(keys(store)) == ["fk_1", "fk_2", "fk_3", "fk_4", "fk_7", "fk_8"]


def test_without_room_a_new_key_is_refused_but_never_fk_demo(open_store: OpenStore) -> None:
    store = open_store(3)
    put(store, "fk_a")
    put(store, "fk_b")
    put(store, "fk_c", Item("record", "customers/1", "null"))
    with pytest.raises(AccountsFullError, match=FULL):
        put(store, "fk_d")
    with pytest.raises(AccountsFullError, match=FULL):
        store.check_room("fk_d")
    assert ask(store, "fk_d", "fk_a", "", "fk_demo") == [0, 1, 2, 3]
    put(store, "fk_demo")
    store.check_room("fk_demo")
    store.check_room("fk_a")
    put(store, "fk_a")
    assert store.drop("fk_a")
    assert store.drop("fk_demo")
    store.check_room("fk_d")
    put(store, "fk_d")
    assert sorted(keys(store)) == ["fk_b", "fk_c", "fk_d"]


def test_there_are_as_many_aliases_as_accounts(open_store: OpenStore) -> None:
    store = open_store(3)
    for number in range(3):
        put(store, f"fk_{number}")
        with store.writing(f"fk_alias_{number}") as write:
            write.set_alias(f"fk_{number}")
    with (
        pytest.raises(AccountsFullError, match="3 aliases are in use, the most that there may be"),
        store.writing("fk_alias") as write,
    ):
        write.set_alias("fk_0")
    with store.writing("fk_alias_0") as write:
        write.set_alias("fk_1")
    assert len(keys(store)) == 6


def test_accounts_of_other_processes_are_counted(open_store: OpenStore) -> None:
    stores = [open_store(3) for _ in range(3)]
    for number, store in enumerate(stores):
        put(store, f"fk_{number}")
    for store in stores:
        with pytest.raises(AccountsFullError, match=FULL):
            put(store, "fk_more")


def test_items_have_a_limit_and_those_of_fk_demo_their_own(open_store: OpenStore) -> None:
    with mock.patch("fakekit.state.sql_store.CHANGE_BYTES", 2 * 1024**2):
        first, second = open_store(100), open_store(100)
    large = Item("record", "customers/51", '"' + "a" * 700_000 + '"')
    put(first, "fk_a", large)
    put(second, "fk_b", large)
    full = "changes, snapshots and faults take 256 MiB, so there is no room for more; write fewer of them"
    with pytest.raises(AccountsFullError, match=full):
        put(first, "fk_c", large)
    assert keys(first) == ["fk_a", "fk_b"]
    put(first, "fk_demo", large)
    second.drop("fk_a")
    put(first, "fk_c", large)


def test_what_resets_have_replaced_gives_way(open_store: OpenStore) -> None:
    with mock.patch("fakekit.state.sql_store.CHANGE_BYTES", 2 * 1024**2):
        first, second = open_store(100), open_store(100)
    record = RECORD._replace(value='"' + "a" * 700_000 + '"')
    replaced = Item("before_reset", "", record.value)
    for key in ("fk_a", "fk_b", "fk_demo"):
        put(first, key, replaced)
    put(second, "fk_a", record)
    assert [first.read(key)[1] for key in ("fk_a", "fk_b")] == [
        [replaced, record],
        [replaced._replace(value=None)],
    ]
    put(second, "fk_c", record)
    assert first.read("fk_a")[1] == [record, replaced._replace(value=None)]
    assert first.read("fk_demo")[1] == [replaced]
    with pytest.raises(AccountsFullError):
        put(first, "fk_d", record)


def test_an_account_that_fills_the_store_can_be_reset(state_location: str) -> None:
    with mock.patch("fakekit.state.sql_store.CHANGE_BYTES", 30_000), running(state=state_location) as fake:
        key = fake.key("fk_a")
        while key.ask("customer-groups/add", {"group_name": "Regulars"}).ok:
            pass
        assert key.control("POST", "/reset").ok
        assert key.control("GET").json()["before_reset"] is None
        assert key.ask("customer-groups/add", {"group_name": "Regulars"}).json()["data"]["group"]["id"] == 6


def test_the_journals_together_have_a_limit(open_store: OpenStore) -> None:
    with mock.patch("fakekit.state.journals.JOURNAL_BYTES", 100_000):
        store = open_store(100)
        for _ in range(10):
            store.write_entries([NewEntry(key, 1.0, "a" * 4890) for key in ("", "fk_a")])
        put(store, "fk_a")
        store.write_entries([NewEntry("fk_b", 1.0, "b" * 4890)])
        assert [len(store.entries(key)) for key in ("", "fk_a", "fk_b")] == [0, 10, 1]
        store.write_entries([NewEntry("fk_b", 1.0, "b" * 4890)] * 10)
        assert [len(store.entries(key)) for key in ("", "fk_a", "fk_b")] == [0, 0, 11]
    assert store.find("fk_a") == AccountRow("fk_a", 1, 1, dropped_up_to=20, truncated=True)
    unauthenticated = store.find("")
    assert unauthenticated is not None
    assert (unauthenticated.dropped_up_to, unauthenticated.truncated) == (19, True)


def test_a_summary_says_what_an_account_has(store: SqlStore) -> None:
    put(store, "fk_a", RECORD, Item("fault", "f1", "{}"), Item("fault", "f2", None), Item("clock", "", "1"))
    store.write_entries([NewEntry("fk_a", 2.5, "12345")])
    store.write_entries([NewEntry("fk_a", 1.5, "", repeats=(Source(1, 2.5),) * 2)])
    ((row, records, faults, requests, size, last_request),) = store.summaries()
    assert row == AccountRow("fk_a", 1, 1)
    assert (records, faults, requests, size, last_request) == (1, 1, 3, 17, 2.5)
