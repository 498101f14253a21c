"""The errors of an endpoint in the OpenAPI document, from the table of refusals; fakekit's own headers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.openapi_schemas import camel_case
from fakekit.contract.refusals import (
    ACCOUNTS_FULL,
    CONFLICT,
    INVALID,
    INVALID_KEY,
    MISSING_KEY,
    RATE_LIMITED,
    REFERRED,
    SERVER_ERROR,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    Refusal,
)


def error_responses(
    resource: Resource, endpoint: Endpoint, assumptions: Assumptions, examples: dict[str, object]
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield pairs of status and OpenAPI object for the errors of an endpoint, ascending by status.

    Errors with the same status are one object: its description says when each of them comes, and it refers to
    an example of each. openapi-generator warns of an example that is not a component.

    assumptions: the values in force, which decide statuses and texts.
    examples: the components of the document that are examples, by name; those of the errors are added.
    """
    merged: dict[str, dict[str, Any]] = {}
    for name, refusal, values in _refusals(resource, endpoint, assumptions):
        status = refusal.status_under(assumptions)
        error = refusal.error_under(assumptions, **values)
        response = merged.setdefault(str(status), _error_response(refusal, endpoint))
        if response["description"] != _as_description(refusal.when):
            response["description"] += f" {_as_description(refusal.when)}"
        examples[name] = {"value": {"status": status, "error": error}}
        reference = {"$ref": f"#/components/examples/{name}"}
        response["content"]["application/json"]["examples"][name] = reference
    yield from sorted(merged.items())


def _refusals(
    resource: Resource, endpoint: Endpoint, assumptions: Assumptions
) -> Iterator[tuple[str, Refusal, dict[str, str]]]:
    """Yield each refusal that the endpoint may respond with: a name, the refusal, values for its text.

    The name, ``CustomerNotFound``, is the same for all endpoints whose error has the same text.
    """
    noun = camel_case(resource.label.replace(" ", "_"))
    yield "MissingKey", MISSING_KEY, {}
    yield "InvalidKey", INVALID_KEY, {}
    if endpoint.parameter:
        yield f"{noun}NotFound", resource.missing_record, {"noun": resource.label}
    if endpoint.body or endpoint.query.filters:
        yield f"{camel_case(endpoint.operation)}Invalid", INVALID, {"problems": endpoint.example_problem}
    if endpoint.body:
        yield "TooLarge", TOO_LARGE, {}
        yield "WrongMediaType", WRONG_MEDIA_TYPE, {}
    if assumptions["delete.cascade"] == "restrict" and REFERRED.truth in endpoint.assumes:
        yield f"{noun}InUse", REFERRED, {"noun": resource.label}
    if endpoint.unique_field:
        yield f"{camel_case(endpoint.unique_field)}Taken", CONFLICT, {"field": endpoint.unique_field}
    yield "RateLimited", RATE_LIMITED, {}
    yield "ServerError", SERVER_ERROR, {}
    yield "AccountsFull", ACCOUNTS_FULL, {}


def _error_response(refusal: Refusal, endpoint: Endpoint) -> dict[str, Any]:
    """Return the OpenAPI object of an endpoint's error, with an empty ``examples`` that the caller fills."""
    headers = {n: {"schema": {"type": "string"}, "example": value} for n, value in refusal.headers}
    content = {"schema": {"$ref": "#/components/schemas/ErrorAnswer"}, "examples": {}}
    return {
        "description": _as_description(refusal.when),
        "headers": {**OWN_HEADERS, **headers},
        "content": {"application/json": content},
        "x-fakekit-truth": str(refusal.truth_on(endpoint.truth)),
    }


def _as_description(text: str) -> str:
    """Return a text as a sentence, with a capital at its beginning and a full stop at its end."""
    return f"{text[0].upper()}{text[1:]}."


OWN_HEADERS = {
    name: {"$ref": f"#/components/headers/{name}"}
    for name in ("Fakekit-Truth", "Fakekit-Assumed", "Fakekit-Fault", "Fakekit-Note")
}
HEADERS = {
    "Fakekit-Truth": {
        "description": "How sure fakekit is of the answer.",
        "required": True,
        "schema": {"type": "string", "enum": ["documented", "standard", "assumed"]},
    },
    "Fakekit-Assumed": {
        "description": "The assumptions that shaped the answer; absent when there are none.",
        "schema": {"type": "string"},
    },
    "Fakekit-Fault": {
        "description": "The faults and stubs of the account that had a part in the answer.",
        "schema": {"type": "string"},
    },
    "Fakekit-Note": {
        "description": "What there is to explain; absent when there is nothing.",
        "schema": {"type": "string"},
    },
}
