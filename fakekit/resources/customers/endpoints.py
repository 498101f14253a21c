"""The endpoints of customers."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.filters import Filter, Query, match_field
from fakekit.contract.numbers import Reference
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.requests import Body
from fakekit.contract.schema import Record
from fakekit.resources.business import OWNER
from fakekit.resources.call import Call
from fakekit.resources.customer_groups.schema import CustomerGroupSchema
from fakekit.resources.customers.schema import CustomerSchema
from fakekit.resources.handlers import (
    CASCADE,
    MESSAGE_BY_ANALOGY,
    assume_null_fields,
    created_range,
    delete_endpoint,
    edit_record,
    list_records,
    wrap_record,
)

_CUT = assumed("cut.by_sibling")
_CREATED_BY = assumed("customer.created_by")
_GROUPS = assumed("fetch_customer.groups")
_GROUP_ID = Reference(
    "customer_groups", example=1, truth=documented("list-customers"), note="only customers of that group"
)
_REQUIRED = (
    "customer_name",
    "customer_phone",
    "customer_country",
    "customer_city",
    "customer_state",
    "address1",
)
_OPTIONAL = (
    "customer_group_id",
    "customer_email",
    "customer_whatsapp",
    "customer_zip",
    "address2",
    "customer_profile",
    "created_by",
)
_ADD = Body(
    "AddCustomer",
    CustomerSchema,
    documented("add-customer"),
    _REQUIRED,
    _OPTIONAL,
    truth_by_field={"created_by": _CREATED_BY},
)
_EDIT = Body(
    "EditCustomer",
    CustomerSchema,
    documented("edit-customer"),
    _REQUIRED,
    _OPTIONAL,
    truth_by_field=dict.fromkeys(
        ("customer_state", "customer_zip", "address1", "address2", "customer_profile", "created_by"), _CUT
    ),
)


def fetch_customer(call: Call) -> dict[str, object]:
    """Return the customer that the path names, and a list with her group, as the response's ``data``.

    Records the assumptions on null fields and on computed values where they apply. Raises
    `MissingRecordError` when there is no such customer.
    """
    customer = call.fetch_record()
    assume_null_fields(call, [customer])
    groups = _group_as_list(call, customer)
    call.assume_computed(("customers", customer["id"]), *[("customer_groups", g["id"]) for g in groups])
    return {"customer": customer, "customer-group": groups}


def _group_as_list(call: Call, customer: Record) -> list[Record]:
    """Return the customer's group in a list; an empty list when she has none or it was deleted.

    Records an assumption for the empty list, which no page shows.
    """
    group_id = customer["customer_group_id"]
    group = None if group_id is None else call.account.find("customer_groups", group_id)
    if group is None:
        call.assume(_GROUPS)
        return []
    assume_null_fields(call, [group], CustomerGroupSchema)
    return [group]


def add_customer(call: Call) -> dict[str, object]:
    """Add a customer and return her as the response's ``data``.

    Without a `created_by` in the body it is the owner's name, which is recorded as an assumption. Raises
    `RecordError` for invalid values.
    """
    if "created_by" not in call.body:
        call.compute(_CREATED_BY)
    return wrap_record(call, call.add(created_by=call.body.get("created_by", OWNER)))


ENDPOINTS = (
    Endpoint(
        operation="list_customers",
        method="GET",
        route="customers",
        envelope=Envelope("Customers found: {count}", {"customers": Part(CustomerSchema, many=True)}),
        handler=list_records,
        truth=documented("list-customers"),
        query=Query(
            customer_group_id=Filter(_GROUP_ID, match_field("customer_group_id")),
            **created_range("list-customers"),
        ),
    ),
    Endpoint(
        operation="fetch_customer",
        method="GET",
        route="customers/{id}",
        envelope=Envelope(
            "Customer found",
            {"customer": Part(CustomerSchema), "customer-group": Part(CustomerGroupSchema, many=True)},
        ),
        handler=fetch_customer,
        truth=documented("fetch-customer"),
    ),
    Endpoint(
        operation="add_customer",
        method="POST",
        route="customers/add",
        envelope=Envelope(
            "Customer added successfully", {"customer": Part(CustomerSchema)}, MESSAGE_BY_ANALOGY
        ),
        handler=add_customer,
        truth=documented("add-customer"),
        body=_ADD,
    ),
    Endpoint(
        operation="edit_customer",
        method="PUT",
        route="customers/{id}",
        envelope=Envelope(
            "Customer updated successfully", {"customer": Part(CustomerSchema)}, MESSAGE_BY_ANALOGY
        ),
        handler=edit_record,
        truth=documented("edit-customer"),
        body=_EDIT,
    ),
    delete_endpoint("delete_customer", "customers/{id}", "Customer", CASCADE),
)
