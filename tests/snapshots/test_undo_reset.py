"""A reset that is undone: what comes back, and when nothing does."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.control_api import Key, problem
from tests.helpers.processes import PATIENCE

NOTHING = (404, "SnapshotError", "reset: there is none that can be undone")


def state(key: Key) -> dict[str, Any]:
    """All that a reset replaces, as the control API answers it."""
    told = key.control("GET").json()
    return {
        "records": key.control("GET", "/changes").json(),
        "faults": key.control("GET", "/faults").json(),
        **{name: told[name] for name in ("changed", "clock", "snapshots")},
    }


def test_all_that_a_reset_removed_comes_back_by_http(key: Key) -> None:
    key.control("PATCH", "/records/customers/1", {"customer_name": "Ama"})
    key.control("DELETE", "/records/customers/2")
    key.control("POST", "/records/items", {})
    key.control("POST", "/snapshots")
    key.control("PUT", "/clock", {"freeze": "2030-01-01"})
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "path": "stores", "times": 2})
    assert key.ask("stores").status_code == 503
    key.control("POST", "/faults", {"fault": "slow", "seconds": 0, "path": "stores"})
    before = state(key)
    assert key.control("POST", "/reset").json() == {"done": True}
    replaced = key.control("GET").json()["before_reset"]
    time = datetime.fromisoformat(replaced.pop("time"))
    assert abs((datetime.now(UTC) - time).total_seconds()) < 60
    expected = {"records": 3, "faults": 2, "snapshots": 1, "clock": True}
    assert replaced == expected
    assert state(key) != before
    key.control("POST", "/records/customers", {"customer_name": "Since then"})
    assert key.control("DELETE", "/reset").json() == {"done": True}
    assert state(key) == before
    assert key.control("POST", "/snapshots/s1/restore").ok
    assert problem(key.control("DELETE", "/reset")) == NOTHING


def test_the_handle_undoes_the_last_reset_that_removed_something() -> None:
    with fakekit.FakeServer() as xtrakit:
        xtrakit.change("customers", 1, customer_name="First")
        xtrakit.reset()
        xtrakit.change("customers", 1, customer_name="Second")
        for _ in range(2):  # the second one removes nothing
            xtrakit.reset()
        assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
        xtrakit.undo_reset()
        assert xtrakit.customer(1)["customer_name"] == "Second"
        with pytest.raises(fakekit.SnapshotError, match="reset: there is none that can be undone"):
            xtrakit.undo_reset()


def test_a_function_that_answers_comes_back_too() -> None:
    with fakekit.FakeServer() as xtrakit:
        xtrakit.respond("GET", "stores", callback=lambda request: {"path": request.path}, times=1)
        xtrakit.reset()
        xtrakit.undo_reset()
        assert [fault["fault"] for fault in xtrakit.faults] == ["respond"]
        xtrakit.clear_faults()


def test_a_new_account_has_nothing_to_undo(key: Key) -> None:
    assert key.control("GET").json()["before_reset"] is None
    key.control("POST", "/reset")
    assert problem(key.control("DELETE", "/reset")) == NOTHING
    key.control("POST", "/records/customers", {})
    key.control("POST", "/reset")
    assert key.control("DELETE").ok
    assert problem(key.control("DELETE", "/reset")) == NOTHING


def test_a_reset_of_counts_only_keeps_what_an_earlier_one_removed() -> None:
    with fakekit.FakeServer(faults="fail=503,times=2") as xtrakit:
        xtrakit.change("customers", 1, customer_name="Work")
        xtrakit.reset()
        for key_faults in ("", "~fail=500"):
            headers = {"Authorization": f"Bearer {xtrakit.api_key}{key_faults}"}
            requests.get(f"{xtrakit.origin}/api/v1/stores", headers=headers, timeout=PATIENCE)
            xtrakit.reset()
        xtrakit.undo_reset()
        assert xtrakit.customer(1)["customer_name"] == "Work"


def test_a_record_that_was_added_and_taken_back_is_no_change(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    key.control("POST", "/reset")
    added = key.control("POST", "/records/customers", {}).json()["id"]
    key.control("DELETE", f"/records/customers/{added}")
    assert key.control("GET").json()["changed"] is False
    key.control("POST", "/reset")
    assert key.control("GET").json()["before_reset"]["records"] == 1
    assert key.control("DELETE", "/reset").ok
    assert key.control("GET", "/records/customers/2").status_code == 404


def test_records_that_all_got_their_first_values_get_their_changes_back(key: Key) -> None:
    key.control("PATCH", "/records/customers/1", {"customer_name": "Ama"})
    key.control("PUT", "/clock", {"freeze": "2030-01-01"})
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "path": "stores"})
    key.control("POST", "/snapshots")
    before = state(key)
    key.control("DELETE", "/changes")
    expected = {"records": 1, "faults": 0, "snapshots": 0, "clock": False}
    replaced = key.control("GET").json()["before_reset"]
    assert datetime.fromisoformat(replaced.pop("time")).year > 2024
    assert replaced == expected
    key.control("DELETE", "/changes")  # removes nothing
    assert key.control("DELETE", "/reset").ok
    assert state(key) == before
