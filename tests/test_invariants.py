"""What a shop's books always are, whatever the seed: the generated records fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

import pytest

import fakekit
from fakekit.accounts.from_settings import build_world
from fakekit.contract.schema import Record
from fakekit.resources import RECORDS
from tests.helpers.ghana import CITIES, LAST_NAMES

DOCUMENTED = {("customers", 1), ("sales", 32), ("items", 1), ("expenses", 1)}
"""They are what the vendor's pages print, with sums and times that fit nothing."""


class Books:
    """The generated records of a seed, each list made when a test asks for it."""

    def __init__(self, seed: int, size: int) -> None:
        self.size = size
        sizes = {"customers": size, "sales": size, "items": size, "expenses": size}
        self.world = build_world(fakekit.Settings.of(seed=seed, **sizes))

    def records(self, resource: str) -> list[Record]:
        keys = [key for key in self.world.ids(resource) if (resource, key) not in DOCUMENTED]
        return [record for key in keys if (record := self.world.find(resource, key))]

    @cached_property
    def customers(self) -> list[Record]:
        return self.records("customers")

    @cached_property
    def sales(self) -> list[Record]:
        return self.records("sales")

    @cached_property
    def items(self) -> list[Record]:
        return self.records("items")

    @cached_property
    def expenses(self) -> list[Record]:
        return self.records("expenses")


@pytest.fixture(params=[(1, 120), pytest.param((20, 1000), marks=pytest.mark.slow)], ids=["few", "many"])
def books(request: pytest.FixtureRequest) -> Iterator[Books]:
    """The books of several seeds, one after the other."""
    seeds, size = request.param
    return (Books(seed, size) for seed in (-(2**63), 0, *range(7, 5 + seeds)))


def test_nothing_is_sold_before_it_exists(books: Iterator[Books]) -> None:
    for book in books:
        since = {item["item_name"]: item["created_at"] for item in book.items}
        assert len(since) == book.size - 1
        for sale in book.sales:
            for line in sale["sales-item"]:
                assert since[line["item_name"]] <= sale["created_at"]


def test_no_sale_is_before_its_customer(books: Iterator[Books]) -> None:
    for book in books:
        since = {customer["id"]: customer["created_at"] for customer in book.customers}
        assert all(since[int(sale["customer_id"])] <= sale["created_at"] for sale in book.sales)


def test_no_customer_is_older_than_her_group(books: Iterator[Books]) -> None:
    for book in books:
        since = {group["id"]: group["created_at"] for group in book.records("customer_groups")}
        grouped = [c for c in book.customers if c["customer_group_id"] is not None]
        assert {c["customer_group_id"] for c in grouped} == {1, 2, 3, 4, 5}
        assert all(since[c["customer_group_id"]] <= c["created_at"] for c in grouped)


def test_ids_ascend_with_created_at_and_invoice_numbers_with_both(books: Iterator[Books]) -> None:
    for book in books:
        for resource in RECORDS:
            times = [record["created_at"] for record in book.records(resource)]
            assert times == sorted(times), resource
        numbers = [sale["invoice_number"] for sale in book.sales]
        assert numbers == sorted(set(numbers))


def test_times_are_within_the_hours_and_days_of_the_shop(books: Iterator[Books]) -> None:
    for book in books:
        for resource in ("customers", "sales", "items", "expenses"):
            for record in book.records(resource):
                for name in ("created_at", "updated_at"):
                    time = datetime.fromisoformat(record[name])
                    assert time.weekday() < 6, (resource, record)
                    assert 8 <= time.hour < 18, (resource, record)
        days = [sale[name] for sale in book.sales for name in ("payment_date", "due_date", "reminder_date")]
        assert all(datetime.fromisoformat(day).weekday() < 6 for day in days if day)


def test_a_sale_is_due_after_it_was_made(books: Iterator[Books]) -> None:
    for book in books:
        due = [sale for sale in book.sales if sale["due_date"]]
        assert due
        assert all(sale["due_date"] > sale["created_at"][:10] for sale in due)
        assert all(
            s["created_at"][:10] < s["reminder_date"] < s["due_date"] for s in due if s["reminder_date"]
        )


def test_sales_are_paid_in_part_and_not_at_all_also_on_later_days(books: Iterator[Books]) -> None:
    for book in books:
        waits = set()
        for sale in book.sales:
            paid, total = Decimal(sale["amount_paid"]), Decimal(sale["total_amount"])
            status = "paid" if paid == total else "draft" if paid == 0 else "partial"
            assert sale["payment_status"] == status
            assert (sale["payment_type"] == "None") is (sale["payment_date"] is None) is (status == "draft")
            assert 0 <= paid <= total
            if sale["payment_date"]:
                assert sale["created_at"][:10] <= sale["payment_date"] == sale["updated_at"][:10]
            waits.add((status, (sale["payment_date"] or "") > sale["created_at"][:10]))
        assert waits == {
            ("paid", True),
            ("paid", False),
            ("partial", True),
            ("partial", False),
            ("draft", False),
        }


def test_totals_add_up_with_tax_and_discount(books: Iterator[Books]) -> None:
    for book in books:
        seen = set()
        for sale in book.sales:
            lines = sale["sales-item"]
            sub_total = sum(Decimal(line["unit_price"]) * int(line["quantity"]) for line in lines)
            tax, discount = sum(Decimal(line["tax"]) for line in lines), Decimal(sale["discount"] or 0)
            assert Decimal(sale["sub_total_amount"]) == sub_total
            assert Decimal(sale["total_amount"]) == sub_total - discount + tax > 0
            seen.add((tax > 0, discount > 0))
        assert seen == {(True, True), (True, False), (False, True), (False, False)}


def test_stock_is_not_negative_and_the_status_says_whether_there_is_any(books: Iterator[Books]) -> None:
    for book in books:
        stock = {(int(item["quantity"]) > 0, item["status"]) for item in book.items}
        assert stock == {(True, "in-stock"), (False, "out of stock")}
        assert min(int(item["quantity"]) for item in book.items) == 0
        assert all(0 < item["unit_cost"] < item["item_price"] for item in book.items)


def test_nothing_was_updated_before_it_was_created(books: Iterator[Books]) -> None:
    for book in books:
        for resource in RECORDS:
            records = book.records(resource)
            generated = [r for r in records if (resource, r["id"]) != ("customer_groups", 1)]
            assert all(record["created_at"] <= record["updated_at"] for record in generated)
            if resource not in ("item_categories", "customer_groups"):
                assert any(record["created_at"] < record["updated_at"] for record in generated)


def test_every_optional_field_is_filled_in_some_records_and_null_in_others(books: Iterator[Books]) -> None:
    for book in books:
        for resource, declared in RECORDS.items():
            records = book.records(resource)
            for name in declared.record_schema.optional_names:
                assert {record[name] is None for record in records} == {True, False}, (resource, name)
        described = {line["description"] is None for sale in book.sales for line in sale["sales-item"]}
        assert described == {True, False}


def test_no_two_customers_share_a_phone(books: Iterator[Books]) -> None:
    for book in books:
        owners = {customer["customer_phone"]: customer["id"] for customer in book.customers}
        assert len(owners) == len(book.customers)
        for customer in book.customers:
            number = customer["customer_whatsapp"]
            assert number is None or owners.setdefault(number, customer["id"]) == customer["id"]


def test_a_city_lies_in_its_region(books: Iterator[Books]) -> None:
    for book in books:
        local = [c for c in book.customers if c["customer_country"] == "Ghana"]
        assert 0.8 < len(local) / len(book.customers) < 0.9
        assert all(c["customer_city"] in CITIES[c["customer_state"]] for c in local)


def test_the_names_of_people_fit_their_region(books: Iterator[Books]) -> None:
    from faker.providers.person.tw_GH import Provider

    akan = {*Provider.last_names_male, *Provider.last_names_female}
    for book in books:
        people = [c for c in book.customers if c["id"] > 9 and c["customer_group_id"] not in (2, 5)]
        for customer in (
            c
            for c in people
            if c["customer_country"] == "Ghana" and not COMPANY.fullmatch(c["customer_name"])
        ):
            last = customer["customer_name"].rpartition(" ")[2]
            assert last in LAST_NAMES.get(customer["customer_state"], akan), customer


COMPANY = re.compile(
    r".+ (Enterprise|Ventures|& Sons Ltd|Trading Company|Catering Services|Construction Ltd|Pharmacy|Hardware"
    r"|Fashion House|Farms Ltd|Senior High School|Methodist Church|Municipal Hospital|Teachers Union|Guest House"
    r"|African Foods Ltd|Imports Ltd|Shipping Ltd)"
)


def test_one_customer_of_twenty_is_a_company(books: Iterator[Books]) -> None:
    for book in books:
        companies = [c for c in book.customers if COMPANY.fullmatch(c["customer_name"])]
        last = book.size // 20
        assert [c["id"] // 20 for c in companies if c["id"] < 20 * last] == list(range(1, last))
        assert {c["customer_group_id"] for c in companies} <= {None, 2, 5}


def test_the_items_of_a_shop_differ_and_so_do_their_codes_and_barcodes(books: Iterator[Books]) -> None:
    for book in books:
        for name in ("item_name", "item_code", "barcode", "sku"):
            values = [item[name] for item in book.items if item[name] is not None]
            assert len(values) == len(set(values))


def test_wages_and_rent_are_paid_once_a_month(books: Iterator[Books]) -> None:
    for book in books:
        for kind in ("Rent", "Wages"):
            paid = [e for e in book.expenses if e["expense_type"] == kind]
            texts = [expense["expense_description"] for expense in paid]
            assert len(texts) == len(set(texts)) >= 2
            assert len({expense["expense_amount"] for expense in paid}) == 1
            assert all(a["created_at"] < b["created_at"] for a, b in pairwise(paid))
