"""What a request may carry: the rows of a page's table, and the filters of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from marshmallow import EXCLUDE, Schema

from fakekit.contract.fields import Contracted
from fakekit.contract.provenance import Truth
from fakekit.contract.schema import FieldProblem, Record, RecordError, Records, RecordSchema


class _OpenSchema(RecordSchema):
    """A schema that ignores fields it does not have; the note on the response names them."""

    class Meta:
        unknown = EXCLUDE


class _Reader:
    """A part of a request that is read by a schema of its own, and ignores what that has no field for."""

    name = ""

    def _fields(self) -> Mapping[str, Contracted]:
        """Return the fields that are read, by name. Raises NotImplementedError: each subclass has its own."""
        raise NotImplementedError

    @cached_property
    def schema(self) -> RecordSchema:
        """The schema, made when it is first asked for: most runs need few of them."""
        return cast("RecordSchema", _OpenSchema.from_dict(dict(self._fields()), name=self.name)())

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that came, with values spelled as records spell them.

        Raises `RecordError` with every problem at once; its problems repeat nothing that came.
        """
        try:
            return self.schema.read(values)
        except RecordError as error:
            raise RecordError([problem.without_value() for problem in error.problems]) from None

    def unread(self, values: Mapping[str, Any]) -> list[str]:
        """Return the names that came and that no field reads, for the note on the response."""
        return _unread(self.schema, values)


class Body(_Reader):
    """The body of a request that adds or edits a record.

    >>> from fakekit.contract.provenance import documented
    >>> from fakekit.resources.customer_groups.schema import CustomerGroupSchema
    >>> body = Body("AddGroup", CustomerGroupSchema, documented("add-customer-group"),
    ...             required=("group_name",), optional=("group_description",))
    >>> body.read({"group_name": "Regulars"})
    {'group_name': 'Regulars'}

    name: as OpenAPI spells it.
    schema: of the records it makes; its fields read the body, ``null`` where they are optional.
    truth: the page whose table has these rows.
    required, optional: the names of the rows.
    truths: by field, another provenance than the page's.
    instead: fields that read otherwise than the record's own.

    Raises ValueError on first use when a row is no field of the schema, or is named twice.
    """

    def __init__(
        self,
        name: str,
        schema: type[RecordSchema],
        truth: Truth,
        required: tuple[str, ...] = (),
        optional: tuple[str, ...] = (),
        truths: Mapping[str, Truth] | None = None,
        instead: Mapping[str, Contracted] | None = None,
    ) -> None:
        self.name, self.truth, self._read_by = name, truth, (schema, instead)
        self._rows, self._truths = (required, optional), truths or {}

    def _fields(self) -> Mapping[str, Contracted]:
        """Return the rows as fields of a request. Raises ValueError for a row that is no field."""
        required, optional = self._rows
        known, truths = self._known, self._truths
        names = [name for name in known if name in required or name in optional]
        if len(names) != len(required) + len(optional):
            raise ValueError(f"{self.name}: a row is no field of the record, or stands twice")
        return {n: known[n].incoming(n in required, truths.get(n, self.truth)) for n in names}

    @cached_property
    def _known(self) -> Mapping[str, Contracted]:
        schema, instead = self._read_by
        return {**schema().contracted(), **(instead or {})}

    @cached_property
    def nullable(self) -> frozenset[str]:
        """The rows in which null is a value and does not mean that the field was left out."""
        return frozenset(name for name, field in self._known.items() if field.allow_none)

    @classmethod
    def from_body(cls, name: str, body: Body, truth: Truth) -> Body:
        """Return a body with the rows of another one, none of them required."""
        schema, instead = body._read_by
        required, optional = body._rows
        return cls(name, schema, truth, optional=required + optional, instead=instead)

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that came; null in an optional row counts as left out, unless it is `nullable`.

        Raises `RecordError` with every problem at once.
        """
        values_read = super().read(values)
        return {n: value for n, value in values_read.items() if value is not None or n in self.nullable}

    def informal(self, values: Mapping[str, Any]) -> list[FieldProblem]:
        """Return a problem for each field that breaks a rule of form; none repeats its value."""
        return [problem.without_value() for problem in self.schema.informal(values)]

    def has_digit_strings(self, values: Mapping[str, Any]) -> bool:
        """Return whether digits came in a string for a number (assumption ``body.numbers``)."""
        fields = self.schema.contracted()
        return any(isinstance(v, str) and n in fields and fields[n].counted for n, v in values.items())

    def assumed(self, read: Mapping[str, Any]) -> list[str]:
        """Return the assumptions that are the provenance of rows that came, but not of the whole table."""
        truths = [field.truth for name, field in self.schema.contracted().items() if name in read]
        return [truth.source for truth in truths if truth.kind == "assumed" and truth != self.truth]

    @property
    def needed(self) -> list[str]:
        """The names of the rows that a request must have."""
        return [name for name, field in self.schema.fields.items() if field.required]


def _unread(schema: Schema, values: Mapping[str, Any]) -> list[str]:
    """Return the names without a field, those inside of lists as ``sales-item[0].colour``."""
    names = [name for name in values if name not in schema.fields]
    for name, field in schema.fields.items():
        if isinstance(field, Records) and isinstance(values.get(name), list):
            for n, line in enumerate(values[name]):
                if isinstance(line, Mapping):
                    names += [f"{name}[{n}].{nested}" for nested in _unread(field.schema, line)]
    return names


@dataclass(frozen=True)
class Filter:
    """A query parameter of a list.

    field: what reads the parameter's value.
    matches: called with a record and the value that was read; returns whether the record stays in the list.
    """

    field: Contracted
    matches: Callable[[Record, Any], bool]


def equal(record_field: str) -> Callable[[Record, Any], bool]:
    """Return a filter's `holds` that compares a field of the record; 5 and ``"5"`` are the same."""
    return lambda record, value: str(record[record_field]) == str(value)


class Query(_Reader):
    """The query parameters of a list, by name; every other parameter is ignored."""

    def __init__(self, **filters: Filter) -> None:
        self.name, self.filters = "Query", filters

    def _fields(self) -> Mapping[str, Contracted]:
        return {n: f.field.incoming(False, f.field.truth) for n, f in self.filters.items()}

    def matcher(self, values: Mapping[str, Any]) -> Callable[[Record], bool]:
        """Return a function that says whether a record passes all filters that were given.

        values: the parameters that came, as `read` returns them.
        """
        conditions = [(self.filters[name].matches, value) for name, value in values.items()]
        return lambda record: all(matches(record, value) for matches, value in conditions)


NO_QUERY = Query()
