"""Expenses (documented: fetch-, add- and edit-expense; the list by analogy)."""

from __future__ import annotations

from fakekit.contract import LARGEST_POPULATION
from fakekit.contract.endpoint import Resource
from fakekit.resources.expenses.endpoints import ENDPOINTS
from fakekit.resources.expenses.personas import PERSONAS
from fakekit.resources.expenses.population import generate_expense
from fakekit.resources.expenses.schema import ExpenseSchema

RESOURCE = Resource(
    name="expenses",
    label="Expense",
    schema=ExpenseSchema(),
    count=30,
    largest=LARGEST_POPULATION,
    personas={key: persona.title for key, persona in PERSONAS.items()},
    generate=generate_expense,
    endpoints=ENDPOINTS,
    path_type="integer",
)
