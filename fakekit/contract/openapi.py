"""The OpenAPI document of the vendor's API as fakekit serves it, made by apispec from the same declarations.

It has assumed responses as well as documented ones; ``x-fakekit-truth`` on each operation, parameter,
field and response is the provenance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, cast

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import EXCLUDE, Schema

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import ERROR, Part
from fakekit.contract.openapi_schemas import camel_case, close_schema, name_variants
from fakekit.contract.provenance import Truth
from fakekit.contract.refusals import (
    ACCOUNTS_FULL,
    CONFLICT,
    INVALID,
    INVALID_KEY,
    MISSING_KEY,
    REFERRED,
    SERVER_ERROR,
    TOO_LARGE,
    WRONG_MEDIA_TYPE,
    Refusal,
)
from fakekit.contract.schema import RecordSchema

_JSON = "application/json"


def openapi(
    resources: Mapping[str, Resource], assumptions: Assumptions, version: str, origin: str = "/"
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the endpoints of `resources`, as a dict for JSON.

    assumptions: the server's values; they decide statuses and fields of the described responses.
    version: fakekit's version.
    origin: the server's address in front of the paths, ``https://example.com``; ``/`` means the server that
        serves the document.
    """
    return _Document(resources, assumptions).build(version, origin)


class _Document:
    """Builds one OpenAPI document: collects its paths and schemas; used once."""

    def __init__(self, resources: Mapping[str, Resource], assumptions: Assumptions) -> None:
        self.resources, self.assumptions = resources, assumptions
        self.requests: set[str] = set()  # names of the schemas that request bodies use
        self.tenant: bool = assumptions["payload.tenant_fields"]
        self.names = name_variants(self._parts(), self.tenant)
        plugin = MarshmallowPlugin(schema_name_resolver=cast("Any", self._name))
        self.spec = APISpec("XtraKit API, as fakekit answers it", "", "3.1.0", plugins=[plugin])
        self.converter: Any = plugin.converter

    def build(self, version: str, origin: str) -> dict[str, Any]:
        """Return the whole document as a dict.

        version: fakekit's. origin: the server's address in front of the paths; ``/`` is the server itself.
        """
        paths: dict[str, dict[str, Any]] = defaultdict(dict)
        for resource in self.resources.values():
            for endpoint in self._endpoints(resource):
                paths[endpoint.path][endpoint.method.lower()] = self._operation(resource, endpoint)
        self.spec.components.schema("Error", schema=ERROR.schema)
        components = self.spec.to_dict()["components"]["schemas"]
        values = {name: self.assumptions[name] for name in self.assumptions.table}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "XtraKit API, as fakekit answers it",
                "version": version,
                "description": "A fake of the XtraKit API. x-fakekit-truth says what the vendor documents, "
                "what a standard says, and what fakekit assumed.",
                "license": {"name": "MIT", "identifier": "MIT"},
                "x-fakekit-assumptions": {n: v for n, v in values.items() if v is not None},
            },
            "servers": [{"url": origin}],
            "security": [{"bearer": []}],
            "tags": [
                {"name": r.name, "description": f"{r.label}: {_count(len(self._endpoints(r)))}"}
                for r in self.resources.values()
            ],
            "paths": dict(paths),
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "headers": _HEADERS,
                "schemas": dict(sorted(self._closed(components).items())),
            },
        }

    def _endpoints(self, resource: Resource) -> list[Endpoint]:
        """Return the endpoints of a resource as they are with the server's assumptions."""
        endpoints = [endpoint.under(self.assumptions) for endpoint in resource.endpoints]
        return [endpoint for endpoint in endpoints if endpoint is not None]

    def _closed(self, schemas: dict[str, Any]) -> dict[str, Any]:
        """Close each schema in place that is not used by a request, and return all of them.

        Response schemas then require every key and allow no other. schemas: JSON Schemas by component name.
        """
        for name, schema in schemas.items():
            if name not in self.requests:
                close_schema(schema)
        return schemas

    def _parts(self) -> Iterator[Part]:
        """Yield what the ``data`` of each success response holds, for all endpoints."""
        for resource in self.resources.values():
            for endpoint in self._endpoints(resource):
                yield from endpoint.envelope.parts.values()

    def _name(self, schema: Any) -> str | None:
        """Return the component name of a schema; apispec calls this for each schema that it meets.

        A record's name says its class and the fields that it lacks. For any other schema it is None, and
        apispec writes the schema inline. The name of a request's schema is added to `requests`.

        schema: a marshmallow schema, or its class.
        """
        instance = schema if isinstance(schema, Schema) else schema()
        schema_class = type(instance)
        if instance.unknown == EXCLUDE:  # only the schemas of requests ignore unknown fields
            self.requests.add(schema_class.__name__)
        if issubclass(schema_class, RecordSchema):
            base = schema_class.__name__.removesuffix("Schema")
            return self.names.get((schema_class, frozenset(instance.fields)), base)
        return None

    def _operation(self, resource: Resource, endpoint: Endpoint) -> dict[str, Any]:
        """Return the OpenAPI operation object of an endpoint; the schema of its body joins the components."""
        description = f"From {endpoint.truth}."
        if endpoint.assumed:
            names = ", ".join(truth.source for truth in endpoint.assumed)
            description += f" Relies on the assumptions {names}."
        operation: dict[str, Any] = {
            "operationId": endpoint.operation,
            "summary": endpoint.operation.replace("_", " ").capitalize(),
            "description": description,
            "tags": [resource.name],
            "x-fakekit-truth": str(endpoint.truth),
            "parameters": [*self._path_parameters(resource, endpoint), *self._query_parameters(endpoint)],
        }
        body = endpoint.body
        if body is not None:
            self.requests.add(body.name)
            self.spec.components.schema(body.name, schema=body.schema)
            schema = {"$ref": f"#/components/schemas/{body.name}"}
            operation["requestBody"] = {
                "required": bool(body.required_names),
                "content": {_JSON: {"schema": schema}},
                "x-fakekit-truth": str(body.truth),
            }
        operation["responses"] = dict(self._responses(resource, endpoint))
        return operation

    def _path_parameters(self, resource: Resource, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
        """Yield the OpenAPI object of the path's parameter; nothing for a path without one."""
        if endpoint.parameter:
            example: int | str = (
                int(resource.example) if resource.path_type == "integer" else resource.example
            )
            yield {
                "name": endpoint.parameter,
                "in": "path",
                "required": True,
                "schema": {"type": resource.path_type},
                "example": example,
                "x-fakekit-truth": str(endpoint.truth),
            }

    def _query_parameters(self, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
        """Yield the OpenAPI object of each query parameter that the endpoint reads."""
        for name, query_filter in endpoint.query.filters.items():
            schema = self.converter.field2property(query_filter.field)
            # These belong to the parameter object, not to its schema.
            for key in ("x-fakekit-truth", "description", "examples", "default"):
                schema.pop(key, None)
            yield {
                "name": name,
                "in": "query",
                "required": False,
                "allowEmptyValue": self.assumptions["values.empty"] == "null",
                "description": query_filter.field.metadata.get("description", "only records that have it"),
                "schema": schema,
                "example": query_filter.field.example,
                "x-fakekit-truth": str(query_filter.field.truth),
            }

    def _responses(self, resource: Resource, endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield pairs of status and OpenAPI object: first the success, then one for each error status.

        Errors with the same status are examples of one object.
        """
        yield self._success(endpoint)
        merged: dict[str, dict[str, Any]] = {}
        for refusal, values in self._refusals(resource, endpoint):
            status = refusal.status_under(self.assumptions)
            error = refusal.error_under(self.assumptions, **values)
            response = merged.setdefault(str(status), _error_response(refusal.truth_on(endpoint.truth)))
            examples = response["content"][_JSON]["examples"]
            examples[f"e{len(examples) + 1}"] = {"value": {"status": status, "error": error}}
        yield from sorted(merged.items())

    def _success(self, endpoint: Endpoint) -> tuple[str, dict[str, Any]]:
        """Return status and OpenAPI object of the endpoint's success response, with an example body.

        The schema of the body joins the components. A 204 has no body.
        """
        status = self.assumptions[endpoint.status.source] if endpoint.status else 200
        names = ", ".join(t.source for t in endpoint.assumed)
        truth = Truth("assumed", names) if names else endpoint.truth
        response: dict[str, Any] = {
            "description": endpoint.envelope.message.replace("{count}", "20"),
            "headers": _OWN_HEADERS,
            "x-fakekit-truth": str(truth),
        }
        if status != 204:
            name = f"{camel_case(endpoint.operation)}Answer"
            envelope, form = endpoint.envelope, endpoint.form
            self.spec.components.schema(name, schema=envelope.schema(form))
            schema = {"$ref": f"#/components/schemas/{name}"}
            response["content"] = {_JSON: {"schema": schema, "example": envelope.example(form)}}
        return str(status), response

    def _refusals(self, resource: Resource, endpoint: Endpoint) -> Iterator[tuple[Refusal, dict[str, str]]]:
        """Yield each refusal that the endpoint may respond with, and values for the names in its text."""
        yield MISSING_KEY, {}
        yield INVALID_KEY, {}
        if endpoint.parameter:
            yield resource.missing_record, {"noun": resource.label}
        if endpoint.body or endpoint.query.filters:
            yield INVALID, {"problems": endpoint.example_problem}
        if endpoint.body:
            yield TOO_LARGE, {}
            yield WRONG_MEDIA_TYPE, {}
        if self.assumptions["delete.cascade"] == "restrict" and REFERRED.truth in endpoint.assumes:
            yield REFERRED, {"noun": resource.label}
        if endpoint.unique_field:
            yield CONFLICT, {"field": endpoint.unique_field}
        yield SERVER_ERROR, {}
        yield ACCOUNTS_FULL, {}


def _error_response(truth: Truth) -> dict[str, Any]:
    """Return the OpenAPI object of an error response, with an empty ``examples`` that the caller fills.

    truth: the provenance of the error.
    """
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {}}
    return {
        "description": "The error envelope",
        "headers": _OWN_HEADERS,
        "content": {_JSON: content},
        "x-fakekit-truth": str(truth),
    }


def _count(number: int) -> str:
    """Return how many operations a resource has, for the description of its tag: ``5 operations``."""
    return f"{number} operation{'s' if number > 1 else ''}"


_OWN_HEADERS = {
    name: {"$ref": f"#/components/headers/{name}"}
    for name in ("Fakekit-Truth", "Fakekit-Assumed", "Fakekit-Fault", "Fakekit-Note")
}
_HEADERS = {
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
