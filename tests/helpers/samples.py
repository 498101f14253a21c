"""What the vendor's pages print, to the letter, and what stands in for what they leave out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# The page "Fetch Customer", its sample with the elision closed; the page hides the e-mail address.
DOCUMENTED = """
{
"status": 200,
"message": "Customer found",
"data": {
"customer": {
"id": 1,
"user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10",
"business_code": "15848484",
"customer_group_id": 1,
"customer_name": "Jane Doe",
"customer_email": "jane.doe@example.com",
"customer_phone": "+233244567890",
"customer_whatsapp": "+233244567890",
"customer_country": "Ghana",
"customer_city": "Accra",
"customer_state": "Greater Accra",
"customer_zip": "00233",
"address1": "123 Main Street",
"address2": "Apt 4B, Downtown Complex",
"customer_profile": "https://example.com/profiles/customer123.jpg",
"created_by": "Edward",
"created_at": "2024-08-04 08:23:45",
"updated_at": "2024-08-04 02:00:43"
},
"customer-group": [
{
"id": 1,
"user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10",
"business_code": "15848484",
"group_name": "Premium Customers",
"group_description": "Customers who have spent over $1000 and have been with the business for over a year.",
"created_at": "2024-08-04 08:23:45",
"updated_at": "2024-08-04 02:00:43"
}
]
}
}
"""
OPTIONAL = (  # the table of Add Customer says so
    "customer_group_id",
    "customer_email",
    "customer_whatsapp",
    "customer_zip",
    "address2",
    "customer_profile",
)

CUSTOMER = """{"id": 1, "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10", "business_code": "15848484",
"customer_group_id": 1, "customer_name": "Jane Doe", "customer_email": "[email protected]",
"customer_phone": "+233244567890", "customer_whatsapp": "+233244567890", "customer_country": "Ghana",
"customer_city": "Accra", "customer_state": "Greater Accra", "customer_zip": "00233",
"address1": "123 Main Street", "address2": "Apt 4B, Downtown Complex",
"customer_profile": "https://example.com/profiles/customer123.jpg", "created_by": "Edward",
"created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
GROUP = """{"id": 1, "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10", "business_code": "15848484",
"group_name": "Premium Customers",
"group_description": "Customers who have spent over $1000 and have been with the business for over a year.",
"created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
ADDED_GROUP = """{"id": 2, "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10", "business_code": "15848484",
"group_name": "Platinum Customers",
"group_description": "Customers who have spent over $5000 and have been with the business for over a year.",
"created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
SALE = """{"id": 32, "invoice_code": 324232, "invoice_number": "INV-000001", "customer_id": "42",
"sub_total_amount": "100.00", "total_amount": "200.00", "amount_paid": "200.00", "discount": "0.00",
"invoice_type": "pos", "invoice_colour": "#FFFFFF", "invoice_note": null,
"invoice_terms": "Thanks for doing business", "payment_internal_note": null, "payment_date": "2024-08-04",
"payment_type": "2024-08-04", "payment_status": "paid", "issued_by": "Jones Nathal",
"due_date": "2024-08-30", "reminder_date": "2024-08-25", "reminder_message": null,
"created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
LINE = """{"id": 45, "invoice_code": "324232", "invoice_number": "INV-000001", "item_name": "Web Design",
"description": "Including hosting", "unit_price": "100.00", "quantity": "2", "tax": "0.00",
"created_at": "2024-08-04 08:23:45", "updated_at": "(cut off)"}"""
ITEM = """{"id": 1, "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10", "business_code": "15848484",
"item_code": " Jce84a50", "item_name": "HP Laptop", "item_images": [
{"id": 11, "image_url": "https://pub-60b577bb37f54e02b085ea3d4d65a159.r2.dev/items/33123516/image1.jpg"},
{"id": 14, "image_url": "https://pub-60b577bb37f54e02b085ea3d4d65a159.r2.dev/items/33123516/image2.jpg"},
{"id": 15, "image_url": "https://pub-60b577bb37f54e02b085ea3d4d65a159.r2.dev/items/33123516/image3.jpg"}],
"category_id": 1, "unit": "pcs",
"description": "High-end gaming laptop with advanced graphics and processing power.",
"unit_cost": 1000.00, "item_price": 1500.00, "previous_price": 1400.00, "quantity": "20",
"minimum_qty_alert": "5", "online": 1, "status": "in-stock", "barcode": "123456789", "sku": "LAPTOP001",
"warehouse_id": 2, "item_location": "(cut off)", "item_slug": "(cut off)", "created_at": "(cut off)",
"updated_at": "(cut off)"}"""
CATEGORIES = """[
{"id": 14, "category_name": "Protein", "created_at": "2023-11-27 07:49:27", "updated_at": "2023-11-27 07:49:27"},
{"id": 15, "category_name": "Creatine", "created_at": "2023-11-27 07:49:47", "updated_at": "2023-11-27 07:49:47"},
{"id": 26, "category_name": "Supplement", "created_at": "2025-01-07 21:53:50", "updated_at": "2025-01-07 21:53:50"},
{"id": 27, "category_name": "Supplement 2", "created_at": "2025-01-07 22:56:53", "updated_at": "2025-01-07 22:56:53"}
]"""
EXPENSE = """{"id": 1, "expense_type": "Travel", "expense_description": "Flight ticket to Kumasi",
"expense_amount": "200.00", "payment_method": "MOMO", "expense_image": "https://url-to-image.com/image.jpg",
"created_by": "Edward", "created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
ADDED_EXPENSE = """{"id": 2, "user_id": "f93c5a51-ffa4-4aef-a45b-4cdec1c8cc10", "business_code": "15848484",
"expense_type": "Office Supplies", "expense_description": "Purchased new printer ink",
"expense_amount": "200.00", "payment_method": "MOMO", "expense_image": "https://url-to-image.com/image.jpg",
"created_by": "Benjamin", "created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""
EDITED_EXPENSE = """{"id": 1, "expense_type": "Office Supplies",
"expense_description": "Purchased new printer ink - Updated", "expense_amount": "200.00",
"payment_method": "MOMO", "expense_image": "https://url-to-image.com/updated_image.jpg",
"created_by": "Edward", "created_at": "2024-08-04 08:23:45", "updated_at": "2024-08-04 02:00:43"}"""

# The request bodies, as the pages' PHP sends them.
ADD_GROUP = json.loads("""{"group_name": "Platinum Customers",
"group_description": "Customers who have spent over $5000 and have been with the business for over a year."}""")
EDIT_GROUP = json.loads("""{"group_name": "Premium Customers",
"group_description": "Customers who have spent over $1000 and have been with the business for over a year."}""")
ADD_EXPENSE = json.loads("""{"expense_type": "Office Supplies",
"expense_description": "Purchased new printer ink", "expense_amount": "200.00", "payment_method": "MOMO",
"expense_image": "https://url-to-image.com/image.jpg", "created_by": "Benjamin"}""")
EDIT_EXPENSE = json.loads("""{"expense_type": "Office Supplies",
"expense_description": "Purchased new printer ink - Updated", "expense_amount": "200.00",
"payment_method": "MOMO", "expense_image": "https://url-to-image.com/updated_image.jpg",
"created_by": "Edward"}""")
# The table requires an invoice_code that the sample lacks; the copy of the sample ends in payment_type, and the
# rest is what its siblings answer.
EDIT_SALE = json.loads("""{"invoice_code": "324232", "invoice_number": "INV-000001", "customer_id": "42",
"sub_total_amount": "100.00", "total_amount": "200.00", "amount_paid": "200.00", "discount": "0.00",
"invoice_type": "pos", "invoice_colour": "#FFFFFF", "invoice_terms": "Thanks for doing business",
"payment_date": "2024-08-04", "payment_type": "2024-08-04", "issued_by": "Jones Nathal",
"due_date": "2024-08-30", "reminder_date": "2024-08-25"}""")


@dataclass(frozen=True)
class Sample:
    """A page: the request it shows, and the answer; the strings in `data` are the records above.

    listed: the resource of which records are added until there are the twenty of the message; empty for none.
    """

    operation: str
    request: str
    message: str
    data: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    listed: str = ""
    not_printed: tuple[str, ...] = ()

    @property
    def method(self) -> str:
        return self.request.split()[0]

    def answer(self, tenant: bool) -> dict[str, Any]:
        """The whole body, of the rendering with the tenant fields or of the other one."""
        data = {key: json.loads(text) for key, text in self.data.items()}
        dropped = ("item_images",) if tenant else ("user_id", "business_code")
        return {"status": 200, "message": self.message, "data": without(data, *dropped, *self.not_printed)}


def without(tree: Any, *names: str) -> Any:
    """A copy without the keys of these names, at any depth."""
    if isinstance(tree, dict):
        return {name: without(value, *names) for name, value in tree.items() if name not in names}
    return [without(value, *names) for value in tree] if isinstance(tree, list) else tree


WHOLE_SALE = {"sales": SALE, "sales-item": f'[{LINE}, "..."]'}
SAMPLES = {
    "list-customers": Sample(
        "list_customers",
        "GET customers",
        "Customers found: 20",
        {"customers": f'[{CUSTOMER}, "..."]'},
        listed="customers",
    ),
    "fetch-customer": Sample(
        "fetch_customer",
        "GET customers/1",
        "Customer found",
        {"customer": CUSTOMER, "customer-group": f'[{GROUP}, "..."]'},
    ),
    "list-customer-group": Sample(
        "list_customer_groups",
        "GET customer-groups",
        "Groups found: 20",
        {"groups": f'[{GROUP}, "..."]'},
        listed="customer_groups",
    ),
    "fetch-customer-group": Sample(
        "fetch_customer_group", "GET customer-groups/1", "Group found", {"group": GROUP}
    ),
    "add-customer-group": Sample(
        "add_customer_group",
        "POST customer-groups/add",
        "Group added successfully",
        {"group": ADDED_GROUP},
        ADD_GROUP,
    ),
    "edit-customer-group": Sample(
        "edit_customer_group",
        "PUT customer-groups/1",
        "Group updated successfully",
        {"group": GROUP},
        EDIT_GROUP,
    ),
    "list-sales": Sample(
        "list_sales",
        "GET sales",
        "Sales found: 20",
        {"sales": f'[{SALE}, "..."]'},
        listed="sales",
    ),
    "fetch-sale": Sample("fetch_sale", "GET sales/324232", "Sale found", WHOLE_SALE),
    "edit-sale": Sample(
        "edit_sale", "PUT sales/edit/324232", "Sale updated successfully", WHOLE_SALE, EDIT_SALE
    ),
    "list-items": Sample(
        "list_items",
        "GET inventory/items",
        "Items found: 20",
        {"items": f'[{ITEM}, "..."]'},
        listed="items",
        not_printed=("item_images",),
    ),
    "fetch-item": Sample("fetch_item", "GET inventory/items/Jce84a50", "Item found", {"item": ITEM}),
    "list-item-categories": Sample(
        "list_item_categories",
        "GET inventory/categories",
        "Item categories found",
        {"item-categories": CATEGORIES},
    ),
    "fetch-expense": Sample("fetch_expense", "GET expenses/1", "Expense found", {"expense": EXPENSE}),
    "add-expense": Sample(
        "add_expense",
        "POST expenses/add",
        "Expense added successfully",
        {"expense": ADDED_EXPENSE},
        ADD_EXPENSE,
    ),
    "edit-expense": Sample(
        "edit_expense",
        "PUT expenses/1",
        "Expense updated successfully",
        {"expense": EDITED_EXPENSE},
        EDIT_EXPENSE,
    ),
    "fetch-store-orders": Sample("fetch_store", "GET stores/32", "Store found", {"store": SALE}),
    "edit-store": Sample("edit_store", "PUT stores/32", "Store updated successfully", {"store": SALE}),
}
READING = [name for name, sample in SAMPLES.items() if sample.method == "GET" and not sample.listed]

HIDDEN = "the crawler hid the e-mail address"
ELIDED = "further records are three dots on the page, or behind its cut"
WRITTEN = "the page prints a placeholder; ours is the time of the write"
CUT = "the copy of the page ends before this text"
CUT_TIME = "the copy of the page ends before this time"
_TIME = r'"20\d\d-[01]\d-[0-3]\d [0-2]\d:[0-5]\d:[0-5]\d"'
FORMS = {
    HIDDEN: r'"[^"@ ]+@[^"@ ]+\.[a-z]+"',
    ELIDED: r"\[.*\]",
    WRITTEN: _TIME,
    CUT: r'null|".+"',
    CUT_TIME: _TIME,
}
"""What stands in a hole, as JSON."""


def _tail(item: str) -> list[tuple[str, str]]:
    return [
        (f"{item}.item_location", CUT),
        (f"{item}.item_slug", CUT),
        (f"{item}.created_at", CUT_TIME),
        (f"{item}.updated_at", CUT_TIME),
    ]


_LINES = [("data.sales-item[0].updated_at", CUT_TIME), ("data.sales-item[1:]", ELIDED)]
HOLES: dict[str, list[tuple[str, str]]] = {
    "list-customers": [("data.customers[0].customer_email", HIDDEN), ("data.customers[1:]", ELIDED)],
    "fetch-customer": [("data.customer.customer_email", HIDDEN), ("data.customer-group[1:]", ELIDED)],
    "list-customer-group": [("data.groups[1:]", ELIDED)],
    "add-customer-group": [("data.group.created_at", WRITTEN), ("data.group.updated_at", WRITTEN)],
    "edit-customer-group": [("data.group.updated_at", WRITTEN)],
    "list-sales": [("data.sales[1:]", ELIDED)],
    "fetch-sale": _LINES,
    "edit-sale": [("data.sales.updated_at", WRITTEN), *_LINES],
    "list-items": [*_tail("data.items[0]"), ("data.items[1:]", ELIDED)],
    "fetch-item": _tail("data.item"),
    "add-expense": [("data.expense.created_at", WRITTEN), ("data.expense.updated_at", WRITTEN)],
    "edit-expense": [("data.expense.updated_at", WRITTEN)],
    "edit-store": [("data.store.updated_at", WRITTEN)],
}
"""Everything that is not compared, by sample: where, and why."""


def at(tree: Any, path: str) -> tuple[Any, Any]:
    """Where ``data.items[0].id`` or ``data.items[1:]`` is: what holds it, and its key there."""
    *way, last = re.findall(r"[^.\[\]]+", path)
    for step in way:
        tree = tree[int(step) if isinstance(tree, list) else step]
    if isinstance(tree, dict):
        return tree, last
    return tree, slice(int(last[:-1]), None) if last.endswith(":") else int(last)


NULLABLE = {
    "customer": "customer_group_id customer_email customer_whatsapp customer_zip address2 customer_profile",
    "group": "group_description",
    "sale": "discount invoice_colour invoice_note invoice_terms payment_internal_note payment_date due_date "
    "reminder_date reminder_message",
    "line": "description",
    "item": "description previous_price minimum_qty_alert barcode sku warehouse_id item_location item_slug",
    "expense": "expense_description expense_image",
    "category": "",
    "image": "",
}
"""What the tables call optional; of a sale also what the samples print as null and what Add Sale cuts off."""
KINDS = {
    "customers": "customer",
    "customer": "customer",
    "customer-group": "group",
    "groups": "group",
    "group": "group",
    "sales": "sale",
    "store": "sale",
    "sales-item": "line",
    "items": "item",
    "item": "item",
    "item_images": "image",
    "item-categories": "category",
    "expense": "expense",
    "expenses": "expense",
}
"""What a record is, by the key it stands under."""
