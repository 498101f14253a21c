"""A record's schema: the one declaration that reads, writes and documents it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
    """What is wrong with one field, before anybody knows in which file or request it stood."""

    field: str
    what: str
    found: str = ""
    write: str = ""


class RecordError(Exception):
    """A record breaks its schema; `problems` has every field at fault."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.what}" for p in problems))


class RecordSchema(Schema):
    """Base of every resource's schema; fields in the documented order, unknown ones refused."""

    class Meta:
        """marshmallow's options: what is not declared is refused."""

        unknown = RAISE

    def read(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A whole record from its values: optional fields that are absent become null.

        Raises `RecordError` with every problem at once.
        """
        try:
            return dict(self.load(values))
        except ValidationError as error:
            raise RecordError(self._problems(error, values)) from None

    def informal(self, record: Record) -> list[FieldProblem]:
        """Fields that are allowed but do not have the usual form (see `fakekit.contract.fields.Form`)."""
        return [
            FieldProblem(name, field.form.what, show(record[name]), field.offer(record[name]))
            for name, field in self.contracted().items()
            if field.form and record.get(name) is not None and not field.form.holds(record[name])
        ]

    def references(self) -> dict[str, Contracted]:
        """Fields that name a record elsewhere; each knows its resource (`to`) and reads its id (`target`)."""
        return {name: field for name, field in self.contracted().items() if field.to}

    def contracted(self) -> dict[str, Contracted]:
        """The declared fields, in the documented order."""
        return {name: f for name, f in self.fields.items() if isinstance(f, Contracted)}

    def _problems(self, error: ValidationError, values: Any) -> list[FieldProblem]:
        # Its `messages` are typed for many shapes; of a record each field has a list, or a mapping if nested.
        messages: Any = error.messages
        found: list[FieldProblem] = []
        for name, told in messages.items():
            if isinstance(told, list):
                found.append(self._problem(str(name), told[0], values))
            else:
                found += [FieldProblem(f"{name}{path}", what) for path, what in _flat(told)]
        return found

    def _problem(self, name: str, message: str, values: Mapping[str, Any]) -> FieldProblem:
        if name not in self.fields:
            return FieldProblem(name, "is not a field of this record", "", suggest(name, self.fields))
        found = show(values[name]) if name in values else ""
        return FieldProblem(name, message, found, self.contracted()[name].offer(values.get(name)))


class Records(Contracted, _List):
    """A list of records inside a record: the lines of a sale, the images of an item."""

    default_error_messages = {
        "required": "is required",
        "null": "may not be null",
        "invalid": "must be a list of records",
    }

    def __init__(self, schema: type[RecordSchema], **declared: Any) -> None:
        self.schema = schema
        nested = fields.Nested(schema, error_messages={"type": "must be a record, a mapping of fields"})
        Contracted.__init__(self, nested, **declared)


def _flat(told: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The messages of something nested, each with its path: ``("[0].tax", "is required")``."""
    if isinstance(told, list):
        yield path, str(told[0])
        return
    for name, below in told.items():
        step = f"[{name}]" if isinstance(name, int) else "" if name == "_schema" else f".{name}"
        yield from _flat(below, path + step)
