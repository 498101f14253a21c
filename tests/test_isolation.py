"""The key is the world: whatever is done to many accounts, from many threads, no account sees another's.

Beside each account stands a model, written without a look at fakekit's: plain lists and dicts.
"""

from __future__ import annotations

import copy
import gc
import json
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit.accounts.account import Account
from tests.helpers.processes import PATIENCE, Server, wait_until
from tests.helpers.vendor_api import CUSTOMER, Api

FIRST = {1: "Jane Doe", 2: "Sandra Adwubi", 3: "Vincent Darko"}
"""The customers of seed 1, when there are three."""


@dataclass
class Fault:
    """What the model knows of one fault: every one of them answers, so one at most is used on a request."""

    status: int
    path: str = "*"
    times: int | None = None
    after: int = 0
    every: int = 1
    seen: int = 0
    used: int = 0

    def meets(self) -> bool:
        """Whether it has its way with a request that it concerns; counts it."""
        self.seen += 1
        if self.seen <= self.after or (self.seen - self.after) % self.every:
            return False
        self.used += 1
        return True

    def concerns(self, path: str) -> bool:
        return self.used != self.times and self.path in ("*", path)


@dataclass
class Told:
    """What an account changed, and the largest id it ever had: what a snapshot keeps."""

    names: dict[int, str] = field(default_factory=lambda: dict(FIRST))
    last: int = 3


@dataclass
class Model:
    """What there should be in one account."""

    told: Told = field(default_factory=Told)
    snapshots: dict[str, Told] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    carried: dict[str, Fault] = field(default_factory=dict)
    journal: list[tuple[str, str, int]] = field(default_factory=list)
    frozen: datetime | None = None

    def struck(self, path: str, carried: str) -> int | None:
        """The status that a fault answers with, if one does."""
        there = list(self.faults)
        if carried:
            there.append(self.carried.setdefault(carried, Fault(429, times=1)))
        counted = [fault for fault in there if fault.times is not None]
        endless = [fault for fault in there if fault.times is None]
        for fault in counted + endless[::-1]:
            if fault.concerns(path) and fault.meets():
                return fault.status
        return None


class Subject:
    """An account of a fake, and its model. Each method does one thing to both and compares."""

    def __init__(self, handle: fakekit.Handle, forget: Callable[[], object]) -> None:
        self.api, self.handle, self.model = Api(handle.origin, handle.api_key), handle, Model()
        self._forget = forget
        self.old: list[str] = []

    # --- the vendor's API -------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any, expected: int, carried: str = "") -> Any:
        """One request; what came, unless a fault answered."""
        struck = self.model.struck(path, carried)
        headers = {"Authorization": f"Bearer {self.api.key}{carried}"}
        url = f"{self.api.base}/{path}"
        answer = self.api.session.request(method, url, json=body, headers=headers, timeout=20)
        self.model.journal.append((method, f"/api/v1/{path}", answer.status_code))
        assert answer.status_code == (struck or expected), (method, path, answer.text, answer.headers)
        return answer.json() if struck is None and answer.content else None

    def fetch(self, key: int, carried: str = "") -> None:
        name = self.model.told.names.get(key)
        found = self.request("GET", f"customers/{key}", None, 404 if name is None else 200, carried)
        if found and name is not None:
            assert found["data"]["customer"]["customer_name"] == name

    def list(self) -> None:
        if found := self.request("GET", "customers", None, 200):
            told = {c["id"]: c["customer_name"] for c in found["data"]["customers"]}
            assert told == self.model.told.names

    def add(self, name: str) -> None:
        found = self.request("POST", "customers/add", {**CUSTOMER, "customer_name": name}, 200)
        if found:
            record = found["data"]["customer"]
            self._added(record, name)
            if self.model.frozen is not None:
                assert record["created_at"] == str(self.model.frozen)

    def edit(self, key: int, name: str) -> None:
        known = key in self.model.told.names
        body = {**CUSTOMER, "customer_name": name}
        if self.request("PUT", f"customers/{key}", body, 200 if known else 404) and known:
            self.model.told.names[key] = name

    def delete(self, key: int) -> None:
        known, before = key in self.model.told.names, len(self.model.journal)
        self.request("DELETE", f"customers/{key}", None, 204 if known else 404)
        if self.model.journal[before][2] == 204:  # and not a fault's
            del self.model.told.names[key]

    # --- the handle -------------------------------------------------------------------------

    def add_by_handle(self, name: str) -> None:
        self._added(self.handle.add_customer(customer_name=name), name)

    def change_by_handle(self, key: int, name: str) -> None:
        if key in self.model.told.names:
            assert self.handle.change("customers", key, customer_name=name)["customer_name"] == name
            self.model.told.names[key] = name
        else:
            with pytest.raises(fakekit.NoRecordError):
                self.handle.change("customers", key, customer_name=name)

    def remove_by_handle(self, key: int) -> None:
        if self.model.told.names.pop(key, None) is not None:
            self.handle.remove("customers", key)
        else:
            with pytest.raises(fakekit.NoRecordError):
                self.handle.remove("customers", key)

    def fail(self, fault: Fault) -> None:
        when = {"times": fault.times} if fault.times is not None else {}
        self.handle.fail(fault.status, "*", fault.path, after=fault.after, every=fault.every, **when)
        self.model.faults.append(copy.copy(fault))

    def stub(self, key: int, times: int | None) -> None:
        when: dict[str, Any] = {"times": times} if times is not None else {}
        self.handle.respond("*", f"customers/{key}", status=418, json={"key": self.api.key}, **when)
        self.model.faults.append(Fault(418, f"customers/{key}", times))

    def clear_faults(self) -> None:
        self.handle.clear_faults()
        self.model.faults, self.model.carried = [], {}

    def freeze(self, at: datetime) -> None:
        self.handle.clock.freeze(at.isoformat())
        self.model.frozen = at

    def advance(self, seconds: int) -> None:
        if self.model.frozen is not None:
            self.handle.clock.advance(seconds)
            self.model.frozen += timedelta(seconds=seconds)

    def snapshot(self) -> None:
        name = self.handle.snapshot()
        assert name not in self.old
        self.old.append(name)
        self.model.snapshots[name] = copy.deepcopy(self.model.told)

    def restore(self, number: int) -> None:
        name = self.old[number % len(self.old)] if self.old else "s1"
        if name in self.model.snapshots:
            self.handle.restore(name)
            self.model.told = copy.deepcopy(self.model.snapshots[name])
        else:
            with pytest.raises(fakekit.SnapshotError):
                self.handle.restore(name)

    def reset(self) -> None:
        self.handle.reset()
        self.model = Model(journal=self.model.journal)

    def forget(self) -> None:
        self.handle.forget_requests()
        self.model.journal.clear()

    # --- comparing --------------------------------------------------------------------------

    def _added(self, record: Any, name: str) -> None:
        told = self.model.told
        told.last += 1
        assert (record["id"], record["customer_name"]) == (told.last, name)
        told.names[told.last] = name

    def look(self) -> None:
        """Everything there is to see of it, without a request that a fault could meet."""
        asked = [(r.method, r.path, r.status) for r in self.handle.requests]
        assert asked == self.model.journal
        about = self.handle.about
        assert about["snapshots"] == list(self.model.snapshots)
        assert about["clock"]["frozen"] == (self.model.frozen is not None)
        if self.model.frozen is not None:
            assert about["clock"]["now"] == f"{self.model.frozen.isoformat()}+00:00"
        expected = [*self.model.faults, *self.model.carried.values()]
        told = [(f["status"], f["seen"], f["used"]) for f in self.handle.faults]
        assert told == [(f.status, f.seen, f.used) for f in expected]
        world = json.loads(self.handle.export("world", "json"))
        names = {c["id"]: c["customer_name"] for c in world["customers"]}
        assert names == self.model.told.names

    def close(self) -> None:
        self.api.session.close()
        self._forget()


NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6)
KEYS = st.integers(1, 6)
FAULTS = st.builds(
    Fault,
    st.sampled_from([500, 503, 429]),
    st.sampled_from(["*", "customers", "customers/add", "customers/1", "customers/4"]),
    st.none() | st.integers(1, 2),
    st.integers(0, 1),
    st.integers(1, 2),
)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(microsecond=0))

Step = Callable[[Subject], None]


def step(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Step]:
    """A step: a method of `Subject`, and what it is given."""

    def made(given: tuple[Any, ...]) -> Step:
        def act(subject: Subject) -> None:
            getattr(subject, name)(*given)

        act.__qualname__ = f"{name}{given}"
        return act

    return st.tuples(*arguments).map(made)


STEPS: st.SearchStrategy[Step] = st.one_of(
    step("fetch", KEYS),
    step("fetch", KEYS, st.sampled_from(["~fail=429,times=1", "~fail=429,times=1,after=0"])),
    step("list"),
    step("add", NAMES),
    step("edit", KEYS, NAMES),
    step("delete", KEYS),
    step("add_by_handle", NAMES),
    step("change_by_handle", KEYS, NAMES),
    step("remove_by_handle", KEYS),
    step("fail", FAULTS),
    step("stub", KEYS, st.none() | st.integers(1, 2)),
    step("clear_faults"),
    step("freeze", MOMENTS),
    step("advance", st.integers(0, 100_000)),
    step("snapshot"),
    step("restore", st.integers(0, 5)),
    step("reset"),
    step("forget"),
)


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.FakeServer]:
    fake = fakekit.FakeServer(seed=1, customers=3)
    fake.start()
    yield fake
    fake.stop()


def here(fake: fakekit.FakeServer) -> Subject:
    """A new account of a server in this process."""
    handle = fake.account(f"fk_{uuid.uuid4().hex}")
    return Subject(handle, lambda: fake.close_account(handle.api_key))


def there(origin: str) -> Subject:
    """A new account of a server elsewhere, in a world of its own."""
    headers, accounts = {"Fakekit-Control": "1"}, f"{origin}/_fakekit/accounts"
    told = {"key": f"fk_{uuid.uuid4().hex}", "customers": 3}
    opened = requests.post(accounts, json=told, headers=headers, timeout=20)
    assert opened.status_code == 201, opened.text
    handle = fakekit.connect(origin, str(told["key"]))
    return Subject(
        handle, lambda: requests.delete(f"{accounts}/{handle.api_key}", headers=headers, timeout=20)
    )


def in_turn(subjects: Sequence[Subject], steps: Sequence[tuple[int, Step]]) -> None:
    """One step after another, each on the account of its number; what the next account sees after each."""
    for number, act in steps:
        act(subjects[number])
        subjects[(number + 1) % len(subjects)].look()
    for subject in subjects:
        subject.look()
        subject.close()


def at_once(subjects: Sequence[Subject], programs: Sequence[Sequence[Step]]) -> None:
    """Every account's steps in a thread of its own, all at the same time."""
    ready = threading.Barrier(len(subjects), timeout=20)

    def run(subject: Subject, program: Sequence[Step]) -> None:
        ready.wait()
        for act in program:
            act(subject)
        subject.look()

    with ThreadPoolExecutor(len(subjects)) as pool:
        list(pool.map(run, subjects, programs, timeout=60))
    for subject in subjects:
        subject.look()
        subject.close()


TURNS = st.lists(st.tuples(st.integers(0, 3), STEPS), min_size=15, max_size=40)
PROGRAMS = st.lists(st.lists(STEPS, min_size=4, max_size=12), min_size=8, max_size=8)


@settings(max_examples=6)
@given(steps=TURNS)
def test_in_turn_no_account_sees_another(fake: fakekit.FakeServer, steps: list[tuple[int, Step]]) -> None:
    in_turn([here(fake), there(fake.account("fk_x").origin), here(fake), here(fake)], steps)


@pytest.mark.slow
@settings(max_examples=6)
@given(programs=PROGRAMS)
def test_at_once_no_account_sees_another(fake: fakekit.FakeServer, programs: list[list[Step]]) -> None:
    origin = fake.account("fk_x").origin
    at_once([there(origin), *(here(fake) for _ in range(7))], programs)


@pytest.mark.slow
@settings(max_examples=60)
@given(steps=TURNS)
def test_in_turn_no_account_of_a_server_sees_another(server: Server, steps: list[tuple[int, Step]]) -> None:
    in_turn([there(server.origin) for _ in range(4)], steps)


@pytest.mark.slow
@settings(max_examples=60)
@given(programs=PROGRAMS)
def test_at_once_no_account_of_a_server_sees_another(server: Server, programs: list[list[Step]]) -> None:
    at_once([there(server.origin) for _ in range(8)], programs)


@pytest.mark.parametrize("carried", [False, True])
def test_a_fault_is_counted_exactly_when_many_threads_meet_it(
    fake: fakekit.FakeServer, carried: bool
) -> None:
    stormy, calm = fake.account(f"fk_{uuid.uuid4().hex}"), fake.account(f"fk_{uuid.uuid4().hex}")
    key = stormy.api_key
    if carried:
        key += "~fail=503,times=10"
    else:
        stormy.fail(503, times=10)

    def five(key: str) -> list[int]:
        with Api(stormy.origin, key) as api:
            return [api.ask("GET", "customers/1").status_code for _ in range(5)]

    with ThreadPoolExecutor(16) as pool:
        answered = list(pool.map(five, [key, calm.api_key] * 8))
    assert sorted(status for five in answered[::2] for status in five) == [200] * 30 + [503] * 10
    assert {status for five in answered[1::2] for status in five} == {200}
    assert [fault["used"] for fault in stormy.faults] == [10]
    assert calm.faults == []
    assert (len(stormy.requests), len(calm.requests)) == (40, 40)


def test_a_write_by_the_control_api_is_not_lost_when_accounts_make_room() -> None:
    with fakekit.FakeServer(max_accounts=3, customers=3) as xtrakit:  # fk_demo is held

        def add(number: int) -> bool:
            try:
                handle = fakekit.connect(xtrakit.origin, f"fk_{number}")
                ama = handle.add_customer(customer_name=str(number))
                return handle.customer(ama["id"]) == ama
            except fakekit.FakekitError as error:
                return "so there is no room for a new key" not in str(error)

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(add, range(64))) == 2


def test_what_was_forgotten_is_gone() -> None:
    with fakekit.FakeServer(customers=3) as xtrakit:
        for number in range(10):
            handle = fakekit.connect(xtrakit.origin, f"fk_gone_{number}")
            handle.remove("customers", 1)
            assert requests.get(handle.url("customers/2"), headers=handle.headers, timeout=10).ok
            asked = f"{xtrakit.origin}/_fakekit/accounts/{handle.api_key}"
            assert requests.delete(asked, headers={"Fakekit-Control": "1"}, timeout=10).ok
        del handle
        gc.collect()
        kept = [each for each in gc.get_objects() if type(each) is Account]
        assert [account.key for account in kept if account.key.startswith("fk_gone_")] == []


def test_an_account_that_is_waited_for_does_not_make_room() -> None:
    with fakekit.FakeServer(max_accounts=3, customers=3) as xtrakit, ThreadPoolExecutor(1) as pool:
        accounts, control = f"{xtrakit.origin}/_fakekit/accounts", {"Fakekit-Control": "1"}

        def ask(key: str) -> None:
            headers = {"Authorization": f"Bearer {key}"}
            assert requests.get(xtrakit.url("customers/1"), headers=headers, timeout=10).ok

        def is_open(key: str) -> bool:
            return key in {each["key"] for each in requests.get(accounts, headers=control, timeout=10).json()}

        listed = f"{accounts}/fk_awaited/requests?count=1&timeout=50"
        found = pool.submit(requests.get, listed, headers=control, timeout=PATIENCE)
        wait_until(lambda: is_open("fk_awaited"))
        for number in range(5):
            ask(f"fk_{number}")
        ask("fk_awaited")
        assert len(found.result().json()["requests"]) == 1
