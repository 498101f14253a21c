"""A record's schema: the one declaration that reads, writes and documents it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import RAISE, Schema, ValidationError

from fakekit.contract.fields import Contracted, Reference
from fakekit.errors import show, suggest

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
            # Its `messages` are typed for lists and nested schemas too; a record is flat.
            messages: Any = error.messages
            raise RecordError(
                [self._problem(str(name), found[0], values) for name, found in messages.items()]
            ) from None

    def informal(self, record: Record) -> list[FieldProblem]:
        """Fields that are allowed but do not have the usual form (see `fakekit.contract.fields.Form`)."""
        return [
            FieldProblem(name, field.form.what, show(record[name]), field.offer(record[name]))
            for name, field in self.contracted().items()
            if field.form and record[name] is not None and not field.form.holds(record[name])
        ]

    def references(self) -> dict[str, str]:
        """Fields that hold the id of a record elsewhere, with the resource they point to."""
        return {name: field.to for name, field in self.contracted().items() if isinstance(field, Reference)}

    def contracted(self) -> dict[str, Contracted]:
        """The declared fields, in the documented order."""
        return {name: f for name, f in self.fields.items() if isinstance(f, Contracted)}

    def _problem(self, name: str, message: str, values: Mapping[str, Any]) -> FieldProblem:
        if name not in self.fields:
            return FieldProblem(name, "is not a field of this record", "", suggest(name, self.fields))
        found = show(values[name]) if name in values else ""
        return FieldProblem(name, message, found, self.contracted()[name].offer(values.get(name)))
