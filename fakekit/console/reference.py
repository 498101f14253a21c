"""The API reference, from the table of endpoints: parameters, fields, and an example of each endpoint."""

from __future__ import annotations

from json import dumps
from shlex import quote
from typing import NamedTuple

from fakekit.console.page import Page, Rendered
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.resources import RESOURCES


class Example(NamedTuple):
    """An example of a request as a curl command, and of its successful response: status and JSON, or none."""

    curl: str
    status: int
    answer: str


def show_reference(page: Page) -> Rendered:
    """Return the API reference, with an example of each endpoint from the vendor's sample values."""
    examples = {
        endpoint.operation: _example(page, resource, endpoint, page.baseline.assumptions)
        for resource in RESOURCES.values()
        for endpoint in resource.endpoints
    }
    context = {"resources": RESOURCES, "examples": examples}
    return Rendered("reference.html", context, place="start.show_start")


def _example(page: Page, resource: Resource, endpoint: Endpoint, values: Assumptions) -> Example:
    """Return the example of an endpoint under these values of the assumptions."""
    method = "" if endpoint.method == "GET" else f"-X {endpoint.method} "
    path = endpoint.path.replace(f"{{{endpoint.parameter}}}", resource.example)
    lines = [f"curl -i {method}{page.origin}{path}", f"-H 'Authorization: Bearer {page.key}'"]
    if endpoint.body:
        body = dumps(endpoint.body.example(values), indent=2, ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {quote(body)}"]
    status = int(values[endpoint.status.source]) if endpoint.status else 200
    shape = (endpoint.under(values) or endpoint).shape
    answer = "" if status == 204 else dumps(endpoint.envelope.example(shape), indent=2, ensure_ascii=False)
    return Example(" \\\n  ".join(lines), status, answer)
