"""Several processes write to one store, and some of them are killed: no write that was acknowledged is lost or doubled."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from unittest import mock

import pytest

from fakekit.accounts.state_store import Item, NewEntry
from fakekit.settings.state_location import StateLocation
from fakekit.state import open_state
from fakekit.state.sql_store import SqlStore
from tests.helpers.postgresql import Postgresql
from tests.helpers.processes import PATIENCE, clean_environment, started, wait_until
from tests.helpers.project import ROOT

pytestmark = pytest.mark.slow
PROGRAMS = ROOT / "tests" / "programs"
Acknowledged = list[tuple[int, int]]


class Writer:
    """A process that writes to an account, and says so in a file: of each write its count and its request's number."""

    def __init__(self, process: subprocess.Popen[bytes], printed: Path) -> None:
        self.process, self._printed = process, printed

    def wait_for(self, count: int) -> None:
        """Return once it has said so of so many writes."""
        wait_until(lambda: self._printed.read_bytes().count(b"\n") >= count)

    def acknowledged(self) -> Acknowledged:
        """Wait for its end, and return what it printed."""
        self.process.wait(PATIENCE)
        lines = self._printed.read_text().split("\n")[:-1]  # the last line may have been cut
        return [(int(count), int(number)) for count, number in (line.split() for line in lines)]


@contextmanager
def writer(folder: Path, location: str, key: str, times: int, name: str) -> Iterator[Writer]:
    """A process that writes so often, or until it is killed."""
    command = [sys.executable, str(PROGRAMS / "write_to_state.py"), location, key, str(times), name]
    environment = clean_environment() | {"PYTHONPATH": str(ROOT)}
    printed = folder / f"{name}.txt"
    with printed.open("wb") as out, started(command, stdout=out.fileno(), env=environment) as process:
        yield Writer(process, printed)


def check(location: str, written: dict[str, Acknowledged], unacknowledged: int) -> None:
    """Hold what processes printed, by their names, against what is stored.

    unacknowledged: how many writes may be stored, at most, that no process printed.
    """
    with closing(open_state(StateLocation(location), 10, None)) as store:
        items = {item.name: item.value for item in store.read("fk_a")[1]}
        entries = store.entries("fk_a")
    total = int(items.pop("") or 0)
    printed = {count: name for name, each in written.items() for count, _ in each}
    assert (
        sum(len(each) for each in written.values()) == len(printed) <= total <= len(printed) + unacknowledged
    )
    assert sorted(items) == sorted(f"customers/{count}" for count in range(total))
    assert {count: items[f"customers/{count}"] for count in printed} == {
        count: f'"{name}"' for count, name in printed.items()
    }
    stored = {entry.number: entry.content for entry in entries}
    numbers = {number: f"{name} {count}" for name, each in written.items() for count, number in each}
    assert list(stored) == sorted(stored)
    first = entries[0].number if len(entries) >= 1000 else 0
    assert {number: text for number, text in numbers.items() if number >= first}.items() <= stored.items()
    assert len(numbers) == len(printed)
    for each in written.values():
        assert [number for _, number in each] == sorted(number for _, number in each)


def test_two_processes_write_the_same_account(state_location: str, tmp_path: Path) -> None:
    with (
        writer(tmp_path, state_location, "fk_a", 150, "one") as one,
        writer(tmp_path, state_location, "fk_a", 150, "two") as two,
        writer(tmp_path, state_location, "fk_b", 50, "three") as three,
    ):
        written = {"one": one.acknowledged(), "two": two.acknowledged()}
        others = three.acknowledged()
    assert [count for count, _ in others] == list(range(50))
    assert sum(len(each) for each in written.values()) == 300
    check(state_location, written, unacknowledged=0)


def test_threads_of_a_process_write_the_same_account(store: SqlStore) -> None:
    def write(thread: int) -> list[int]:
        numbers = []
        for _ in range(25):
            with store.writing("fk_a") as account:
                counts = [int(item.value or 0) for item in account.items()]
                account.put([Item("count", "", str((counts[0] if counts else 0) + 1))])
            numbers += store.write_entries([NewEntry("fk_a", 0.0, "a"), NewEntry(f"fk_{thread}", 0.0, "b")])
            assert store.find("fk_a") is not None
        return numbers

    # Nobody has a turn of his own: one may wait for as long as all the others take.
    with mock.patch("fakekit.state.connection.POOL_SECONDS", 3 * PATIENCE), ThreadPoolExecutor(24) as threads:
        numbers = [number for each in threads.map(write, range(24)) for number in each]
    assert store.read("fk_a")[1] == [Item("count", "", "600")]
    assert sorted(numbers) == list(range(1, 1201))
    assert len(store.entries("fk_a")) == 600


def test_a_thread_that_writes_can_read_while_all_others_wait_for_it(
    open_store: Callable[[int], SqlStore],
) -> None:
    with (
        mock.patch("fakekit.state.connection.MAX_CONNECTIONS", 4),
        mock.patch("fakekit.state.connection.POOL_SECONDS", PATIENCE),
        ThreadPoolExecutor(4) as threads,
    ):
        store = open_store(10)

        def write(_: int) -> int:
            with store.writing("fk_a") as account:
                account.put([])
                time.sleep(0.05)
                return store.last_number()

        assert list(threads.map(write, range(8))) == [0] * 8


def test_a_process_that_was_forked_has_connections_of_its_own(state_location: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(PROGRAMS / "fork_with_state.py"), state_location],
        capture_output=True,
        text=True,
        env=clean_environment() | {"PYTHONPATH": str(ROOT)},
    )
    assert (done.stdout, done.stderr) == ("100 100 100\n", "")


def test_processes_that_are_killed(state_location: str, tmp_path: Path) -> None:
    chance, written = random.Random(1), dict[str, Acknowledged]()
    for turn in range(4):
        with (
            writer(tmp_path, state_location, "fk_a", 0, f"{turn}a") as one,
            writer(tmp_path, state_location, "fk_a", 0, f"{turn}b") as two,
        ):
            for each in (one, two):
                each.wait_for(5)
            for each in (one, two):
                time.sleep(chance.random() / 20)
                each.process.kill()
            written |= {f"{turn}a": one.acknowledged(), f"{turn}b": two.acknowledged()}
    assert sum(len(each) for each in written.values()) >= 4 * 2 * 5
    check(state_location, written, unacknowledged=8)


def test_a_database_that_is_killed(database_server: Postgresql, tmp_path: Path) -> None:
    location = database_server.new_database()
    with (
        writer(tmp_path, location, "fk_a", 0, "one") as one,
        writer(tmp_path, location, "fk_a", 0, "two") as two,
    ):
        for each in (one, two):
            each.wait_for(20)
        database_server.stop("immediate")
        database_server.start()
        for each in (one, two):
            each.process.kill()
        written = {"one": one.acknowledged(), "two": two.acknowledged()}
    check(location, written, unacknowledged=4)
