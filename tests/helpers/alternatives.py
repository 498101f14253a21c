"""Every other value that an assumption may have, and a request whose answer shows it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fakekit.contract.assumptions import TEXT
from fakekit.contract.positions import TABLE
from tests.helpers.samples import ADD_EXPENSE, ADD_GROUP
from tests.helpers.vendor_api import EXPENSE, SALE

Value = int | str


def alternatives() -> list[tuple[str, Value]]:
    """Each assumption that can be set with each of its other values; of a range, and of text, with one."""
    found: list[tuple[str, Value]] = []
    for assumption in TABLE:
        if assumption.value is None:
            continue
        values = ["No such {noun}"] if assumption.allowed is TEXT else list(assumption.allowed)
        if isinstance(assumption.allowed, range):
            values = values[:1]
        found += [(assumption.name, value) for value in values if value != assumption.value]
    return found


@dataclass(frozen=True)
class Shown:
    """A request to the documented records, and the status and a part of what it is then answered.

    text: empty where only the header of the answer shows the value.
    body: bytes are a compressed body.
    """

    request: str
    status: int
    text: str
    body: Mapping[str, Any] | bytes | None = None


_RANGE = "GET customers?created_at=2024-08-04&updated_at=2024-08-04"
_LINE = {"item_name": "Rice", "unit_price": 9, "quantity": "2"}
_STOCKED = {**_LINE, "item_name": "HP Laptop"}
SHOWN: dict[tuple[str, Value], Shown] = {
    ("payload.tenant_fields", False): Shown("GET customers/1", 200, '{"id": 1, "customer_group_id": 1,'),
    ("missing.status", 400): Shown("GET customers/99", 400, '{"status": 400, "error": "Customer not found"}'),
    ("missing.error", "No such {noun}"): Shown(
        "GET customers/99",
        404,
        '{"status": 404, "error": "No such Customer"}',
    ),
    ("list.shape", "object"): Shown(
        "GET customers", 200, '"Customers found: 1", "data": {"customers": {"id": 1,'
    ),
    ("filter.range", "own_field"): Shown(f"{_RANGE} 2:30:0", 200, "Customers found: 1"),
    ("filter.range", "midnight"): Shown(_RANGE, 200, "Customers found: 0"),
    ("filter.category_name", "contains"): Shown(
        "GET inventory/categories?category_name=supp", 200, '"item-categories": [{"id": 26,'
    ),
    ("create.status", 201): Shown(
        "POST customer-groups/add", 201, '{"status": 200, "message": "Group added', ADD_GROUP
    ),
    ("create.body_status", 201): Shown(
        "POST customer-groups/add", 200, '{"status": 201, "message": "Group added', ADD_GROUP
    ),
    ("invalid.status", 400): Shown(
        "POST customer-groups/add", 400, '{"status": 400, "error": "group_name is required"}', {}
    ),
    ("conflict.status", 400): Shown(
        "POST sales/add", 400, '{"status": 400, "error": ', {**SALE, "invoice_code": "324232"}
    ),
    ("update.partial", "partial"): Shown(
        "PUT customers/1", 200, '"customer_name": "Ama", "customer_email": "', {"customer_name": "Ama"}
    ),
    ("update.partial", "full"): Shown("PUT expenses/1", 200, '"expense_description": null', EXPENSE),
    ("delete.status", 200): Shown(
        "DELETE customers/1", 200, '{"status": 200, "message": "Customer deleted successfully"'
    ),
    ("delete.cascade", "cascade"): Shown("DELETE customer-groups/1", 204, ""),
    ("delete.cascade", "restrict"): Shown(
        "DELETE customer-groups/1", 409, '{"status": 409, "error": "Group is in use"}'
    ),
    ("delete.stores", True): Shown("DELETE stores/32", 204, ""),
    ("body.codings", False): Shown(
        "POST customer-groups/add",
        415,
        '{"status": 415, "error": "Unsupported Media Type"}',
        gzip.compress(json.dumps(ADD_GROUP).encode()),
    ),
    ("values.empty", "text"): Shown(
        "POST expenses/add", 200, '"expense_description": ""', {**ADD_EXPENSE, "expense_description": ""}
    ),
    ("values.negative", "refused"): Shown(
        "POST expenses/add",
        422,
        '{"status": 422, "error": "expense_amount may not be negative"}',
        {**ADD_EXPENSE, "expense_amount": "-1.00"},
    ),
    ("sales.items", "sales-item"): Shown(
        "POST sales/add", 200, '"sales-item": []', {**SALE, "items": [_LINE]}
    ),
    ("sales.items", "items"): Shown(
        "POST sales/add", 200, '"sales-item": []', {**SALE, "sales-item": [_LINE]}
    ),
    ("sales.stock", "reduced"): Shown("POST sales/add", 200, "", {**SALE, "items": [_STOCKED]}),
    ("authenticate.answer", "empty"): Shown(
        "GET user/authenticate", 200, '"User authenticated", "data": {}}'
    ),
}
