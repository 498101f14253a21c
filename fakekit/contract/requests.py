"""What a request may carry: the rows of a page's table, read by the fields of the records themselves."""

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
    class Meta:
        unknown = EXCLUDE


class _Reader:
    """Reads what came by a schema of its own; what it has no field for, it leaves."""

    name = ""

    def _fields(self) -> Mapping[str, Contracted]:
        raise NotImplementedError

    @cached_property
    def schema(self) -> RecordSchema:
        """The schema, made when it is first asked for: most runs need few of them."""
        return cast("RecordSchema", _OpenSchema.from_dict(dict(self._fields()), name=self.name)())

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """What came, as a record spells it; fields that did not come are not there.

        Raises `RecordError` with every problem at once. Its problems quote nothing that came.
        """
        try:
            return self.schema.read(values)
        except RecordError as error:
            raise RecordError([problem.without_value() for problem in error.problems]) from None

    def unread(self, values: Mapping[str, Any]) -> list[str]:
        """The names that came and that nobody reads."""
        return _unread(self.schema, values)


class Body(_Reader):
    """The body of a request that writes.

    >>> Body("AddGroup", CustomerGroupSchema, documented("add-customer-group"),
    ...      required=("group_name",), optional=("group_description",))

    name: as OpenAPI spells it.
    schema: of the records it makes; its fields read the body, ``null`` where they are optional.
    truth: the page whose table has these rows.
    required, optional: the rows. Another truth than the page's can be given by field, in `truths`.
    instead: fields that read otherwise than the record's own.
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
        """The rows in which null is a value."""
        return frozenset(name for name, field in self._known.items() if field.allow_none)

    @classmethod
    def from_body(cls, name: str, body: Body, truth: Truth) -> Body:
        """The rows of another body, none of them required."""
        schema, instead = body._read_by
        required, optional = body._rows
        return cls(name, schema, truth, optional=required + optional, instead=instead)

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """As any table reads; null in a row that may be left out is as if it were, unless null is a value."""
        values_read = super().read(values)
        return {n: value for n, value in values_read.items() if value is not None or n in self.nullable}

    def informal(self, values: Mapping[str, Any]) -> list[FieldProblem]:
        """Fields that are allowed but do not have the usual form. Quotes nothing that came."""
        return [problem.without_value() for problem in self.schema.informal(values)]

    def has_digit_strings(self, values: Mapping[str, Any]) -> bool:
        """Whether digits came in a string where the table has an int (assumption ``body.numbers``)."""
        fields = self.schema.contracted()
        return any(isinstance(v, str) and n in fields and fields[n].counted for n, v in values.items())

    def assumed(self, read: Mapping[str, Any]) -> list[str]:
        """The assumptions by which rows that came are rows at all."""
        truths = [field.truth for name, field in self.schema.contracted().items() if name in read]
        return [truth.source for truth in truths if truth.kind == "assumed" and truth != self.truth]

    @property
    def needed(self) -> list[str]:
        """The rows that may not be left out."""
        return [name for name, field in self.schema.fields.items() if field.required]


def _unread(schema: Schema, values: Mapping[str, Any]) -> list[str]:
    """With the first of its kind for names inside lists: ``sales-item[0].colour``."""
    names = [name for name in values if name not in schema.fields]
    for name, field in schema.fields.items():
        if isinstance(field, Records) and isinstance(values.get(name), list):
            for n, line in enumerate(values[name]):
                if isinstance(line, Mapping):
                    names += [f"{name}[{n}].{nested}" for nested in _unread(field.schema, line)]
    return names


@dataclass(frozen=True)
class Filter:
    """A query parameter of a list: what reads it, and which records it leaves."""

    field: Contracted
    matches: Callable[[Record, Any], bool]


def equal(record_field: str) -> Callable[[Record, Any], bool]:
    """Leaves the records whose field has the value; numbers and their digits are the same."""
    return lambda record, value: str(record[record_field]) == str(value)


class Query(_Reader):
    """The query parameters of a list, by name."""

    def __init__(self, **filters: Filter) -> None:
        self.name, self.filters = "Query", filters

    def _fields(self) -> Mapping[str, Contracted]:
        return {n: f.field.incoming(False, f.field.truth) for n, f in self.filters.items()}

    def matcher(self, values: Mapping[str, Any]) -> Callable[[Record], bool]:
        """Whether a record is one that these (read) values leave."""
        conditions = [(self.filters[name].matches, value) for name, value in values.items()]
        return lambda record: all(matches(record, value) for matches, value in conditions)


NO_QUERY = Query()
