"""Sales (documented: list-sales, fetch-, add- and edit-sale), each with its lines."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.sales.codes import CODE
from fakekit.resources.sales.endpoints import ENDPOINTS
from fakekit.resources.sales.population import sale, sales_in
from fakekit.resources.sales.schema import LINES, SPACING, WholeSaleSchema

RESOURCE = Resource(
    name="sales",
    label="Sale",
    schema=WholeSaleSchema(),
    count=sales_in,
    generate=sale,
    code=CODE,
    endpoints=ENDPOINTS,
    nested=LINES,
    spacing=SPACING,
)
