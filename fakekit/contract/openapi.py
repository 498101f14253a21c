"""The OpenAPI document of the API, from the same tables that answer it. By apispec, as `json_schema` is.

What it describes is this fake: assumed answers are in it as well as documented ones, and
``x-fakekit-truth`` on each operation, parameter, field and answer says which is which.
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
from fakekit.contract.envelope import ERROR, UNAUTHORIZED, Part
from fakekit.contract.provenance import Truth, assumed, documented, standard
from fakekit.contract.schema import RecordSchema

_JSON = "application/json"


def openapi(
    resources: Mapping[str, Resource], assumptions: Assumptions, version: str, origin: str = "/"
) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of these resources' endpoints under these assumptions.

    version: of fakekit.
    origin: the address of the server, before the paths; ``/`` for the one that serves the document.
    """
    return _Document(resources, assumptions).build(version, origin)


class _Document:
    """Collects paths and schemas for one OpenAPI document; used once."""

    def __init__(self, resources: Mapping[str, Resource], assumptions: Assumptions) -> None:
        self.resources, self.assumptions = resources, assumptions
        self.requests: set[str] = set()
        self.tenant: bool = assumptions["payload.tenant_fields"]
        self.names = _names(list(self._parts()), self.tenant)
        plugin = MarshmallowPlugin(schema_name_resolver=cast("Any", self._name))
        self.spec = APISpec("XtraKit API, as fakekit answers it", "", "3.1.0", plugins=[plugin])
        self.converter: Any = plugin.converter

    def build(self, version: str, origin: str) -> dict[str, Any]:
        """Return the whole document."""
        paths: dict[str, dict[str, Any]] = defaultdict(dict)
        for resource in self.resources.values():
            for endpoint in resource.endpoints:
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
                {"name": r.name, "description": f"{r.noun}: {_count(r)}"} for r in self.resources.values()
            ],
            "paths": dict(paths),
            "components": {
                "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
                "headers": _HEADERS,
                "schemas": dict(sorted(self._closed(components).items())),
            },
        }

    def _closed(self, schemas: dict[str, Any]) -> dict[str, Any]:
        """Let each schema of a response require every key and admit no other.

        A schema that a request uses may leave keys out, as its table says.
        """
        for name, schema in schemas.items():
            if name not in self.requests:
                _close(schema)
        return schemas

    def _parts(self) -> Iterator[Part]:
        for resource in self.resources.values():
            for endpoint in resource.endpoints:
                yield from endpoint.envelope.parts.values()

    def _name(self, schema: Any) -> str | None:
        """Return the name of a schema among the components, or None to write it inline.

        Records are named by their class and what they leave out.
        """
        whole = schema if isinstance(schema, Schema) else schema()
        kind = type(whole)
        if whole.unknown == EXCLUDE:
            self.requests.add(kind.__name__)
        if issubclass(kind, RecordSchema):
            return self.names.get((kind, frozenset(whole.fields)), kind.__name__.removesuffix("Schema"))
        return None

    def _operation(self, resource: Resource, endpoint: Endpoint) -> dict[str, Any]:
        description = f"From {endpoint.truth}."
        if endpoint.assumes or endpoint.status:
            description += f" Leans on {', '.join(filter(None, (endpoint.status, *endpoint.assumes)))}."
        operation: dict[str, Any] = {
            "operationId": endpoint.operation,
            "summary": endpoint.operation.replace("_", " ").capitalize(),
            "description": description,
            "tags": [resource.name],
            "x-fakekit-truth": str(endpoint.truth),
            "parameters": [*self._path_parameters(resource, endpoint), *self._query_parameters(endpoint)],
        }
        if endpoint.body is not None:
            self.requests.add(endpoint.body.name)
            self.spec.components.schema(endpoint.body.name, schema=endpoint.body.schema)
            schema = {"$ref": f"#/components/schemas/{endpoint.body.name}"}
            operation["requestBody"] = {
                "required": bool(endpoint.body.needed),
                "content": {_JSON: {"schema": schema}},
                "x-fakekit-truth": str(endpoint.body.truth),
            }
        operation["responses"] = dict(self._responses(resource, endpoint))
        return operation

    def _path_parameters(self, resource: Resource, endpoint: Endpoint) -> Iterator[dict[str, Any]]:
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
        for name, query_filter in endpoint.query.filters.items():
            schema = self.converter.field2property(query_filter.field)
            for key in ("x-fakekit-truth", "description", "examples", "default"):
                schema.pop(key, None)
            yield {
                "name": name,
                "in": "query",
                "required": False,
                "description": query_filter.field.metadata.get("description", "only those that have it"),
                "schema": schema,
                "example": query_filter.field.example,
                "x-fakekit-truth": str(query_filter.field.truth),
            }

    def _responses(self, resource: Resource, endpoint: Endpoint) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield status and OpenAPI object of each response; failures of one status are merged."""
        yield self._success(endpoint)
        merged: dict[str, dict[str, Any]] = {}
        for status, error, truth in self._errors(resource, endpoint):
            response = merged.setdefault(str(status), _error_response(truth))
            examples = response["content"][_JSON]["examples"]
            examples[f"e{len(examples) + 1}"] = {"value": {"status": status, "error": error}}
        yield from sorted(merged.items())

    def _success(self, endpoint: Endpoint) -> tuple[str, dict[str, Any]]:
        """Return status and OpenAPI object of the endpoint's success, with an example."""
        status = self.assumptions[endpoint.status] if endpoint.status else 200
        names = [name for name in (endpoint.status, *endpoint.assumes) if name]
        truth = assumed(", ".join(names)) if names else endpoint.truth
        response: dict[str, Any] = {
            "description": endpoint.envelope.message.replace("{count}", "20"),
            "headers": _OWN_HEADERS,
            "x-fakekit-truth": str(truth),
        }
        if status != 204:
            name = "".join(word.capitalize() for word in endpoint.operation.split("_")) + "Answer"
            self.spec.components.schema(name, schema=endpoint.envelope.schema(self.tenant))
            schema = {"$ref": f"#/components/schemas/{name}"}
            response["content"] = {
                _JSON: {"schema": schema, "example": endpoint.envelope.example(self.tenant)}
            }
        return str(status), response

    def _errors(self, resource: Resource, endpoint: Endpoint) -> Iterator[tuple[int, str, Truth]]:
        """Yield status, ``error`` and provenance of every failure that the endpoint may answer."""
        for error in UNAUTHORIZED.values():
            yield 401, error, documented("fetch-customer")
        if endpoint.parameter:
            error = self.assumptions["missing.error"].replace("{noun}", resource.noun)
            yield self.assumptions["missing.status"], error, assumed("missing.status")
        if endpoint.body or endpoint.query.filters:
            yield self.assumptions["invalid.status"], _example_error(endpoint), assumed("invalid.status")
        if endpoint.body:
            yield 413, "Request Entity Too Large", standard("RFC 9110, 15.5.14")
            yield 415, "Unsupported Media Type", standard("RFC 9110, 15.5.16")
        if endpoint.conflicts:
            yield (
                self.assumptions["conflict.status"],
                f"{endpoint.conflicts} is taken: another record has it",
                assumed("conflict.status"),
            )
        yield 500, "Internal Server Error", assumed("server.error")
        yield 503, "Service Unavailable", assumed("accounts.full")


def _error_response(truth: Truth) -> dict[str, Any]:
    """Return the OpenAPI object of a failure, to which the caller adds examples."""
    content = {"schema": {"$ref": "#/components/schemas/Error"}, "examples": {}}
    return {
        "description": "The error envelope",
        "headers": _OWN_HEADERS,
        "content": {_JSON: content},
        "x-fakekit-truth": str(truth),
    }


def _example_error(endpoint: Endpoint) -> str:
    """Return an example of a 422's ``error`` for this endpoint."""
    required = endpoint.body.needed if endpoint.body else []
    if required:
        return f"{required[0]} is required"
    fields = endpoint.body.schema.fields if endpoint.body else endpoint.query.schema.fields
    return f"{list(fields)[-1]} may not be null"


def _count(resource: Resource) -> str:
    return f"{len(resource.endpoints)} operation{'s' if len(resource.endpoints) > 1 else ''}"


def _names(parts: list[Part], tenant: bool) -> dict[tuple[type[RecordSchema], frozenset[str]], str]:
    """Return a name for each form of a record: its class, and what the smaller forms leave out."""
    shapes: dict[type[RecordSchema], set[frozenset[str]]] = defaultdict(set)
    for part in parts:
        shapes[part.schema].add(frozenset(set(part.schema().fields) - set(part.hidden(tenant))))
    names = {}
    for kind, known in shapes.items():
        whole, *others = sorted(known, key=len, reverse=True)
        base = kind.__name__.removesuffix("Schema")
        names[kind, whole] = base
        for shape in others:
            names[kind, shape] = f"{base}Without{''.join(_camel(n) for n in sorted(whole - shape))}"
    return names


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))


def _close(schema: dict[str, Any]) -> None:
    """Require every property of an object schema, and admit no other, at every depth."""
    properties = schema.get("properties")
    if properties is not None:
        schema["required"], schema["additionalProperties"] = list(properties), False
        if not properties:
            del schema["required"]
        for subschema in properties.values():
            subschema.pop("default", None)
            _close(subschema)


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
