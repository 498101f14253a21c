"""An empty value means the same wherever it comes: in a query, in both kinds of forms and in JSON."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import Reply, ask, port_of
from tests.helpers.vendor_api import CUSTOMER, SALE, error_of

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"
KINDS = [JSON, URLENCODED, MULTIPART]


def encode(fields: Mapping[str, Any], kind: str) -> bytes:
    if kind == JSON:
        return json.dumps(fields).encode()
    if kind == URLENCODED:
        return urlencode(fields).encode()
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    return "".join([*parts, "--x--\r\n"]).encode()


class Client:
    """A key of its own on a xtrakit."""

    def __init__(self, xtrakit: fakekit.Handle) -> None:
        self.port, self.key = port_of(xtrakit.origin), f"fk_{uuid.uuid4().hex}"

    def send(self, method: str, path: str, fields: Mapping[str, Any], kind: str) -> Reply:
        body = encode(fields, kind)
        head = f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        return ask(self.port, f"/api/v1/{path}", f"Bearer {self.key}".encode(), method, head + body)

    def get(self, path: str) -> Reply:
        return ask(self.port, f"/api/v1/{path}", f"Bearer {self.key}".encode())


@pytest.fixture(scope="module")
def literal() -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(assumptions={"values.empty": "text"}) as handle:
        yield handle


def record(reply: Reply) -> Any:
    assert reply.status == 200, reply.body
    return next(iter(json.loads(reply.body)["data"].values()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["address2", "customer_group_id", "customer_email"])
def test_an_optional_field_that_is_empty_has_no_value(xtrakit: fakekit.Handle, kind: str, name: str) -> None:
    client = Client(xtrakit)
    reply = client.send("POST", "customers/add", {**CUSTOMER, name: ""}, kind)
    added = record(reply)
    assert added[name] is None
    assert "values.empty" in reply.headers["fakekit-assumed"].split(", ")
    assert "fakekit-note" not in reply.headers
    # and an edit takes away the value that it had
    path = f"customers/{added['id']}"
    value = {"address2": "Flat 2", "customer_group_id": "2", "customer_email": "a@example.com"}[name]
    assert record(client.send("PUT", path, {**CUSTOMER, name: value}, kind))[name] in (value, 2)
    assert record(client.send("PUT", path, {**CUSTOMER, name: ""}, kind))[name] is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_required_field_that_is_empty_is_missing(xtrakit: fakekit.Handle, kind: str) -> None:
    reply = Client(xtrakit).send("POST", "customers/add", {**CUSTOMER, "customer_name": ""}, kind)
    assert (reply.status, error_of(reply)) == (422, "customer_name is required")
    assert "values.empty" in reply.headers["fakekit-assumed"].split(", ")


@pytest.mark.parametrize("name", ["customer_group_id", "created_at", "updated_at"])
def test_a_filter_that_is_empty_is_not_applied(xtrakit: fakekit.Handle, name: str) -> None:
    client = Client(xtrakit)
    reply = client.get(f"customers?{name}=")
    assert json.loads(reply.body) == json.loads(client.get("customers").body)
    assert "values.empty" in reply.headers["fakekit-assumed"].split(", ")
    assert "fakekit-note" not in reply.headers


def test_a_filter_on_text_is_no_exception(xtrakit: fakekit.Handle) -> None:
    found = Client(xtrakit).get("inventory/categories?category_name=")
    assert len(json.loads(found.body)["data"]["item-categories"]) > 1


def test_an_empty_value_in_the_line_of_a_sale(xtrakit: fakekit.Handle) -> None:
    line = {"item_name": "Kettle", "unit_price": "10.00", "quantity": ""}
    json_reply = Client(xtrakit).send("POST", "sales/add", {**SALE, "sales-item": [line]}, JSON)
    fields = {**SALE, **{f"sales-item[0][{name}]": value for name, value in line.items()}}
    form_reply = Client(xtrakit).send("POST", "sales/add", fields, URLENCODED)
    assert json_reply.status == form_reply.status == 422
    assert error_of(json_reply) == error_of(form_reply) == "sales-item[0].quantity is required"


def test_a_field_that_no_table_has_is_no_empty_value(xtrakit: fakekit.Handle) -> None:
    reply = Client(xtrakit).send("POST", "customers/add", {**CUSTOMER, "colour": ""}, JSON)
    assert "values.empty" not in reply.headers["fakekit-assumed"]
    assert reply.note == "not read: colour"


@pytest.mark.parametrize("kind", KINDS)
def test_who_knows_better_can_have_it_taken_for_text(literal: fakekit.Handle, kind: str) -> None:
    client = Client(literal)
    reply = client.send("POST", "customers/add", {**CUSTOMER, "address2": ""}, kind)
    assert record(reply)["address2"] == ""
    assert "values.empty='text'" in reply.headers["fakekit-assumed"].split(", ")
    refused = client.send("POST", "customers/add", {**CUSTOMER, "customer_group_id": ""}, kind)
    assert refused.status == 422
    assert error_of(refused).startswith("customer_group_id must be ")
    assert client.get("customers?customer_group_id=").status == 422


def test_the_openapi_document_admits_what_is_read(xtrakit: fakekit.Handle, literal: fakekit.Handle) -> None:
    empty = {"type": "string", "maxLength": 0}
    for handle, is_allowed in ((xtrakit, True), (literal, False)):
        document = requests.get(f"{handle.origin}/_fakekit/openapi.json", timeout=PATIENCE).json()
        filters = document["paths"]["/api/v1/customers"]["get"]["parameters"]
        assert [p["allowEmptyValue"] for p in filters if p["in"] == "query"] == [is_allowed] * len(filters)
        added = document["components"]["schemas"]["AddSale"]["properties"]
        assert (empty in added["due_date"]["anyOf"]) is is_allowed
        assert empty not in added["customer_id"]["anyOf"]
        assert added["invoice_note"]["type"] == ["string", "null"]
        assert added["invoice_number"].get("minLength") == (1 if is_allowed else None)


@pytest.mark.parametrize(
    "target", ["sales?invoice_type=", "customers?created_at=", "inventory/categories?category_name="]
)
def test_an_empty_filter_relies_on_no_assumption_about_filters(xtrakit: fakekit.Handle, target: str) -> None:
    assumed = Client(xtrakit).get(target).headers["fakekit-assumed"].split(", ")
    assert "values.empty" in assumed
    assert not [name for name in assumed if name.startswith("filter.")]
