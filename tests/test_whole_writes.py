"""A write that touches several records is whole or not at all, also where the account becomes full in its middle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

import pytest

import fakekit
from fakekit.accounts.registry import Accounts
from fakekit.accounts.store import ChangeStore
from fakekit.contract.envelope import Envelope
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE, Api

SOAP = {"sales-item": [{"item_name": "Soap", "unit_price": "5.00", "quantity": "2"}]}
RICE = {"sales-item": [{"item_name": "Rice", "unit_price": "5.00", "quantity": "1"}]}


@pytest.fixture
def server() -> Iterator[fakekit.FakeServer]:
    assumptions = {"sales.stock": "reduced", "delete.cascade": "cascade"}
    running = fakekit.FakeServer(customers=3, sales=1, assumptions=assumptions)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def accounts(server: fakekit.FakeServer) -> Accounts:
    return server._accounts


@pytest.fixture
def api(server: fakekit.FakeServer) -> Iterator[Api]:
    """An account with two items, a customer and her sale of two pieces of soap."""
    with Api(server.account("fk_demo").origin, "fk_demo") as asked:
        for name in ("Soap", "Rice"):
            asked.add("inventory/items", **{**ITEM, "item_name": name})
        customer = asked.add("customers", **CUSTOMER)["id"]
        assert asked.ask("POST", "sales/add", {**SALE, **SOAP, "customer_id": customer}).status_code == 200
        yield asked


def everything(api: Api) -> list[Any]:
    """All records that a write may touch, as lists and as fetches."""
    lists = [api.all(path) for path in ("customers", "sales", "inventory/items")]
    items = [item["item_code"] for item in lists[2] if item["item_name"] in ("Soap", "Rice")]
    return [*lists, *[api.get(f"inventory/items/{code}") for code in items], api.get("sales/100200")]


def failing_after(count: int) -> AbstractContextManager[object]:
    """Have all changes behind the first ones fail during a block."""
    write, left = ChangeStore.write, iter(range(count))

    def fail(store: ChangeStore, *values: Any) -> Any:
        if next(left, None) is None:
            raise RuntimeError
        return write(store, *values)

    return mock.patch.object(ChangeStore, "write", fail)


WRITES = {
    "add": ("POST", "sales/add", {**SALE, **SOAP, "invoice_code": "100201"}),
    "edit": ("PUT", "sales/edit/100200", {**SALE, **RICE, "invoice_code": "100201"}),
    "store": ("PUT", "stores/{id}", {**SALE, **RICE}),
    "delete": ("DELETE", "customers/4", None),
}


def test_a_sale_for_which_there_is_no_room_changes_nothing(accounts: Accounts, api: Api) -> None:
    before = everything(api)
    used = sum(account.size_in_bytes for account in accounts.list_open())
    answers = []
    for room in range(0, 9000, 500):  # less than any change takes
        accounts._change_bytes = used + room
        answers.append(api.ask(*WRITES["add"]))
        if answers[-1].status_code == 200:
            break
        assert (answers[-1].status_code, everything(api)) == (503, before)
    assert len(answers) > 5
    assert "so there is no room for more" in answers[-2].headers["Fakekit-Note"]
    assert answers[-1].json()["data"]["sales"]["id"] == before[1][-1]["id"] + 1
    assert [item["quantity"] for item in api.all("inventory/items")[-2:]] == ["8", "12"]


@pytest.mark.parametrize(("name", "count"), [("add", 2), ("edit", 3), ("store", 3), ("delete", 3)])
def test_a_write_that_fails_in_its_middle_changes_nothing(api: Api, name: str, count: int) -> None:
    method, path, body = WRITES[name]
    before = everything(api)
    path = path.format(id=before[1][-1]["id"])
    for number in range(count):
        with failing_after(number):
            assert (api.ask(method, path, body).status_code, everything(api)) == (500, before)
    assert api.ask(method, path, body).status_code in (200, 204)
    assert everything(api) != before


def test_a_write_whose_answer_breaks_the_contract_changes_nothing(api: Api) -> None:
    before = everything(api)
    with mock.patch.object(Envelope, "check", return_value={"data": ["is wrong"]}):
        assert api.ask(*WRITES["add"]).status_code == 500
    assert everything(api) == before
