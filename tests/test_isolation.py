"""The key is the world: whatever is done to many accounts, from many threads, no account sees another's.

Beside each account stands a model, written without a look at fakekit's: plain lists and dicts.
"""

from __future__ import annotations

import gc
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

import fakekit
from fakekit.accounts.account import Account
from tests.helpers.account_model import Fault, Subject
from tests.helpers.processes import PATIENCE, Server, wait_until
from tests.helpers.vendor_api import Api

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
    step("undo_reset"),
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
    opened = requests.post(accounts, json=told, headers=headers, timeout=PATIENCE)
    assert opened.status_code == 201, opened.text
    handle = fakekit.connect(origin, str(told["key"]))
    return Subject(
        handle, lambda: requests.delete(f"{accounts}/{handle.api_key}", headers=headers, timeout=PATIENCE)
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
    ready = threading.Barrier(len(subjects), timeout=PATIENCE)

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


@pytest.mark.slow
def test_what_was_forgotten_is_gone() -> None:
    with fakekit.FakeServer(customers=3) as xtrakit:
        for number in range(10):
            handle = fakekit.connect(xtrakit.origin, f"fk_gone_{number}")
            handle.remove("customers", 1)
            assert requests.get(handle.url("customers/2"), headers=handle.headers, timeout=PATIENCE).ok
            asked = f"{xtrakit.origin}/_fakekit/accounts/{handle.api_key}"
            assert requests.delete(asked, headers={"Fakekit-Control": "1"}, timeout=PATIENCE).ok
        del handle
        gc.collect()
        kept = [each for each in gc.get_objects() if type(each) is Account]
        assert [account.key for account in kept if account.key.startswith("fk_gone_")] == []


def test_an_account_that_is_waited_for_does_not_make_room() -> None:
    with fakekit.FakeServer(max_accounts=3, customers=3) as xtrakit, ThreadPoolExecutor(1) as pool:
        accounts, control = f"{xtrakit.origin}/_fakekit/accounts", {"Fakekit-Control": "1"}

        def ask(key: str) -> None:
            headers = {"Authorization": f"Bearer {key}"}
            assert requests.get(xtrakit.url("customers/1"), headers=headers, timeout=PATIENCE).ok

        def is_open(key: str) -> bool:
            return key in {
                each["key"] for each in requests.get(accounts, headers=control, timeout=PATIENCE).json()
            }

        listed = f"{accounts}/fk_awaited/requests?count=1&timeout=50"
        found = pool.submit(requests.get, listed, headers=control, timeout=PATIENCE)
        wait_until(lambda: is_open("fk_awaited"))
        for number in range(5):
            ask(f"fk_{number}")
        ask("fk_awaited")
        assert len(found.result().json()["requests"]) == 1
