"""The vendor's two envelopes. Each is one marshmallow schema that checks and documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from json import dumps
from typing import Any, NamedTuple

from marshmallow import Schema, ValidationError, fields, validate

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.record_field import AnyField
from fakekit.contract.schema import Record, RecordSchema

_LIST = (assumed("list.shape"), assumed("list.count"))

TENANT_FIELDS = ("user_id", "business_code")
"""The fields that only some renderings of the vendor's pages print (assumption ``payload.tenant_fields``)."""


class ResponseShape(NamedTuple):
    """What the values of assumptions decide about the body of a successful response.

    has_tenant_fields: the value of ``payload.tenant_fields``.
    has_arrays: whether a list is an array; if not, it is one object, its first record (``list.shape``).
    status: the ``status`` in the body (``create.body_status``).
    hidden_keys: the keys of ``data`` that it leaves out (`Part.hidden_by`).
    """

    has_tenant_fields: bool = True
    has_arrays: bool = True
    status: int = 200
    hidden_keys: tuple[str, ...] = ()


DEFAULT_SHAPE = ResponseShape()


@dataclass(frozen=True, eq=False)
class Part:
    """One key of ``data`` in a successful response: a record, or a list of records.

    schema: of the record, or of each record of the list.
    many: whether it is a list; by default it is a record.
    hidden_with_tenant: fields left out when the assumption ``payload.tenant_fields`` is true.
    hidden_without_tenant: fields left out when it is false; by default the tenant fields themselves.
    hidden_by: an assumption, and the value of it with which the whole key is left out; None for a key that is
        always there.
    """

    schema: type[RecordSchema]
    many: bool = False
    hidden_with_tenant: tuple[str, ...] = ()
    hidden_without_tenant: tuple[str, ...] = TENANT_FIELDS
    hidden_by: tuple[Truth, object] | None = None

    def hidden(self, tenant: bool) -> tuple[str, ...]:
        """Return the names of the fields that this key's records have and a response leaves out.

        They are in the order of the schema.

        tenant: the value of the assumption ``payload.tenant_fields``: whether responses show ``user_id`` and
            ``business_code``.
        """
        hidden = self.hidden_with_tenant if tenant else self.hidden_without_tenant
        return tuple(name for name in self.record_schema.fields if name in hidden)

    def is_hidden(self, assumptions: Assumptions) -> bool:
        """Return whether responses leave the whole key out, under these values of the assumptions."""
        return self.hidden_by is not None and assumptions[self.hidden_by[0].source] == self.hidden_by[1]

    @cached_property
    def shown(self) -> Mapping[bool, tuple[str, ...]]:
        """The names of the fields in a response, in order, by the value of ``payload.tenant_fields``."""
        return {
            tenant: tuple(name for name in self.record_schema.fields if name not in self.hidden(tenant))
            for tenant in (True, False)
        }

    def show(self, record: Record, tenant: bool) -> Record:
        """Return the fields of a valid record that a response shows under this key, in the order of the page.

        The record itself where that is all of it.

        tenant: the value of the assumption ``payload.tenant_fields``: whether ``user_id`` and
            ``business_code`` are shown.
        """
        names = self.shown[tenant]
        return record if len(names) == len(record) else {name: record[name] for name in names}

    @cached_property
    def record_schema(self) -> RecordSchema:
        """An instance of `schema`, the record's marshmallow schema; it is built on first use and kept."""
        # Each instantiation copies every field, about 100 us for a customer.
        return self.schema()


class Envelope:
    """Builds ``status``, ``message`` and ``data``, the body of every successful response.

    >>> from fakekit.resources.user import UserSchema
    >>> found = Envelope("User authenticated", {"user": Part(UserSchema, hidden_without_tenant=())})
    >>> found.dump({"user": {"user_id": "f93c5a51", "business_code": "15848484"}})["data"]
    {'user': {'user_id': 'f93c5a51', 'business_code': '15848484'}}

    message: ``{count}`` in it becomes the length of the list (assumption ``list.count``).
    parts: what each key of ``data`` holds, in the order in which the keys are written.
    truth: the provenance of the message, where no page of the vendor shows it; else None.
    schema: takes the shape of a response, and returns the marshmallow schema of its whole body.
    """

    def __init__(self, message: str, parts: Mapping[str, Part], truth: Truth | None = None) -> None:
        self.message, self.parts, self.truth = message, dict(parts), truth
        self.list_key = next((key for key, part in parts.items() if part.many), "")
        self.counts = "{count}" in message
        self.schema = cache(self._make_schema)  # made on first use: most runs need few of them

    def _make_schema(self, shape: ResponseShape) -> Schema:
        """Build the schema of the whole body; called by `schema`, which caches one for each shape."""
        data: dict[str, AnyField] = {}
        for key, part in self._shown_parts(shape):
            hidden, is_list = part.hidden(shape.has_tenant_fields), self._is_list(part, shape)
            can_be_null = part.many and not is_list
            data[key] = fields.Nested(
                part.schema, many=is_list, required=True, allow_none=can_be_null, exclude=hidden
            )
        text = self.message
        check: validate.Validator = validate.Equal(text)
        if self.counts:
            check = validate.Regexp(f"^{text.replace('{count}', '[0-9]+')}$")
        return Schema.from_dict(
            {
                "status": fields.Integer(required=True, strict=True, validate=validate.Equal(shape.status)),
                "message": fields.String(required=True, validate=check),
                "data": fields.Nested(Schema.from_dict(data), required=True),
            }
        )()

    def _shown_parts(self, shape: ResponseShape) -> list[tuple[str, Part]]:
        """Return the keys of ``data`` that responses of this shape have, with what they hold."""
        return [(key, part) for key, part in self.parts.items() if key not in shape.hidden_keys]

    def _is_list(self, part: Part, shape: ResponseShape) -> bool:
        """Return whether the value of a key is an array in responses of this shape.

        Only the lists whose page prints one object in their place, which are those with a number in their
        message, may be anything else.
        """
        return part.many and (shape.has_arrays or not self.counts)

    def has_array(self, shape: ResponseShape) -> bool:
        """Return whether responses of this shape have an array of records."""
        return bool(self.list_key) and self._is_list(self.parts[self.list_key], shape)

    @cached_property
    def has_tenant_variants(self) -> bool:
        """Whether the body is different without the tenant fields, ``user_id`` and ``business_code``.

        The assumption ``payload.tenant_fields`` says whether responses have them.
        """
        return any(part.hidden(True) != part.hidden(False) for part in self.parts.values())

    @cached_property
    def assumed(self) -> tuple[Truth, ...]:
        """The assumptions that a body relies on: on the form of lists, on its fields and its message."""
        # Where a page has a number in its message, it prints one object in the place of the list.
        truths = [*(_LIST if self.counts else ())]
        for part in self.parts.values():
            truths += [part.record_schema.record_fields[name].truth for name in part.shown[True]]
        truths += [self.truth] if self.truth else []
        return tuple(dict.fromkeys(truth for truth in truths if truth.kind == "assumed"))

    def dump(self, data: Mapping[str, Any], shape: ResponseShape = DEFAULT_SHAPE) -> dict[str, Any]:
        """Return the whole response body as a dict for JSON, every key in the documented order.

        data: the record, or the list of records, for each key of ``data``; not checked again.
        """
        message, tenant = self.message, shape.has_tenant_fields
        if self.counts:
            message = message.format(count=len(data[self.list_key]))
        shown: dict[str, object] = {}
        for key, part in self._shown_parts(shape):
            if self._is_list(part, shape):
                shown[key] = [part.show(record, tenant) for record in data[key]]
            elif part.many:
                shown[key] = part.show(data[key][0], tenant) if data[key] else None
            else:
                shown[key] = part.show(data[key], tenant)
        return {"status": shape.status, "message": message, "data": shown}

    def example(self, shape: ResponseShape = DEFAULT_SHAPE) -> dict[str, object]:
        """Return a response body for OpenAPI, made of the fields' examples: the vendor's sample values."""
        data: dict[str, object] = {}
        for key, part in self.parts.items():
            record = part.record_schema.example()
            data[key] = [record] if part.many else record
        return self.dump(data, shape)

    def check(self, body: object, shape: ResponseShape = DEFAULT_SHAPE) -> dict[str, object]:
        """Return the contract errors of a success body, nested as marshmallow does; empty for none.

        For strict accounts, for all where `checks_responses` is set, and for the note on a stub. Beyond the
        schema, the number in ``message`` must be the length of the list, where the list is an array.

        body: the parsed JSON of a response.
        """
        errors = schema_errors(self.schema(shape), body)
        if not errors and isinstance(body, dict) and self.counts and shape.has_arrays:
            count = len(body["data"][self.list_key])
            if body["message"] != self.message.format(count=count):
                return {"message": [f"does not count the {count} records of {self.list_key}"]}
        return errors


def schema_errors(schema: Schema, body: object) -> dict[str, object]:
    """Check the body of a response, and return its contract errors under the key ``body``; empty for none.

    For stubs, and all responses of strict accounts. They are marshmallow's messages or, for a body that
    loads, that its keys are not the documented ones in the documented order.
    """
    try:
        whole = schema.load(body)  # type: ignore[arg-type]  # anything may come
    except ValidationError as error:
        error.__traceback__ = None  # as in `RecordSchema.read`
        return {"body": error.messages}
    if dumps(whole) != dumps(body):  # loading puts every key in its documented place
        return {"body": ["has other keys, or keys in another order, than documented"]}
    return {}


@cache
def error_schema() -> Schema:
    """Return the schema of the body of every failed request: ``status`` and ``error``, nothing else.

    Built on first use. This form is documented: fetch-customer, its two 401 samples.
    """
    return Schema.from_dict(
        {"status": fields.Integer(required=True, strict=True), "error": fields.String(required=True)}
    )()
