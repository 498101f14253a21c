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
    """One key of ``data`` in a successful response: a record, or a list of records.

    schema: of the record, or of each record of the list.
    many: whether it is a list.
    hidden_with_tenant: fields left out when the assumption ``payload.tenant_fields`` is true.
    hidden_without_tenant: fields left out when it is false; by default the tenant fields themselves.
    """

    schema: type[RecordSchema]
    many: bool = False
    hidden_with_tenant: tuple[str, ...] = ()
    hidden_without_tenant: tuple[str, ...] = TENANT

    def hidden(self, tenant: bool) -> tuple[str, ...]:
        """Return the names of the schema's fields that are left out, in the schema's order.

        tenant: the value of ``payload.tenant_fields``.
        """
        hidden = self.hidden_with_tenant if tenant else self.hidden_without_tenant
        return tuple(name for name in self.schema().fields if name in hidden)


class Envelope:
    """Builds ``status``, ``message`` and ``data``, the body of every successful response.

    >>> from fakekit.resources.user import UserSchema
    >>> found = Envelope("User authenticated", {"user": Part(UserSchema, hidden_without_tenant=())})
    >>> found.dump({"user": {"user_id": "f93c5a51", "business_code": "15848484"}}, tenant=False)["data"]
    {'user': {'user_id': 'f93c5a51', 'business_code': '15848484'}}

    message: ``{count}`` in it becomes the length of the list (assumption ``list.count``).
    parts: the schema under each key of ``data``, in the order in which they are written.
    """

    status = 200

    def __init__(self, message: str, parts: Mapping[str, Part]) -> None:
        self.message, self.parts = message, dict(parts)
        self.listed = next((key for key, part in parts.items() if part.many), "")
        self._schema = cache(self._make_schema)  # when it is asked for: most runs need few of them

    def _make_schema(self, tenant: bool) -> Schema:
        """Return the schema of the body with or without the tenant fields; `_schema` caches both."""
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
        """Whether its body depends on the assumption ``payload.tenant_fields``."""
        return any(part.hidden(True) != part.hidden(False) for part in self.parts.values())

    def schema(self, tenant: bool = True) -> Schema:
        """Return the marshmallow schema of the whole body, with or without the tenant fields."""
        return self._schema(tenant)

    def dump(self, data: Mapping[str, Any], tenant: bool = True) -> dict[str, Any]:
        """Return the body as JSON carries it, every key in the documented order.

        data: the record or records under each key of ``data``.
        tenant: the value of ``payload.tenant_fields``.
        """
        message = self.message
        if "{" in message:
            message = message.format(count=len(data[self.listed]))
        body = {"status": self.status, "message": message, "data": data}
        return dict(self._schema(tenant).dump(body))

    def example(self, tenant: bool = True) -> dict[str, Any]:
        """Return a body made of the fields' examples, which are the values of the vendor's samples."""
        data: dict[str, Any] = {}
        for key, part in self.parts.items():
            fields, hidden = part.schema().contracted(), part.hidden(tenant)
            record = {name: field.example for name, field in fields.items() if name not in hidden}
            data[key] = [record] if part.many else record
        return self.dump(data, tenant)

    def check(self, body: object, tenant: bool = True) -> dict[str, Any]:
        """Return what breaks the contract in a body, by path; empty when nothing does.

        Beyond the schema, the number in ``message`` must be the length of the list.
        """
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
        """Return the body of a failed request as JSON carries it."""
        return dict(self.schema.dump({"status": status, "error": error}))

    def check(self, body: object) -> dict[str, Any]:
        """Return what breaks the contract in an error's body, by path; empty when nothing does."""
        return _contract_errors(self.schema, body)


def _closed(declared: Mapping[str, Any]) -> type[Schema]:
    """Return a schema class with these fields; marshmallow refuses any other by itself."""
    return Schema.from_dict(dict(declared))


def _contract_errors(schema: Schema, body: object) -> dict[str, Any]:
    """Return marshmallow's messages on a body, or that its keys are not in the documented order."""
    try:
        whole = schema.load(body)  # type: ignore[arg-type]  # anything may come
    except ValidationError as error:
        return {"body": error.messages}
    if dumps(whole) != dumps(body):  # loading puts every key in its documented place
        return {"body": ["has other keys, or keys in another order, than documented"]}
    return {}


ERROR = ErrorEnvelope()
