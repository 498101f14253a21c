"""What can be asked about customers."""

from __future__ import annotations

from typing import Any

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.provenance import documented
from fakekit.contract.schema import Record
from fakekit.resources.call import Call
from fakekit.resources.customer_groups.schema import CustomerGroupSchema
from fakekit.resources.customers.schema import CustomerSchema


def fetch_customer(call: Call) -> dict[str, Any]:
    """The customer that the path names, and the list of her groups."""
    customer = call.named("customers")
    if None in customer.values():
        call.lean.on("customer.nulls")
    return {"customer": customer, "customer-group": _groups(call, customer)}


def _groups(call: Call, customer: Record) -> list[Record]:
    group_id = customer["customer_group_id"]
    group = None if group_id is None else call.view.find("customer_groups", group_id)
    if group is None:
        call.lean.on("fetch_customer.groups")
        return []
    return [group]


ENDPOINTS = (
    Endpoint(
        operation="fetch_customer",
        method="GET",
        path="/api/v1/customers/{id}",
        envelope=Envelope(
            200,
            "Customer found",
            {"customer": Part(CustomerSchema), "customer-group": Part(CustomerGroupSchema, many=True)},
        ),
        answer=fetch_customer,
        truth=documented("fetch-customer"),
    ),
)
