"""The OpenAPI document of the control API, made from its table of operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, get_origin, get_type_hints

from fakekit.api.event_stream import EVENT_STREAM, MAX_STREAMS, EventStream
from fakekit.control import HEADER, LAST_EVENT_ID, ROOT
from fakekit.control.arguments import fields_of, method_of
from fakekit.control.operations import OPERATIONS, Operation
from fakekit.control.results import Done
from fakekit.control.server_controls import ServerControls
from fakekit.faults.registry import KINDS

_ERROR = {"$ref": "#/components/schemas/Error"}


def control_openapi(version: str) -> dict[str, object]:
    """Return the OpenAPI 3.1 document of the control API on the server that serves it, as a dict for JSON.

    version: fakekit's version.
    """
    paths: dict[str, dict[str, object]] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[ROOT + operation.path][operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "fakekit's control API",
            "version": version,
            "description": "Operations for tests on the accounts of a running fakekit. "
            "The vendor has no such API.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "security": [{"control": []}],
        "tags": [{"name": "accounts", "description": "Worlds, by key"}],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {"control": {"type": "apiKey", "in": "header", "name": HEADER}},
            "schemas": {"Error": _error_schema(), "Fault": {"oneOf": [_fault(kind) for kind in KINDS]}},
        },
    }


def _operation(operation: Operation) -> dict[str, object]:
    """Return the OpenAPI object of a control operation: its parameters, body, success and errors."""
    summary = (method_of(operation).__doc__ or "").partition("\n")[0]
    success: dict[str, object] = {"description": summary}
    success["content"] = {operation.media.partition(";")[0]: {"schema": _result_schema(operation)}}
    document: dict[str, Any] = {
        "operationId": operation.name,
        "summary": summary,
        "tags": ["accounts"],
        "parameters": list(_parameters(operation)),
        "responses": {str(operation.status): success},
    }
    errors = {"403": "The request may not control this server.", "422": "A value is not valid."}
    if operation.parameters:
        errors["404"] = "Something that the path names does not exist."
    if operation.media == EVENT_STREAM:
        errors["503"] = f"There are {MAX_STREAMS} streams already."
    elif operation.name == "intercept":
        errors["503"] = "Too many accounts are intercepted, or another server than fakekit's serves the app."
    elif operation.name in ("open", "alias") or not hasattr(ServerControls, operation.name):
        errors["503"] = "There is no room for another account, or for what is to be added to it."
    if operation.takes_body:
        document["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _body(operation)}},
        }
        errors |= {
            "400": "The body is not JSON.",
            "413": "The body is too large.",
            "415": "The body's Content-Type is not JSON.",
        }
    for status, description in sorted(errors.items()):
        content = {"application/json": {"schema": _ERROR}}
        document["responses"][status] = {"description": description, "content": content}
    return document


def _result_schema(operation: Operation) -> dict[str, Any]:
    """Return the JSON Schema of the result of an operation, from the type that its method returns."""
    returned = get_type_hints(method_of(operation))["return"]
    if returned is Done:
        return {"type": "object", "properties": {"done": {"const": True}}}
    if get_origin(returned) is list:
        return {"type": "array", "items": {"type": "object"}}
    return {"type": "string" if returned in (str, EventStream) else "object"}


def _parameters(operation: Operation) -> Iterator[dict[str, object]]:
    """Yield the OpenAPI object of each parameter of a control operation: of its path, then of its query."""
    for name in operation.parameters:
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if operation.media == EVENT_STREAM:
        note = "the id of the last event that came; it is used in the place of `since`"
        schema = {"type": "integer", "minimum": 0}
        yield {"name": LAST_EVENT_ID, "in": "header", "description": note, "schema": schema}
    in_query = {} if operation.takes_body else fields_of(operation)
    for name, setting in in_query.items():
        yield {
            "name": name,
            "in": "query",
            "required": setting.required,
            "description": setting.note,
            "schema": dict(setting.value_type.schema),
        }


def _body(operation: Operation) -> dict[str, object]:
    """Return the JSON Schema of the body of a control operation: an object with the operation's fields.

    It is a reference to ``Fault`` for a fault, and any object for another body that the method itself
    validates.
    """
    if operation.body_argument == "fault":
        return {"$ref": "#/components/schemas/Fault"}
    fields = fields_of(operation)
    return _object(fields) if fields else {"type": "object"}


def _object(settings: Any) -> dict[str, Any]:
    """Return the JSON Schema of a body or a fault: an object with these fields, by name, and no others."""
    properties = {n: {**s.value_type.schema, "description": s.note} for n, s in settings.items()}
    required = [name for name, setting in settings.items() if setting.required]
    schema: dict[str, object] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": required} if required else schema


def _fault(kind: str) -> dict[str, object]:
    """Return the JSON Schema of a kind of fault, ``fail``; it has the first line of the class docstring."""
    fault = KINDS[kind]
    schema = _object(fault.settings())
    schema["properties"] = {"fault": {"const": kind}, **schema["properties"]}
    schema["required"] = ["fault", *schema.get("required", [])]
    return {"title": kind, "description": (fault.__doc__ or "").partition("\n")[0], **schema}


def _error_schema() -> dict[str, object]:
    """Return the JSON Schema of the body of the control API's error responses."""
    text = {"type": "string"}
    names = ("where", "what", "found", "write", "python")
    problem = {"type": "object", "properties": dict.fromkeys(names, text)}
    return {
        "type": "object",
        "properties": {"error": text, "problems": {"type": "array", "items": problem}},
        "required": ["error", "problems"],
    }
