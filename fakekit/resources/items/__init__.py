"""Inventory items (documented: list-items, fetch-, add- and edit-item)."""

from __future__ import annotations

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.resources.items.codes import CODE
from fakekit.resources.items.endpoints import ENDPOINTS
from fakekit.resources.items.personas import PERSONAS
from fakekit.resources.items.population import generate_item
from fakekit.resources.items.schema import ItemSchema

RESOURCE = Resource(
    name="items",
    label="Item",
    schema=ItemSchema(),
    count=24,
    largest=LARGEST_POPULATION,
    personas={key: persona.title for key, persona in PERSONAS.items()},
    generate=generate_item,
    code=CODE,
    endpoints=ENDPOINTS,
)
