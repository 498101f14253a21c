"""Generated records are of the samples' making: their keys, order and JSON types; and they fit together."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.samples import CATEGORIES, CUSTOMER, EXPENSE, GROUP, ITEM, LINE, NULLABLE, SALE, without

DOCUMENTED_SALE = 324232  # the sample's own sums and lines fit nothing, and are what the page prints
RECORDS = {
    "customer": json.loads(CUSTOMER),
    "group": json.loads(GROUP),
    "sale": json.loads(SALE),
    "line": json.loads(LINE),
    "item": json.loads(ITEM),
    "category": json.loads(CATEGORIES)[0],
    "expense": json.loads(EXPENSE),
}
MAY_BE_NULL = {
    **{kind: set(names.split()) for kind, names in NULLABLE.items()},
    "sale": {
        *("discount", "invoice_colour", "invoice_note", "invoice_terms", "payment_internal_note"),  # Add Sale
        *("due_date", "reminder_date", "reminder_message"),  # of what is paid at the counter
    },
    "line": {"description"},
}
LISTS = [
    ("customers", "customers", "customer"),
    ("customer-groups", "groups", "group"),
    ("sales", "sales", "sale"),
    ("inventory/items", "items", "item"),
    ("inventory/categories", "item-categories", "category"),
    ("expenses", "expenses", "expense"),
]


class Shop:
    """The default population, in one rendering."""

    def __init__(self, handle: fakekit.Handle, tenant: bool, http: requests.Session) -> None:
        self.handle, self.tenant, self.http = handle, tenant, http

    def data(self, path: str) -> dict[str, Any]:
        answer = self.http.get(self.handle.url(path), headers=self.handle.headers, timeout=PATIENCE)
        assert answer.status_code == 200, path
        data: dict[str, Any] = answer.json()["data"]
        return data

    def listed(self, path: str) -> list[dict[str, Any]]:
        (records,) = self.data(path).values()
        return list(records)

    def sales(self) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """Every generated sale, and its lines."""
        for sale in self.listed("sales"):
            if sale["invoice_code"] != DOCUMENTED_SALE:
                yield sale, self.data(f"sales/{sale['invoice_code']}")["sales-item"]


@pytest.fixture(scope="module", params=[True, False], ids=["tenant", "bare"])
def shop(request: pytest.FixtureRequest) -> Iterator[Shop]:
    server = fakekit.FakeServer(seed=1, assumptions={"payload.tenant_fields": request.param})
    with server as handle, requests.Session() as http:
        yield Shop(handle, request.param, http)


def check(kind: str, record: dict[str, Any], tenant: bool, *not_printed: str) -> None:
    """The keys of the sample in their order, each value of the sample's type or a null that may be one."""
    dropped = ("item_images",) if tenant else ("user_id", "business_code")
    sample = without(RECORDS[kind], *dropped, *not_printed)
    assert list(record) == list(sample)
    drafts = {"payment_date"} if record.get("payment_status") == "draft" else set()
    for name, value in record.items():
        if value is None:
            assert name in MAY_BE_NULL[kind] | drafts, name
        else:
            assert type(value) is (str if sample[name] is None else type(sample[name])), name
        if name.endswith("_at"):
            assert re.fullmatch(r"20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d", value), name
    for image in record.get("item_images", []):
        assert [(name, type(value)) for name, value in image.items()] == [("id", int), ("image_url", str)]


@pytest.mark.parametrize(("path", "key", "kind"), LISTS, ids=[path for path, _, _ in LISTS])
def test_every_listed_record_is_like_the_sample(shop: Shop, path: str, key: str, kind: str) -> None:
    data = shop.data(path)
    assert list(data) == [key]
    assert len(data[key]) >= 5
    assert [record["id"] for record in data[key]] == sorted({record["id"] for record in data[key]})
    for record in data[key]:
        check(kind, record, shop.tenant, "item_images")


@pytest.mark.parametrize(
    ("path", "key", "name", "kind"),
    [
        ("customers", "customer", "id", "customer"),
        ("customer-groups", "group", "id", "group"),
        ("sales", "sales", "invoice_code", "sale"),
        ("inventory/items", "item", "item_code", "item"),
        ("inventory/categories", "item-category", "id", "category"),
        ("expenses", "expense", "id", "expense"),
    ],
)
def test_every_fetched_record_is_like_the_sample_and_the_listed_one(
    shop: Shop, path: str, key: str, name: str, kind: str
) -> None:
    for listed in shop.listed(path)[:30]:
        data = shop.data(f"{path}/{str(listed[name]).strip()}")
        assert next(iter(data)) == key
        check(kind, data[key], shop.tenant)
        assert json.dumps(without(data[key], "item_images")) == json.dumps(listed)
        for group in data.get("customer-group", []):
            check("group", group, shop.tenant)
        for line in data.get("sales-item", []):
            check("line", line, shop.tenant)


def test_a_store_is_like_the_sample(shop: Shop) -> None:
    for sale in shop.listed("sales")[:30]:
        store = shop.data(f"stores/{sale['id']}")["store"]
        check("sale", store, shop.tenant)
        assert json.dumps(store) == json.dumps(sale)


def test_a_sale_is_to_a_customer_who_was_there_before_it(shop: Shop) -> None:
    since = {str(customer["id"]): customer["created_at"] for customer in shop.listed("customers")}
    for sale, _ in shop.sales():
        assert since[sale["customer_id"]] <= sale["created_at"]


def test_a_sale_is_of_items_at_their_price(shop: Shop) -> None:
    prices = {item["item_name"]: item["item_price"] for item in shop.listed("inventory/items")}
    for sale, lines in shop.sales():
        assert lines
        for line in lines:
            assert line["unit_price"] == f"{prices[line['item_name']]:.2f}"
            assert line["invoice_code"] == str(sale["invoice_code"])
            assert line["invoice_number"] == sale["invoice_number"]
            assert int(line["quantity"]) >= 1


def test_a_sale_adds_up(shop: Shop) -> None:
    for sale, lines in shop.sales():
        lines_sum = sum(Decimal(line["unit_price"]) * int(line["quantity"]) for line in lines)
        assert Decimal(sale["sub_total_amount"]) == lines_sum
        tax = sum(Decimal(line["tax"]) for line in lines)
        assert Decimal(sale["total_amount"]) == lines_sum - Decimal(sale["discount"] or 0) + tax


def test_the_payment_status_follows_from_the_amounts(shop: Shop) -> None:
    seen = set()
    for sale, _ in shop.sales():
        paid, total = Decimal(sale["amount_paid"]), Decimal(sale["total_amount"])
        status = "paid" if paid >= total else "draft" if paid == 0 else "partial"
        assert sale["payment_status"] == status
        assert (sale["payment_type"] == "None") is (status == "draft")
        assert (sale["payment_date"] is None) is (status == "draft")
        seen.add(status)
    assert seen == {"paid", "partial", "draft"}


def test_ids_and_codes_of_sales_and_lines_are_unique(shop: Shop) -> None:
    sales = shop.listed("sales")
    lines = [line for _, lines in shop.sales() for line in lines]
    for values in (
        [sale["id"] for sale in sales],
        [sale["invoice_code"] for sale in sales],
        [line["id"] for line in lines],
        [item["item_code"] for item in shop.listed("inventory/items")],
    ):
        assert len(set(values)) == len(values)
    assert all(100000 <= sale["invoice_code"] <= 999999 for sale in sales)


def test_every_item_has_its_category_and_every_customer_her_group(shop: Shop) -> None:
    categories = {category["id"] for category in shop.listed("inventory/categories")}
    assert {item["category_id"] for item in shop.listed("inventory/items")} <= categories
    groups = {group["id"] for group in shop.listed("customer-groups")}
    assert {customer["customer_group_id"] for customer in shop.listed("customers")} <= {None, *groups}


def test_an_expense_for_stock_names_an_item(shop: Shop) -> None:
    names = {item["item_name"] for item in shop.listed("inventory/items")}
    expenses = [expense for expense in shop.listed("expenses") if expense["id"] > 4]  # without the personas
    stock = [expense for expense in expenses if expense["expense_type"] == "Stock"]
    assert stock
    for expense in stock:
        assert expense["expense_description"].partition(" of ")[2] in names


def test_nothing_was_updated_before_it_was_created(shop: Shop) -> None:
    for path, _, _ in LISTS:
        for record in shop.listed(path):
            if record["updated_at"] != "2024-08-04 02:00:43":  # the samples' placeholder
                assert record["created_at"] <= record["updated_at"]
