"""The table of refusals and the labels of answers: each is declared once, and reaches the answer by being used."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

import fakekit
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.envelope import Envelope, Part
from fakekit.contract.fields import Text
from fakekit.contract.openapi import openapi
from fakekit.contract.positions import DEFAULTS
from fakekit.contract.provenance import assumed, documented
from fakekit.contract.refusals import Refusal, phrase
from fakekit.contract.schema import RecordSchema
from fakekit.resources import RESOURCES


def ask(client: FlaskClient, path: str, key: str = "fk_a") -> tuple[int, Any, str | None]:
    answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code, answer.json, answer.headers.get("Fakekit-Assumed")


@pytest.mark.parametrize("fault", ["fail=401", "fail=404", "fail=429", "fail=503", "respond=418"])
def test_a_fault_answers_for_stores_too_whose_records_are_sales(fault: str) -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    status, body, _ = ask(client, "stores/32", f"fk_a~{fault}")
    assert status == int(fault.partition("=")[2])
    if status == 404:
        assert body == {"status": 404, "error": "Store not found"}


def test_the_404_of_one_resource_is_one_declaration() -> None:
    own = Refusal(documented("fetch-customer"), "no such customer", 404, "No such customer")
    customers = replace(RESOURCES["customers"], missing_record=own)
    app = fakekit.create_app(fakekit.Settings.of())
    app.extensions["fakekit"].resources = {**RESOURCES, "customers": customers}
    client = app.test_client()
    wanted = 404, {"status": 404, "error": "No such customer"}, None
    assert ask(client, "customers/999") == wanted
    assert ask(client, "customers/1", "fk_b~fail=404") == wanted
    assert ask(client, "customer-groups/999")[1] == {"status": 404, "error": "Group not found"}
    document = openapi({"customers": customers}, DEFAULTS, "1")
    described = document["paths"]["/api/v1/customers/{id}"]["get"]["responses"]["404"]
    assert described["x-fakekit-truth"] == "documented (fetch-customer)"
    assert list(described["content"]["application/json"]["examples"]) == ["CustomerNotFound"]
    assert document["components"]["examples"]["CustomerNotFound"] == {"value": wanted[1]}


def test_phrases_are_the_same_under_every_python() -> None:
    assert [phrase(status) for status in (404, 413, 414, 416, 422, 599)] == [
        "Not Found",
        "Request Entity Too Large",
        "Request-URI Too Long",
        "Requested Range Not Satisfiable",
        "Unprocessable Entity",
        "Unknown",
    ]


def test_the_status_line_and_the_error_of_a_body_that_is_too_large() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    headers = {"Authorization": "Bearer fk_a"}
    answer = client.post("/api/v1/customers/add", headers=headers, data=b" " * (1024 * 1024 + 1))
    assert answer.status == "413 REQUEST ENTITY TOO LARGE"
    assert answer.json == {"status": 413, "error": "Request Entity Too Large"}
    refused = client.post("/api/v1/customers/add", headers=headers, json={})
    assert refused.status == "422 UNPROCESSABLE ENTITY"


def test_an_assumption_that_the_table_lacks_is_an_error_where_it_is_declared() -> None:
    with pytest.raises(ValueError, match=r"^items\.tale is not in the table of assumptions"):
        assumed("items.tale")


def test_the_truth_of_a_field_reaches_every_endpoint_that_shows_it() -> None:
    class NoteSchema(RecordSchema):
        """A record with a field that no page shows."""

        title = Text(example="a", truth=documented("fetch-customer"))
        slug = Text(example="a", truth=assumed("items.tail"))

    shown = Envelope("Note found", {"note": Part(NoteSchema)})
    hidden = Envelope("Note found", {"note": Part(NoteSchema, hidden_with_tenant=("slug",))})
    for envelope, wanted in ((shown, [assumed("items.tail")]), (hidden, [])):
        endpoint = Endpoint("fetch_note", "GET", "notes/{id}", envelope, dict, documented("fetch-customer"))
        assert list(endpoint.assumed) == wanted


def test_the_label_of_each_success_is_what_its_declaration_uses() -> None:
    labels = {
        e.operation: [truth.source for truth in e.assumed] for r in RESOURCES.values() for e in r.endpoints
    }
    assert labels["fetch_item"] == ["items.tail"]
    assert labels["edit_item"] == ["update.partial", "items.tail", "message.by_analogy", "time.zone"]
    assert labels["list_expenses"] == ["endpoint.by_analogy", "list.shape", "list.count"]
    assert labels["delete_store"] == ["delete.status", "stores.sale", "delete.stores"]
    assert labels["fetch_customer"] == []
    # What the only rendering of a page does not print, or our copy of it ends before:
    assert labels["fetch_customer_group"] == ["payload.tenant_fields"]
    assert labels["add_customer_group"] == ["create.status", "time.zone"]
    assert labels["fetch_sale"] == ["cut.by_sibling"]
    assert labels["fetch_store"] == ["stores.sale", "cut.by_sibling"]
    assert labels["list_sales"] == ["cut.by_sibling", "list.shape", "list.count"]
    assert json.dumps(labels).count("items.tail") == 4
