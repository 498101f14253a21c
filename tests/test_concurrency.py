"""Many at once on one account and on many, a model beside the fake, and what it costs in memory."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import fakekit
from tests.helpers.processes import PATIENCE, Server, no_thread_left, serving
from tests.helpers.vendor_api import CUSTOMER, SALE, Api

THREADS = 32


@pytest.fixture(scope="module")
def fake() -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(seed=1, customers=3) as xtrakit:
        yield xtrakit


def adds_and_edits(origin: str, key: str, number: int, ready: threading.Barrier) -> dict[int, str]:
    """Five customers added and edited; the name that each must have in the end."""
    names = {}
    with Api(origin, key) as api:
        ready.wait()
        for n in range(5):
            added = api.add("customers", **{**CUSTOMER, "customer_name": f"{number}/{n}"})
            assert added["customer_name"] == f"{number}/{n}"
            name = f"{number}/{n} edited"
            assert api.edit(f"customers/{added['id']}", **{**CUSTOMER, "customer_name": name})
            names[added["id"]] = name
    return names


def race(origin: str, key: str, ready: threading.Barrier) -> int:
    """The status of one attempt to add a sale under a code that all want."""
    with Api(origin, key) as api:
        ready.wait()
        return api.ask("POST", "sales/add", SALE).status_code


def storm(origin: str) -> None:
    key, ready = f"fk_{uuid.uuid4().hex}", threading.Barrier(THREADS, timeout=PATIENCE)
    with Api(origin, key) as api, ThreadPoolExecutor(THREADS) as pool:
        before = {c["id"]: c["customer_name"] for c in api.all("customers")}
        names = list(pool.map(lambda n: adds_and_edits(origin, key, n, ready), range(THREADS)))
        made = {k: name for one in names for k, name in one.items()}
        last = max(before)
        assert sorted(made) == list(range(last + 1, last + 1 + 5 * THREADS))
        assert {c["id"]: c["customer_name"] for c in api.all("customers")} == before | made
        sales = len(api.all("sales"))
        statuses = Counter(pool.map(lambda _: race(origin, key, ready), range(THREADS)))
        assert statuses == {200: 1, 409: THREADS - 1}
        assert len(api.all("sales")) == sales + 1


def test_thirty_two_threads_on_one_account_in_this_process(fake: fakekit.Handle) -> None:
    storm(fake.origin)


@pytest.mark.slow
def test_thirty_two_threads_on_one_account_of_a_server(server: Server) -> None:
    storm(server.origin)


def test_readers_see_whole_records_while_they_change(fake: fakekit.Handle) -> None:
    key, done = f"fk_{uuid.uuid4().hex}", threading.Event()

    def write() -> None:
        with Api(fake.origin, key) as api, ExitStack() as end:
            end.callback(done.set)
            for n in range(60):
                fields = {"customer_name": f"N{n}", "customer_city": f"N{n}"}
                api.edit("customers/1", **{**CUSTOMER, **fields})

    def read() -> None:
        with Api(fake.origin, key) as api:
            while not done.is_set():
                for record in (api.one("customers/1"), api.all("customers")[0]):
                    assert (
                        record["customer_name"] == record["customer_city"]
                        or record["customer_city"] == "Accra"
                    )

    with ThreadPoolExecutor(5) as pool:
        for waiting in [pool.submit(write), *(pool.submit(read) for _ in range(4))]:
            waiting.result()


def kept_or_refused(origin: str, number: int) -> bool:
    """Whether a key got an account; if so, whatever it added is there."""
    with Api(origin, f"fk_{number}") as api:
        added = []
        for n in range(8):
            answer = api.ask("POST", "customers/add", {**CUSTOMER, "customer_name": f"{number}/{n}"})
            assert answer.status_code in (200, 503), answer.text
            if answer.ok:
                added.append(answer.json()["data"]["customer"])
        for record in added:
            assert api.one(f"customers/{record['id']}") == record
        return bool(added)


def test_no_write_is_lost_when_accounts_make_room() -> None:
    with fakekit.FakeServer(max_accounts=3, customers=3) as xtrakit:  # fk_demo is held
        for key in ("fk_idle_1", "fk_idle_2"):
            with Api(xtrakit.origin, key) as api:
                assert api.ask("GET", "customers/1").status_code == 200
        with ThreadPoolExecutor(16) as pool:
            kept = list(pool.map(lambda n: kept_or_refused(xtrakit.origin, n), range(16)))
        assert sum(kept) == 2


def _memory(pid: int, name: str) -> int:
    """A figure of /proc, in kilobytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


@pytest.mark.slow
def test_a_list_of_ten_thousand_is_quick_and_small(tmp_path: Path) -> None:
    options = ("--customers", "10000", "--server", "alone")
    with serving(tmp_path, *options) as running, Api(running.origin) as api:
        assert api.one("customers/1")["id"] == 1
        before, started = _memory(running.process.pid, "VmRSS"), time.monotonic()
        third = api.all("customers", customer_group_id=3)
        assert time.monotonic() - started < PATIENCE
        assert 1000 < len(third) < 9000
        assert {c["customer_group_id"] for c in third} == {3}
        assert _memory(running.process.pid, "VmHWM") - before < 150 * 1024


class Model(RuleBasedStateMachine):
    """Customers, groups and sales, as plain dicts beside one key of a fake."""

    origin = ""

    @initialize()
    def open(self) -> None:
        self.api = Api(self.origin)
        self.customers = {
            c["id"]: (c["customer_name"], c["customer_group_id"]) for c in self._all("customers")
        }
        self.groups = {g["id"]: g["group_name"] for g in self._all("customer-groups")}
        self.sales = {s["invoice_code"]: (s["id"], s["customer_id"]) for s in self._all("sales")}
        self.last = {"customers": 3, "groups": 5, "sales": 32}

    def _all(self, path: str) -> Any:
        return self.api.all(path)

    def _next(self, name: str) -> int:
        self.last[name] += 1
        return self.last[name]

    def teardown(self) -> None:
        if hasattr(self, "api"):
            self.api.session.close()

    @rule(name=st.text(min_size=1, max_size=9), group=st.none() | st.integers(1, 8))
    def add_customer(self, name: str, group: int | None) -> None:
        body = {**CUSTOMER, "customer_name": name, "customer_group_id": group}
        answer = self.api.ask("POST", "customers/add", body)
        if group is not None and group not in self.groups:
            assert answer.status_code == 422
            return
        key = answer.json()["data"]["customer"]["id"]
        assert key == self._next("customers")
        self.customers[key] = (name, group)

    @rule(key=st.integers(1, 6), name=st.text(min_size=1, max_size=9), group=st.none() | st.integers(1, 8))
    def edit_customer(self, key: int, name: str, group: int | None) -> None:
        body = {**CUSTOMER, "customer_name": name, "customer_group_id": group}
        answer = self.api.ask("PUT", f"customers/{key}", body)
        if key not in self.customers:
            assert answer.status_code == 404
        elif group is not None and group not in self.groups:
            assert answer.status_code == 422
        else:
            assert answer.status_code == 200
            self.customers[key] = (name, group)

    @rule(key=st.integers(1, 6))
    def fetch_customer(self, key: int) -> None:
        data = self.api.get(f"customers/{key}")
        if key not in self.customers:
            assert data == 404
            return
        name, group = self.customers[key]
        assert data["customer"]["customer_name"] == name
        assert [g["group_name"] for g in data["customer-group"]] == ([self.groups[group]] if group else [])

    @rule(key=st.integers(1, 6))
    def delete_customer(self, key: int) -> None:
        assert self.api.delete(f"customers/{key}") == (204 if key in self.customers else 404)
        self.customers.pop(key, None)

    @rule(name=st.text(min_size=1, max_size=9))
    def add_group(self, name: str) -> None:
        key = self.api.add("customer-groups", group_name=name)["id"]
        assert key == self._next("groups")
        self.groups[key] = name

    @rule(key=st.integers(1, 8), name=st.text(min_size=1, max_size=9))
    def edit_group(self, key: int, name: str) -> None:
        status = self.api.ask("PUT", f"customer-groups/{key}", {"group_name": name}).status_code
        assert status == (200 if key in self.groups else 404)
        if key in self.groups:
            self.groups[key] = name

    @rule(key=st.integers(1, 8))
    def delete_group(self, key: int) -> None:
        assert self.api.delete(f"customer-groups/{key}") == (204 if key in self.groups else 404)
        self.groups.pop(key, None)
        for customer, (name, group) in self.customers.items():
            if group == key:
                self.customers[customer] = (name, None)

    @rule(code=st.sampled_from([100_001, 100_002, 324_232]), customer=st.integers(1, 6))
    def add_sale(self, code: int, customer: int) -> None:
        body = {**SALE, "invoice_code": code, "customer_id": customer}
        status = self.api.ask("POST", "sales/add", body).status_code
        if code in self.sales:
            assert status == 409
        elif customer not in self.customers:
            assert status == 422
        else:
            assert status == 200
            self.sales[code] = (self._next("sales"), str(customer))

    @rule(code=st.sampled_from([100_001, 100_002, 324_232]), customer=st.integers(1, 6))
    def edit_sale(self, code: int, customer: int) -> None:
        body = {**SALE, "invoice_code": code, "customer_id": customer}
        status = self.api.ask("PUT", f"sales/edit/{code}", body).status_code
        known = code in self.sales and (customer in self.customers or self.sales[code][1] == str(customer))
        assert status == (200 if known else 404 if code not in self.sales else 422)
        if known:
            self.sales[code] = (self.sales[code][0], str(customer))

    @rule(code=st.sampled_from([100_001, 100_002, 324_232]))
    def delete_sale(self, code: int) -> None:
        assert self.api.delete(f"sales/{code}") == (204 if code in self.sales else 404)
        self.sales.pop(code, None)

    @precondition(lambda self: hasattr(self, "sales"))
    @rule(group=st.integers(1, 8))
    def list_members(self, group: int) -> None:
        found = [c["id"] for c in self.api.all("customers", customer_group_id=group)]
        assert found == sorted(key for key, (_, of) in self.customers.items() if of == group)

    @invariant()
    def lists_agree(self) -> None:
        customers = {c["id"]: (c["customer_name"], c["customer_group_id"]) for c in self._all("customers")}
        assert customers == self.customers
        assert {g["id"]: g["group_name"] for g in self._all("customer-groups")} == self.groups
        assert {s["invoice_code"]: (s["id"], s["customer_id"]) for s in self._all("sales")} == self.sales


@pytest.mark.slow
def test_a_plain_model_and_the_fake_agree(fake: fakekit.Handle) -> None:
    from hypothesis.stateful import run_state_machine_as_test

    machine = type("Running", (Model,), {"origin": fake.origin})
    run_state_machine_as_test(
        machine, settings=settings(max_examples=12, stateful_step_count=20, deadline=None)
    )


def test_a_session_left_open_does_not_keep_a_server_from_stopping() -> None:
    server = fakekit.FakeServer(customers=3)
    with ExitStack() as sessions:
        with no_thread_left():
            api = sessions.enter_context(Api(server.start().origin))
            api.add("customers", **CUSTOMER)
            server.stop()
        with pytest.raises(requests.ConnectionError):
            api.ask("GET", "customers/1")
