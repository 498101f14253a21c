"""What `fakekit drift` finds, and whose change it is: the page's, an assumption's, fakekit's, or what is known now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest import mock

import httpx
import pytest

import fakekit
from fakekit.drift.fake_service import fake_send
from fakekit.drift.responses import OutgoingRequest, ReceivedResponse, Send
from fakekit.settings import Settings
from tests.helpers.drift import drift, findings, findings_in

pytestmark = pytest.mark.slow
LEFT, SILENT, BUG = (
    "the vendor left its page",
    "the page is silent, now known",
    "fakekit's bug",
)
WRONG = "our assumption was wrong"
Document = dict[str, Any]


def change(xtrakit: fakekit.Handle, path: str, bend: Callable[[Document], Document | None]) -> None:
    """Answer a path with another document from now on: the one that `bend` returns or has changed."""
    document = httpx.get(xtrakit.url(path), headers=xtrakit.headers).json()
    changed = bend(document)
    xtrakit.respond("GET", path, json=document if changed is None else changed)


def in_records(key: str, bend: Callable[[Document], object]) -> Callable[[Document], None]:
    """A change of each record under a key of ``data``."""

    def bend_all(document: Document) -> None:
        found = document["data"][key]
        for record in found if isinstance(found, list) else [found]:
            bend(record)

    return bend_all


def renamed(old: str, new: str) -> Callable[[Document], object]:
    def bend(record: Document) -> None:
        items = [(new if name == old else name, value) for name, value in record.items()]
        record.clear()
        record.update(items)

    return bend


def found_at(xtrakit: fakekit.Handle) -> dict[str, str]:
    done = drift(xtrakit.base_url, "--format", "json", key=xtrakit.api_key)
    assert done.returncode == 2
    return findings(done)


def test_fields_of_records(xtrakit: fakekit.Handle) -> None:
    def null_city(record: Document) -> None:
        record["customer_city"] = None

    change(xtrakit, "customers", in_records("customers", null_city))
    change(xtrakit, "customer-groups", in_records("groups", renamed("group_name", "name")))
    change(xtrakit, "expenses", in_records("expenses", lambda r: r.update(expense_amount=7.5)))
    change(xtrakit, "sales", in_records("sales", lambda r: r.update(created_at="2024-08-04T08:23:45Z")))
    change(xtrakit, "inventory/items", in_records("items", lambda r: r.update(item_colour="red")))
    change(
        xtrakit, "inventory/categories", in_records("item-categories", lambda r: r.update(id=str(r["id"])))
    )
    change(xtrakit, "customers/1", in_records("customer", lambda r: r.update(customer_phone="0244 567 890")))
    change(xtrakit, "customer-groups/1", in_records("group", lambda r: r.update(group_description="")))
    change(xtrakit, "expenses/1", in_records("expense", lambda r: r.pop("expense_description")))
    change(xtrakit, "stores/1", in_records("store", lambda r: r.update(payment_status="settled")))
    assert found_at(xtrakit) == {
        "list_customers: data.customers[].customer_city: null": LEFT,
        "list_customer_groups: data.groups[].group_name: renamed field": LEFT,
        "list_expenses: data.expenses[].expense_amount: type": f"{WRONG} endpoint.by_analogy",
        "list_sales: data.sales[].created_at: format": LEFT,
        "list_items: data.items[].item_colour: new field": f"{WRONG} items.tail",
        "list_item_categories: data.item-categories[].id: type": LEFT,
        "fetch_customer: data.customer.customer_phone: format": SILENT,
        "fetch_customer_group: data.group.group_description: format": f"{WRONG} values.null",
        "fetch_expense: data.expense.expense_description: missing field": f"{WRONG} values.null",
        "fetch_store: data.store.payment_status: enumeration": LEFT,
    }


def test_envelopes(xtrakit: fakekit.Handle) -> None:
    def as_object(document: Document) -> None:
        document["data"]["customers"] = document["data"]["customers"][0]

    def in_pages(document: Document) -> None:
        groups = document["data"]["groups"]
        document["data"]["groups"] = {"current_page": 1, "data": groups, "total": len(groups)}

    def without_one(document: Document) -> None:
        del document["data"]["expenses"][0]

    change(xtrakit, "customers", as_object)
    change(xtrakit, "customer-groups", in_pages)
    change(xtrakit, "expenses", without_one)
    change(xtrakit, "sales", lambda document: {"success": True, **document})
    change(xtrakit, "inventory/items", lambda document: dict(reversed(document.items())))
    change(xtrakit, "inventory/categories", lambda document: document["data"]["item-categories"])
    change(xtrakit, "user/authenticate", lambda document: {**document, "data": {}})
    change(xtrakit, "customers/1", lambda document: {**document, "message": "OK"})
    xtrakit.respond(
        "GET", "expenses/*", status=202, json={"status": 202, "message": "Expense found", "data": {}}
    )
    assert found_at(xtrakit) == {
        "list_customers: data.customers: type": f"{WRONG} list.shape",
        "list_customer_groups: data.groups: type": LEFT,
        "list_expenses: message: count": f"{WRONG} list.count",
        "list_sales: success: new field": LEFT,
        "list_items: key order": LEFT,
        "list_item_categories: type": LEFT,
        "authenticate: data.user: missing field": f"{WRONG} authenticate.answer",
        "fetch_customer: message: text": LEFT,
        "fetch_expense: status": LEFT,
        "fetch_expense: data.expense: missing field": LEFT,
    }


def test_headers_and_failures(xtrakit: fakekit.Handle) -> None:
    document = httpx.get(xtrakit.url("customers"), headers=xtrakit.headers).json()
    xtrakit.respond(
        "GET", "customers", json=document, headers={"X-RateLimit-Limit": "60", "Deprecation": "@1767225600"}
    )
    xtrakit.respond("GET", "expenses", text="<html>Oops</html>", headers={"Content-Type": "text/html"})
    xtrakit.fail(503, "GET", "sales/*")
    xtrakit.respond("GET", "customers/2000000000", status=404, text="<h1>Not Found</h1>")
    assert found_at(xtrakit) == {
        "service: deprecation: header": SILENT,
        "service: x-ratelimit-limit: header": f"{WRONG} limits.none",
        "service: availability": SILENT,
        "list_expenses: body": LEFT,
        "fetch_customer for a record that does not exist: body": f"{WRONG} missing.error",
    }


def test_the_fakes_own_mistake_is_told() -> None:
    def bent(settings: Settings) -> Send:
        send = fake_send(settings)

        def sending(request: OutgoingRequest) -> ReceivedResponse:
            response = send(request)
            return response._replace(body=response.body.replace(b'"customer_city"', b'"city"'))

        return sending

    with fakekit.FakeServer(customers=3) as real, mock.patch("fakekit.drift.run.fake_send", bent):
        done = drift(real.base_url, "--format", "json")
    assert findings(done) == {
        "list_customers: data.customers[].customer_city: renamed field": BUG,
        "fetch_customer: data.customer.customer_city: renamed field": BUG,
    }


def test_one_record_is_weak_and_many_lines_keep_to_80_columns(xtrakit: fakekit.Handle) -> None:
    def bend(document: Document) -> None:
        document["data"]["sales"][0]["payment_status"] = 7
        document["data"]["sales"][1]["invoice_type"] = "unknown"

    change(xtrakit, "sales", bend)
    done = drift(xtrakit.base_url, key=xtrakit.api_key)
    assert findings_in(done.stdout) == (
        "127.0.0.1: 39 requests, 2 findings\n"
        "\n"
        "critical: the vendor left its page (fetch-sale)\n"
        "    list_sales: data.sales[].payment_status: type\n"
        "      the contract says text; seen a number in 1 of 98 records; weak: only one\n"
        "      record shows it\n"
        "\n"
        "warning: the vendor left its page (list-sales)\n"
        "    list_sales: data.sales[].invoice_type: enumeration\n"
        '      the contract says "invoice", "main", "order", "pos" or "storefront"; seen\n'
        "      another word in 1 of 98 records; weak: only one record shows it\n"
    )
