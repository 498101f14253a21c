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
from marshmallow import EXCLUDE, Schema, fields

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.contract.envelope import Part, error_schema
from fakekit.contract.openapi_responses import HEADERS, OWN_HEADERS, error_responses
from fakekit.contract.openapi_schemas import (
    camel_case,
    close_schema,
    describe_list_names,
    describe_request_field,
    name_variants,
)
from fakekit.contract.provenance import Truth
from fakekit.contract.record_field import AnyField
from fakekit.contract.requests import Body
from fakekit.contract.schema import RecordSchema

_JSON = "application/json"


def openapi(
    resources: Mapping[str, Resource],
    assumptions: Assumptions,
    version: str,
    origin: str = "/",
    strict: bool = False,
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the endpoints of `resources`, as a dict for JSON.

    assumptions: the server's values; they decide statuses and fields of the described responses.
    version: fakekit's version.
    origin: the server's address in front of the paths, ``https://example.com``; ``/`` means the server that
        serves the document.
    strict: whether rules of form reject a request, as under ``--strict``; by default they do not.
    """
    return _Document(resources, assumptions, strict).build(version, origin)


class _Document:
    """Builds one OpenAPI document: collects its paths and schemas; used once."""

    def __init__(self, resources: Mapping[str, Resource], assumptions: Assumptions, strict: bool) -> None:
        self.resources, self.assumptions = resources, assumptions
        self.requests: set[str] = set()  # names of the schemas that request bodies use
        self.examples: dict[str, object] = {}  # of errors, by component name
        self.tenant: bool = assumptions["payload.tenant_fields"]
        self.names = name_variants(self._parts(), self.tenant)
        plugin = MarshmallowPlugin(schema_name_resolver=cast("Any", self._name))
        self.spec = APISpec("XtraKit API, as fakekit answers it", "", "3.1.0", plugins=[plugin])

        def request_field(converter: object, field: AnyField, ret: dict[str, object]) -> dict[str, object]:
            return describe_request_field(field, ret, assumptions, strict)

        self.converter = cast("Any", plugin.converter)
        self.converter.add_attribute_function(request_field)

    def build(self, version: str, origin: str) -> dict[str, object]:
        """Return the whole document as a dict.

        version: fakekit's. origin: the server's address in front of the paths.
        """
        paths: dict[str, dict[str, object]] = defaultdict(dict)
        for resource in self.resources.values():
            endpoints = self._endpoints(resource)
            # Whoever sends all requests in this order, as Postman does, deletes a record last.
            last = {endpoint.path for endpoint in endpoints if endpoint.method == "DELETE"}
            for endpoint in sorted(endpoints, key=lambda endpoint: endpoint.path in last):
                paths[endpoint.path][endpoint.method.lower()] = self._operation(resource, endpoint)
        self.spec.components.schema("ErrorAnswer", schema=error_schema())
        schemas = self.spec.to_dict()["components"]["schemas"]
        for name in schemas.keys() - self.requests:
            close_schema(schemas[name])
        values = {name: self.assumptions[name] for name in self.assumptions.table}
        return {
            "openapi": "3.1.0",
            "info": {
                "title": "XtraKit API, as fakekit answers it",
                "version": version,
                "description": "A fake of the XtraKit API. x-fakekit-truth says what the vendor documents, "
                "what a standard says, and what fakekit assumed.",
                "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
                "x-fakekit-assumptions": {n: v for n, v in values.items() if v is not None},
                "x-fakekit-compared": {n: check.label for n, check in self.assumptions.checks.items()},
            },
            "servers": [{"url": origin}],
            "security": [{"bearer": []}],
            "tags": [
                {"name": name, "description": f"The operations on {name.replace('_', ' ')}."}
                for name in self.resources
            ],
            "paths": dict(paths),
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "headers": HEADERS,
                "examples": self.examples,
                "schemas": dict(sorted(schemas.items())),
            },
        }

    def _endpoints(self, resource: Resource) -> list[Endpoint]:
        """Return the endpoints of a resource as they are with the server's assumptions."""
        endpoints = [endpoint.under(self.assumptions) for endpoint in resource.endpoints]
        return [endpoint for endpoint in endpoints if endpoint is not None]

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

    def _operation(self, resource: Resource, endpoint: Endpoint) -> dict[str, object]:
        """Return the OpenAPI operation object of an endpoint; the schema of its body joins the components."""
        description = f"From {endpoint.truth}."
        if endpoint.assumed:
            names = ", ".join(self.assumptions.describe(truth.source) for truth in endpoint.assumed)
            description += f" Relies on the assumptions {names}."
        operation: dict[str, object] = {
            "operationId": endpoint.operation,
            "summary": endpoint.operation.replace("_", " ").capitalize(),
            "description": description,
            "tags": [resource.name],
            "x-fakekit-truth": str(endpoint.truth),
            "parameters": [*self._path_parameters(resource, endpoint), *self._query_parameters(endpoint)],
        }
        if endpoint.body is not None:
            operation["requestBody"] = self._request_body(endpoint.body)
        errors = error_responses(resource, endpoint, self.assumptions, self.examples)
        operation["responses"] = dict([self._success(endpoint), *errors])
        return operation

    def _request_body(self, body: Body) -> dict[str, object]:
        """Return the OpenAPI object of a request's body, with an example; its schema joins the components."""
        self.requests.add(body.name)
        self.spec.components.schema(body.name, schema=body.schema)
        if body.list_names:
            schema = self.spec.components.schemas[body.name]
            describe_list_names(schema, [*body.list_names], body.accepted_list_names(self.assumptions))
        schema = {"$ref": f"#/components/schemas/{body.name}"}
        return {
            "required": bool(body.required_names),
            "content": {_JSON: {"schema": schema, "example": body.example(self.assumptions)}},
            "x-fakekit-truth": str(body.truth),
        }

    def _path_parameters(self, resource: Resource, endpoint: Endpoint) -> Iterator[dict[str, object]]:
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

    def _query_parameters(self, endpoint: Endpoint) -> Iterator[dict[str, object]]:
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

    def _success(self, endpoint: Endpoint) -> tuple[str, dict[str, object]]:
        """Return status and OpenAPI object of the endpoint's success response, with an example body.

        The schema of the body joins the components. A 204 has no body.
        """
        status = self.assumptions[endpoint.status.source] if endpoint.status else 200
        names = ", ".join(self.assumptions.describe(truth.source) for truth in endpoint.assumed)
        truth = Truth("assumed", names) if names else endpoint.truth
        response: dict[str, object] = {
            "description": endpoint.envelope.message.replace("{count}", "20"),
            "headers": OWN_HEADERS,
            "x-fakekit-truth": str(truth),
        }
        if status != 204:
            name, shape = camel_case(endpoint.operation), endpoint.shape
            envelope = endpoint.envelope.schema(shape)
            # Named, since generators would invent a name for a schema inside another.
            data = cast("fields.Nested", envelope.fields["data"]).schema
            self.spec.components.schema(f"{name}Data", schema=data)
            self.spec.components.schema(f"{name}Answer", schema=envelope)
            schema = {"$ref": f"#/components/schemas/{name}Answer"}
            response["content"] = {_JSON: {"schema": schema, "example": endpoint.envelope.example(shape)}}
        return str(status), response
