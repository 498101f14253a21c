"""The vendor's two envelopes. Each is one marshmallow schema that dumps, checks and documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from json import dumps
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from fakekit.contract.schema import RecordSchema

UNAUTHORIZED = {
    "missing": "Unauthorized: Missing Bearer Token",
    "invalid": "Unauthorized: Invalid API Key",
}
"""The ``error`` of the two 401 samples (documented: fetch-customer)."""

CHALLENGE = (("WWW-Authenticate", "Bearer"),)
"""What HTTP wants beside them (standard: RFC 9110, 11.6.1 and RFC 6750, 3)."""

TENANT = ("user_id", "business_code")
"""What only some renderings of the vendor's pages print (assumption ``payload.tenant_fields``)."""


@dataclass(frozen=True)
class Part:
    """What stands under one key of ``data``: a record, or a list of them.

    hidden_with_tenant: fields left out when payload.tenant_fields is true.
    hidden_without_tenant: fields left out when it is false.
    """

    schema: type[RecordSchema]
    many: bool = False
    hidden_with_tenant: tuple[str, ...] = ()
    hidden_without_tenant: tuple[str, ...] = TENANT

    def hidden(self, tenant: bool) -> tuple[str, ...]:
        """The fields of the schema that are not printed."""
        hidden = self.hidden_with_tenant if tenant else self.hidden_without_tenant
        return tuple(name for name in self.schema().fields if name in hidden)


class Envelope:
    """``status``, ``message`` and ``data``: what every successful answer is made of.

    >>> found = Envelope("Customer found", {"customer": Part(CustomerSchema)})
    >>> found.dump({"customer": record})
    {'status': 200, 'message': 'Customer found', 'data': {'customer': {...}}}

    message: ``{count}`` in it is the length of the list (assumption ``list.count``).
    parts: what stands under each key of ``data``, in order.
    """

    status = 200

    def __init__(self, message: str, parts: Mapping[str, Part]) -> None:
        self.message, self.parts = message, dict(parts)
        self.listed = next((key for key, part in parts.items() if part.many), "")
        self._schema = cache(self._make_schema)  # when it is asked for: most runs need few of them

    def _make_schema(self, tenant: bool) -> Schema:
        data = {
            key: fields.Nested(part.schema, many=part.many, required=True, exclude=part.hidden(tenant))
            for key, part in self.parts.items()
        }
        text, equal_check = self.message, validate.Equal(self.message)
        pattern = validate.Regexp(f"^{text.replace('{count}', '[0-9]+')}$")
        return _closed(
            {
                "status": fields.Integer(required=True, strict=True, validate=validate.Equal(self.status)),
                "message": fields.String(required=True, validate=pattern if "{" in text else equal_check),
                "data": fields.Nested(_closed(data), required=True),
            }
        )()

    @cached_property
    def has_two_renderings(self) -> bool:
        """Whether the vendor's two renderings of it do (assumption ``payload.tenant_fields``)."""
        return any(part.hidden(True) != part.hidden(False) for part in self.parts.values())

    def schema(self, tenant: bool = True) -> Schema:
        """The schema of the whole body, as the renderings with or without tenant fields print it."""
        return self._schema(tenant)

    def dump(self, data: Mapping[str, Any], tenant: bool = True) -> dict[str, Any]:
        """The body as JSON will carry it, every key in the documented order."""
        message = self.message
        if "{" in message:
            message = message.format(count=len(data[self.listed]))
        body = {"status": self.status, "message": message, "data": data}
        return dict(self._schema(tenant).dump(body))

    def example(self, tenant: bool = True) -> dict[str, Any]:
        """A body of the examples that the fields have, which are the samples' values."""
        data: dict[str, Any] = {}
        for key, part in self.parts.items():
            fields, hidden = part.schema().contracted(), part.hidden(tenant)
            record = {name: field.example for name, field in fields.items() if name not in hidden}
            data[key] = [record] if part.many else record
        return self.dump(data, tenant)

    def check(self, body: object, tenant: bool = True) -> dict[str, Any]:
        """What breaks the contract in a body, by path; empty when nothing does."""
        errors = _contract_errors(self._schema(tenant), body)
        if not errors and isinstance(body, dict) and "{" in self.message:
            count = len(body["data"][self.listed])
            if body["message"] != self.message.format(count=count):
                return {"message": [f"does not count the {count} records of {self.listed}"]}
        return errors


class ErrorEnvelope:
    """``status`` and ``error``, nothing else (documented: fetch-customer, its two 401 samples)."""

    schema: Schema

    def __init__(self) -> None:
        self.schema = _closed(
            {
                "status": fields.Integer(required=True, strict=True),
                "error": fields.String(required=True),
            }
        )()

    def dump(self, status: int, error: str) -> dict[str, Any]:
        """The body of an answer that failed."""
        return dict(self.schema.dump({"status": status, "error": error}))

    def check(self, body: object) -> dict[str, Any]:
        """What breaks the contract in a body, by path; empty when nothing does."""
        return _contract_errors(self.schema, body)


def _closed(declared: Mapping[str, Any]) -> type[Schema]:
    """A schema class of these fields and no others (marshmallow refuses unknown ones by itself)."""
    return Schema.from_dict(dict(declared))


def _contract_errors(schema: Schema, body: object) -> dict[str, Any]:
    try:
        whole = schema.load(body)  # type: ignore[arg-type]  # anything may come
    except ValidationError as error:
        return {"body": error.messages}
    if dumps(whole) != dumps(body):  # loading puts every key in its documented place
        return {"body": ["has other keys, or keys in another order, than documented"]}
    return {}


ERROR = ErrorEnvelope()
