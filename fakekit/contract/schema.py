"""A record's schema: the one declaration that reads, writes and documents it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from fakekit.contract.fields import Contracted
from fakekit.errors import show, suggest

if TYPE_CHECKING:
    _List = fields.List[Any]
else:
    _List = fields.List  # not generic before marshmallow 4

Record = Mapping[str, Any]
"""A record as JSON would carry it, its fields in the documented order. Never changed in place."""


@dataclass(frozen=True)
class FieldProblem:
    """What is wrong with one field, before it is known in which file or request it stood.

    field: its name; inside of a list ``sales-item[0].quantity``.
    what: the rest of a sentence about it: "must be text".
    found: the value that came, as messages show it; empty when it may not be shown.
    write: what to write instead; empty when nothing can be offered.
    """

    field: str
    what: str
    found: str = ""
    write: str = ""

    def inside(self, where: str) -> FieldProblem:
        """Return the same problem of a record that is nested in another; `where` is its place there."""
        return replace(self, field=f"{where}.{self.field}")

    def without_value(self) -> FieldProblem:
        """Return the same problem without the value that came, which may be a key."""
        return FieldProblem(self.field, self.what)


class RecordError(Exception):
    """A record that breaks its schema; `problems` has every field at fault."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.what}" for p in problems))


class RecordSchema(Schema):
    """Base of every resource's schema; fields in the documented order, unknown ones refused."""

    class Meta:
        """marshmallow's options: a field that is not declared is refused."""

        unknown = RAISE

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return a whole record made of values: optional fields that are absent become null.

        Raises `RecordError` with every problem at once.
        """
        try:
            return dict(self.load(values))
        except ValidationError as error:
            # Its messages are typed for every shape there is; a record's are by field.
            messages = cast("Mapping[str, Any]", error.messages)
            raise RecordError(self.problems(messages, values)) from None

    def informal(self, record: Record) -> list[FieldProblem]:
        """Return a problem for each field that breaks a rule of form (`fakekit.contract.fields.Form`)."""
        problems = []
        for name, field in self.contracted().items():
            value = record.get(name)
            if isinstance(field, Records):
                for n, nested in enumerate(value or []):
                    problems += [p.inside(f"{name}[{n}]") for p in field.schema.informal(nested)]
            elif field.form and value is not None and not field.form.matches(value):
                problems.append(FieldProblem(name, field.form.what, show(value), field.suggest_value(value)))
        return problems

    def references(self) -> dict[str, Contracted]:
        """Return the fields whose value is the id of another record, by name."""
        return {name: field for name, field in self.contracted().items() if field.to}

    def contracted(self) -> dict[str, Contracted]:
        """Return the declared fields by name, in the documented order."""
        return {name: f for name, f in self.fields.items() if isinstance(f, Contracted)}

    def problems(self, messages: Mapping[str, Any], values: Mapping[str, Any]) -> list[FieldProblem]:
        """Turn marshmallow's messages on a record into problems with values and suggestions.

        messages: by field a list of texts, or for nested records a mapping.
        values: the record that was refused.
        """
        problems: list[FieldProblem] = []
        for name, message in messages.items():
            if isinstance(message, list):
                problems.append(self._problem(str(name), message[0], values))
            else:
                problems += cast("Records", self.fields[name]).problems(message, values[name])
        return problems

    def _problem(self, name: str, message: str, values: Mapping[str, Any]) -> FieldProblem:
        """Return marshmallow's message on one field as a problem; an unknown field gets a suggestion."""
        if name not in self.fields:
            return FieldProblem(name, _UNKNOWN, "", suggest(name, self.fields))
        value_text = show(values[name]) if name in values else ""
        return FieldProblem(
            name, message, value_text, self.contracted()[name].suggest_value(values.get(name))
        )


_UNKNOWN = "is not a field of this record"


class Records(Contracted, _List):
    """A list of records inside a record: the lines of a sale, the images of an item."""

    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be a list of records",
    }

    def __init__(self, schema: type[RecordSchema], **declared: Any) -> None:
        self.schema = schema()
        Contracted.__init__(self, fields.Nested(schema), **declared)

    def problems(self, messages: Mapping[int, Any], values: Any) -> Iterator[FieldProblem]:
        """Yield what is wrong with the records of a list, from marshmallow's messages by index."""
        for n, record_messages in messages.items():
            where = f"{self.name}[{n}]"
            if isinstance(values[n], Mapping):
                for problem in self.schema.problems(record_messages, values[n]):
                    yield problem.inside(where)
            else:
                yield FieldProblem(where, "must be a record, a mapping of fields", show(values[n]))
