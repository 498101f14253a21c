"""Expenses 2 to 4, the personas: each is hard to handle in one way, the same in every seed."""

from __future__ import annotations

from collections.abc import Mapping

from fakekit.resources.expenses.schema import ExpenseSchema
from fakekit.resources.persona import LONG_TEXT, Persona

PERSONAS: Mapping[int, Persona] = {
    2: Persona(
        "the largest possible amount",
        {
            "expense_type": "Property",
            "expense_description": "Purchase of the shop building and the land",
            "expense_amount": "99999999.99",
            "payment_method": "Bank Transfer",
        },
    ),
    3: Persona("a very long description", {"expense_description": LONG_TEXT.strip()}),
    4: Persona("every optional field null", dict.fromkeys(ExpenseSchema().optional_names)),
}
