"""Customer groups (documented: list-, fetch-, add- and edit-customer-group)."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.customer_groups.endpoints import ENDPOINTS
from fakekit.resources.customer_groups.population import GROUP_COUNT, generate_group
from fakekit.resources.customer_groups.schema import CustomerGroupSchema

RESOURCE = Resource(
    name="customer_groups",
    label="Group",
    schema=CustomerGroupSchema(),
    count=GROUP_COUNT,
    generate=generate_group,
    endpoints=ENDPOINTS,
)
