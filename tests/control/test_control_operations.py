"""The control API: every operation by raw HTTP, on both servers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.control_api import AMA, Fake, Key, problem
from tests.helpers.processes import PATIENCE


def test_an_account_says_what_there_is_to_know(over_http: Fake, key: Key) -> None:
    assert key.ask("customers/1").ok
    told = key.control("GET").json()
    assert told.pop("last_request")["path"] == "/api/v1/customers/1"
    assert told.pop("clock")["frozen"] is False
    assert told == {
        "key": key.key,
        "seed": 1,
        "customers": 50,
        "own": False,
        "changed": False,
        "requests": 1,
        "assumed": [],
        "assumptions": {},
        "unused": [],
        "unread": [],
        "callback_errors": [],
        "snapshots": [],
        "before_reset": None,
    }
    assert over_http.control("GET").json()[0]["key"] == key.key


def test_a_ledger_counts_what_recorded_responses_relied_on(key: Key) -> None:
    for path in ("customers/1", "customers/999", "customers/998", "nope"):
        key.ask(path)
    rule = {"value": None, "default": None, "compared": ""}
    assert key.control("GET", "/ledger").json() == {
        "responses": {"documented": 1, "standard": 0, "assumed": 3},
        "assumptions": [
            {"name": "missing.status", "value": 404, "default": 404, "compared": "", "requests": 2},
            {
                "name": "missing.error",
                "value": "{noun} not found",
                "default": "{noun} not found",
                "compared": "",
                "requests": 2,
            },
            {"name": "unknown_path.error", **rule, "requests": 1},
        ],
        "truncated": False,
    }


def test_records_are_listed_a_page_at_a_time(key: Key) -> None:
    ids = [c["id"] for c in key.control("GET", "/records/customers?limit=3").json()]
    assert ids == [1, 2, 3]
    key.control("DELETE", "/records/customers/4")
    key.control("POST", "/records/customers", {"id": 10**17})
    key.control("PATCH", "/records/customers/6", {"customer_name": "Six"})
    page = key.control("GET", "/records/customers?after=3&limit=2").json()
    assert [c["id"] for c in page] == [5, 6]
    assert page[1]["customer_name"] == "Six"
    assert [c["id"] for c in key.control("GET", "/records/customers?after=49").json()] == [50, 10**17]
    assert len(key.control("GET", "/records/customers").json()) == 50
    assert len(key.control("GET", "/records/sales?limit=1000").json()) > 50


def test_a_page_far_behind_is_there_at_once(over_http: Fake, key: Key) -> None:
    over_http.control("POST", json={"key": key.key, "customers": 1_000_000})
    started = time.monotonic()
    page = key.control("GET", "/records/customers?after=999998").json()
    assert [c["id"] for c in page] == [999_999, 1_000_000]
    assert time.monotonic() - started < PATIENCE  # it takes minutes to make them all


def test_records_are_added_changed_and_removed(key: Key) -> None:
    added = key.control("POST", "/records/customers", {"customer_name": "Ama"})
    assert added.status_code == 201
    assert added.json() == key.customer(51)
    changed = key.control("PATCH", "/records/customers/51", {"customer_city": "Kumasi"})
    assert changed.json() == {**added.json(), "customer_city": "Kumasi"} == key.customer(51)
    assert key.control("GET", "/records/customers/51").json() == changed.json()
    assert key.control("DELETE", "/records/customers/51").json() == {"done": True}
    assert key.customer(51) == 404


def test_what_has_a_code_is_named_by_it(key: Key) -> None:
    sale = key.control("GET", "/records/sales?limit=1").json()[0]
    code = sale["invoice_code"]
    assert key.control("GET", f"/records/sales/{code}").json() == sale
    lines = key.control("GET", f"/records/sales/{code}/lines").json()
    assert lines in key.ask(f"sales/{code}").json()["data"].values()
    told = problem(key.control("GET", "/records/customers/1/lines"))
    assert told == (404, "NoRecordError", "customers: has no lines")


def test_a_fault_is_added_listed_and_removed(key: Key) -> None:
    added = key.control("POST", "/faults", {"fault": "fail", "status": 503, "times": 1})
    assert added.status_code == 201
    number = added.json()["id"]
    assert [f["id"] for f in key.control("GET", "/faults").json()] == [number]
    assert key.control("DELETE", f"/faults/{number}").json() == {"done": True}
    assert key.control("GET", "/faults").json() == []


def test_a_stub_is_added_listed_and_answers_until_all_are_removed(key: Key) -> None:
    stub = key.control("POST", "/stubs", {"path": "customers/1", "status": 418, "json": {"tea": True}})
    assert stub.status_code == 201
    assert [s["id"] for s in key.control("GET", "/stubs").json()] == [stub.json()["id"]]
    assert (key.ask("customers/1").status_code, key.ask("customers/1").json()) == (418, {"tea": True})
    assert key.control("DELETE", "/stubs").json() == {"done": True}
    assert key.ask("customers/1").ok


def test_all_faults_are_removed_at_once(key: Key) -> None:
    key.control("POST", "/faults", {"fault": "fail", "status": 503})
    assert key.control("DELETE", "/faults").json() == {"done": True}
    assert key.control("GET", "/faults").json() == []


@pytest.mark.parametrize("number", ["0", "99", "x", "-1", "1.0", "²", "9" * 1000])
def test_a_fault_that_is_not_there(key: Key, number: str) -> None:
    assert problem(key.control("DELETE", f"/faults/{number}"))[:2] == (404, "NoRecordError")


def test_requests_are_waited_for(over_http: Fake, key: Key) -> None:
    key.ask("customers/1")
    with ThreadPoolExecutor(1) as pool:
        waited = pool.submit(
            requests.get,
            f"{over_http.origin}/_fakekit/accounts/{key.key}/requests?count=2&timeout=30",
            headers={"Fakekit-Control": "1"},
            timeout=PATIENCE,
        )
        time.sleep(0.05)
        key.ask("customers/2")
        assert [r["path"] for r in waited.result().json()["requests"]] == [
            "/api/v1/customers/1",
            "/api/v1/customers/2",
        ]


def test_requests_are_listed_and_forgotten(key: Key) -> None:
    key.ask("customers/1")
    assert [r["path"] for r in key.control("GET", "/requests").json()["requests"]] == ["/api/v1/customers/1"]
    assert key.control("DELETE", "/requests").json() == {"done": True}
    assert key.control("GET", "/requests").json() == {"requests": [], "truncated": False}


def test_requests_without_a_key_are_listed_apart(over_http: Fake) -> None:
    over_http.session.get(f"{over_http.origin}/api/v1/customers/1", timeout=PATIENCE)
    strangers = over_http.control("GET", "/-/requests?status=401").json()["requests"]
    assert strangers[-1]["path"] == "/api/v1/customers/1"
    assert over_http.control("DELETE", "/-/requests").json() == {"done": True}
    assert over_http.control("GET", "/-/requests").json()["requests"] == []


def test_an_alias_leads_to_the_account_until_it_ends(over_http: Fake, key: Key) -> None:
    alias = over_http.key()
    assert key.control("PUT", "/alias", {"alias": alias.key}).json() == {"done": True}
    added = alias.ask("customers/add", AMA).json()["data"]["customer"]
    assert key.customer(added["id"]) == added
    assert alias.control("GET").json()["key"] == key.key
    assert alias.control("DELETE").json() == {"done": True}  # the account it leads to
    assert key.customer(added["id"]) == 404
    assert alias.control("DELETE", "/alias").json() == {"done": True}
    assert alias.control("GET").json()["key"] == alias.key


def test_reads_and_writes_of_an_alias_meet_the_same_account_where_that_has_one_too(over_http: Fake) -> None:
    one, two, three = over_http.key(), over_http.key(), over_http.key()
    assert two.control("PUT", "/alias", {"alias": one.key}).ok
    assert three.control("PUT", "/alias", {"alias": two.key}).ok
    assert one.ask("customers/1", method="DELETE").status_code == 204
    assert one.customer(1) == 404
    assert three.ask("customers/1").status_code == 200
    for key in (one, two):
        assert key.control("DELETE", "/alias").ok


def test_delete_forgets_an_account(over_http: Fake, key: Key) -> None:
    key.ask("customers/add", AMA)
    assert key.control("DELETE").json() == {"done": True}
    assert key.key not in [account["key"] for account in over_http.control("GET").json()]
    assert key.customer(51) == 404
    assert key.control("DELETE").json() == {"done": True}


def test_many_may_be_the_first_to_ask() -> None:
    for _ in range(5):
        app = fakekit.create_app(fakekit.Settings.of())

        def ask_it(number: int, app: Any = app) -> int:
            headers = {"Fakekit-Control": "1", "Host": "localhost"}
            status: int = (
                app.test_client().get(f"/_fakekit/accounts/fk_{number}", headers=headers).status_code
            )
            return status

        with ThreadPoolExecutor(16) as pool:
            assert set(pool.map(ask_it, range(16))) == {200}
