"""The OpenAPI document: valid, complete, and the same from a server and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
import requests
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, validate

import fakekit
from tests.helpers.commands import cli
from tests.helpers.openapi import resolve
from tests.helpers.processes import PATIENCE, Server, drain, serving
from tests.helpers.samples import DOCUMENTED


@pytest.fixture(scope="module")
def document() -> Any:
    done = cli("openapi")
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("openapi"), "--strict") as running:
        drain(running)
        yield running


def bodies(document: Any, operation: Any) -> Iterator[tuple[Any, Any]]:
    """Schemas with the examples that claim to be of them."""
    components = document["components"]["examples"]
    for response in operation["responses"].values():
        content = response.get("content", {}).get("application/json")
        if content:
            named = [components[name] for name in content.get("examples", ())]
            examples = [example["value"] for example in named] or [content["example"]]
            yield from ((content["schema"], example) for example in examples)
    yield from ((parameter["schema"], parameter["example"]) for parameter in operation["parameters"])
    if "requestBody" in operation:
        content = operation["requestBody"]["content"]["application/json"]
        yield content["schema"], content["example"]


OVERRIDES = [
    {},
    {"payload.tenant_fields": False},
    {
        "create.status": 201,
        "create.body_status": 201,
        "list.shape": "object",
        "update.partial": "partial",
        "authenticate.answer": "empty",
        "delete.cascade": "restrict",
        "delete.stores": True,
        "values.empty": "text",
        "sales.items": "items",
    },
    {"missing.status": 422, "invalid.status": 422},
    {"delete.status": 200},
    {"conflict.status": 422, "missing.error": "No such {noun}"},
]


@pytest.mark.parametrize("changed", OVERRIDES, ids=str)
def test_it_is_valid_and_so_is_every_example_in_it(changed: dict[str, Any]) -> None:
    given = [f"--assumptions={name}={str(value).lower()}" for name, value in changed.items()]
    if "missing.error" in changed:
        given = ["--assumptions", "conflict.status=422", "--assumptions", "missing.error=No such {noun}"]
    document = json.loads(cli("openapi", *given).stdout)
    validate(document)
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len(operations) == len({o["operationId"] for o in operations})
    assert len(operations) == 34 if "delete.stores" in changed else 33
    for operation in operations:
        for schema, example in bodies(document, operation):
            jsonschema.validate(example, resolve(document, schema))
    for name, value in changed.items():
        assert document["info"]["x-fakekit-assumptions"][name] == value


def test_the_form_of_openapi_3_0_is_valid_and_so_is_every_example_in_it(document: Any) -> None:
    form = json.loads(cli("openapi", "--version", "3.0").stdout)
    OpenAPIV30SpecValidator(form).validate()
    assert form["openapi"] == "3.0.3"
    for path, item in form["paths"].items():
        for method, operation in item.items():
            for schema, example in bodies(form, operation):
                OAS30Validator(resolve(form, schema)).validate(example)
            responses = document["paths"][path][method]["responses"]
            assert list(operation["responses"]) == list(responses)
    group = {"type": "integer", "nullable": True, "minimum": 1, "maximum": 999999999999999999}
    group |= {"x-fakekit-truth": "documented (add-customer)"}
    found = form["components"]["schemas"]["Customer"]["properties"]["customer_group_id"]
    assert found.pop("example", 1) == 1  # older releases of apispec leave it out
    assert found == group


def test_an_override_shows_in_the_answers() -> None:
    document = json.loads(
        cli("openapi", "--assumptions", "create.status=201", "--assumptions", "delete.status=200").stdout
    )
    paths = document["paths"]
    assert "201" in paths["/api/v1/customers/add"]["post"]["responses"]
    assert "content" in paths["/api/v1/customers/{id}"]["delete"]["responses"]["200"]
    assert "delete" not in paths["/api/v1/stores/{id}"]
    bare = json.loads(cli("openapi", "--assumptions", "payload.tenant_fields=false").stdout)
    assert "user_id" not in bare["components"]["schemas"]["Customer"]["properties"]
    assert "item_images" in bare["components"]["schemas"]["Item"]["properties"]


def test_a_server_has_the_same(served: Server, document: Any) -> None:
    answer = requests.get(f"{served.origin}/_fakekit/openapi.json", timeout=PATIENCE).json()
    assert answer["servers"] == [{"url": served.origin}]
    assert document["servers"] == [{"url": "http://127.0.0.1:4310"}]
    strict = json.loads(cli("openapi", "--strict").stdout)
    assert {**answer, "servers": 0} == {**strict, "servers": 0} != {**document, "servers": 0}
    form = requests.get(f"{served.origin}/_fakekit/openapi-3.0.json", timeout=PATIENCE).json()
    assert form == json.loads(cli("openapi", "--strict", "--version=3.0", "--origin", served.origin).stdout)


def test_a_document_names_the_server_as_the_client_reached_it() -> None:
    client = fakekit.create_app(fakekit.Settings.of()).test_client()
    for path in ("openapi.json", "control.json"):
        for host, url in (
            ("localhost:4310", "http://localhost:4310"),
            ("Fake.Internal", "http://fake.internal"),
            ("[::1]:4310", "http://[::1]:4310"),
            ("sk_live_51H8xJ2eZvKYlo2C.example", "/"),
            ("a b", "/"),
        ):
            answer = client.get(f"/_fakekit/{path}", headers={"Host": host})
            assert json.loads(answer.text)["servers"] == [{"url": url}]
        https = client.get(f"/_fakekit/{path}", base_url="https://xtrakit.test:8443")
        assert json.loads(https.text)["servers"] == [{"url": "https://xtrakit.test:8443"}]


def test_it_says_how_sure_it_is(document: Any) -> None:
    paths = document["paths"]
    fetch, listed = paths["/api/v1/customers/{id}"]["get"], paths["/api/v1/customers"]["get"]
    assert fetch["x-fakekit-truth"] == "documented (fetch-customer)"
    assert fetch["parameters"][0]["x-fakekit-truth"] == "documented (fetch-customer)"
    assert fetch["responses"]["200"]["x-fakekit-truth"] == "documented (fetch-customer)"
    assert fetch["responses"]["401"]["x-fakekit-truth"] == "documented (fetch-customer)"
    sales = paths["/api/v1/sales"]["get"]
    assert sales["responses"]["401"]["x-fakekit-truth"] == "assumed (auth.by_analogy)"
    assert fetch["responses"]["404"]["x-fakekit-truth"] == "assumed (missing.status)"
    assert listed["responses"]["200"]["x-fakekit-truth"] == "assumed (list.shape, list.count)"
    delete = paths["/api/v1/customers/{id}"]["delete"]
    assert delete["x-fakekit-truth"] == "assumed (delete.status)"
    add = paths["/api/v1/customers/add"]["post"]
    assert add["responses"]["413"]["x-fakekit-truth"] == "standard (RFC 9110, 15.5.14)"
    body = document["components"]["schemas"]["AddCustomer"]
    assert body["properties"]["created_by"]["x-fakekit-truth"] == "assumed (customer.created_by)"
    assert body["properties"]["customer_name"]["x-fakekit-truth"] == "documented (add-customer)"


def test_the_body_of_a_request_has_what_its_table_has(document: Any) -> None:
    body = document["components"]["schemas"]["AddCustomer"]
    assert body["required"] == [
        "address1",
        "customer_city",
        "customer_country",
        "customer_name",
        "customer_phone",
        "customer_state",
    ]
    assert body["properties"]["customer_group_id"]["anyOf"] == [
        {"type": "integer", "minimum": 1, "maximum": 999999999999999999},
        {"type": "string", "pattern": "^[1-9][0-9]{0,17}$"},
        {"type": "string", "maxLength": 0},
        {"type": "null"},
    ]


def test_the_example_of_an_answer_is_the_sample(document: Any) -> None:
    content = document["paths"]["/api/v1/customers/{id}"]["get"]["responses"]["200"]["content"]
    assert json.dumps(content["application/json"]["example"]) == json.dumps(json.loads(DOCUMENTED))


def test_what_is_answered_is_what_it_says(served: Server, document: Any) -> None:
    headers = {"Authorization": "Bearer fk_openapi"}
    for path in (
        "customers",
        "sales/324232",
        "inventory/items",
        "inventory/categories",
        "stores/1",
        "customers/0",
    ):
        answer = requests.get(f"{served.origin}/api/v1/{path}", headers=headers, timeout=PATIENCE)
        template = {
            "sales/324232": "sales/{invoice_code}",
            "stores/1": "stores/{id}",
            "customers/0": "customers/{id}",
        }
        operation = document["paths"][f"/api/v1/{template.get(path, path)}"]["get"]
        schema = operation["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json(), resolve(document, schema))


def test_servers_of_one_process_have_documents_of_their_own() -> None:
    with fakekit.FakeServer() as one, fakekit.FakeServer(assumptions={"missing.status": 400}) as other:
        statuses = []
        for handle in (one, other):
            document = requests.get(f"{handle.origin}/_fakekit/openapi.json", timeout=PATIENCE).json()
            statuses.append(document["info"]["x-fakekit-assumptions"]["missing.status"])
        assert statuses == [404, 400]
