"""What the OpenAPI document admits in a body, the server accepts, and the other way round."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from openapi_schema_validator import OAS30Validator

import fakekit
from tests.helpers.journal_requests import ask
from tests.helpers.openapi import is_beyond_schemas, resolve

AMOUNTS = ["0.30", 0.5, "-5", "1.234", 10.125, 99_999_999.99, 100_000_000, "100000000", "1,000", "1e3"]
AMOUNTS += [10.0000001, "-0", "-0.00", "-0.1", -0.0]
NUMBERS = [0, 1, -1, 7.0, 1.5, "0", "1", "01", "-1", 999_999, 1_000_000, 10**18 - 1, 10**18, "9" * 19]
TEXTS = [
    "",
    " ",
    "x",
    "pos",
    "Cash",
    "None",
    "cash",
    "in-stock",
    "+233244567890",
    "a@b.example",
    "#FFFFFF",
    "/a",
    "/a\x85",
    "\x1c",
    "a b/c",
]
DATES = ["2024-08-04", "2024-8-4", "2024-08-04 08:23:45", "2024-02-30", "324232", "32423"]
OTHERS: list[Any] = [
    None,
    True,
    False,
    [],
    {},
    [{}],
    [None],
    [{"item_name": "A", "unit_price": 1, "quantity": "2"}],
]
VALUES = [*AMOUNTS, *NUMBERS, *TEXTS, *DATES, *OTHERS]


def client_of(**settings: Any) -> FlaskClient:
    return fakekit.create_app(fakekit.Settings.of(**settings)).test_client()


def operations(document: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                example = operation["parameters"][0]["example"] if operation["parameters"] else ""
                yield (
                    method,
                    path.replace("{id}", str(example))
                    .replace("{invoice_code}", str(example))
                    .replace("{item_code}", str(example)),
                    operation["requestBody"]["content"]["application/json"],
                )


def is_accepted(client: FlaskClient, method: str, path: str, body: Any) -> bool:
    answer = client.open(path, method=method, json=body, headers={"Authorization": "Bearer fk_bodies"})
    assert answer.status_code in (200, 404, 409, 422), (path, body, answer.text)
    return answer.status_code != 422 or is_beyond_schemas(json.loads(answer.text)["error"])


def differences(client: FlaskClient, names: set[str] | None = None) -> tuple[int, list[Any]]:
    """How many bodies were sent, and those of which document and server think differently."""
    document = json.loads(client.get("/_fakekit/openapi.json").text)
    count, different = 0, []
    for method, path, content in operations(document):
        check = jsonschema.Draft202012Validator(resolve(document, content["schema"]))
        properties = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]][
            "properties"
        ]
        for name in [n for n in properties if names is None or n in names]:
            for value in VALUES:
                body = {**content["example"], name: value}
                count += 1
                if check.is_valid(body) != is_accepted(client, method, path, body):
                    different.append((method, path, name, value))
    return count, different


def test_document_and_server_agree_on_codes_amounts_and_dates() -> None:
    count, different = differences(client_of(), {"invoice_code", "discount", "payment_type"})
    assert different == []
    assert count > 400


def test_the_form_of_openapi_3_0_admits_the_same_values() -> None:
    client = client_of()
    document = json.loads(client.get("/_fakekit/openapi.json").text)
    form = json.loads(client.get("/_fakekit/openapi-3.0.json").text)
    fields, fields_3_0 = (d["components"]["schemas"]["AddSale"]["properties"] for d in (document, form))
    # What 3.1 says of it with `if`: it is another name of sales-item, and has the same values.
    fields["items"] = fields["sales-item"]
    for field in ("customer_id", "discount", "due_date", "invoice_type", "issued_by", "items"):
        check = jsonschema.Draft202012Validator(resolve(document, fields[field]))
        check_3_0 = OAS30Validator(resolve(form, fields_3_0[field]))
        values = [value for value in VALUES if value != 7.0]  # an integer in JSON Schema, not in OpenAPI 3.0
        admitted = [value for value in values if check.is_valid(value)]
        assert [value for value in values if check_3_0.is_valid(value)] == admitted != values


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"strict": True},
        {
            "assumptions": {
                "values.empty": "text",
                "values.negative": "refused",
                "sales.items": "items",
                "update.partial": "partial",
            }
        },
    ],
    ids=["as it comes", "strict", "other values of assumptions"],
)
def test_document_and_server_agree_on_every_field(settings: Any) -> None:
    count, different = differences(client_of(**settings))
    assert different == []
    assert count > 4_000


def test_every_example_of_a_body_is_accepted() -> None:
    client = client_of(strict=True)
    document = json.loads(client.get("/_fakekit/openapi.json").text)
    sent = [
        (client.open(path, method=m, json=content["example"], headers={"Authorization": "Bearer fk_e"}), path)
        for m, path, content in operations(document)
    ]
    assert len(sent) == 13
    assert [(answer.text, path) for answer, path in sent if answer.status_code != 200] == []


def test_amounts_have_two_decimals_in_the_document_too() -> None:
    document = json.loads(client_of().get("/_fakekit/openapi.json").text)
    text = {"type": "string", "pattern": "^-?[0-9]{1,8}(\\.[0-9]{1,2})?$"}
    number = {"type": "number", "minimum": -99999999.99, "maximum": 99999999.99, "multipleOf": 0.01}
    schemas = document["components"]["schemas"]
    assert schemas["AddExpense"]["properties"]["expense_amount"]["anyOf"] == [text, number]
    assert schemas["AddItem"]["properties"]["unit_cost"]["anyOf"] == [number, text]


def test_a_429_is_an_answer_of_every_operation_and_has_retry_after() -> None:
    client = client_of()
    document = json.loads(client.get("/_fakekit/openapi.json").text)
    for item in document["paths"].values():
        for operation in item.values():
            described = operation["responses"]["429"]
            assert described["headers"]["Retry-After"] == {"schema": {"type": "string"}, "example": "1"}
            assert described["x-fakekit-truth"] == "assumed (fault.error)"
    answer = client.get("/api/v1/customers/1", headers={"Authorization": "Bearer fk_a~fail=429"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "1")
    schema = resolve(document, described["content"]["application/json"]["schema"])
    jsonschema.validate(json.loads(answer.text), schema)


def test_document_and_server_agree_on_zeros_with_a_sign_where_values_below_zero_are_refused() -> None:
    client = client_of(assumptions={"values.negative": "refused"})
    count, different = differences(client, {"discount", "expense_amount", "quantity"})
    assert different == []
    assert count > 200


@pytest.mark.parametrize(
    ("amount", "stored"), [(0.1 + 0.2, "0.30"), (10.0000001, ""), (20_000_000.1 + 0.2, "20000000.30")]
)
def test_an_amount_may_have_the_rounding_error_of_a_float_and_no_further_decimal(
    xtrakit: fakekit.Handle, amount: float, stored: str
) -> None:
    sent = {"expense_type": "Rent", "expense_description": "May", "expense_amount": amount}
    sent |= {"payment_method": "Cash", "created_by": "Ama"}
    answer = ask(xtrakit, "expenses/add", "POST", json=sent)
    assert answer.status_code == (200 if stored else 422), answer.text
    if stored:
        assert answer.json()["data"]["expense"]["expense_amount"] == stored
