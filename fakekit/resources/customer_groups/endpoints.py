"""The endpoints of customer groups."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.filters import Filter, Query, match_field
from fakekit.contract.numbers import Whole
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.requests import Body
from fakekit.resources.customer_groups.schema import CustomerGroupSchema
from fakekit.resources.handlers import (
    CASCADE,
    add_record,
    created_range,
    delete_endpoint,
    edit_record,
    fetch_record,
    list_records,
)

_BUSINESS = Whole(example=15848484, truth=documented("list-customer-group"), note="groups of that business")
# The only rendering of these pages has no tenant fields, while those of their siblings have them.
_TENANT_FIELDS = (assumed("payload.tenant_fields"),)
_ROWS = (("group_name",), ("group_description",))

ENDPOINTS = (
    Endpoint(
        operation="list_customer_groups",
        method="GET",
        route="customer-groups",
        envelope=Envelope("Groups found: {count}", {"groups": Part(CustomerGroupSchema, many=True)}),
        handler=list_records,
        truth=documented("list-customer-group"),
        query=Query(
            business_code=Filter(_BUSINESS, match_field("business_code")),
            **created_range("list-customer-group"),
        ),
    ),
    Endpoint(
        operation="fetch_customer_group",
        method="GET",
        route="customer-groups/{id}",
        envelope=Envelope("Group found", {"group": Part(CustomerGroupSchema)}),
        handler=fetch_record,
        truth=documented("fetch-customer-group"),
        assumes=_TENANT_FIELDS,
    ),
    Endpoint(
        operation="add_customer_group",
        method="POST",
        route="customer-groups/add",
        envelope=Envelope("Group added successfully", {"group": Part(CustomerGroupSchema)}),
        handler=add_record,
        truth=documented("add-customer-group"),
        body=Body("AddCustomerGroup", CustomerGroupSchema, documented("add-customer-group"), *_ROWS),
    ),
    Endpoint(
        operation="edit_customer_group",
        method="PUT",
        route="customer-groups/{id}",
        envelope=Envelope("Group updated successfully", {"group": Part(CustomerGroupSchema)}),
        handler=edit_record,
        truth=documented("edit-customer-group"),
        assumes=_TENANT_FIELDS,
        body=Body("EditCustomerGroup", CustomerGroupSchema, documented("edit-customer-group"), *_ROWS),
    ),
    delete_endpoint("delete_customer_group", "customer-groups/{id}", "Group", CASCADE),
)
