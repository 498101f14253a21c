"""The vendor's nouns, a folder each. Adding one is a folder and a line here."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.resources.customer_groups import CUSTOMER_GROUPS
from fakekit.resources.customers import CUSTOMERS

RESOURCES: dict[str, Resource] = {
    resource.name: resource
    for resource in (
        CUSTOMERS,
        CUSTOMER_GROUPS,
    )
}

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for resource in RESOURCES.values() for endpoint in resource.endpoints
)
