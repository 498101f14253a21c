"""What a sale does to the quantities of the items, under both values of the assumption ``sales.stock``."""

from __future__ import annotations

from typing import Any

import pytest

import fakekit
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE, Api


def lines(**quantities: str) -> dict[str, Any]:
    """Lines of a sale, by the name of the item."""
    return {
        "sales-item": [{"item_name": n, "unit_price": "5.00", "quantity": q} for n, q in quantities.items()]
    }


class Shop:
    """An account with two items, Soap (12) and Rice (2.5), under one value of the assumption."""

    def __init__(self, fake: fakekit.FakeServer, value: str) -> None:
        settings = fakekit.Settings.of(assumptions={"sales.stock": value, "delete.cascade": "cascade"})
        self.handle = fake.account(f"fk_stock_{value}", settings)
        self.api = Api(self.handle.origin, self.handle.api_key)
        for name, quantity in (("Soap", "12"), ("Rice", "2.5"), ("Soap", "7")):
            self.api.add("inventory/items", **{**ITEM, "item_name": name, "quantity": quantity})

    def write(self, method: str, path: str, **fields: Any) -> list[str]:
        """Send a request for a sale; what the answer assumed."""
        body = None if method == "DELETE" else {**SALE, **fields}
        answer = self.api.ask(method, path, body)
        assert answer.status_code in (200, 204), answer.text
        return answer.headers["Fakekit-Assumed"].split(", ")

    @property
    def stock(self) -> list[str]:
        items = self.api.all("inventory/items")
        return [item["quantity"] for item in items if item["item_name"] in ("Soap", "Rice")]


STEPS: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("POST", "sales/add", lines(Soap="2", Rice="0.75", Paint="1"), ["10", "1.75", "7"]),
    ("PUT", "sales/edit/100200", {}, ["10", "1.75", "7"]),
    ("PUT", "sales/edit/100200", lines(Soap="3"), ["9", "2.5", "7"]),
    ("PUT", "sales/edit/100200", {"amount_paid": 0, "payment_type": "None"}, ["12", "2.5", "7"]),
    ("PUT", "sales/edit/100200", {"amount_paid": 1}, ["9", "2.5", "7"]),
    ("PUT", "stores/99", {**lines(Soap="20"), "invoice_code": "100201"}, ["-8", "2.5", "7"]),
    ("DELETE", "sales/100201", {}, ["12", "2.5", "7"]),
]


def test_a_sale_takes_what_it_sells_and_gives_it_back(fake: fakekit.FakeServer) -> None:
    shop = Shop(fake, "reduced")
    before = shop.stock
    for method, path, fields, stock in STEPS:
        assert ("sales.stock='reduced'" in shop.write(method, path, **fields)) is (shop.stock != before)
        before = shop.stock
        assert before == stock, (method, path, fields)
    soap = next(item for item in shop.api.all("inventory/items") if item["item_name"] == "Soap")
    assert soap["status"] == "available"


def test_by_default_a_sale_leaves_the_items_as_they_are(fake: fakekit.FakeServer) -> None:
    shop = Shop(fake, "kept")
    items = shop.api.all("inventory/items")
    told = ["sales.stock" in shop.write(method, path, **fields) for method, path, fields, _ in STEPS]
    assert told == [True, False, True, True, True, True, True]
    assert shop.api.all("inventory/items") == items


@pytest.mark.parametrize("quantity", ["a few", "NaN", "", "1e9999999", "1e6", "123456789"])
def test_a_quantity_of_a_test_that_is_no_number_stays(fake: fakekit.FakeServer, quantity: str) -> None:
    shop = Shop(fake, "reduced")
    code = shop.handle.find("items", item_name="Soap")["item_code"]
    shop.handle.change("items", code, quantity=quantity)
    shop.write("POST", "sales/add", **lines(Soap="2"))
    assert shop.stock == [quantity, "2.5", "7"]


def test_a_line_of_a_test_that_is_no_number_takes_nothing(fake: fakekit.FakeServer) -> None:
    shop = Shop(fake, "reduced")
    line = {"item_name": "Soap", "unit_price": "5.00", "quantity": "1e9999999"}
    code = shop.handle.add("sales", **{"sales-item": [line], "payment_status": "paid"})["invoice_code"]
    assert shop.api.delete(f"sales/{code}") == 204
    assert (shop.api.get(f"sales/{code}"), shop.stock) == (404, ["12", "2.5", "7"])


def test_a_quantity_stays_in_the_range_of_a_request(fake: fakekit.FakeServer) -> None:
    shop = Shop(fake, "reduced")
    shop.write("POST", "sales/add", **lines(Soap="99999999", Rice="-99999999"))
    shop.write("POST", "sales/add", **lines(Soap="99999999", Rice="-99999999"), invoice_code="100201")
    assert shop.stock == ["-99999999.99", "99999999.99", "7"]
    for item in shop.api.all("inventory/items")[-3:]:
        shop.api.edit(f"inventory/items/{item['item_code']}", **ITEM | {"quantity": item["quantity"]})


@pytest.mark.parametrize("value", ["kept", "reduced"])
def test_sales_that_are_deleted_with_their_customer_give_back(fake: fakekit.FakeServer, value: str) -> None:
    shop = Shop(fake, value)
    before = shop.stock
    group = shop.api.add("customer-groups", group_name="Visitors")["id"]
    customer = shop.api.add("customers", **CUSTOMER, customer_group_id=group)["id"]
    shop.write("POST", "sales/add", **lines(Soap="2"), customer_id=customer)
    shop.write("POST", "sales/add", **lines(Soap="3", Rice="1"), customer_id=customer, invoice_code="100201")
    assert shop.stock == (before if value == "kept" else ["7", "1.5", "7"])
    answer = shop.api.ask("DELETE", f"customer-groups/{group}")
    assert "sales.stock" in answer.headers["Fakekit-Assumed"]
    assert [shop.api.get(f"sales/{code}") for code in (100200, 100201)] == [404, 404]
    assert shop.stock == before
