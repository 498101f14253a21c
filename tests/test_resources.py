"""What every resource has by being declared: routes, 401s, OpenAPI, records, a handle. Also a toy's.

Parametrised over the table of endpoints, so that a new resource is tested by being there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

import fakekit
from fakekit.resources import ENDPOINTS, RECORDS, RESOURCES
from tests.helpers.processes import PATIENCE
from tests.helpers.programs import program
from tests.helpers.project import ROOT
from tests.helpers.project_copy import PYTEST, Project

KEYS = {"invoice_code": "324232", "item_code": "Jce84a50"}


@pytest.fixture(scope="module")
def xtrakit() -> Iterator[fakekit.Handle]:
    with fakekit.FakeServer(strict=True) as handle:
        yield handle


@pytest.fixture(scope="module")
def document(xtrakit: fakekit.Handle) -> dict[str, Any]:
    answer = requests.get(f"{xtrakit.origin}/_fakekit/openapi.json", timeout=PATIENCE)
    assert answer.headers["Content-Type"] == "application/json"
    found: dict[str, Any] = answer.json()
    return found


def path_of(endpoint: Any) -> str:
    return re.sub(
        r"\{(\w+)\}", lambda m: KEYS.get(m[1], "1" if "stores" not in endpoint.path else "32"), endpoint.path
    )


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: e.operation)
def test_without_a_key_it_is_the_documented_401(xtrakit: fakekit.Handle, endpoint: Any) -> None:
    url = xtrakit.origin + path_of(endpoint)
    missing = requests.request(endpoint.method, url, timeout=PATIENCE)
    assert (missing.status_code, missing.json()) == (
        401,
        {"status": 401, "error": "Unauthorized: Missing Bearer Token"},
    )
    headers = {"Authorization": "Bearer 92857043717beff382ae75c8dc7514162f04"}
    invalid = requests.request(endpoint.method, url, headers=headers, timeout=PATIENCE)
    assert (invalid.status_code, invalid.json()) == (
        401,
        {"status": 401, "error": "Unauthorized: Invalid API Key"},
    )


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method == "GET"], ids=lambda e: e.operation)
def test_a_get_answers_what_its_envelope_admits(xtrakit: fakekit.Handle, endpoint: Any) -> None:
    answer = requests.get(xtrakit.origin + path_of(endpoint), headers=xtrakit.headers, timeout=PATIENCE)
    assert answer.status_code == 200
    assert endpoint.envelope.check(answer.json()) == {}
    assert answer.headers["Fakekit-Truth"] in ("documented", "assumed")


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if e.method == "POST"], ids=lambda e: e.operation)
def test_the_examples_of_the_body_are_taken_and_an_empty_one_is_not(
    xtrakit: fakekit.Handle, endpoint: Any
) -> None:
    headers = {"Authorization": f"Bearer fk_{endpoint.operation}"}
    url = xtrakit.origin + path_of(endpoint)
    fields = endpoint.body.schema.fields
    sent = {name: field.example for name, field in fields.items() if field.example is not None}
    sent |= {"invoice_code": 123456} if "invoice_code" in sent else {}
    added = requests.post(url, json=sent, headers=headers, timeout=PATIENCE)
    assert added.status_code == 200, added.text
    assert endpoint.envelope.check(added.json()) == {}
    refused = requests.post(url, json={}, headers=headers, timeout=PATIENCE)
    assert refused.status_code == 422
    required = [name for name, field in fields.items() if field.required]
    assert refused.json()["error"] == "; ".join(f"{name} is required" for name in required)


@pytest.mark.parametrize("endpoint", [e for e in ENDPOINTS if not e.switch], ids=lambda e: e.operation)
def test_openapi_has_it_with_its_truth_and_its_errors(document: dict[str, Any], endpoint: Any) -> None:
    operation = document["paths"][endpoint.path][endpoint.method.lower()]
    assert operation["operationId"] == endpoint.operation
    assert operation["x-fakekit-truth"].split(" ")[0] in ("documented", "assumed")
    assert {"401", "500", "503"} <= set(operation["responses"])
    assert ("404" in operation["responses"]) == ("{" in endpoint.path)
    assert ("requestBody" in operation) == (endpoint.method in ("POST", "PUT"))
    for described in (*operation["parameters"], *operation["responses"].values()):
        assert re.match(r"(documented|standard|assumed) \(", described["x-fakekit-truth"])


@pytest.mark.parametrize("resource", RECORDS.values(), ids=lambda r: r.name)
def test_a_handle_adds_reads_changes_and_removes_it(xtrakit: fakekit.Handle, resource: Any) -> None:
    added = xtrakit.add(resource.name)
    assert xtrakit.record(resource.name, added[resource.key_field]) == added
    url = xtrakit.origin + re.sub(
        r"\{\w+\}", str(added[resource.key_field]).strip(), resource.fetch_endpoint.path
    )
    data = requests.get(url, headers=xtrakit.headers, timeout=PATIENCE).json()["data"]
    assert next(iter(data.values())) == added
    assert xtrakit.change(resource.name, added[resource.key_field]) == added
    xtrakit.remove(resource.name, added[resource.key_field])
    assert requests.get(url, headers=xtrakit.headers, timeout=PATIENCE).status_code == 404


def test_every_resource_is_a_folder_and_a_line() -> None:
    folders = {p.parent.name for p in (ROOT / "fakekit" / "resources").glob("*/__init__.py")}
    assert set(RESOURCES) == folders


TOY = program("warehouses.py")


@pytest.mark.slow
def test_a_toy_resource_is_a_folder_and_a_line(tmp_path: Path) -> None:
    """The tests of this module run in a copy of the project that has one resource more."""
    project = Project(tmp_path / "project")
    (project.folder / "fakekit" / "resources" / "warehouses").mkdir()
    (project.folder / "fakekit" / "resources" / "warehouses" / "__init__.py").write_text(TOY)
    project.insert("fakekit/resources/__init__.py", '    "stores",\n', '    "warehouses",\n')
    printed = project.run(*PYTEST, "-rA", "tests/test_resources.py", "-k", "warehouse")
    passed = re.findall(r"^PASSED tests/test_resources.py::(\w+)\[(\w+)\]", printed, re.M)
    assert sorted(passed) == [
        ("test_a_get_answers_what_its_envelope_admits", "fetch_warehouse"),
        ("test_a_get_answers_what_its_envelope_admits", "list_warehouses"),
        ("test_a_handle_adds_reads_changes_and_removes_it", "warehouses"),
        ("test_openapi_has_it_with_its_truth_and_its_errors", "add_warehouse"),
        ("test_openapi_has_it_with_its_truth_and_its_errors", "fetch_warehouse"),
        ("test_openapi_has_it_with_its_truth_and_its_errors", "list_warehouses"),
        ("test_the_examples_of_the_body_are_taken_and_an_empty_one_is_not", "add_warehouse"),
        ("test_without_a_key_it_is_the_documented_401", "add_warehouse"),
        ("test_without_a_key_it_is_the_documented_401", "fetch_warehouse"),
        ("test_without_a_key_it_is_the_documented_401", "list_warehouses"),
    ]
    assert "\nwarehouses:\n- id: 1\n" in project.run("-m", "fakekit", "generate", "--customers", "2")
