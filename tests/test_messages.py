"""What users are told about mistakes: each message names the cure in the syntax of the place of the mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import fakekit


@pytest.fixture(scope="module")
def xtrakit() -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(seed=1) as handle:
        yield handle


IN_PYTHON: list[tuple[str, Callable[[Any], object], str]] = [
    ("create_customer", lambda x: x.create_customer, "a handle has no attribute 'create_customer'; write add_customer(...)"),
    ("get_customer", lambda x: x.get_customer(1), "a handle has no attribute 'get_customer'; write customer(1)"),
    ("update_customer", lambda x: x.update_customer, "a handle has no attribute 'update_customer'; write change(\"customers\", 1, ...)"),
    ("create_sale", lambda x: x.create_sale, "a handle has no attribute 'create_sale'; write add(\"sales\", ...)"),
    ("get_group", lambda x: x.get_group, "a handle has no attribute 'get_group'; write group(1)"),
    ("delete", lambda x: x.delete, "a handle has no attribute 'delete'; write remove(\"customers\", 1)"),
    ("calls", lambda x: x.calls, "a handle has no attribute 'calls'; write requests"),
    ("history", lambda x: x.history, "a handle has no attribute 'history'; write requests"),
    ("stub", lambda x: x.stub, "a handle has no attribute 'stub'; write respond(\"GET\", \"customers/1\", json={...})"),
    ("mock", lambda x: x.mock, "a handle has no attribute 'mock'; write respond(\"GET\", \"customers/1\", json={...})"),
    ("freeze", lambda x: x.freeze("now"), "a handle has no attribute 'freeze'; write clock.freeze(...)"),
    ("assert_called", lambda x: x.assert_called, "a handle has no attribute 'assert_called'; write assert_requested(\"GET\", \"customers/1\")"),
    ("assert_not_requested", lambda x: x.assert_not_requested, "a handle has no attribute 'assert_not_requested'; write assert_requested(\"GET\", \"customers/1\", times=0)"),
    ("a slip", lambda x: x.snapshott, "a handle has no attribute 'snapshott'; write snapshot"),
    ("nothing near", lambda x: x.zzz, "a handle has no attribute 'zzz'"),
    ("count=", lambda x: x.assert_requested("GET", "customers/1", count=2), "assert_requested() has no argument 'count'; write times"),
    ("params=", lambda x: x.assert_requested("GET", "customers/1", params={}), "assert_requested() has no argument 'params'; write query"),
    ("body= of wait_for", lambda x: x.wait_for("GET", "customers/1", body={}), "wait_for() has no argument 'body'; write json"),
    ("timeout in quotes", lambda x: x.wait_for("GET", "customers/1", timeout="1"), "timeout: must be a number of seconds; found '1'; write timeout=5"),
    ("fail timeout", lambda x: x.fail("timeout"), "fail: has no such fault; found 'timeout'; write delay(seconds), up to 60"),
    ("fail in quotes", lambda x: x.fail("503"), "fail: takes a status as a number; found '503'; write fail(503)"),
    ("fail json", lambda x: x.fail(503, json={}), "fail: json: is not a setting of a failure; write respond(\"GET\", \"customers/1\", status=503, json=...)"),
    ("total", lambda x: x.add("sales", total=3), "sales.total: is not a field of this record; write total_amount"),
    ("restore", lambda x: x.restore(x.snapshot() and "nope"), "snapshot: no snapshot has this name; write one of s1"),
    ("FakeServer", lambda _: fakekit.FakeServer(1), "FakeServer: takes a fakekit.Settings, or settings by name; found 1; write FakeServer(seed=1)"),  # type: ignore[arg-type]
    ("connect", lambda _: fakekit.connect(4310), "url: must be text; found 4310; write \"http://127.0.0.1:4310\""),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "message"), [row[1:] for row in IN_PYTHON], ids=[row[0] for row in IN_PYTHON]
)
def test_in_python(xtrakit: fakekit.Handle, act: Callable[[Any], object], message: str) -> None:
    with pytest.raises((fakekit.FakekitError, AttributeError, TypeError)) as error:
        act(xtrakit)
    assert str(error.value) == message
