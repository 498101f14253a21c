"""Customers (documented: list-, fetch-, add- and edit-customer)."""

from __future__ import annotations

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.resources.customers.endpoints import ENDPOINTS
from fakekit.resources.customers.personas import PERSONAS
from fakekit.resources.customers.population import generate_customer
from fakekit.resources.customers.schema import CustomerSchema

RESOURCE = Resource(
    name="customers",
    label="Customer",
    schema=CustomerSchema(),
    largest=LARGEST_POPULATION,
    personas={key: persona.title for key, persona in PERSONAS.items()},
    generate=generate_customer,
    endpoints=ENDPOINTS,
)
