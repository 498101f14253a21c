"""What a sale does to the quantities of the items, under both values of the assumption ``sales.stock``."""

from __future__ import annotations

from typing import Any

import pytest

import fakekit
from tests.helpers.vendor_api import ITEM, SALE, Api


def lines(**quantities: str) -> dict[str, Any]:
    """Lines of a sale, by the name of the item."""
    return {
        "sales-item": [{"item_name": n, "unit_price": "5.00", "quantity": q} for n, q in quantities.items()]
    }


class Shop:
    """An account with two items, Soap (12) and Rice (2.5), under one value of the assumption."""

    def __init__(self, fake: fakekit.FakeServer, value: str) -> None:
        settings = fakekit.Settings.of(assumptions={"sales.stock": value})
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


@pytest.mark.parametrize("quantity", ["a few", "NaN", ""])
def test_a_quantity_of_a_test_that_is_no_number_stays(fake: fakekit.FakeServer, quantity: str) -> None:
    shop = Shop(fake, "reduced")
    code = shop.handle.find("items", item_name="Soap")["item_code"]
    shop.handle.change("items", code, quantity=quantity)
    shop.write("POST", "sales/add", **lines(Soap="2"))
    assert shop.stock == [quantity, "2.5", "7"]
