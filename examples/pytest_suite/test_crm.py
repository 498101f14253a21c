"""What the client does, against the fake."""

from __future__ import annotations

import pytest
from crm import Crm, UnknownCustomerError

import fakekit


def test_the_documented_customer(crm: Crm) -> None:
    assert crm.customer(1)["customer_name"] == "Jane Doe"
    assert crm.customer(1)["groups"] == ["Premium Customers"]


def test_a_customer_of_ones_own(crm: Crm, xtrakit: fakekit.Handle) -> None:
    group = xtrakit.add_group(group_name="Regulars")
    ama = xtrakit.add_customer(customer_name="Ama Mensah", customer_group_id=group["id"])
    assert crm.customer(ama["id"])["groups"] == ["Regulars"]
    assert crm.greeting(ama["id"]) == "Dear Ama Mensah (by mail)"


def test_a_generated_customer_is_what_the_handle_says(crm: Crm, xtrakit: fakekit.Handle) -> None:
    expected = xtrakit.customer(42)
    assert crm.customer(42).items() >= expected.items()


@pytest.mark.parametrize("hard", range(2, 10))
def test_every_persona_can_be_greeted(crm: Crm, hard: int) -> None:
    assert crm.greeting(hard).startswith("Dear ")


def test_a_customer_who_changed(crm: Crm, xtrakit: fakekit.Handle) -> None:
    xtrakit.change("customers", 1, customer_email=None)
    assert crm.greeting(1) == "Dear Jane Doe (by mail)"


def test_a_customer_who_is_gone(crm: Crm, xtrakit: fakekit.Handle) -> None:
    xtrakit.remove("customers", 1)
    with pytest.raises(UnknownCustomerError):
        crm.customer(1)
    xtrakit.reset()
    assert crm.customer(1)["customer_name"] == "Jane Doe"


@pytest.mark.fakekit(seed=7, customers=1000)
def test_another_world(crm: Crm) -> None:
    assert crm.customer(1000)["customer_country"] in ("Ghana", "United Kingdom", "United States")


@pytest.mark.fakekit(fixtures="shop.yaml")
def test_records_from_a_file(crm: Crm) -> None:
    assert crm.greeting(7) == "Dear Ama Mensah (to ama.mensah@example.com)"
    with pytest.raises(UnknownCustomerError):
        crm.customer(1)
