"""The base class of the fields of records; their types are in `fields`, `numbers` and `amounts`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from marshmallow import fields, missing

from fakekit.contract.form import FormRule, PlainText
from fakekit.contract.provenance import Truth
from fakekit.errors import Cure

if TYPE_CHECKING:
    AnyField = fields.Field[object]
else:
    AnyField = fields.Field  # not generic before marshmallow 4


class RecordField(AnyField):
    """A field of a record, with its example and provenance; mixed into marshmallow's field classes.

    inner: for a list, the field of its items; for other types nothing.
    example: the value of the vendor's sample; error messages suggest it.
    truth: the provenance of the field: a page of the vendor, an RFC or an assumption.
    note: a description in our words for OpenAPI and JSON Schema.
    optional: whether the field may be null or left out, which also makes it null (assumption
        ``values.null``).
    default: the value in a record (of a file, a request or a test) that leaves the field out, or a function
        that returns it; None where the field is required. Not used for an optional field.
    rule: a rule on the text that no page states, such as "looks like an e-mail address".
    generate: takes a record's source of random values and returns the field's value in a generated record;
        None where `Resource.generate` returns it.
    """

    default_error_messages = {"required": "is required", "null": "may not be null"}
    facets: Mapping[str, object] = {}
    """JSON Schema keywords for the type beyond its name: ``{"pattern": "^[0-9]+$"}``."""
    request_schemas: Sequence[Mapping[str, Any]] = ()
    """JSON Schemas of the values that a request may have, one for each JSON type, without null and empty
    text. There are none where a request may have only what a record has."""
    assumed_types: tuple[type, ...] = ()
    """The types in which a request may have it though no page shows them (assumption ``body.numbers``)."""
    is_signed = False
    """Whether it is an amount or a quantity; no page speaks of its sign (assumption ``values.negative``)."""
    in_request = False
    """Whether this copy of the field reads requests, which may send a number as digits in a string."""
    target = ""
    """For a reference, the name of the resource whose record the value identifies; else empty."""

    def __init__(
        self,
        *inner: object,
        example: Any,
        truth: Truth,
        note: str = "",
        optional: bool = False,
        default: object = None,
        rule: FormRule | None = None,
        generate: Callable[[Any], object] | None = None,
    ) -> None:
        self.example, self.truth, self.rule, self.generate = example, truth, rule, generate
        metadata: dict[str, object] = {"examples": [example], "x-fakekit-truth": str(truth)}
        metadata.update(self.facets)
        if note:
            metadata["description"] = note
        options: dict[str, Any] = {"required": True}
        if optional:
            options = {"allow_none": True, "load_default": None}
        elif default is not None:
            options = {"load_default": default}
        super().__init__(*inner, **options, metadata=metadata)

    def for_request(self, required: bool, truth: Truth) -> Self:
        """Return a copy of this record field for reading requests; the field itself is not changed.

        The copy has no default, and some types accept more in a request: a number also as digits in a string,
        an amount as text also as a number.

        required: whether a request must have the field; if not, it may also be null.
        truth: the provenance of the field's row in the vendor's table for this request.
        """
        field = copy.copy(self)
        field.required, field.load_default, field.truth, field.in_request = required, missing, truth, True
        field.allow_none = self.allow_none or not required
        field.metadata = {**self.metadata, "x-fakekit-truth": str(truth)}
        return field

    def target_id(self, value: Any) -> int | None:
        """Return the id of the record that a value of this field refers to, or None for no record.

        For a field with a `target`; the amount of a sale, say, refers to nothing.

        value: what a valid record has in this field: some pages print the id of a customer as text, others as
            a number, so ``"42"`` and 42 both give 42.
        """
        return value if value is None else int(value)

    def from_plain(self, value: object) -> object:
        """Return a value of a fixture file's record; `PlainText` is converted to the type of this field.

        All else is returned unchanged, and loading the record reports what is wrong.
        """
        return self.from_plain_text(str(value)) if type(value) is PlainText else value

    def from_plain_text(self, text: str) -> object:
        """Convert an unquoted YAML scalar to this field's type; this base class returns it unchanged."""
        return text

    def suggest_value(self, value: object) -> Cure | str:
        """Return a suggestion for the error message about an invalid value: ``something like id: 1``.

        value: the invalid value; this base class suggests the field's example whatever it is.
        """
        return Cure.value(str(self.name), self.example, "something like")
