"""The body fields that an endpoint reads, from the tables of the vendor's pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, cast

from marshmallow import EXCLUDE, Schema

from fakekit.contract.assumptions import Assumptions
from fakekit.contract.provenance import Truth, assumed
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import FieldProblem, RecordError, Records, RecordSchema
from fakekit.contract.strict_json import JsonError, read_json

SIGN = assumed("values.negative")
_OTHER_TYPES = assumed("body.numbers")


class _OpenSchema(RecordSchema):
    """A schema that ignores unknown fields; the note on the response lists them."""

    class Meta:
        unknown = EXCLUDE


class TableReader:
    """Base of `Body` and `Query`: validates a request's fields by a schema, and ignores unknown names."""

    name = ""
    """The name of the schema's class, which OpenAPI shows."""

    def _fields(self) -> Mapping[str, RecordField]:
        """Return the schema's fields by name; each subclass overrides this.

        Raises NotImplementedError in this base class.
        """
        raise NotImplementedError

    @cached_property
    def schema(self) -> RecordSchema:
        """The marshmallow schema by which `read` validates; built of `_fields` on first use and kept."""
        return cast("RecordSchema", _OpenSchema.from_dict(dict(self._fields()), name=self.name)())

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Validate the values that a request has, and return them in the types that records have.

        values: the values by name, as parsed from JSON, a form or the query. Unknown names are left out of
            the result.

        Raises `RecordError` with the problems of all fields; they do not contain the invalid values, which
        may be secret.
        """
        try:
            return self.schema.read(values)
        except RecordError as error:
            # `from None`: a traceback of the first error would show the values.
            raise RecordError([problem.without_value() for problem in error.problems]) from None


class Body(TableReader):
    """The body of a request that adds or edits a record.

    >>> from fakekit.contract.provenance import documented
    >>> from fakekit.resources.customer_groups.schema import CustomerGroupSchema
    >>> body = Body("AddGroup", CustomerGroupSchema, documented("add-customer-group"),
    ...             required=("group_name",), optional=("group_description",))
    >>> body.read({"group_name": "Regulars"})
    {'group_name': 'Regulars'}

    A row is one field of the body, as a row of the table on the vendor's page describes it.

    name: the name of the body in OpenAPI: ``AddGroup``.
    schema: the schema of the records that the endpoint writes; its fields read the rows.
    truth: the provenance of the rows, the page that has the table.
    required, optional: the names of the rows.
    truth_by_field: the provenance of rows that differ from `truth`, by name.
    overrides: fields to use instead of those of `schema`, by name.
    list_names: fields that may be different names of one, a list: by name the assumption whose value is the
        name that is read, or ``both``. Where both came, the first one counts.
    example: values of the example in OpenAPI that differ from those of the fields, by name; None leaves a
        field out.

    Raises ValueError on first use when a row is not a field of the schema, or occurs twice.
    """

    def __init__(
        self,
        name: str,
        schema: type[RecordSchema],
        truth: Truth,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
        truth_by_field: Mapping[str, Truth] | None = None,
        overrides: Mapping[str, RecordField] | None = None,
        list_names: Mapping[str, Truth] | None = None,
        example: Mapping[str, object] | None = None,
    ) -> None:
        self.list_names = list_names or {}
        self.name, self.truth, self._read_by = name, truth, (schema, overrides)
        self._rows, self._truth_by_field = (required, optional), truth_by_field or {}
        self._example = example or {}

    def _fields(self) -> Mapping[str, RecordField]:
        """Return the field that validates each row of the table, a field of the body, by name.

        Raises ValueError for a row that is not a field of the record, or occurs twice.
        """
        required, optional = self._rows
        known, truth_by_field = self._record_fields, self._truth_by_field
        names = [name for name in known if name in required or name in optional]
        if len(names) != len(required) + len(optional):
            raise ValueError(f"{self.name}: a row is no field of the record, or occurs twice")
        return {n: known[n].for_request(n in required, truth_by_field.get(n, self.truth)) for n in names}

    @cached_property
    def _record_fields(self) -> Mapping[str, RecordField]:
        """The fields of the record by name, with `overrides` in place; built on first use."""
        schema, overrides = self._read_by
        return {**schema().record_fields, **(overrides or {})}

    @cached_property
    def null_names(self) -> frozenset[str]:
        """The names of the record's fields in which null is a value, not the same as an absent field."""
        return frozenset(name for name, field in self._record_fields.items() if field.allow_none)

    @cached_property
    def partial(self) -> Body:
        """The same body with all of its fields optional, for an edit that may leave out any of them."""
        return self.with_optional_fields(self.name, self.truth, self._truth_by_field, self._example)

    def select(
        self, values: Mapping[str, object], assumptions: Assumptions
    ) -> tuple[Mapping[str, object], list[str]]:
        """Return a request's fields without those of `list_names` that do not count, and the names of these.

        A list may have come as JSON text, which is parsed; other text stays, to be rejected. One
        that is null or empty does not take the place of another.

        values: the fields as they came. assumptions: the values of the account.
        """
        readable = self.accepted_list_names(assumptions)
        sent = [name for name in readable if values.get(name) not in (None, "")]
        ignored = [n for n in self.list_names if n in values and (n not in readable or n in sent[1:])]
        fields = {n: _parse_list(v) if n in sent else v for n, v in values.items() if n not in ignored}
        return fields, ignored

    def with_optional_fields(
        self,
        name: str,
        truth: Truth,
        truth_by_field: Mapping[str, Truth] | None = None,
        example: Mapping[str, object] | None = None,
    ) -> Body:
        """Return a new body with the same fields, all of them optional; the arguments are those of `Body`."""
        schema, overrides = self._read_by
        rows = sum(self._rows, ())
        return Body(name, schema, truth, (), rows, truth_by_field, overrides, self.list_names, example)

    @property
    def optional_nulls(self) -> dict[str, None]:
        """Null for each field that a request may leave out, where null is a value of it."""
        return {name: None for name in self._rows[1] if name in self.null_names}

    def accepted_list_names(self, assumptions: Assumptions) -> list[str]:
        """Return the names of `list_names` that are read where these values of assumptions are in force."""
        return [n for n, truth in self.list_names.items() if assumptions[truth.source] in (n, "both")]

    def example(self, assumptions: Assumptions) -> dict[str, object]:
        """Return a body for OpenAPI, with the vendor's values; of `list_names`, the first that is read."""
        left_out = {*self.list_names} - {*self.accepted_list_names(assumptions)[:1]}
        values = {**self.schema.example(), **self._example}
        return {n: value for n, value in values.items() if value is not None and n not in left_out}

    def read(self, values: Mapping[str, object]) -> dict[str, object]:
        """Validate a request's body fields and return those that it has, in the types that records have.

        A field that is null is left out, as if it were absent, unless null is a value of it (`null_names`).
        Raises `RecordError` with the problems of all fields.
        """
        values_read = super().read(values)
        return {n: value for n, value in values_read.items() if value is not None or n in self.null_names}

    def form_problems(self, values: Mapping[str, object]) -> list[FieldProblem]:
        """Return a problem, without the value, for each field that breaks its rule of form.

        The note on the response has them or, for a strict account, the 422. A rule of form is one that no
        page states, such as "looks like an e-mail address".
        values: body fields as `read` returns them.
        """
        return [problem.without_value() for problem in self.schema.form_problems(values)]

    def assumed(self, received: Mapping[str, object], read: Mapping[str, object]) -> list[Truth]:
        """Return the assumptions that fields of this body rely on, for ``Fakekit-Assumed``.

        The provenance of the whole table (`truth`) is not among them.
        received, read: the body's fields as they came, and as `read` returns them.
        """
        fields = [field for name, field in self.schema.record_fields.items() if name in read]
        truths = [f.truth for f in fields if f.truth.kind == "assumed" and f.truth != self.truth]
        if any(
            isinstance(value, field.assumed_types) for _, field, value in _iter_fields(self.schema, received)
        ):
            truths.append(_OTHER_TYPES)
        return [*truths, SIGN] if self.signed_names(read) else truths

    def signed_names(self, read: Mapping[str, object]) -> list[str]:
        """Return the names of the amounts and quantities below zero, as `read` returns them."""
        found = _iter_fields(self.schema, read)
        return [name for name, field, v in found if field.is_signed and v is not None and float(v) < 0]

    @property
    def requires_fields(self) -> bool:
        """Whether any field of the body is required."""
        return bool(self._rows[0])

    @property
    def required_names(self) -> list[str]:
        """The names of the body's required fields, in the record's order."""
        return [name for name, field in self.schema.fields.items() if field.required]


def without_empty_values(schema: Schema, values: Mapping[str, object]) -> Mapping[str, object]:
    """Return a request's values with null in place of empty text, or without a field that may not be null.

    The same object when no field of the schema is empty. Lists of nested records are treated alike.

    values: by name, as parsed from JSON, a form or the query.
    """
    changed: dict[str, object] = {}
    for name, value in values.items():
        field = schema.fields.get(name)
        if value == "" and field is not None:
            changed[name] = None
        elif isinstance(field, Records) and isinstance(value, list):
            lines = [without_empty_values(field.schema, v) if isinstance(v, Mapping) else v for v in value]
            if any(line is not before for line, before in zip(lines, value, strict=True)):
                changed[name] = lines
    if not changed:
        return values
    merged = {**values, **changed}
    return {
        n: v for n, v in merged.items() if v is not None or n not in changed or schema.fields[n].allow_none
    }


def unread_names(schema: Schema, values: Mapping[str, Any]) -> list[str]:
    """Return the names in a request's body or query that `schema` has no field for, and that are ignored.

    In nested records with their path: ``sales-item[0].colour``.
    """
    names = [name for name in values if name not in schema.fields]
    for name, field in schema.fields.items():
        if isinstance(field, Records) and isinstance(values.get(name), list):
            for n, line in enumerate(values[name]):
                if isinstance(line, Mapping):
                    names += [f"{name}[{n}].{nested}" for nested in unread_names(field.schema, line)]
    return names


def _parse_list(value: object) -> object:
    """Return the list that a JSON text is; every other value as it is."""
    try:
        parsed = read_json(value) if isinstance(value, str) else value
    except JsonError:
        return value
    return parsed if isinstance(parsed, list) else value


def _iter_fields(
    schema: RecordSchema, values: Mapping[str, object], prefix: str = ""
) -> Iterator[tuple[str, RecordField, Any]]:
    """Yield name, field and value of each field that `schema` has.

    Those of nested records have names like ``sales-item[0].tax``; `prefix` stands in front of them.
    """
    for name, value in values.items():
        field = schema.record_fields.get(name)
        if isinstance(field, Records) and isinstance(value, list):
            for n, line in enumerate(value):
                if isinstance(line, Mapping):
                    yield from _iter_fields(field.schema, line, f"{prefix}{name}[{n}].")
        elif field is not None:
            yield f"{prefix}{name}", field, value
