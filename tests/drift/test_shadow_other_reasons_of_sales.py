"""`fakekit shadow` concludes nothing of a program's sales and items where something else explains what is seen."""

from __future__ import annotations

from typing import Any

import pytest

import fakekit
from tests.helpers.shadow import GROUP, LINE, Program, Scenarios, observe_scenario, sale
from tests.helpers.vendor_api import ITEM

SCENARIOS = Scenarios()
scenario = SCENARIOS.expecting


@scenario({})
def lines_under_one_name_only(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300, items=[LINE]))


@scenario({"sales.items": ("refuted", None)}, sales_items="sales-item")
def lines_that_are_lost_under_the_only_name(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300, items=[LINE]))
    program.send("GET", "sales/100300")


@scenario({}, sales_items="sales-item")
def lines_that_no_fetch_has_looked_for(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300, items=[LINE]))


@scenario({})
def lines_that_are_shown_once_and_lost_once(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_302, **{"sales-item": [LINE]}))
    _, answer = program.send("POST", "sales/add", sale(100_300, items=[LINE]))
    answer["data"]["sales"] |= {"id": 5000, "invoice_code": 100_301}
    answer["data"]["sales-item"] = []
    handle.respond("*", "sales/*", json=answer)
    program.send("POST", "sales/add", sale(100_301, items=[LINE]))
    program.send("GET", "sales/100301")


@scenario({}, sales_items="sales-item")
def lines_that_no_page_allows(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300, items=[{"name": "Kettle"}]))
    program.send("GET", "sales/100300")


def sell(program: Program, item: Any, **fields: Any) -> None:
    program.add("sales", sale(100_300, **{"items": [{**LINE, "item_name": item["item_name"]}], **fields}))
    program.send("GET", f"inventory/items/{item['item_code'].strip()}")


@scenario({"sales.stock": ("refuted", "reduced")}, sales_stock="reduced")
def an_item_of_the_program_that_is_in_no_list(program: Program, handle: fakekit.Handle) -> None:
    sell(program, program.add("inventory/items", ITEM))


@scenario({})
def an_item_that_may_not_be_the_only_one_with_its_name(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items?created_at=2020-01-01")
    sell(program, item)


@scenario({})
def items_that_are_listed_only_after_the_sale(program: Program, handle: fakekit.Handle) -> None:
    sell(program, program.add("inventory/items", ITEM))
    program.add("inventory/items", {**ITEM, "item_name": "Pan"})
    program.add("sales", sale(100_301, items=[{**LINE, "item_name": "Pan"}]))
    program.send("GET", "inventory/items")


@scenario({}, sales_stock="reduced")
def a_sale_that_gives_something_back(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    sell(program, item, items=[{**LINE, "quantity": "3"}, {**LINE, "quantity": "-1"}])


@scenario({}, sales_stock="reduced")
def a_sale_that_does_not_show_what_it_gives_back(program: Program, handle: fakekit.Handle) -> None:
    _, answer = program.send("POST", "sales/add", sale(100_301))
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items")
    answer["data"]["sales"]["id"] += 1000
    handle.respond("POST", "sales/add", json=answer, times=1)
    program.send("POST", "sales/add", sale(100_302, items=[{**LINE, "quantity": "-2"}]))
    handle.change("items", item["item_code"], quantity="14")
    sell(program, item)


@scenario({}, sales_stock="reduced")
def two_items_with_the_same_name(program: Program, handle: fakekit.Handle) -> None:
    handle.add("items", **ITEM)
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items")
    sell(program, item)


@scenario({}, sales_stock="reduced")
def an_item_that_others_may_sell(program: Program, handle: fakekit.Handle) -> None:
    item = handle.add("items", **ITEM)
    program.send("GET", "inventory/items")
    sell(program, item)


@scenario({}, sales_stock="reduced")
def an_item_that_somebody_else_has_sold_too(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    handle.change("items", item["item_code"], quantity="11")
    sell(program, item)


@scenario({}, sales_stock="reduced")
def a_draft(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items")
    sell(program, item, amount_paid="0.00", payment_type="None")


@scenario({}, sales_stock="reduced", sales_items="sales-item")
def a_sale_whose_lines_are_not_shown(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items")
    sell(program, item)


@scenario({})
def a_write_with_another_key_in_between(program: Program, handle: fakekit.Handle) -> None:
    item = program.add("inventory/items", ITEM)
    program.send("GET", "inventory/items")
    program.send("POST", "customer-groups/add", GROUP, Authorization="Bearer fk_other")
    sell(program, item)


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_seen_for_another_reason_says_nothing(name: str, fake: fakekit.FakeServer) -> None:
    assert observe_scenario(SCENARIOS[name], fake) == SCENARIOS[name].expected
