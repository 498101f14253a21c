"""The vendor's resources, a folder each. A new one needs its folder and its name in `FOLDERS`."""

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
"""The resources that have records of their own: not `user`, and not `stores`, whose records are sales."""

ENDPOINTS: tuple[Endpoint, ...] = tuple(
    endpoint for resource in RESOURCES.values() for endpoint in resource.endpoints
)
