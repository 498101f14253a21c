"""Snapshots and reset: back to what there was."""

from __future__ import annotations

import pytest

import fakekit
from tests.helpers.account_changes import calls_of, change_something_of_everything, everything
from tests.helpers.control_api import AMA, Fake, Key, problem


def test_restore_brings_back_what_was_there(key: Key) -> None:
    change_something_of_everything(key)
    before = everything(key)
    name = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("PATCH", "/records/customers/1", {"customer_name": "Other"})
    assert key.ask("customers/4", method="DELETE").ok
    added = key.ask("customers/add", AMA).json()["data"]["customer"]["id"]
    code = before["items"][0]["item_code"]
    assert key.control("DELETE", f"/records/items/{code}").ok
    assert key.control("GET", f"/records/items/{code}").status_code == 404
    assert everything(key) != before
    for _ in range(2):  # it stays
        assert key.control("POST", f"/snapshots/{name}/restore").json() == {"done": True}
        assert everything(key) == before
        assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == added


def test_what_was_gone_is_gone_again_and_a_group_forgotten(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    key.control("DELETE", "/records/customer_groups/1")
    assert key.customer(1)["customer_group_id"] is None
    gone = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("POST", "/records/customers", {"id": 2, "customer_name": "Again"})
    assert key.customer(2)["customer_name"] == "Again"
    key.control("POST", f"/snapshots/{gone}/restore")
    assert key.customer(2) == 404
    assert key.customer(1)["customer_group_id"] is None


def test_a_snapshot_of_nothing_is_the_start(key: Key) -> None:
    before = everything(key)
    name = key.control("POST", "/snapshots").json()["snapshot"]
    change_something_of_everything(key)
    key.control("POST", f"/snapshots/{name}/restore")
    assert everything(key) == before
    assert key.control("GET").json()["changed"] is False


def test_there_are_thirty_two_at_most_and_they_can_be_dropped(key: Key) -> None:
    names = [key.control("POST", "/snapshots").json()["snapshot"] for _ in range(32)]
    assert len(set(names)) == 32
    told = problem(key.control("POST", "/snapshots"))
    assert told == (503, "SnapshotError", ": an account can have 32 snapshots at most")
    assert key.control("DELETE", f"/snapshots/{names[0]}").json() == {"done": True}
    assert key.control("GET", "/snapshots").json() == {"snapshots": names[1:]}
    new = key.control("POST", "/snapshots").json()["snapshot"]
    assert new not in names
    for method, path in (("POST", f"/snapshots/{names[0]}/restore"), ("DELETE", f"/snapshots/{names[0]}")):
        told = problem(key.control(method, path))
        assert told == (404, "SnapshotError", "snapshot: no snapshot has this name")


def test_faults_and_requests_are_not_part_of_it(key: Key) -> None:
    name = key.control("POST", "/snapshots").json()["snapshot"]
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 9})
    assert key.customer(1) == 503
    key.control("POST", f"/snapshots/{name}/restore")
    assert key.customer(1) == 503
    assert len(key.control("GET", "/requests").json()["requests"]) == 2


def test_the_handle_says_what_there_is(over_http: Fake, key: Key) -> None:
    xtrakit = fakekit.connect(over_http.origin, key.key)
    name = xtrakit.snapshot()
    xtrakit.remove("customers", 1)
    xtrakit.restore(name)
    assert xtrakit.customer(1)["customer_name"] == "Jane Doe"
    for wrong in ("s9", "a/b", ""):
        with pytest.raises(fakekit.SnapshotError):
            xtrakit.restore(wrong)
    with pytest.raises(fakekit.SnapshotError, match="no snapshot has this name; write one of s1"):
        xtrakit.restore("s9")


# --- reset ---------------------------------------------------------------------------------------


def test_reset_drops_all_but_the_journal(key: Key) -> None:
    before = everything(key)
    key.control("DELETE", "/requests")
    change_something_of_everything(key)
    key.control("POST", "/snapshots")
    key.control("PUT", "/clock", {"freeze": "2030-01-01"})
    key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 9})
    assert key.customer(1) == 503
    assert key.control("POST", "/reset").json() == {"done": True}
    told = key.control("GET").json()
    assert (told["changed"], told["snapshots"], told["unused"]) == (False, [], [])
    assert told["clock"]["frozen"] is False
    assert [r["status"] for r in key.control("GET", "/requests").json()["requests"]] == [503]
    assert everything(key) == before
    assert key.ask("customers/add", AMA).json()["data"]["customer"]["id"] == 51


def test_reset_is_little_work_however_much_was_changed() -> None:
    with fakekit.FakeServer(seed=1) as xtrakit:
        for _ in range(1000):
            xtrakit.add_customer()
        calls = calls_of(xtrakit.reset)
        assert xtrakit.add_customer()["id"] == 51
    # About 100; the server's thread may be done before this one waits for it or not, which is a few calls more or less.
    assert calls < 300
