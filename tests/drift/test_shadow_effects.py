"""`fakekit shadow`: what a program's writes have done, as its later requests show it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import fakekit
from fakekit.contract.positions import DEFAULTS
from fakekit.drift.findings import Outcome
from fakekit.drift.learn import learn
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.settings import Settings
from tests.helpers.shadow import GROUP, OF_EFFECTS, Program, observed_effects, served, shadowing
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE


def delete_groups(program: Program) -> None:
    """Delete the group of a customer, who is read before and after; and do it again."""
    for _ in range(2):
        delete_group(program)


def delete_group(program: Program) -> None:
    group = program.add("customer-groups", GROUP)["id"]
    key = program.add("customers", {**CUSTOMER, "customer_group_id": group})["id"]
    program.send("GET", f"customers/{key}")
    program.send("DELETE", f"customer-groups/{group}")
    program.send("GET", f"customers/{key}")


def sell(program: Program, code: int, name: str) -> None:
    """Sell an item whose quantity is read before and after. name: under which the sale has its line."""
    item = program.add("inventory/items", {**ITEM, "item_name": f"Kettle {code}"})
    line = {"item_name": item["item_name"], "unit_price": "5.00", "quantity": "2.5"}
    program.send("GET", "inventory/items")
    program.add("sales", {**SALE, "invoice_code": f"{code}", name: [line]})
    program.send("GET", f"sales/{code}")
    program.send("GET", f"inventory/items/{item['item_code'].strip()}")


def sell_twice(program: Program, code: int) -> None:
    """Add a sale, and add it again."""
    sale = {**SALE, "invoice_code": f"{code}"}
    program.add("sales", sale)
    program.send("POST", "sales/add", sale)


def delete_store(program: Program, code: int) -> None:
    """Delete a sale as a store, and read it before and after."""
    key = program.add("sales", {**SALE, "invoice_code": f"{code}"})["id"]
    for method in ("GET", "DELETE", "GET"):
        program.send(method, f"stores/{key}")


def write_everything(program: Program, code: int) -> None:
    """All of it; code: the first of those that the sales get."""
    delete_groups(program)
    sell(program, code, "items")
    sell(program, code + 1, "sales-item")
    sell_twice(program, code + 2)
    delete_store(program, code + 3)


def shadow_of(program: Callable[[Program], None], service: fakekit.FakeServer, **assumptions: Any) -> Shadow:
    shadow = Shadow(ShadowFake(Settings.of(assumptions=assumptions)))
    with shadowing(service, shadow) as calls:
        program(calls)
    assert shadow.failed == 0
    return shadow


SERVICES: list[dict[str, Any]] = [
    {},
    {
        "conflict.status": 400,
        "delete.cascade": "cascade",
        "delete.stores": True,
        "sales.items": "items",
        "sales.stock": "reduced",
    },
    {"conflict.status": 422, "delete.cascade": "restrict", "sales.items": "sales-item"},
]


@pytest.mark.slow
@pytest.mark.parametrize("other", SERVICES, ids=["as assumed", "other values", "further values"])
def test_what_writes_have_done_is_learned_and_a_second_run_agrees(
    other: dict[str, Any], tmp_path: Path
) -> None:
    with served(seed=7, assumptions=other) as service:
        shadow = shadow_of(lambda program: write_everything(program, 100_300), service)
        report = shadow.make_report("service")
        assert report.findings == ()
        assert observed_effects(shadow) == {
            name: ("refuted" if name in other else "confirmed", other.get(name, DEFAULTS[name]))
            for name in OF_EFFECTS
        }
        learn(report.assumptions, DEFAULTS, date(2026, 11, 27), tmp_path)
        values = {name: check.value for name, check in Settings.read({}, {}, tmp_path).assumptions}  # type: ignore[union-attr]
        assert {name: values[name] for name in OF_EFFECTS} == {
            **{n: DEFAULTS[n] for n in OF_EFFECTS},
            **other,
        }
        again = shadow_of(
            lambda program: write_everything(program, 100_400), service, **{n: values[n] for n in OF_EFFECTS}
        )
    assert observed_effects(again) == {name: ("confirmed", values[name]) for name in OF_EFFECTS}
    assert Outcome.REFUTED not in {r.outcome for r in again.make_report("service").assumptions}
