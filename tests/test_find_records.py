"""Finding records by the values of their fields: `find` and `records`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE


@pytest.fixture(params=["in this process", "over HTTP"])
def handle(request: pytest.FixtureRequest) -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(customers=1200) as local:
        yield local if request.param == "in this process" else fakekit.connect(local.origin, local.api_key)


def test_the_first_that_matches(handle: fakekit.Handle) -> None:
    handle.add_customer(customer_name="Ama Mensah", customer_city="Ho")
    second = handle.add_customer(customer_name="Ama Mensah", customer_city="Wa")
    assert handle.find("customers", customer_name="Ama Mensah")["id"] == 1201
    assert handle.find("customers", customer_name="Ama Mensah", customer_city="Wa") == second
    assert handle.find("customers", id="1")["customer_name"] == "Jane Doe"
    assert handle.requests == []


def test_all_that_match(handle: fakekit.Handle) -> None:
    assert len(handle.records("customers")) == 1200
    code = handle.add("sales", customer_id="42")["invoice_code"]
    assert code in [sale["invoice_code"] for sale in handle.records("sales", customer_id=42)]
    assert {str(sale["customer_id"]) for sale in handle.records("sales", customer_id=42)} == {"42"}
    assert handle.records("customers", customer_name="Nobody") == []
    assert handle.records("customers", customer_email=True) == []


def test_no_match_and_a_wrong_name_say_so(handle: fakekit.Handle) -> None:
    with pytest.raises(fakekit.NoRecordError) as error:
        handle.find("customers", customer_name="Nobody", id=7)
    assert str(error.value) == "customers: no record has customer_name 'Nobody' and id 7"
    with pytest.raises(fakekit.RefusedRecordError) as refused:
        handle.find("customers", customer_nmae="Ama")
    assert str(refused.value) == "customers.customer_nmae: is not a field; write customer_name"
    with pytest.raises(fakekit.NoRecordError, match="is not a resource; write customers"):
        handle.records("customer")


@pytest.mark.parametrize(("status", "text"), [(400, "Bad Request"), (418, "I'm a Teapot"), (599, "Unknown")])
def test_fail_takes_any_error_status(xtrakit: fakekit.Handle, status: int, text: str) -> None:
    xtrakit.fail(status)
    response = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=PATIENCE)
    assert (response.status_code, response.json()) == (status, {"status": status, "error": text})
