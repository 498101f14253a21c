"""`fakekit shadow` concludes nothing of a program's writes where something else explains what is seen."""

from __future__ import annotations

import pytest

import fakekit
from tests.helpers.shadow import GROUP, LINE, Program, Scenarios, observe_scenario, sale
from tests.helpers.vendor_api import CUSTOMER, ITEM

SCENARIOS = Scenarios()
scenario = SCENARIOS.expecting


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
def customers_who_are_listed_after_the_fetch(program: Program, handle: fakekit.Handle) -> None:
    for _ in range(2):
        group, key = add_with_group(program)
        program.send("GET", "customers")
        program.send("DELETE", f"customer-groups/{group}")
        assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({}, delete_cascade="cascade")
def a_customer_whom_another_user_may_have_deleted(program: Program, handle: fakekit.Handle) -> None:
    group, key = add_with_group(program)
    program.send("DELETE", f"customer-groups/{group}")
    assert program.send("GET", f"customers/{key}")[0] == 404


@scenario({})
def another_user_clears_the_account_once(program: Program, handle: fakekit.Handle) -> None:
    """Both customers are missed, but neither was there after the other one was missed."""
    (first, one), (second, two) = add_with_group(program), add_with_group(program)
    program.send("DELETE", f"customer-groups/{first}")
    program.send("GET", f"customers/{two}")
    for key in (one, two):
        handle.remove("customers", key)
    assert program.send("GET", f"customers/{one}")[0] == 404
    program.send("DELETE", f"customer-groups/{second}")
    assert program.send("GET", f"customers/{two}")[0] == 404


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


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_seen_for_another_reason_says_nothing(name: str, fake: fakekit.FakeServer) -> None:
    assert observe_scenario(SCENARIOS[name], fake) == SCENARIOS[name].expected
