"""The vendor's two envelopes. Each is one marshmallow schema that dumps, checks and documents."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from fakekit.contract.schema import RecordSchema


@dataclass(frozen=True)
class Part:
    """What stands under one key of ``data``: a record, or a list of them."""

    schema: type[RecordSchema]
    many: bool = False


class Envelope:
    """``status``, ``message`` and ``data``: what every successful answer is made of.

    >>> found = Envelope(200, "Customer found", {"customer": Part(CustomerSchema)})
    >>> found.dump({"customer": record})
    {'status': 200, 'message': 'Customer found', 'data': {'customer': {...}}}
    """

    def __init__(self, status: int, message: str, parts: Mapping[str, Part]) -> None:
        self.status, self.message = status, message
        data = _closed({key: fields.Nested(p.schema, many=p.many, required=True) for key, p in parts.items()})
        self.schema = _closed(
            {
                "status": fields.Integer(required=True, strict=True, validate=validate.Equal(status)),
                "message": fields.String(required=True, validate=validate.Equal(message)),
                "data": fields.Nested(data, required=True),
            }
        )()

    def dump(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The body as JSON will carry it, every key in the documented order."""
        body = self.schema.dump({"status": self.status, "message": self.message, "data": data})
        return dict(body)

    def check(self, body: object) -> dict[str, Any]:
        """What breaks the contract in a body, by path; empty when nothing does."""
        return _violations(self.schema, body)


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
        return _violations(self.schema, body)


def _closed(declared: Mapping[str, Any]) -> type[Schema]:
    """A schema class of these fields and no others (marshmallow refuses unknown ones by itself)."""
    return Schema.from_dict(dict(declared))


def _violations(schema: Schema, body: object) -> dict[str, Any]:
    try:
        whole = schema.load(body)  # type: ignore[arg-type]  # anything may come
    except ValidationError as error:
        return {"body": error.messages}
    if json.dumps(whole) != json.dumps(body):  # loading puts every key in its documented place
        return {"body": ["has other keys, or keys in another order, than documented"]}
    return {}


ERROR = ErrorEnvelope()
