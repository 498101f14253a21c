"""Everything that an account answers, and a change of every kind."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.helpers.control_api import Key

RESOURCES = ("customers", "customer_groups", "sales", "items", "item_categories", "expenses")


def everything(key: Key) -> dict[str, Any]:
    """What an account answers of every resource: its records, lines of sales included, and its lists."""
    told: dict[str, Any] = {}
    for name in RESOURCES:
        told[name] = key.control("GET", f"/records/{name}?limit=1000").json()
    told["lines"] = {
        sale["invoice_code"]: key.control("GET", f"/records/sales/{sale['invoice_code']}/lines").json()
        for sale in told["sales"][:4] + told["sales"][-3:]
    }
    for path in (
        "customers",
        "customer-groups",
        "sales",
        "inventory/items",
        "inventory/categories",
        "expenses",
    ):
        told[f"GET {path}"] = key.ask(path).json()
    return told


def first(key: Key, resource: str) -> dict[str, Any]:
    record: dict[str, Any] = key.control("GET", f"/records/{resource}?limit=1").json()[0]
    return record


def change_something_of_everything(key: Key) -> None:
    """Add, change and remove a record of each resource, by HTTP."""

    def do(method: str, path: str, fields: Any = None) -> Any:
        answer = key.control(method, f"/records/{path}", fields)
        assert answer.ok, answer.text
        return answer.json()

    for name in RESOURCES:
        for _ in range(2):
            do("POST", name, {})
    do("PATCH", "customers/1", {"customer_name": "王 O'Brien: # ~ null", "customer_email": None})
    do("PATCH", "customer_groups/1", {"group_name": "NO", "group_description": " two\nlines "})
    do("PATCH", "item_categories/1", {"category_name": "0x1F"})
    do("PATCH", "expenses/2", {"expense_description": "1e3"})
    sales, items = (key.control("GET", f"/records/{name}?limit=3").json() for name in ("sales", "items"))
    do("PATCH", f"items/{items[0]['item_code']}", {"item_name": "yes"})
    do("DELETE", f"items/{items[1]['item_code']}")
    do("PATCH", f"sales/{sales[0]['invoice_code']}", {"invoice_note": "- a: b"})
    do("DELETE", f"sales/{sales[1]['invoice_code']}")
    do("POST", "sales", {"invoice_code": sales[1]["invoice_code"], "invoice_note": "has its code now"})
    do("DELETE", "customers/3")
    do("DELETE", "customers/51")
    do("DELETE", "customer_groups/2")
    do("DELETE", "item_categories/2")
    do("DELETE", "expenses/1")


def calls_of(act: Callable[[], object]) -> int:
    """How many functions this thread calls while `act` runs, those written in C included: work that can be counted."""
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls
