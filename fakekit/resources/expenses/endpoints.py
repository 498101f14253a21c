"""The endpoints of expenses."""

from __future__ import annotations

from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import TENANT_FIELDS, Envelope, Part
from fakekit.contract.filters import Query
from fakekit.contract.provenance import documented
from fakekit.contract.requests import Body
from fakekit.resources.expenses.schema import ExpenseSchema
from fakekit.resources.handlers import (
    BY_ANALOGY,
    MESSAGE_BY_ANALOGY,
    add_record,
    created_range,
    delete_endpoint,
    edit_record,
    fetch_record,
    list_records,
)

# Neither rendering of fetch-expense has the tenant fields, so they are hidden in both.
_BARE = Part(ExpenseSchema, hidden_with_tenant=TENANT_FIELDS)
_ROWS = (
    ("expense_type", "expense_amount", "payment_method", "created_by"),
    ("expense_description", "expense_image"),
)

ENDPOINTS = (
    Endpoint(
        operation="list_expenses",
        method="GET",
        route="expenses",
        envelope=Envelope(
            "Expenses found: {count}",
            {"expenses": Part(ExpenseSchema, many=True, hidden_with_tenant=TENANT_FIELDS)},
        ),
        handler=list_records,
        truth=BY_ANALOGY,
        query=Query(**created_range()),
    ),
    Endpoint(
        operation="fetch_expense",
        method="GET",
        route="expenses/{id}",
        envelope=Envelope("Expense found", {"expense": _BARE}),
        handler=fetch_record,
        truth=documented("fetch-expense"),
    ),
    Endpoint(
        operation="add_expense",
        method="POST",
        route="expenses/add",
        envelope=Envelope("Expense added successfully", {"expense": Part(ExpenseSchema)}),
        handler=add_record,
        truth=documented("add-expense"),
        body=Body("AddExpense", ExpenseSchema, documented("add-expense"), *_ROWS),
    ),
    Endpoint(
        operation="edit_expense",
        method="PUT",
        route="expenses/{id}",
        envelope=Envelope("Expense updated successfully", {"expense": _BARE}, MESSAGE_BY_ANALOGY),
        handler=edit_record,
        truth=documented("edit-expense"),
        body=Body("EditExpense", ExpenseSchema, documented("edit-expense"), *_ROWS),
    ),
    delete_endpoint("delete_expense", "expenses/{id}", "Expense"),
)
