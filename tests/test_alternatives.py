"""What an account answers under another value of an assumption; `test_conformance` has the samples."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import jsonschema
import pytest

import fakekit
from fakekit.accounts.changes import Changes
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.openapi import openapi
from fakekit.contract.pattern import match_path, read_path
from fakekit.contract.positions import TABLE
from fakekit.contract.schema import Record
from fakekit.resources import RESOURCES
from tests.helpers.alternatives import SHOWN, Value, alternatives
from tests.helpers.vendor_api import CUSTOMER, SALE, Api

Under = Callable[[dict[str, Any]], tuple[Api, fakekit.Handle]]


@pytest.fixture
def under(fake: fakekit.FakeServer) -> Iterator[Under]:
    """Opens an account under assumptions, given like ``{"missing.status": 400}``."""
    opened: list[Api] = []

    def open_account(assumptions: dict[str, Any]) -> tuple[Api, fakekit.Handle]:
        handle = fake.account(f"fk_{uuid.uuid4().hex}", fakekit.Settings.of(assumptions=assumptions))
        opened.append(Api(handle.origin, handle.api_key))
        return opened[-1], handle

    yield open_account
    for api in opened:
        api.session.close()


RANGES = [
    ("created_at", "2010-03-04", ["at midnight", "by day"]),
    ("created_at", "2010-03-04 8:5:9", ["at midnight", "by day"]),
    ("own_field", "2010-03-04", []),
    ("own_field", "2010-04-01", ["at midnight"]),
    ("own_field", "2010-04-01 0:0:0", ["at midnight"]),
    ("own_field", "2010-04-30", ["at midnight", "by day"]),
    ("midnight", "2010-03-04", ["at midnight"]),
    ("midnight", "2010-03-04 8:5:9", ["at midnight", "by day"]),
]


@pytest.mark.parametrize(("value", "end", "left"), RANGES)
def test_what_the_end_of_a_range_is_compared_with(
    under: Under, value: str, end: str, left: list[str]
) -> None:
    api, handle = under({"filter.range": value})
    for name, created, changed in (
        ("at midnight", "2010-03-04 00:00:00", "2010-04-01 00:00:00"),
        ("by day", "2010-03-04 08:05:09", "2010-04-30 12:00:00"),
    ):
        handle.add("customer_groups", group_name=name, created_at=created, updated_at=changed)
    found = api.ask("GET", "customer-groups", created_at="2010-01-01", updated_at=end)
    assert [group["group_name"] for group in found.json()["data"]["groups"] if group["id"] > 5] == left
    told = "filter.range" if value == "created_at" else f"filter.range='{value}'"
    assert told in found.headers["Fakekit-Assumed"].split(", ")


def test_a_sale_without_a_due_date_is_due_in_no_range(under: Under) -> None:
    api, handle = under({"filter.range": "own_field"})
    for code, due in ((100200, None), (100201, "2010-03-04"), (100202, "2010-03-05")):
        handle.add("sales", invoice_code=code, due_date=due, created_at="2010-01-01 10:00:00")
    codes = [sale["invoice_code"] for sale in api.all("sales", due_date="2010-03-04")]
    assert codes == [100201]


@pytest.mark.parametrize(
    ("value", "left"), [("exact", ["Tools"]), ("contains", ["Tools", "Power tools", "TOOLS & Möbel"])]
)
def test_a_part_of_the_name_of_a_category(under: Under, value: str, left: list[str]) -> None:
    api, _ = under({"filter.category_name": value})
    for name in ("Tools", "Power tools", "TOOLS & Möbel", "Tool"):
        api.add("inventory/categories", category_name=name)
    assert [c["category_name"] for c in api.all("inventory/categories", category_name="Tools")] == left


def test_an_edit_of_a_part_keeps_the_rest(under: Under) -> None:
    api, _ = under({"update.partial": "partial"})
    before = api.one("customers/1")
    after = api.edit("customers/1", customer_city="Tema")
    assert after == {**before, "customer_city": "Tema", "updated_at": after["updated_at"]}
    assert api.edit("sales/edit/324232", amount_paid=5)["payment_status"] == "partial"
    answer = api.ask("PUT", "customers/1", {"customer_name": None, "address2": None})
    assert answer.json()["data"]["customer"]["customer_name"] == "Jane Doe"
    assert answer.json()["data"]["customer"]["address2"] is None
    assert api.ask("POST", "customers/add", {"customer_name": "Ama"}).status_code == 422
    assert api.ask("PUT", "customers/1", {"customer_name": 5}).status_code == 422


def test_an_edit_of_the_whole_clears_what_it_leaves_out(under: Under) -> None:
    api, _ = under({"update.partial": "full"})
    before = api.one("customers/1")
    after = api.edit("customers/1", **CUSTOMER)
    optional = ["customer_group_id", "customer_email", "customer_whatsapp", "customer_zip", "address2"]
    cleared = dict.fromkeys([*optional, "customer_profile"])
    assert after == {**before, **CUSTOMER, **cleared, "updated_at": after["updated_at"]}
    assert api.ask("PUT", "customers/1", {"customer_name": "Ama"}).status_code == 422
    sale = api.edit("sales/edit/324232", **{**SALE, "invoice_code": 324232})
    assert [name for name, value in sale.items() if value is None] == [
        "discount", "invoice_colour", "invoice_note", "invoice_terms", "payment_internal_note", "payment_date",
        "due_date", "reminder_date", "reminder_message",
    ]  # fmt: skip
    assert len(api.get("sales/324232")["sales-item"]) == 1
    assert api.edit("stores/32", invoice_terms="Cash") | {"updated_at": ""} == {
        **sale, "invoice_terms": "Cash", "updated_at": ""
    }  # fmt: skip


def test_a_list_that_is_one_object(under: Under) -> None:
    api, _ = under({"list.shape": "object"})
    answer = api.ask("GET", "customers")
    assert answer.json() == {
        "status": 200,
        "message": "Customers found: 50",
        "data": {"customers": api.one("customers/1")},
    }
    assert "list.shape='object'" in answer.headers["Fakekit-Assumed"].split(", ")
    assert api.ask("GET", "expenses", created_at="2035-01-01").json()["data"] == {"expenses": None}
    assert isinstance(api.get("inventory/categories")["item-categories"], list)
    assert isinstance(api.get("customers/1")["customer-group"], list)


def test_what_refers_to_a_deleted_record_is_deleted_too(under: Under) -> None:
    api, handle = under({"delete.cascade": "cascade"})
    group = api.add("customer-groups", group_name="Visitors")["id"]
    customer = api.add("customers", **CUSTOMER, customer_group_id=group)["id"]
    api.add("sales", **{**SALE, "customer_id": customer})
    count = len(api.all("customers"))
    assert api.delete(f"customer-groups/{group}") == 204
    assert (api.one(f"customers/{customer}"), api.one("sales/100200")) == (404, 404)
    assert len(api.all("customers")) == count - 1
    handle.remove("customer_groups", 1)  # a test removes one record
    assert api.one("customers/1")["customer_group_id"] is None


def test_a_record_that_others_refer_to_is_not_deleted(under: Under) -> None:
    api, _ = under({"delete.cascade": "restrict"})
    answer = api.ask("DELETE", "customer-groups/1")
    assert (answer.status_code, answer.json()) == (409, {"status": 409, "error": "Group is in use"})
    assert answer.headers["Fakekit-Assumed"] == "delete.cascade='restrict'"
    assert answer.headers["Fakekit-Note"] == "customers refer to it; delete them first"
    assert api.one("customer-groups/1")["id"] == 1
    group = api.add("customer-groups", group_name="Nobody's")["id"]
    assert api.delete(f"customer-groups/{group}") == 204
    assert api.delete("sales/324232") == 204


@pytest.mark.parametrize("method", ["DELETE", "POST"])
def test_a_store_is_deleted_only_by_those_who_say_so(under: Under, method: str) -> None:
    api, _ = under({})
    answer = api.ask(method, "stores/32")
    assert (answer.status_code, answer.json()["error"]) == (405, "Method Not Allowed")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, PUT"
    is_delete = method == "DELETE"
    assert answer.headers["Fakekit-Assumed"] == (
        "delete.stores, method.error" if is_delete else "method.error"
    )
    cure = "; the assumption delete.stores=true adds DELETE" if is_delete else ""
    assert answer.headers["Fakekit-Note"] == f"fakekit answers GET, PUT here{cure}"
    assert api.one("sales/324232")["id"] == 32
    changed, _ = under({"delete.stores": True})
    assert changed.ask("POST", "stores/32").headers["Allow"] == "DELETE, GET, HEAD, OPTIONS, PUT"
    deleted = changed.ask("DELETE", "stores/32")
    assert deleted.status_code == 204
    assert deleted.headers["Fakekit-Assumed"] == "delete.status, stores.sale, delete.stores=true, sales.stock"
    assert (changed.one("stores/32"), changed.one("sales/324232")) == (404, 404)


def test_a_repeated_answer_is_that_of_the_account(under: Under) -> None:
    changed, _ = under({"authenticate.answer": "empty", "payload.tenant_fields": False})
    plain, _ = under({})
    for _ in range(3):
        assert changed.get("user/authenticate") == {}
        assert list(plain.get("user/authenticate")["user"]) == ["user_id", "business_code"]
        assert "user_id" not in changed.one("customers/1")
        assert "user_id" in plain.one("customers/1")


READ = [
    "GET customers",
    "GET customers/1",
    "GET sales",
    "GET sales/324232",
    "GET inventory/items",
    "GET inventory/categories",
    "GET expenses?created_at=2035-01-01",
    "GET user/authenticate",
    "GET stores/32",
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "value"), alternatives())
def test_the_openapi_document_describes_what_is_answered(under: Under, name: str, value: Value) -> None:
    document = openapi(RESOURCES, Assumptions(TABLE, {name: value}), "1")
    api, _ = under({name: value})
    for request in (SHOWN[name, value].request, *READ):
        method, path = request.split(" ", 1)
        body = SHOWN[name, value].body if request not in READ else None
        answer = api.ask(method, path, body if isinstance(body, dict) else None)
        route = f"/api/v1/{path}".partition("?")[0]
        matching = [p for p in document["paths"] if match_path(read_path(p), route)]
        template = route if route in matching else matching[0]
        response = document["paths"][template][method.lower()]["responses"][str(answer.status_code)]
        if answer.status_code != 204:
            schema = response["content"]["application/json"]["schema"]
            jsonschema.validate(answer.json(), {**schema, "components": document["components"]})


def test_a_cascade_looks_through_each_resource_once_for_all_records(
    under: Under, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, handle = under({"delete.cascade": "cascade"})
    looked: list[str] = []

    def records(self: Changes, resource: str, after: int = 0) -> Iterator[Record]:
        looked.append(resource)
        return original(self, resource, after)

    original = Changes.records
    monkeypatch.setattr(Changes, "records", records)
    assert api.delete("customer-groups/3") == 204
    assert looked == ["customers", "sales"]
    monkeypatch.undo()
    assert handle.records("customers", customer_group_id=3) == []
