"""An answer that shows a value that fakekit computed names the assumption by which it did."""

from __future__ import annotations

import fakekit
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE, Api


def assumed(api: Api, path: str) -> list[str]:
    """What the header of a GET names."""
    answer = api.ask("GET", path)
    names = answer.headers.get("Fakekit-Assumed", "")
    assert answer.headers["Fakekit-Truth"] == ("assumed" if names else "documented")
    return names.split(", ") if names else []


def test_a_record_of_the_pages_is_documented_and_a_generated_one_is_not(api: Api) -> None:
    assert assumed(api, "customers/1") == []
    assert assumed(api, "expenses/1") == []
    assert "values.generated" in assumed(api, "customers/42")
    assert "values.generated" in assumed(api, "customers")
    assert "values.generated" in assumed(api, "sales")
    categories = "inventory/categories?category_name=Protein"
    assert assumed(api, categories) == ["filter.category_name"]


def test_a_generated_group_shows_in_its_customer(api: Api) -> None:
    api.edit("customers/1", **CUSTOMER, customer_group_id=3)
    assert "values.generated" in assumed(api, "customers/1")


def test_what_a_write_computed_is_named_when_it_is_read(api: Api) -> None:
    key = api.add("customers", **CUSTOMER)["id"]
    assert {"customer.created_by", "time.zone"} < set(assumed(api, f"customers/{key}"))
    key = api.add("customers", **CUSTOMER, created_by="Esi")["id"]
    assert "customer.created_by" not in assumed(api, f"customers/{key}")
    code = api.add("inventory/items", **ITEM)["item_code"]
    assert "items.code" in assumed(api, f"inventory/items/{code}")
    api.add("sales", **SALE)
    assert {"sales.payment_status", "sales.invoice_number", "sales.issued_by"} < set(
        assumed(api, "sales/100200")
    )
    draft = {**SALE, "invoice_code": "100201", "amount_paid": 0, "payment_type": "None", "issued_by": "Esi"}
    api.add("sales", **{**draft, "invoice_number": "INV-000001"})
    assert not {"sales.payment_status", "sales.invoice_number"} & set(assumed(api, "sales/100201"))
    assert "sales.payment_status" in assumed(api, "sales")


def test_an_edit_adds_what_it_computed_and_keeps_the_rest(api: Api) -> None:
    assert assumed(api, "expenses/1") == []
    expense = {"expense_type": "Fuel", "expense_amount": 5, "payment_method": "Cash", "created_by": "Esi"}
    api.edit("expenses/1", **expense, expense_description="To Tema", expense_image="a/b.png")
    assert assumed(api, "expenses/1") == ["time.zone"]
    api.edit("customers/42", **CUSTOMER)
    assert {"values.generated", "time.zone"} < set(assumed(api, "customers/42"))


def test_a_snapshot_keeps_it_and_a_reset_forgets_it(api: Api, xtrakit: fakekit.Handle) -> None:
    name = xtrakit.snapshot()
    before = assumed(api, "sales/324232")
    api.edit("sales/edit/324232", **{**SALE, "invoice_code": 324232})
    written = assumed(api, "sales/324232")
    assert "sales.payment_status" in written
    later = xtrakit.snapshot()
    xtrakit.restore(name)
    assert assumed(api, "sales/324232") == before
    xtrakit.restore(later)
    assert assumed(api, "sales/324232") == written
    xtrakit.reset()
    assert assumed(api, "sales/324232") == before


def test_what_a_test_leaves_out_is_generated(api: Api, xtrakit: fakekit.Handle) -> None:
    key = xtrakit.add_customer(customer_name="Ama Mensah")["id"]
    assert "values.generated" in assumed(api, f"customers/{key}")
    times = {"created_at": "2024-01-02 03:04:05", "updated_at": "2024-01-02 03:04:05"}
    group = xtrakit.add("customer_groups", group_name="Regulars", group_description="Weekly", **times)["id"]
    assert assumed(api, f"customer-groups/{group}") == ["payload.tenant_fields"]
