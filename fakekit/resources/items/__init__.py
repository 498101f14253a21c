"""Inventory items (documented: list-items, fetch-, add- and edit-item)."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.items.codes import CODE
from fakekit.resources.items.endpoints import ENDPOINTS
from fakekit.resources.items.population import item, items_in
from fakekit.resources.items.schema import ItemSchema

RESOURCE = Resource(
    name="items",
    label="Item",
    schema=ItemSchema(),
    count=items_in,
    generate=item,
    code=CODE,
    endpoints=ENDPOINTS,
)
