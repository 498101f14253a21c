"""Two workers that are killed at random, against a dict that has what one account should have."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.helpers.processes import Server, drain, serving
from tests.helpers.vendor_api import CUSTOMER
from tests.helpers.workers import WorkerClient, kill, serving_worker, worker_of, workers_of

NAMES = st.text("abcdefgh", min_size=1, max_size=8)
CLIENTS = st.integers(0, 1)
PICKS = st.integers(0, 10**6)


SETTINGS = settings(
    max_examples=8,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


class Account(RuleBasedStateMachine):
    """One account, used by two clients, each of which may be connected to either worker.

    running: the server.
    names: of the customers that were added or changed, by id; None for one that was deleted.
    """

    running: Server

    def __init__(self) -> None:
        super().__init__()
        self.key = f"fk_{uuid.uuid4().hex}"
        self.names: dict[int, str | None] = {1: "Jane Doe", 987654: None}
        self.clients = [self.connected(), self.connected()]

    def connected(self) -> WorkerClient:
        return WorkerClient(self.running.port, self.key)

    def alive(self, number: int) -> WorkerClient:
        """A client whose worker is alive."""
        if not worker_of(self.clients[number], self.running):
            self.clients[number].__exit__()
            self.clients[number] = self.connected()
        return self.clients[number]

    def present(self, pick: int) -> int:
        """The id of a customer that there is."""
        keys = [key for key, name in self.names.items() if name is not None]
        return keys[pick % len(keys)]

    @rule(number=CLIENTS, name=NAMES)
    def add(self, number: int, name: str) -> None:
        key = self.alive(number).add(name)
        assert key not in self.names
        self.names[key] = name

    @rule(number=CLIENTS, pick=PICKS, name=NAMES)
    def edit(self, number: int, pick: int, name: str) -> None:
        key = self.present(pick)
        self.alive(number).edit(key, name)
        self.names[key] = name

    @rule(number=CLIENTS, pick=PICKS)
    def delete(self, number: int, pick: int) -> None:
        key = self.present(pick)
        if key != 1:  # so that there is always one to pick
            assert self.alive(number).call("DELETE", f"customers/{key}")[0] == 204
            self.names[key] = None

    @rule(number=CLIENTS, pick=PICKS)
    def fetch(self, number: int, pick: int) -> None:
        key = list(self.names)[pick % len(self.names)]
        assert self.alive(number).name_of(key) == self.names[key]

    @rule(number=CLIENTS, pick=PICKS, name=NAMES)
    def kill_during_an_edit(self, number: int, pick: int, name: str) -> None:
        """The edit may have been made, or not; either way it stays so."""
        key, client = self.present(pick), self.alive(number)
        client.send(client.request("PUT", f"customers/{key}", {**CUSTOMER, "customer_name": name}))
        kill(self.running, [serving_worker(client, self.running)])
        found = self.alive(1 - number).name_of(key)
        assert found in (name, self.names[key])
        self.names[key] = found

    @rule(pick=PICKS)
    def kill_one(self, pick: int) -> None:
        workers = workers_of(self.running)
        if workers:
            kill(self.running, workers[pick % len(workers) :][:1])

    @rule()
    def kill_all(self) -> None:
        kill(self.running, workers_of(self.running))

    def teardown(self) -> None:
        names = self.alive(0).names()
        for key, name in self.names.items():
            assert names.get(key) == name
        assert len(names) == 49 + sum(name is not None for name in self.names.values())
        for client in self.clients:
            client.__exit__()


@pytest.mark.slow
def test_an_account_is_as_it_was_answered(tmp_path: Path) -> None:
    with serving(tmp_path, "--state", "state.db", "--workers", "2") as running:
        drain(running)
        machine = type("OnThisServer", (Account,), {"running": running})
        run_state_machine_as_test(machine, settings=SETTINGS)
