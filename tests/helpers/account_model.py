"""A model of an account, and an account that must do what the model does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.vendor_api import CUSTOMER, Api

FIRST = {1: "Jane Doe", 2: "Sarah Baah", 3: "Ronald Omani"}
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
        self.before_reset: Model | None = None
        self.old: list[str] = []

    # --- the vendor's API -------------------------------------------------------------------

    def request(self, method: str, path: str, body: Any, expected: int, carried: str = "") -> Any:
        """One request; what came, unless a fault answered."""
        struck = self.model.struck(path, carried)
        headers = {"Authorization": f"Bearer {self.api.key}{carried}"}
        url = f"{self.api.base}/{path}"
        answer = self.api.session.request(method, url, json=body, headers=headers, timeout=PATIENCE)
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
        about = self.handle.about
        faults = [fault for fault in self.handle.faults if fault["id"]]  # not those that keys carry
        if about["changed"] or about["snapshots"] or about["clock"]["frozen"] or faults:
            self.before_reset = self.model
        self.handle.reset()
        self.model = Model(journal=self.model.journal)

    def undo_reset(self) -> None:
        if self.before_reset is None:
            with pytest.raises(fakekit.SnapshotError):
                self.handle.undo_reset()
        else:
            self.handle.undo_reset()
            self.model, self.before_reset = self.before_reset, None

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
