"""Customers (documented: list-, fetch-, add- and edit-customer)."""

from __future__ import annotations

from fakekit.contract.endpoint import Resource
from fakekit.resources.customers.endpoints import ENDPOINTS
from fakekit.resources.customers.population import generate_customer
from fakekit.resources.customers.schema import CustomerSchema

RESOURCE = Resource(
    name="customers",
    label="Customer",
    schema=CustomerSchema(),
    count=lambda size: size,
    generate=generate_customer,
    endpoints=ENDPOINTS,
)
