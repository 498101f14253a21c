"""The vendor's nouns, a folder each. Adding one is a folder and a line here."""

from __future__ import annotations

from importlib import import_module

from fakekit.contract.endpoint import Endpoint, Resource

FOLDERS = (
    "user",
    "customers",
    "customer_groups",
    "sales",
    "items",
    "item_categories",
    "expenses",
    "stores",
)

RESOURCES: dict[str, Resource] = {name: import_module(f"{__name__}.{name}").RESOURCE for name in FOLDERS}

RECORDS: dict[str, Resource] = {
    name: resource for name, resource in RESOURCES.items() if resource.schema is not None
}
"""Those that have records of their own."""

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for resource in RESOURCES.values() for endpoint in resource.endpoints
)
