"""Item categories (documented: list-item-categories; the other verbs by analogy)."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.item_categories.endpoints import ENDPOINTS
from fakekit.resources.item_categories.population import count_generated, generate_category
from fakekit.resources.item_categories.schema import ItemCategorySchema

RESOURCE = Resource(
    name="item_categories",
    label="Item category",
    schema=ItemCategorySchema(),
    count=count_generated,
    generate=generate_category,
    endpoints=ENDPOINTS,
)
