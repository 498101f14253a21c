"""Accounts that several servers, or several threads, write and delete at the same time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

from fakekit.accounts.shared_lock import SharedLock
from tests.helpers.control_api import AMA, Fake, Key, running

GROUP = {"group_name": "Regulars"}


def test_deleted_records_are_gone_on_a_server_that_knew_them(state_location: str) -> None:
    """The other server uses the key again first, with a request that stores nothing but its entry."""
    with running(state=state_location) as fake, running(state=state_location) as other:
        key, same = fake.key("fk_a"), other.key("fk_a")
        assert key.control("PATCH", "/records/customers/2", {"customer_name": "Ama"}).ok
        assert key.customer(2)["customer_name"] == "Ama"
        assert same.control("DELETE").ok
        assert same.ask("customers/1").ok
        assert key.customer(2) == same.customer(2)
        assert key.control("GET").json()["changed"] is False
        assert key.ask("customer-groups/add", GROUP).ok
        assert same.customer(2)["customer_name"] != "Ama"


def test_a_write_whose_entry_cannot_be_stored_is_not_stored(tmp_path: Path) -> None:
    """So a client that got the 503 can send it again, and there is one record. A fault changed nothing."""
    state = tmp_path / "state.db"
    with running(state=state) as fake, closing(sqlite3.connect(state)) as database:
        key = fake.key("fk_a")
        assert key.control("POST", "/faults", {"fault": "drop", "field": "nothing", "times": 1}).ok
        database.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON fakekit_journal BEGIN SELECT RAISE(ABORT, 'no entry'); END"
        )
        answer = key.ask("customer-groups/add", GROUP)
        assert (answer.status_code, "no entry" in answer.headers["Fakekit-Note"]) == (503, True)
        database.execute("DROP TRIGGER refuse")
        answers = [key.ask("customer-groups/add", GROUP) for _ in range(2)]
        assert [answer.json()["data"]["group"]["id"] for answer in answers] == [6, 7]
        listed = key.control("GET", "/requests").json()["requests"]
        assert [(entry["number"], entry["status"]) for entry in listed] == [(1, 200), (2, 200)]
        ((seen, used),) = [(each["seen"], each["used"]) for each in key.control("GET", "/faults").json()]
        assert (seen, used) == (3, 0)


@pytest.mark.slow
def test_a_reset_is_undone_whole_after_a_first_try_that_could_not_be_stored(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running(state=state) as fake, closing(sqlite3.connect(state)) as database:
        key = fake.key("fk_a")
        assert key.control("POST", "/snapshots").ok
        assert key.control("POST", "/reset").ok
        database.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON fakekit_item BEGIN SELECT RAISE(ABORT, 'no item'); END"
        )
        assert key.control("DELETE", "/reset").status_code == 503
        database.execute("DROP TRIGGER refuse")
        assert key.control("GET").json()["before_reset"]["snapshots"] == 1
        assert key.control("DELETE", "/reset").ok
        assert key.control("GET").json()["snapshots"] == ["s1"]


@pytest.mark.slow
def test_an_account_that_cannot_be_opened_anew_stays_as_it_is(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    with running(state=state) as fake:
        key = fake.key("fk_a")
        added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
        with closing(sqlite3.connect(state)) as database:
            database.execute(
                "CREATE TRIGGER refuse BEFORE UPDATE ON fakekit_account WHEN NEW.settings <> ''"
                " BEGIN SELECT RAISE(ABORT, 'no such world'); END"
            )
        answer = fake.control("POST", "", {"key": "fk_a", "seed": 5})
        assert (answer.status_code, answer.json()["error"]) == (503, "StateError")
        assert key.customer(added)["customer_name"] == "Ama"
        with closing(sqlite3.connect(state)) as database:
            database.execute("DROP TRIGGER refuse")
        assert fake.control("POST", "", {"key": "fk_a", "seed": 5}).ok
        assert (key.customer(added), key.control("GET").json()["seed"]) == (404, 5)


def test_a_writer_that_is_interrupted_while_it_waits_leaves_no_lock() -> None:
    """As by the time limit of a test, which raises in the main thread."""
    lock = SharedLock()
    with (
        lock.shared(),
        mock.patch("fakekit.accounts.shared_lock.wait_for_change", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
        lock.exclusive(),
    ):
        pass
    assert lock.is_free
    with lock.exclusive():
        assert not lock.is_free


def _repeat(fake: Fake, times: int, ask: Callable[[Key], int]) -> list[int]:
    """The statuses of requests that are sent one after another, on a connection of their own."""
    with Fake(fake.origin).session as session:
        key = Key(fake.origin, "fk_a", session)
        return [ask(key) for _ in range(times)]


def _delete_requests(key: Key) -> int:
    return key.control("DELETE", "/requests").status_code


def _add_group(key: Key) -> int:
    return key.ask("customer-groups/add", GROUP).status_code


def _fetch(key: Key) -> int:
    return key.ask("customers/1").status_code


@pytest.mark.slow
def test_requests_are_deleted_while_records_are_written(state_location: str) -> None:
    with running(state=state_location) as fake, ThreadPoolExecutor(3) as threads:
        tasks = [(60, _delete_requests), (60, _add_group), (60, _add_group)]
        statuses = [threads.submit(_repeat, fake, *task) for task in tasks]
        assert {status for each in statuses for status in each.result(60)} == {200}
        assert fake.key("fk_a").ask("customer-groups/add", GROUP).json()["data"]["group"]["id"] == 126


@pytest.mark.slow
def test_many_write_and_read_one_account_at_once(state_location: str) -> None:
    """Who reads it waits for no connection that those have who wait for its write."""
    with running(state=state_location) as fake, ThreadPoolExecutor(28) as threads:
        writers = [threads.submit(_repeat, fake, 12, _add_group) for _ in range(16)]
        readers = [threads.submit(_repeat, fake, 12, _fetch) for _ in range(12)]
        assert {status for each in [*writers, *readers] for status in each.result(60)} == {200}
        assert fake.key("fk_a").ask("customer-groups/add", GROUP).json()["data"]["group"]["id"] == 198
