"""`fakekit shadow` concludes nothing of a program's writes where something else explains what is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import fakekit
from fakekit.drift.shadow import Shadow
from fakekit.drift.shadow_fake import ShadowFake
from fakekit.settings import Settings
from tests.helpers.shadow import GROUP, Program, observed_effects, shadowing
from tests.helpers.vendor_api import CUSTOMER, ITEM, SALE

LINE = {"item_name": "Kettle", "unit_price": "5.00", "quantity": "2"}
Scenario = Callable[[Program, fakekit.Handle], None]
SCENARIOS: dict[str, tuple[Scenario, dict[str, Any], dict[str, Any]]] = {}


def scenario(expected: dict[str, Any], **assumptions: Any) -> Callable[[Scenario], Scenario]:
    """Run a function with a service that has these assumptions. expected: what is observed then."""

    def add(function: Scenario) -> Scenario:
        values = {name.replace("_", "."): value for name, value in assumptions.items()}
        SCENARIOS[function.__name__] = function, values, expected
        return function

    return add


def sale(code: int, **fields: Any) -> dict[str, Any]:
    return {**SALE, "invoice_code": f"{code}", **fields}


def add_with_group(program: Program) -> tuple[int, int]:
    """The ids of a group and of a customer in it, who is fetched."""
    group = program.add("customer-groups", GROUP)["id"]
    key = program.add("customers", {**CUSTOMER, "customer_group_id": group})["id"]
    program.send("GET", f"customers/{key}")
    return group, key


@scenario({})
def nothing_that_shows_any(program: Program, handle: fakekit.Handle) -> None:
    program.send("GET", "customers")
    program.send("GET", "inventory/items")


@scenario({}, conflict_status=422)
def a_refused_sale_with_a_taken_code_and_other_values(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300))
    assert program.send("POST", "sales/add", sale(100_300, customer_id=2000))[0] == 422


@scenario({"conflict.status": ("refuted", 422)}, conflict_status=422)
def the_same_with_a_free_code_is_accepted_afterwards(program: Program, handle: fakekit.Handle) -> None:
    program.send("GET", "sales")
    taken = handle.record("sales", 324_232)["invoice_code"]
    assert program.send("POST", "sales/add", sale(taken, items=[LINE]))[0] == 422
    program.add("sales", sale(100_300, items=[LINE]))


@scenario({}, conflict_status=422)
def an_item_that_may_be_sold_out(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300, items=[LINE]))
    assert program.send("POST", "sales/add", sale(100_300, items=[LINE]))[0] == 422


@scenario({})
def a_code_of_which_nothing_was_seen(program: Program, handle: fakekit.Handle) -> None:
    assert program.send("POST", "sales/add", sale(324_232))[0] == 409


@scenario({"conflict.status": ("confirmed", 409)})
def an_edit_with_the_code_of_another_sale(program: Program, handle: fakekit.Handle) -> None:
    program.send("GET", "sales")
    assert program.send("PUT", "sales/edit/324232", sale(100_300))[0] == 200
    program.add("sales", sale(324_232))
    assert (
        program.send("PUT", "sales/edit/324232", sale(100_300))[0] == 409
    )  # nothing was seen since the edit
    program.send("GET", "sales/100300")
    assert program.send("PUT", "sales/edit/324232", sale(100_300))[0] == 409


@scenario({})
def an_edit_that_leaves_the_code_as_it_is(program: Program, handle: fakekit.Handle) -> None:
    program.send("GET", "sales")
    handle.fail(409, "PUT", "sales/edit/*")
    assert program.send("PUT", "sales/edit/324232", sale(324_232))[0] == 409


@scenario({})
def a_rate_limit(program: Program, handle: fakekit.Handle) -> None:
    program.add("sales", sale(100_300))
    handle.fail(429, "POST", "sales/add")
    program.send("POST", "sales/add", sale(100_300))


@scenario({})
def a_second_try_after_a_failure_of_a_proxy(program: Program, handle: fakekit.Handle) -> None:
    handle.fail(502, "POST", "sales/add", times=1)
    assert program.send("POST", "sales/add", sale(100_300))[0] == 502
    handle.add("sales", **sale(100_300) | {"invoice_code": 100_300, "customer_id": "1"})
    assert program.send("POST", "sales/add", sale(100_300))[0] == 409


@scenario({})
def a_customer_who_was_not_fetched_before(program: Program, handle: fakekit.Handle) -> None:
    group = program.add("customer-groups", GROUP)["id"]
    key = program.add("customers", {**CUSTOMER, "customer_group_id": group})["id"]
    program.send("DELETE", f"customer-groups/{group}")
    handle.remove("customers", key)
    assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({})
def another_user_deletes_a_customer_of_theirs(program: Program, handle: fakekit.Handle) -> None:
    key = handle.add_customer(customer_group_id=1)["id"]
    program.send("GET", f"customers/{key}")
    program.send("DELETE", "customer-groups/1")
    handle.remove("customers", key)
    assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({}, delete_cascade="cascade")
def another_user_moves_the_customer_to_another_group(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    handle.change("customers", key, customer_group_id=2)
    program.send("DELETE", f"customer-groups/{group}")
    assert program.send("GET", f"customers/{key}")[0] == 200


@scenario({})
def the_program_deletes_the_customer_too_and_a_proxy_fails(program: Program, handle: fakekit.Handle) -> None:
    for status in (504, 408):
        group, key = add_with_group(program)
        program.send("DELETE", f"customer-groups/{group}")
        handle.fail(status, "DELETE", "customers/*", times=1)
        assert program.send("DELETE", f"customers/{key}")[0] == status
        handle.remove("customers", key)
        assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({})
def a_page_of_a_proxy_says_404(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    program.send("DELETE", f"customer-groups/{group}")
    handle.respond("GET", "customers/*", status=404, text="<html>", headers={"Content-Type": "text/html"})
    program.connection.request("GET", f"/api/v1/customers/{key}", headers=program.headers)
    assert program.connection.getresponse().read() == b"<html>"


@scenario({}, delete_cascade="restrict")
def a_refused_delete_of_a_group_that_others_have_joined(program: Program, handle: fakekit.Handle) -> None:
    group = program.add("customer-groups", GROUP)["id"]
    handle.add_customer(customer_group_id=group)
    program.send("GET", "customers")
    assert program.send("DELETE", f"customer-groups/{group}")[0] == 409


@scenario({})
def a_delete_that_only_the_body_says_is_refused(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    handle.respond("DELETE", "customer-groups/*", json={"status": 409, "error": "Group is in use"})
    assert program.send("DELETE", f"customer-groups/{group}")[0] == 200
    program.send("GET", f"customers/{key}")


@scenario({"delete.cascade": ("confirmed", "keep")})
def a_customer_of_a_deleted_group_in_a_list(program: Program, handle: fakekit.Handle) -> None:
    group, _ = add_with_group(program)
    program.send("DELETE", f"customer-groups/{group}")
    program.send("GET", "customers")


@scenario({})
def a_customer_who_is_shown_without_her_group(program: Program, handle: fakekit.Handle) -> None:
    group, _ = add_with_group(program)
    program.send("DELETE", f"customer-groups/{group}")
    handle.fail("drop", "GET", "customers", field="customer_group_id")
    program.send("GET", "customers")


@scenario({})
def a_customer_who_was_there_and_is_returned_once_more(program: Program, handle: fakekit.Handle) -> None:
    """A POST that returns a record that was there is none that adds one."""
    theirs = handle.add_customer(customer_group_id=1)
    _, answer = program.send("GET", f"customers/{theirs['id']}")
    handle.respond("POST", "customers/add", json=answer)
    program.send("POST", "customers/add", CUSTOMER)
    program.send("GET", f"customers/{theirs['id']}")
    program.send("DELETE", "customer-groups/1")
    handle.remove("customers", theirs["id"])
    assert program.send("GET", f"customers/{theirs['id']}")[0] == 404


@scenario({"delete.cascade": ("refuted", None)})
def a_customer_who_keeps_the_id_of_her_deleted_group(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    _, answer = program.send("GET", f"customers/{key}")
    program.send("DELETE", f"customer-groups/{group}")
    handle.respond("GET", "customers/*", json=answer)
    program.send("GET", f"customers/{key}")


@scenario({})
def two_deletes_of_which_each_shows_another_value(program: Program, handle: fakekit.Handle) -> None:
    for is_removed in (False, True):
        group, key = add_with_group(program)
        program.send("DELETE", f"customer-groups/{group}")
        if is_removed:
            handle.remove("customers", key)
        program.send("GET", f"customers/{key}")


@scenario({"delete.cascade": ("confirmed", "keep")})
def an_id_that_a_database_gives_to_the_next_record(program: Program, handle: fakekit.Handle) -> None:
    group = program.add("customer-groups", GROUP)["id"]
    _, answer = program.send("POST", "customers/add", {**CUSTOMER, "customer_group_id": group})
    key = answer["data"]["customer"]["id"]
    program.send("DELETE", f"customers/{key}")
    handle.respond("POST", "customers/add", json=answer)
    program.send("POST", "customers/add", {**CUSTOMER, "customer_group_id": group})
    program.send("DELETE", f"customer-groups/{group}")
    answer["data"]["customer"]["customer_group_id"] = None
    handle.respond("GET", "customers/*", json=answer)
    program.send("GET", f"customers/{key}")


@scenario({"delete.cascade": ("refuted", "cascade")}, delete_cascade="cascade")
def a_customer_who_is_listed_after_the_fetch(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    program.send("GET", "customers")
    program.send("DELETE", f"customer-groups/{group}")
    assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({"delete.cascade": ("confirmed", "keep")})
def sales_of_a_deleted_customer(program: Program, handle: fakekit.Handle) -> None:
    key = program.add("customers", CUSTOMER)["id"]
    program.add("sales", sale(100_300, customer_id=key))
    program.send("DELETE", f"customers/{key}")
    program.send("GET", "sales")


@scenario({"delete.cascade": ("confirmed", "keep")})
def items_of_a_deleted_category(program: Program, handle: fakekit.Handle) -> None:
    key = program.add("inventory/categories", {"category_name": "Kettles"})["id"]
    program.add("inventory/items", {**ITEM, "category_id": key})
    program.send("DELETE", f"inventory/categories/{key}")
    program.send("GET", "inventory/items")


@scenario({"delete.stores": ("refuted", None)})
def a_store_that_is_still_there_though_its_delete_was_accepted(
    program: Program, handle: fakekit.Handle
) -> None:
    handle.respond("DELETE", "stores/*", json={"status": 200, "message": "Deleted", "data": {}})
    for method in ("GET", "DELETE", "GET"):
        program.send(method, "stores/32")


@scenario({}, delete_stores=True)
def a_store_that_was_not_fetched_before(program: Program, handle: fakekit.Handle) -> None:
    for method in ("DELETE", "GET"):
        program.send(method, "stores/32")


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
    run, assumptions, expected = SCENARIOS[name]
    handle = fake.account("fk_program", Settings.of(assumptions=assumptions))
    shadow = Shadow(ShadowFake(Settings()))
    with shadowing(fake, shadow) as program:
        run(program, handle)
    assert (shadow.failed, observed_effects(shadow)) == (0, expected)
