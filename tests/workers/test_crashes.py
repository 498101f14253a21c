"""Workers, all of them and their master are killed under load: nothing that was answered is lost or doubled."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest

import fakekit
from tests.helpers.processes import Server, drain, serving, wait_until
from tests.helpers.workers import LOST, WorkerClient, kill, workers_of

pytestmark = pytest.mark.slow

KEY = "fk_crash"
CLIENTS = 4


class Load:
    """Clients that add customers and delete some of them, until `stop`; what was answered to them.

    added: by id, the names of those whose addition was answered. deleted: the ids of which the deletion was.
    asked: the names of all that may have been added.
    """

    def __init__(self) -> None:
        self.added: dict[int, str] = {}
        self.ids: list[int] = []
        self.deleted: set[int] = set()
        self.maybe_deleted: set[int] = set()
        self.asked: set[str] = set()
        self.stop = Event()

    def run(self, port: int, number: int) -> None:
        """One client; where its connection is lost, it opens another one."""
        count = 0
        while not self.stop.is_set():
            with suppress(*LOST), WorkerClient(port, KEY) as client:
                while not self.stop.is_set():
                    count += 1
                    self.add(client, f"{number} {port} {count}", deletes=count % 4 == 0)

    def add(self, client: WorkerClient, name: str, deletes: bool) -> None:
        self.asked.add(name)
        key = client.add(name)
        self.ids.append(key)
        self.added[key] = name
        if deletes:
            self.maybe_deleted.add(key)
            status, _ = client.call("DELETE", f"customers/{key}")
            assert status == 204
            self.deleted.add(key)

    def wait_for_more(self) -> None:
        """Wait until 20 more additions were answered."""
        goal = len(self.ids) + 20
        wait_until(lambda: len(self.ids) >= goal)

    def check(self, port: int) -> None:
        """Fail where something that was answered is not there, or is there twice."""
        with WorkerClient(port, KEY) as client:
            names = {key: name for key, name in client.names().items() if key > 50}
        assert len(self.ids) == len(set(self.ids)), "an id was given twice"
        assert len(names) == len(set(names.values())), "a customer was added twice"
        assert set(names.values()) <= self.asked
        assert not self.deleted & names.keys()
        for key, name in self.added.items():
            if key not in self.maybe_deleted:
                assert names.get(key) == name
        for key in self.maybe_deleted - self.deleted:
            assert names.get(key, self.added[key]) == self.added[key]


@contextmanager
def loaded(load: Load, port: int) -> Iterator[None]:
    """The clients of a load, on a server, until the block ends."""
    load.stop.clear()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(load.run, port, number) for number in range(CLIENTS)]
        try:
            yield
        finally:
            load.stop.set()
        for client in clients:
            client.result()


def one(workers: list[int]) -> list[int]:
    return workers[:1]


def all_of_them(workers: list[int]) -> list[int]:
    return workers


@pytest.mark.parametrize("pick", [one, all_of_them])
def test_when_workers_are_killed(
    tmp_path: Path, state_location: str, pick: Callable[[list[int]], list[int]]
) -> None:
    load = Load()
    with serving(tmp_path, "--state", state_location, "--workers", "2") as running:
        drain(running)
        with loaded(load, running.port):
            for _ in range(5):
                load.wait_for_more()
                wait_until(lambda: len(workers_of(running)) == 2)
                time.sleep(random.random() / 20)
                kill(running, pick(workers_of(running)))
            load.wait_for_more()
        load.check(running.port)
        check_journal(running, load)
    with serving(tmp_path, "--state", state_location, "--workers", "2") as running:
        load.check(running.port)
        check_journal(running, load)


def test_when_the_master_is_killed(tmp_path: Path, state_location: str) -> None:
    """Its workers end by themselves; a new server on the same store may be there before they have."""
    load = Load()
    for _ in range(3):
        with serving(tmp_path, "--state", state_location, "--workers", "2") as running:
            drain(running)
            with loaded(load, running.port):
                load.wait_for_more()
                running.process.kill()
                running.process.wait()
                load.stop.set()
    with serving(tmp_path, "--state", state_location, "--workers", "2") as running:
        load.check(running.port)
        check_journal(running, load)


def check_journal(running: Server, load: Load) -> None:
    """Fail where a request that was answered is not in the journal, which has the last 1,000, or is there twice."""
    account = fakekit.connect(running.origin, KEY)
    requests = account.requests
    numbers = [request.number for request in requests]
    assert numbers == sorted(set(numbers))
    added = [request.json["customer_name"] for request in requests if request.path.endswith("/add")]
    assert len(added) == len(set(added))
    if len(requests) < 1000:
        assert set(load.added.values()) <= set(added)
