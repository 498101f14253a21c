"""Sales (documented: list-sales, fetch-, add- and edit-sale), each with its lines."""

from __future__ import annotations

from fakekit.contract import LARGEST_SALES
from fakekit.contract.endpoint import Resource
from fakekit.resources.sales.codes import CODE
from fakekit.resources.sales.endpoints import ENDPOINTS
from fakekit.resources.sales.personas import PERSONAS
from fakekit.resources.sales.population import count_generated, generate_sale
from fakekit.resources.sales.schema import LINES, SPACING, StoredSaleSchema
from fakekit.resources.sales.stock import update_items

RESOURCE = Resource(
    name="sales",
    label="Sale",
    schema=StoredSaleSchema(),
    count=count_generated,
    largest=LARGEST_SALES,
    personas={key: persona.title for key, persona in PERSONAS.items()},
    generate=generate_sale,
    code=CODE,
    endpoints=ENDPOINTS,
    nested=LINES,
    spacing=SPACING,
    after_delete=update_items,
)
