"""The HAR of recorded requests is held against the published schema of the format."""

from __future__ import annotations

import json

import pytest
import requests
from jsonschema import Draft6Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT6

from fakekit import Handle
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT

SCHEMAS = ROOT / "tests" / "node" / "node_modules" / "har-schema" / "lib"


@pytest.mark.slow
def test_the_har_of_all_sorts_of_requests_is_valid(xtrakit: Handle) -> None:
    def send(method: str, path: str, **options: object) -> None:
        requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=PATIENCE, **options)  # type: ignore[arg-type]

    send("GET", "customers", params={"customer_group_id": "1", "nothing": "käse"})
    send("POST", "customer-groups/add", json={"group_name": "Regulars"})
    send("POST", "customer-groups/add", data={"group_name": "Regulars"})
    send("POST", "customer-groups/add", data=b"\xff\xfe")
    send("HEAD", "customers/1")
    xtrakit.fail("close", path="items")
    with pytest.raises(requests.ConnectionError):
        send("GET", "items")
    files = [json.loads(file.read_text("utf-8")) for file in SCHEMAS.glob("*.json")]
    registry = Registry().with_resources(
        (schema["$id"], Resource.from_contents(schema, DRAFT6)) for schema in files
    )
    whole = next(schema for schema in files if schema["$id"] == "har.json#")
    har = json.loads(json.dumps(xtrakit._control.requests(format="har")))
    assert len(har["log"]["entries"]) == 6
    validator = Draft6Validator(whole, registry=registry, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(har)] == []
    del har["log"]["entries"][0]["request"]["method"]
    assert [error.message for error in validator.iter_errors(har)] == ["'method' is a required property"]
