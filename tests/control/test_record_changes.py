"""Records that are searched for, compared with their first values, and given these again."""

from __future__ import annotations

from typing import Any
from unittest import mock

import requests

from fakekit import FakeServer, Handle
from fakekit.accounts.account import Account
from tests.helpers.commands import cli
from tests.helpers.control_api import AMA, Fake, Key, problem
from tests.helpers.processes import PATIENCE


def ids(key: Key, path: str) -> list[int]:
    return [record["id"] for record in key.control("GET", f"/records/{path}").json()]


def test_records_are_searched_for_in_values_and_lines(key: Key) -> None:
    assert ids(key, "customers?search=o%27BRIEN") == [8]
    assert ids(key, "customers?search=none") == []  # a null is no text
    line = {"item_name": "Zebra stripes", "unit_price": "1.00", "quantity": "1"}
    sale = key.control("POST", "/records/sales", {"sales-item": [line]}).json()
    assert ids(key, "sales?search=zebra") == [sale["id"]]


def test_records_are_found_by_what_they_refer_to(key: Key) -> None:
    sale = key.control("POST", "/records/sales", {"customer_id": "8"}).json()
    sales = key.control("GET", "/records/sales?refers_to=customers/8").json()
    assert {s["customer_id"] for s in sales} == {"8"}
    assert sales[-1] == sale
    assert problem(key.control("GET", "/records/expenses?refers_to=customers/8")) == (
        404,
        "NoRecordError",
        "expenses, refers_to: never refer to customers",
    )


def test_changes_have_the_values_before_and_now(key: Key) -> None:
    assert key.control("GET", "/changes").json() == {"counts": {}, "changes": []}
    before = key.customer(8)
    now = key.control("PATCH", "/records/customers/8", {"customer_city": "Kumasi"}).json()
    added = key.control("POST", "/records/item_categories", {"category_name": "Toys"}).json()
    key.control("DELETE", "/records/customers/9")
    told = key.control("GET", "/changes?resource=customers").json()
    assert told["counts"] == {"customers": 2, "item_categories": 1}
    changed, removed = told["changes"]
    assert changed == {
        "resource": "customers",
        "id": 8,
        "named": "8",
        "state": "changed",
        "before": before,
        "now": now,
    }
    assert (removed["id"], removed["state"], removed["now"]) == (9, "removed", None)
    assert removed["before"]["customer_name"] == "王秀英"
    last = key.control("GET", "/changes?limit=1&after=9").json()["changes"]
    assert [(c["resource"], c["state"], c["before"], c["now"]) for c in last] == [
        ("item_categories", "added", None, added)
    ]


def test_a_record_that_goes_away_while_changes_are_listed_is_left_out() -> None:
    change_states = Account.change_states

    def delete_after_the_look(account: Account, resource: str) -> Any:
        states = change_states(account, resource)
        account.clear_changes()
        return states

    with FakeServer() as fake:
        for path in ("/_fakekit/accounts/fk_demo/changes", "/_fakekit/console/fk_demo/world/customers"):
            fake.add_customer()
            with mock.patch.object(Account, "change_states", delete_after_the_look):
                answer = requests.get(fake.origin + path, headers={"Fakekit-Control": "1"}, timeout=PATIENCE)
            assert answer.status_code == 200


def test_one_change_is_found_by_an_earlier_code(key: Key) -> None:
    first = key.control("GET", "/records/items?limit=1").json()[0]["item_code"]
    key.control("PATCH", f"/records/items/{first}", {"item_code": "Jnew"})
    told = key.control("GET", f"/changes?resource=items&named={first}").json()["changes"]
    assert [(c["id"], c["named"]) for c in told] == [(1, "Jnew")]
    assert key.control("GET", "/changes?resource=items&named=Jnone").status_code == 404


def test_a_record_gets_its_first_values_again(key: Key) -> None:
    first = key.customer(8)
    key.control("PATCH", "/records/customers/8", {"customer_city": "Kumasi"})
    assert key.control("POST", "/records/customers/8/restore").json() == {"done": True}
    assert key.customer(8) == first
    key.control("DELETE", "/records/customers/8")
    assert key.control("POST", "/records/customers/8/restore").ok
    assert key.customer(8) == first
    assert key.control("GET").json()["changed"] is False
    assert key.control("GET", "/export").text.endswith("removed: {}\n")
    added = key.control("POST", "/records/customers", {}).json()["id"]
    assert key.control("POST", f"/records/customers/{added}/restore").ok
    assert key.customer(added) == 404
    assert key.control("POST", "/records/customers/999/restore").status_code == 404


def test_a_code_leads_to_the_record_that_has_it_now(key: Key) -> None:
    codes = [item["item_code"].strip() for item in key.control("GET", "/records/items?limit=2").json()]
    key.control("DELETE", f"/records/items/{codes[1]}")
    key.control("PATCH", f"/records/items/{codes[0]}", {"item_code": codes[1]})
    assert key.control("POST", f"/records/items/{codes[1]}/restore").ok
    assert key.ask(f"inventory/items/{codes[0]}").ok
    assert key.ask(f"inventory/items/{codes[1]}").status_code == 404


def test_an_item_whose_code_another_one_has_stays_removed(key: Key) -> None:
    items = key.control("GET", "/records/items?limit=2").json()
    codes = [item["item_code"].strip() for item in items]
    key.control("PATCH", f"/records/items/{codes[1]}", {"item_code": "Jold"})
    key.control("PATCH", f"/records/items/{codes[0]}", {"item_code": codes[1]})
    assert problem(key.control("POST", "/records/items/Jold/restore")) == (
        422,
        "RefusedRecordError",
        "items.item_code: belongs to another record",
    )


def test_all_records_get_their_first_values_again_and_the_rest_stays(key: Key) -> None:
    first = key.customer(1)
    key.control("DELETE", "/records/customers/1")
    key.control("POST", "/faults", {"fault": "slow", "seconds": 0})
    key.control("POST", "/snapshots")
    assert key.control("DELETE", "/changes").json() == {"done": True}
    assert key.customer(1) == first
    assert len(key.control("GET", "/faults").json()) == 1
    assert key.control("GET", "/snapshots").json() == {"snapshots": ["s1"]}


def test_no_id_is_given_a_second_time_after_all_changes_are_taken_back(key: Key) -> None:
    def add_sale() -> tuple[int, int]:
        line = {"item_name": "Zebra", "unit_price": "1.00", "quantity": "1"}
        sale = key.control("POST", "/records/sales", {"sales-item": [line]}).json()
        lines = key.control("GET", f"/records/sales/{sale['invoice_code']}/lines").json()
        return sale["id"], lines[0]["id"]

    first = add_sale()
    assert key.control("DELETE", "/changes").json() == {"done": True}
    assert key.control("GET").json()["changed"] is False
    assert add_sale() == (first[0] + 1, first[1] + 1)


def test_personas_are_those_of_the_account(key: Key) -> None:
    key.control("DELETE", "/records/customers/2")
    told = key.control("GET", "/personas").json()
    assert told[0] == {
        "resource": "customers",
        "id": 3,
        "named": "3",
        "title": "every optional field null",
    }
    sale = next(persona for persona in told if persona["resource"] == "sales")
    assert sale["title"] == "a draft: nothing is paid"
    assert key.ask(f"sales/{sale['named']}").ok


def test_a_customer_of_a_file_is_no_persona(over_http: Fake, key: Key) -> None:
    times = {"created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 08:23:45"}
    over_http.control("POST", json={"key": key.key, "fixtures": {"customers": [{"id": 8, **AMA, **times}]}})
    told = key.control("GET", "/personas").json()
    assert [p["id"] for p in told if p["resource"] == "customers"] == [2, 3, 4, 5, 6, 7, 9]


def test_a_handle_restores_a_record_and_the_command_line_searches_lines(xtrakit: Handle) -> None:
    first = xtrakit.customer(8)
    xtrakit.change("customers", 8, customer_city="Kumasi")
    xtrakit.restore_record("customers", 8)
    assert xtrakit.customer(8) == first
    line = {"item_name": "Zebra", "unit_price": "1.00", "quantity": "1"}
    code = xtrakit.add("sales", **{"sales-item": [line]})["invoice_code"]
    done = cli(
        "records", "sales", "--search", "ZEBRA", "--url", xtrakit.origin, "--key", xtrakit.api_key, "--json"
    )
    assert f'"invoice_code": {code}' in done.stdout
