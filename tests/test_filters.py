"""The rules a sale follows, and what the filters of every list leave."""

from __future__ import annotations

from typing import Any

import pytest

import fakekit
from tests.helpers.vendor_api import CUSTOMER, EXPENSE, ITEM, SALE, Api


def sale(**fields: Any) -> dict[str, Any]:
    return {**SALE, **fields}


@pytest.mark.parametrize("code", ["324232", 324232, 324232.0, "757975", 757975])
def test_a_code_that_another_sale_has_is_a_conflict(api: Api, code: object) -> None:
    assert api.one(f"sales/{int(str(code)[:6])}")["invoice_code"] in (324232, 757975)
    answer = api.ask("POST", "sales/add", sale(invoice_code=code))
    assert answer.status_code == 409
    assert answer.json() == {"status": 409, "error": "invoice_code is taken: another record has it"}
    assert "conflict.status" in answer.headers["Fakekit-Assumed"].split(", ")
    assert len(api.all("sales")) == 98


@pytest.mark.parametrize(("first", "second"), [("100200", 100200), (100200, "100200")])
def test_a_code_is_one_in_any_spelling(api: Api, first: object, second: object) -> None:
    assert api.add("sales", **sale(invoice_code=first))["invoice_code"] == int(str(first))
    assert api.ask("POST", "sales/add", sale(invoice_code=second)).status_code == 409


@pytest.mark.parametrize("code", ["324232", "757975", "100200"])
def test_the_code_of_a_deleted_sale_may_be_used_again(api: Api, code: str) -> None:
    if code == "100200":
        api.add("sales", **sale())
    old = api.one(f"sales/{code}")["id"]
    assert api.delete(f"sales/{code}") == 204
    new = api.add("sales", **sale(invoice_code=code))
    assert api.one(f"sales/{code}") == new
    assert new["id"] > max(old, 98)
    assert [s["id"] for s in api.all("sales", invoice_code=code)] == [new["id"]]


@pytest.mark.parametrize(
    ("paid", "how", "status"),
    [
        (0, "None", "draft"),
        ("0.00", "None", "draft"),
        (12.5, "Cash", "paid"),
        ("20", "Mobile Money", "paid"),
        ("5", "Cash", "partial"),
        ("0", "Cash", "partial"),
        ("5", "None", "partial"),
        ("12.5", "None", "paid"),
    ],
)
def test_the_payment_status_follows_from_what_was_paid(api: Api, paid: object, how: str, status: str) -> None:
    fields = sale(amount_paid=paid, payment_type=how)
    assert api.add("sales", **fields)["payment_status"] == status
    edited = api.edit("sales/edit/324232", **{**fields, "invoice_code": 324232})
    assert edited["payment_status"] == api.one("stores/32")["payment_status"] == status
    assert {s["payment_status"] for s in api.all("sales") if s["id"] in (32, 99)} == {status}


def test_a_draft_becomes_paid_by_edits(api: Api) -> None:
    key = api.add("sales", **sale(amount_paid=0, payment_type="None"))["id"]
    assert api.edit(f"stores/{key}", amount_paid="5")["payment_status"] == "partial"
    assert api.edit(f"stores/{key}", payment_type="Cash")["payment_status"] == "partial"
    assert api.edit(f"stores/{key}", amount_paid="12.50")["payment_status"] == "paid"
    assert api.edit(f"stores/{key}", total_amount=100)["payment_status"] == "partial"
    assert api.edit(f"stores/{key}", amount_paid=0, payment_type="None")["payment_status"] == "draft"
    assert [s["id"] for s in api.all("sales", payment_status="draft") if s["id"] == key] == [key]


@pytest.mark.parametrize("number", ["000123", "INV-000123"])
def test_the_prefix_is_put_in_front_once(api: Api, number: str) -> None:
    lines = [{"item_name": "Web Design", "unit_price": 100, "quantity": "2"}]
    added = api.ask("POST", "sales/add", sale(invoice_number=number, **{"sales-item": lines})).json()["data"]
    assert added["sales"]["invoice_number"] == "INV-000123"
    assert added["sales-item"][0]["invoice_number"] == "INV-000123"
    for changed in ("000777", "INV-000777"):
        edited = api.ask("PUT", "sales/edit/100200", sale(invoice_number=changed)).json()["data"]
        assert edited["sales"]["invoice_number"] == edited["sales-item"][0]["invoice_number"] == "INV-000777"


def test_a_sale_has_the_lines_that_were_sent(api: Api) -> None:
    first = {"item_name": "Rice", "unit_price": 9, "quantity": "2", "tax": "0.50", "description": "White"}
    answer = api.ask("POST", "sales/add", sale(**{"sales-item": [first, {**first, "item_name": "Oil"}]}))
    lines = answer.json()["data"]["sales-item"]
    assert api.get("sales/100200")["sales-item"] == lines
    assert [line["item_name"] for line in lines] == ["Rice", "Oil"]
    assert {n: lines[0][n] for n in first} == {**first, "unit_price": "9.00"}
    assert lines[0]["invoice_code"] == "100200"
    kept = api.ask("PUT", "sales/edit/100200", sale()).json()["data"]["sales-item"]
    assert [line["id"] for line in kept] == [line["id"] for line in lines]
    replaced = api.ask("PUT", "sales/edit/100200", sale(**{"sales-item": [first]})).json()["data"]
    assert len(replaced["sales-item"]) == 1
    assert replaced["sales-item"][0]["id"] > lines[1]["id"]
    assert api.ask("PUT", "sales/edit/100200", sale(**{"sales-item": []})).json()["data"]["sales-item"] == []


def test_a_store_is_the_sale_of_its_id(api: Api) -> None:
    assert api.one("stores/32") == api.one("sales/324232")
    by_sale = api.edit("sales/edit/324232", **sale(invoice_code=324232, invoice_note="By sale"))
    assert api.one("stores/32") == by_sale
    by_store = api.edit("stores/32", invoice_note="By store")
    assert by_store["invoice_note"] == "By store"
    assert api.one("sales/324232") == by_store
    assert by_store in api.all("sales")
    assert api.edit("stores/32") | {"updated_at": ""} == by_store | {"updated_at": ""}
    assert api.delete("sales/324232") == 204
    assert api.one("sales/324232") == api.one("stores/32") == 404


def test_an_id_of_a_line_is_used_once(api: Api) -> None:
    line = {"item_name": "Rice", "unit_price": 9, "quantity": "2"}
    seen: list[int] = []
    for code, lines in ((100200, [line] * 1001), (100201, [line]), (100202, [line])):
        answer = api.ask("POST", "sales/add", sale(invoice_code=code, **{"sales-item": lines}))
        seen += [one["id"] for one in answer.json()["data"]["sales-item"]]
    for lines in ([], [line]):
        body = {n: v for n, v in sale(**{"sales-item": lines}).items() if n != "invoice_code"}
        answer = api.ask("PUT", "sales/edit/100202", body)
        seen += [one["id"] for one in answer.json()["data"]["sales-item"]]
    assert len(seen) == 1004
    assert sorted(seen) == sorted(set(seen))


DATED = {
    "customers": ("customers", "updated_at", "Customers found: "),
    "customer_groups": ("customer-groups", "updated_at", "Groups found: "),
    "sales": ("sales", "due_date", "Sales found: "),
    "items": ("inventory/items", "updated_at", "Items found: "),
    "item_categories": ("inventory/categories", "updated_at", ""),
    "expenses": ("expenses", "updated_at", "Expenses found: "),
}
each_list = pytest.mark.parametrize("resource", DATED)
MOMENTS = ("2010-03-04 00:00:00", "2010-03-04 08:05:09", "2010-03-04 23:59:59", "2010-03-05 00:00:00")


def created(xtrakit: fakekit.Handle, resource: str, moment: str) -> int:
    """The id of a new record of that time."""
    given = {"customer_id": "1"} if resource == "sales" else {}
    record = xtrakit.add(resource, created_at=moment, updated_at="2020-01-01 00:00:00", **given)
    return int(record["id"])


@each_list
@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        ("2010-03-04", "2010-03-04", [0, 1, 2]),
        ("2010-03-04 8:5:9", "2010-03-05", [1, 2, 3]),
        ("2010-03-04 08:05:09", "2010-03-04", [1, 2]),
        ("2010-03-04 08:05:10", "2010-03-04", [2]),
        ("2010-03-04", "2010-03-04 8:5:9", [0, 1]),
        ("2010-03-04", "2010-03-04 08:05:08", [0]),
        ("2010-03-05", "2010-03-04", []),
        ("2010-03-06", "2010-12-31", []),
    ],
)
def test_a_list_between_two_times(
    api: Api, xtrakit: fakekit.Handle, resource: str, start: str, end: str, left: list[int]
) -> None:
    path, until, message = DATED[resource]
    keys = [created(xtrakit, resource, moment) for moment in MOMENTS]
    answer = api.ask("GET", path, created_at=start, **{until: end})
    assert [r["id"] for r in next(iter(answer.json()["data"].values()))] == [keys[n] for n in left]
    expected = f"{message}{len(left)}" if message else "Item categories found"
    assert answer.json()["message"] == expected
    assert "filter.range" in answer.headers["Fakekit-Assumed"]
    assert "Fakekit-Note" not in answer.headers


@each_list
def test_either_end_of_the_range_may_be_left_out(api: Api, xtrakit: fakekit.Handle, resource: str) -> None:
    path, until, _ = DATED[resource]
    old = created(xtrakit, resource, "2010-01-01 00:00:00")
    new = created(xtrakit, resource, "2035-01-01 00:00:00")
    assert [r["id"] for r in api.all(path, **{until: "2010-12-31"})] == [old]
    assert [r["id"] for r in api.all(path, created_at="2034-12-31")] == [new]
    assert {old, new} < {r["id"] for r in api.all(path)}


@each_list
@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "2024-13-01",
        "2024-02-30",
        "2024-08-04 25:00:00",
        "2024-08-04T08:00:00",
        "04-08-2024",
        "٢٠٢٤-٠١-٠١",
    ],
)
def test_a_time_that_is_none_is_refused_by_name(api: Api, resource: str, value: str) -> None:
    path, until, _ = DATED[resource]
    for name in ("created_at", until):
        answer = api.ask("GET", path, **{name: value})
        assert answer.status_code == answer.json()["status"] == 422
        assert answer.json()["error"].startswith(f"{name} ")
        assert value not in answer.text


@each_list
def test_what_no_page_names_is_ignored_and_told_and_twice_is_refused(api: Api, resource: str) -> None:
    path, until, _ = DATED[resource]
    answer = api.ask("GET", path, page=2, limit=10)
    assert answer.json() == api.ask("GET", path).json()
    told = "the vendor documents no pagination: every record is already in this answer"
    assert answer.headers["Fakekit-Note"] == f"not read: page, limit; {told}"
    assert "body.unknown_fields" in answer.headers["Fakekit-Assumed"]
    twice = api.ask("GET", path, **{until: ["2024-01-01", "2024-01-01"]})
    assert twice.status_code == 422
    assert twice.json()["error"] == f"{until} is given twice"


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("customers", "customer_group_id", "x"),
        ("customers", "customer_group_id", "0"),
        ("customers", "customer_group_id", "1.5"),
        ("customer-groups", "business_code", "fifteen"),
        ("inventory/items", "category_id", "-1"),
        ("sales", "invoice_type", "receipt"),
        ("sales", "payment_status", "PAID"),
        ("sales", "payment_date", "2024-02-30"),
        ("sales", "payment_date", "today"),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_name(api: Api, path: str, name: str, value: str) -> None:
    answer = api.ask("GET", path, **{name: value})
    assert answer.status_code == answer.json()["status"] == 422
    assert answer.json()["error"].startswith((f"{name} must be ", f"{name} is not a date "))
    assert "invalid.status" in answer.headers["Fakekit-Assumed"].split(", ")


def test_customers_of_a_group(api: Api) -> None:
    group = api.add("customer-groups", group_name="New")["id"]
    assert api.ask("GET", "customers", customer_group_id=group).json() == {
        "status": 200,
        "message": "Customers found: 0",
        "data": {"customers": []},
    }
    members = [api.add("customers", **CUSTOMER, customer_group_id=group) for _ in range(3)]
    assert api.all("customers", customer_group_id=group) == members
    api.edit(f"customers/{members[0]['id']}", **CUSTOMER, customer_group_id=1)
    assert api.all("customers", customer_group_id=group) == members[1:]
    assert api.all("customers", customer_group_id=group, created_at="2035-01-01") == []
    assert api.all("customers", customer_group_id=group, created_at="2025-01-01") == members[1:]


def test_groups_of_a_business(api: Api) -> None:
    assert [g["id"] for g in api.all("customer-groups", business_code="15848484")] == [1, 2, 3, 4, 5]
    assert api.all("customer-groups", business_code=15848485) == []


def test_items_of_a_category(api: Api) -> None:
    category = api.add("inventory/categories", category_name="Kitchen")["id"]
    assert api.all("inventory/items", category_id=category) == []
    item = api.add("inventory/items", **{**ITEM, "category_id": category})
    assert api.all("inventory/items", category_id=category) == [item]
    assert api.all("inventory/items", category_id=category, updated_at="2024-01-01") == []


def test_categories_of_a_name(api: Api) -> None:
    one, two = (api.add("inventory/categories", category_name="Tools & Möbel") for _ in range(2))
    assert api.all("inventory/categories", category_name="Tools & Möbel") == [one, two]
    for other in ("Tools", "tools & möbel", "Tools & Möbel "):
        assert api.all("inventory/categories", category_name=other) == []
    answer = api.ask("GET", "inventory/categories", category_name="Protein")
    assert [c["id"] for c in answer.json()["data"]["item-categories"]] == [14]
    assert "filter.category_name" in answer.headers["Fakekit-Assumed"]


def test_expenses_are_listed_with_what_was_added(api: Api) -> None:
    added = api.add("expenses", **EXPENSE)
    found = api.all("expenses", created_at="2025-01-01")
    assert [e["id"] for e in found] == [added["id"]]


@pytest.mark.parametrize(
    ("wanted", "kept"), [("pos", "pos"), ("invoice", "main"), ("storefront", "order"), ("main", "main"), ("order", "order")]
)  # fmt: skip
def test_sales_of_a_type(api: Api, wanted: str, kept: str) -> None:
    for n, kind in enumerate(("main", "pos", "order")):
        api.add("sales", **sale(invoice_code=100200 + n, invoice_type=kind))
    assert {s["invoice_type"] for s in api.all("sales", invoice_type=wanted)} == {kept}
    mine = api.all("sales", invoice_type=wanted, created_at="2026-01-01")
    assert [s["invoice_type"] for s in mine] == [kept]


def test_sales_by_customer_date_and_status_together(api: Api) -> None:
    customer = api.add("customers", **CUSTOMER)["id"]
    for n, (day, paid) in enumerate([("2010-03-04", "12.5"), ("2010-03-04", "5"), ("2010-03-05", "5")]):
        fields = sale(invoice_code=100200 + n, payment_date=day, amount_paid=paid, customer_id=customer)
        api.add("sales", **fields)

    def codes(**query: Any) -> list[int]:
        return [s["invoice_code"] for s in api.all("sales", **query)]

    assert codes(customer_id=customer) == [100200, 100201, 100202]
    assert codes(payment_date="2010-03-04") == [100200, 100201]
    assert codes(customer_id=customer, payment_status="partial") == [100201, 100202]
    assert codes(payment_date="2010-03-04", payment_status="partial") == [100201]
    assert codes(payment_date="2010-03-05", payment_status="paid") == []
    assert codes(customer_id=customer, invoice_code="100202", invoice_type="pos") == [100202]
    assert codes(customer_id=2, invoice_code="100202") == []
    assert codes(invoice_code="324232") == [324232]
    assert codes(invoice_code="324233") == []


def test_the_filter_by_invoice_code_finds_it_in_any_spelling(api: Api) -> None:
    api.add("sales", **sale(invoice_code="000123"))
    assert api.one("sales/000123")["invoice_code"] == 123
    assert [s["invoice_code"] for s in api.all("sales", invoice_code="123")] == [123]
    assert [s["invoice_code"] for s in api.all("sales", invoice_code="000123")] == [123]


def test_a_handle_adds_a_sale_that_is_given_nothing(api: Api, xtrakit: fakekit.Handle) -> None:
    assert xtrakit.add("sales")["id"] == 99
    assert len(api.all("sales")) == 99
