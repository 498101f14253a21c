"""The schema of a record, which is used to read, write and document it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from marshmallow import RAISE, Schema, ValidationError, fields

from fakekit.contract.record_field import RecordField
from fakekit.errors import Cure, cure_of, show, suggest

if TYPE_CHECKING:
    _List = fields.List[object]
else:
    _List = fields.List  # not generic before marshmallow 4

Record = Mapping[str, Any]
"""A record as parsed JSON, its fields in the documented order. It is never changed in place."""


class FieldProblem(NamedTuple):
    """An error in one field of a record, without the file or request that the record came from.

    field: the field's name, or its path in a nested record: ``sales-item[0].quantity``.
    message: the rest of a sentence that begins with the field: "must be text".
    found: the invalid value, as messages show it; empty when it may not be shown.
    write: a suggestion what to write instead; empty when there is none.
    """

    field: str
    message: str
    found: str = ""
    write: Cure | str = ""

    def with_prefix(self, prefix: str) -> FieldProblem:
        """Return a copy for the outer record, with the nested record's path in front of `field`.

        prefix: the path of the nested record: ``sales-item[0]``.
        """
        return self._replace(field=f"{prefix}.{self.field}", write=cure_of(self.write).in_list())

    def without_value(self) -> FieldProblem:
        """Return a copy without the invalid value and the suggestion, for a request's problems.

        A client of the vendor's API may have sent an API key as the value.
        """
        return FieldProblem(self.field, self.message)


class RecordError(Exception):
    """A record is invalid; `problems` has one entry for each field in error."""

    def __init__(self, problems: list[FieldProblem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.message}" for p in problems))


class UnknownReferenceError(RecordError):
    """A record to add or edit refers, by id, to another one that does not exist."""


class RecordSchema(Schema):
    """Base of the schemas of all resources: fields in the documented order, unknown fields rejected."""

    class Meta:
        """marshmallow's options: a field that is not declared is an error."""

        unknown = RAISE

    def read(self, values: Mapping[str, object]) -> dict[str, Any]:
        """Validate field values and return them as a complete record; absent optional fields become null.

        For the records of fixture files and tests. In the schema of a request's body or query (`Body`,
        `Query`) absent fields stay absent. Raises `RecordError` with the problems of all fields.
        """
        try:
            return dict(self.load(values))
        except ValidationError as error:
            # Its traceback ends in a frame of marshmallow's that holds the error: a circle that would keep
            # the request and its body until the garbage collector comes.
            error.__traceback__ = None
            # marshmallow types its messages as a list or a dict; those on a record are a dict by field.
            messages = cast("Mapping[str, object]", error.messages)
            raise RecordError(self.problems(messages, values)) from None

    def complete(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return field values that are valid as a complete record, as `read` does, without validating them.

        For the values of generated records, and of requests, which `Body` has validated. Raises `RecordError`
        when a required field is absent.
        """
        record = {}
        for name, field in self.record_fields.items():
            if name in values:
                record[name] = values[name]
            elif field.required:
                raise RecordError([FieldProblem(name, "is required")])
            else:
                default = field.load_default
                record[name] = default() if callable(default) else default
        for name, field in self.nested_fields.items():
            if values.get(name):
                record[name] = [field.schema.complete(nested) for nested in values[name]]
        return record

    def from_plain(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return a copy of a fixture file's record, with unquoted YAML scalars in the types of their fields.

        The record is not validated yet; values of unknown fields stay as they are.
        """
        fields = self.record_fields
        return {
            name: fields[name].from_plain(value) if name in fields else value
            for name, value in values.items()
        }

    def form_problems(self, record: Record) -> list[FieldProblem]:
        """Return a problem for each field of `record` that breaks its rule of form, nested records included.

        A rule of form (`fakekit.contract.form.FormRule`) is one that no page states. The list is empty when
        every rule holds. In fixture files these problems are warnings, or errors under ``--strict``; for
        requests, see `Body.form_problems`.
        """
        problems = []
        for name, field in self.record_fields.items():
            value = record.get(name)
            if isinstance(field, Records):
                for n, nested in enumerate(value or []):
                    nested_problems = field.schema.form_problems(nested)
                    problems += [p.with_prefix(f"{name}[{n}]") for p in nested_problems]
            elif field.rule and value is not None and not field.rule.pattern.fullmatch(value):
                problems.append(
                    FieldProblem(name, field.rule.message, show(value), field.suggest_value(value))
                )
        return problems

    def example(self) -> dict[str, object]:
        """Return the examples of the fields by name; a list of nested records without one has one record."""
        return {
            name: field.example or [field.schema.example()] if isinstance(field, Records) else field.example
            for name, field in self.record_fields.items()
        }

    @cached_property
    def references(self) -> dict[str, RecordField]:
        """The fields that refer to a record of another resource, by name: ``customer_id``."""
        return {name: field for name, field in self.record_fields.items() if field.target}

    @cached_property
    def optional_references(self) -> dict[str, str]:
        """For each reference that may be null, by its field, the resource that it refers to."""
        return {name: field.target for name, field in self.references.items() if field.allow_none}

    @cached_property
    def generators(self) -> dict[str, Callable[[Any], object]]:
        """The functions that generate the value of a single field, by name, see `RecordField.generate`."""
        return {name: field.generate for name, field in self.record_fields.items() if field.generate}

    @cached_property
    def nested_fields(self) -> dict[str, Records]:
        """The fields that hold nested records, by name: ``sales-item``, the lines of a sale."""
        return {name: field for name, field in self.record_fields.items() if isinstance(field, Records)}

    @cached_property
    def optional_names(self) -> list[str]:
        """The names of the fields that may be null."""
        return [name for name, field in self.record_fields.items() if field.allow_none]

    @cached_property
    def record_fields(self) -> dict[str, RecordField]:
        """The fields that are `RecordField` objects, by name, in the documented order."""
        return {name: f for name, f in self.fields.items() if isinstance(f, RecordField)}

    def problems(self, messages: Mapping[str, Any], values: Mapping[str, Any]) -> list[FieldProblem]:
        """Convert marshmallow's error messages on a record to problems with the values and suggestions.

        messages: for each field name a list of texts or, for a list of nested records, a mapping by index.
        values: the invalid record.
        """
        problems: list[FieldProblem] = []
        for name, message in messages.items():
            if isinstance(message, list):
                problems.append(self._problem(str(name), message[0], values))
            else:
                problems += cast("Records", self.fields[name]).problems(message, values[name])
        return problems

    def _problem(self, name: str, message: str, values: Mapping[str, object]) -> FieldProblem:
        """Convert marshmallow's message on the field `name` to a problem with its value and a suggestion.

        For a name that is not in the schema, the suggestion is the most similar field name.
        """
        if name not in self.fields:
            return FieldProblem(name, _UNKNOWN, "", suggest(name, self.fields))
        value_text = show(values[name]) if name in values else ""
        return FieldProblem(
            name, message, value_text, self.record_fields[name].suggest_value(values.get(name))
        )


_UNKNOWN = "is not a field of this record"


class Records(RecordField, _List):
    """A list of records inside a record: the lines of a sale, the images of an item.

    schema: the class of the nested records' schema.
    declared: the arguments of `RecordField`.
    """

    default_error_messages = {
        "invalid": "must be a list of records",
    }

    def __init__(self, schema: type[RecordSchema], **declared: Any) -> None:
        self.schema = schema()
        RecordField.__init__(self, fields.Nested(schema), **declared)

    def from_plain(self, value: object) -> object:
        """Return the nested records of a fixture file's record, with unquoted YAML scalars converted."""
        if not isinstance(value, list):
            return value
        return [self.schema.from_plain(record) if isinstance(record, Mapping) else record for record in value]

    def problems(self, messages: Mapping[int, Any], values: Any) -> Iterator[FieldProblem]:
        """Yield a problem for each error in this list of nested records.

        messages: marshmallow's messages on the invalid records, by index.
        values: the list that was loaded.
        """
        for n, record_messages in messages.items():
            path = f"{self.name}[{n}]"
            if isinstance(values[n], Mapping):
                for problem in self.schema.problems(record_messages, values[n]):
                    yield problem.with_prefix(path)
            else:
                yield FieldProblem(path, "must be a record, a mapping of fields", show(values[n]))
