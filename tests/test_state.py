"""What is written is what is found again, in all places: over real sockets, by nothing but HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

import fakekit
from tests.helpers.processes import Server
from tests.helpers.vendor_api import CUSTOMER, EXPENSE, ITEM, SALE, Api


@dataclass(frozen=True)
class Kind:
    """How one noun is written: where, with what, and what is kept where that is spelled otherwise."""

    path: str
    sent: dict[str, Any]
    change: dict[str, Any]
    kept: dict[str, Any] = field(default_factory=dict)
    next_id: int = 0
    key: str = "id"
    editing: str = ""

    def edited(self, record: Any) -> str:
        return f"{self.editing or self.path}/{record[self.key]}"


KINDS = {
    "customers": Kind(
        "customers",
        {**CUSTOMER, "customer_group_id": 2, "customer_email": "a@example.com", "address2": "Flat 2"}
        | {"customer_whatsapp": "+233201112224", "customer_zip": "00233", "created_by": "Kofi"}
        | {"customer_profile": "https://example.com/a.jpg"},
        {**CUSTOMER, "customer_name": "Ama Owusu", "customer_group_id": 3},
        next_id=51,
    ),
    "customer-groups": Kind(
        "customer-groups",
        {"group_name": "Regulars", "group_description": "Every week"},
        {"group_name": "Weekly"},
        next_id=6,
    ),
    "sales": Kind(
        "sales",
        {**SALE, "discount": "1.00", "invoice_note": "Fragile", "due_date": "2025-02-28"},
        {**SALE, "total_amount": "20.00", "amount_paid": "20.00", "invoice_number": "INV-000124"},
        {"invoice_code": 100200, "invoice_number": "INV-000123", "customer_id": "1"},
        next_id=99,
        key="invoice_code",
        editing="sales/edit",
    ),
    "items": Kind(
        "inventory/items",
        {**ITEM, "description": "Steel", "previous_price": 60.0, "warehouse_id": 2, "sku": "KET1"}
        | {"minimum_qty_alert": "3", "barcode": "123", "item_location": "Shelf 1", "item_slug": "kettle"},
        {**ITEM, "item_name": "Big kettle", "status": "out of stock"},
        next_id=25,
        key="item_code",
    ),
    "categories": Kind(
        "inventory/categories", {"category_name": "Kitchen"}, {"category_name": "Bath"}, next_id=28
    ),
    "expenses": Kind(
        "expenses",
        {**EXPENSE, "expense_description": "Diesel", "expense_image": "https://example.com/1.jpg"},
        {**EXPENSE, "expense_amount": "81.50"},
        next_id=31,
    ),
}
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def listed(api: Api, kind: Kind, key: int) -> Any:
    return [record for record in api.all(kind.path) if record["id"] == key]


def alike(one: Any, other: Any) -> bool:
    """Equal in the fields that both have: fetch-expense prints two fewer."""
    return all(one[name] == other[name] for name in one.keys() & other.keys())


@each_kind
def test_add_fetch_list_edit_and_delete_agree(server: Server, kind: Kind) -> None:
    with Api(server.origin) as api:
        before = api.all(kind.path)
        added = api.add(kind.path, **kind.sent)
        assert {n: added[n] for n in kind.sent} == {**kind.sent, **kind.kept}
        assert added["id"] == kind.next_id
        named = f"{kind.path}/{added[kind.key]}"
        assert alike(api.one(named), added)
        assert api.all(kind.path)[:-1] == before
        assert alike(api.all(kind.path)[-1], added)
        changed = api.edit(kind.edited(added), **kind.change)
        assert alike(changed, {**kind.change, **kind.kept} | {"invoice_number": "INV-000124"})
        assert alike(api.one(named), changed)
        assert alike(listed(api, kind, added["id"])[0], changed)
        assert api.delete(named) == 204
        assert api.one(named) == api.delete(named) == 404
        assert api.ask("PUT", kind.edited(added), kind.change).status_code == 404
        assert api.all(kind.path) == before


@each_kind
def test_what_stood_before_can_be_edited_and_deleted(api: Api, kind: Kind) -> None:
    before = api.all(kind.path)
    record = before[1]
    change = {n: v for n, v in kind.change.items() if n != "invoice_code"}
    changed = api.edit(kind.edited(record), **change)
    assert changed["id"] == record["id"]
    assert alike(listed(api, kind, record["id"])[0], changed)
    assert api.delete(f"{kind.path}/{record[kind.key]}") == 204
    assert api.all(kind.path) == [before[0], *before[2:]]


@each_kind
def test_an_id_is_never_used_again(api: Api, kind: Kind) -> None:
    newest = api.all(kind.path)[-1]
    assert api.delete(f"{kind.path}/{newest[kind.key]}") == 204
    first = api.add(kind.path, **kind.sent)
    assert first["id"] == kind.next_id
    assert api.delete(f"{kind.path}/{first[kind.key]}") == 204
    second = api.add(kind.path, **kind.sent)
    assert second["id"] == kind.next_id + 1
    if kind.key == "item_code":
        assert second["item_code"] != first["item_code"]


@each_kind
def test_an_edit_moves_updated_at_alone(api: Api, kind: Kind) -> None:
    record = api.all(kind.path)[0]
    change = {n: v for n, v in kind.change.items() if n != "invoice_code"}
    started = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
    changed = api.edit(kind.edited(record), **change)
    assert changed["updated_at"] >= started > record["updated_at"]
    assert changed["created_at"] == record["created_at"]


@each_kind
def test_put_needs_the_required_fields_and_keeps_the_others(api: Api, kind: Kind) -> None:
    added = api.add(kind.path, **kind.sent)
    changed = api.edit(kind.edited(added), **kind.change)
    stamps = {"updated_at": changed["updated_at"]}
    expected = {**added, **kind.change, **kind.kept, **stamps}
    assert alike(changed, {**expected, "invoice_number": "INV-000124"})
    refused = api.ask("PUT", kind.edited(added), {})
    assert refused.status_code == 422
    assert " is required" in refused.json()["error"]
    assert alike(api.one(f"{kind.path}/{added[kind.key]}"), changed)


@pytest.mark.parametrize(
    ("name", "optional", "required"),
    [
        ("customers", "customer_email", "customer_name"),
        ("customers", "customer_group_id", "address1"),
        ("customer-groups", "group_description", "group_name"),
        ("sales", "due_date", "total_amount"),
        ("sales", "discount", "customer_id"),
        ("items", "warehouse_id", "category_id"),
        ("items", "previous_price", "unit_cost"),
        ("expenses", "expense_image", "created_by"),
    ],
)
def test_null_clears_what_is_optional_and_nothing_else(
    api: Api, name: str, optional: str, required: str
) -> None:
    kind = KINDS[name]
    added = api.add(kind.path, **kind.sent)
    assert added[optional] is not None
    assert api.edit(kind.edited(added), **{**kind.change, optional: None})[optional] is None
    assert api.one(f"{kind.path}/{added[kind.key]}")[optional] is None
    refused = api.ask("PUT", kind.edited(added), {**kind.change, required: None})
    assert refused.status_code == 422
    assert refused.json()["error"] == f"{required} may not be null"


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "to"),
    [
        ("POST", "sales/add", {**SALE, "customer_id": 999}, "customer_id", "customers"),
        ("PUT", "sales/edit/324232", {**SALE, "customer_id": 999}, "customer_id", "customers"),
        ("PUT", "stores/32", {"customer_id": "999"}, "customer_id", "customers"),
        ("POST", "inventory/items/add", {**ITEM, "category_id": 7}, "category_id", "item_categories"),
        ("PUT", "inventory/items/Jce84a50", {**ITEM, "category_id": 7}, "category_id", "item_categories"),
        (
            "POST",
            "customers/add",
            {**CUSTOMER, "customer_group_id": 6},
            "customer_group_id",
            "customer_groups",
        ),
        ("PUT", "customers/1", {**CUSTOMER, "customer_group_id": 6}, "customer_group_id", "customer_groups"),
    ],
)
def test_what_is_named_must_exist(
    api: Api, method: str, path: str, body: dict[str, Any], field: str, to: str
) -> None:
    body = {n: v for n, v in body.items() if method == "POST" or n != "invoice_code"}
    answer = api.ask(method, path, body)
    assert answer.status_code == 422
    assert answer.json() == {"status": 422, "error": f"{field} names a record of {to} that does not exist"}
    assert {"reference.missing", "invalid.status"} <= set(answer.headers["Fakekit-Assumed"].split(", "))


def test_an_edited_group_shows_in_its_customers(api: Api) -> None:
    group = api.edit("customer-groups/1", group_name="Gold")
    assert group["group_name"] == "Gold"
    assert api.get("customers/1")["customer-group"] == [group]
    assert api.one("customer-groups/1") == api.all("customer-groups")[0] == group


def test_customers_of_a_deleted_group_are_in_none(api: Api) -> None:
    new = api.add("customer-groups", group_name="Short-lived")["id"]
    members = [api.add("customers", **CUSTOMER, customer_group_id=key)["id"] for key in (new, new, 1)]
    assert api.delete(f"customer-groups/{new}") == 204
    assert api.delete("customer-groups/1") == 204
    for key in (*members, 1):
        data = api.get(f"customers/{key}")
        assert data["customer"]["customer_group_id"] is None
        assert data["customer-group"] == []
        assert api.ask("GET", f"customers/{key}").headers["Fakekit-Assumed"].count("fetch_customer.groups")
    assert api.all("customers", customer_group_id=new) == api.all("customers", customer_group_id=1) == []
    groups = {c["id"]: c["customer_group_id"] for c in api.all("customers")}
    assert {groups[key] for key in (*members, 1)} == {None}
    assert {1, new} & set(groups.values()) == set()


def test_a_customer_of_a_deleted_group_can_be_edited_and_stays_without_one(api: Api) -> None:
    assert api.delete("customer-groups/1") == 204
    changed = api.edit("customers/1", **CUSTOMER)
    assert changed["customer_group_id"] is None
    assert api.get("customers/1")["customer-group"] == []
    assert api.ask("PUT", "customers/1", {**CUSTOMER, "customer_group_id": 1}).status_code == 422


def test_a_new_group_has_no_customers_of_a_deleted_one(api: Api) -> None:
    assert api.delete("customer-groups/1") == 204
    assert api.add("customer-groups", group_name="Later")["id"] == 6
    assert api.one("customers/1")["customer_group_id"] is None


def test_a_deleted_customer_leaves_her_sales(api: Api) -> None:
    sale = api.add("sales", **{**SALE, "customer_id": 2})
    assert api.delete("customers/2") == 204
    assert api.one("sales/100200") == sale
    assert sale in api.all("sales", customer_id=2)
    assert api.edit("sales/edit/100200", **{**SALE, "customer_id": 2})["customer_id"] == "2"


def test_a_deleted_category_leaves_its_items(api: Api) -> None:
    item = api.add("inventory/items", **ITEM)
    assert api.delete("inventory/categories/1") == 204
    assert api.one(f"inventory/items/{item['item_code']}")["category_id"] == 1
    assert api.edit(f"inventory/items/{item['item_code']}", **ITEM)["category_id"] == 1
    assert api.ask("POST", "inventory/items/add", ITEM).status_code == 422


def test_an_item_is_named_with_and_without_the_space(api: Api) -> None:
    code = api.add("inventory/items", **ITEM)["item_code"]
    assert code.startswith(" J")
    assert api.one(f"inventory/items/{code.strip()}") == api.one(f"inventory/items/{code}")
    assert api.edit(f"inventory/items/{code.strip()}", **{**ITEM, "item_name": "Pan"})["item_code"] == code
    assert api.delete(f"inventory/items/{code.strip()}") == 204
    assert api.one(f"inventory/items/{code}") == 404


def test_other_keys_see_none_of_it(api: Api, xtrakit: fakekit.Handle) -> None:
    with Api(xtrakit.origin) as other:
        before = {kind.path: other.all(kind.path) for kind in KINDS.values()}
        for kind in KINDS.values():
            added = api.add(kind.path, **kind.sent)
            api.edit(kind.edited(added), **kind.change)
        for path in ("customers/1", "customer-groups/1", "sales/324232", "expenses/1"):
            assert api.delete(path) == 204
        assert {kind.path: other.all(kind.path) for kind in KINDS.values()} == before
        assert other.one("sales/100200") == 404
        assert other.add("customers", **CUSTOMER)["id"] == 51


@each_kind
def test_a_404_of_what_was_added_and_removed_says_so(api: Api, kind: Kind) -> None:
    added = api.add(kind.path, **kind.sent)
    named = f"{kind.path}/{added[kind.key]}"
    assert api.delete(named) == 204
    assert api.ask("GET", named).headers["Fakekit-Note"] == "this account removed the record"


def test_a_new_group_of_an_old_id_has_no_members() -> None:
    with fakekit.FakeServer(seed=1) as xtrakit:
        xtrakit.remove("customer_groups", 1)
        assert xtrakit.customer(1)["customer_group_id"] is None
        with pytest.raises(fakekit.RefusedRecordError, match="is the id of a record that was removed"):
            xtrakit.add("customer_groups", id=1, group_name="Another")
        assert xtrakit.customer(1)["customer_group_id"] is None


def test_what_a_million_customers_hold_costs_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    with fakekit.FakeServer(customers=1_000_000) as xtrakit, Api(xtrakit.origin) as api:
        ids = [api.add("customers", **CUSTOMER)["id"] for _ in range(50)]
        assert ids == list(range(1_000_001, 1_000_051))
        assert api.one("customers/1000000")["id"] == 1_000_000
        assert api.one("customers/1000050")["customer_name"] == "Ama Mensah"
        assert api.one("customers/1000051") == 404
    assert capfd.readouterr().err == ""
