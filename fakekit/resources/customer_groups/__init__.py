"""Customer groups (documented: list-, fetch-, add- and edit-customer-group)."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.customer_groups.endpoints import ENDPOINTS
from fakekit.resources.customer_groups.population import group, groups_in
from fakekit.resources.customer_groups.schema import CustomerGroupSchema

RESOURCE = Resource(
    name="customer_groups",
    label="Group",
    schema=CustomerGroupSchema(),
    count=groups_in,
    generate=group,
    endpoints=ENDPOINTS,
)
