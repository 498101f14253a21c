"""What an input in the form of a record takes, in a few words."""

from __future__ import annotations

from marshmallow import ValidationError

from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Records


def hint_for(record_field: RecordField, is_new: bool, has_options: bool) -> str:
    """Return what a field takes, in a few words: its form, the vendor's example, what an empty input means.

    has_options: whether the input offers a choice, which says the rest itself.
    """
    note = str(record_field.metadata.get("description", ""))
    if has_options:
        return note
    if isinstance(record_field, Records):
        names = [name for name, nested in record_field.schema.record_fields.items() if nested.required]
        form, example = f"a list, as JSON, of objects with {', '.join(names)}", ""
    else:
        messages = record_field.error_messages
        message = next((messages[name] for name in ("amount", "colour", "invalid") if name in messages), "")
        form = str(message).removeprefix("must be ").removeprefix("text")
        example = f"example: {record_field.example}" if record_field.example is not None else ""
    parts = [note, form, "" if "such as" in form else example, _empty_hint(record_field, is_new)]
    return "; ".join(filter(None, parts))


def _empty_hint(record_field: RecordField, is_new: bool) -> str:
    """Return what an input that is left empty stands for; empty where it is an error."""
    if record_field.allow_none:
        return "leave empty for null"
    if is_new:
        return f"leave empty for {'a generated value' if record_field.required else 'the default'}"
    try:
        record_field.deserialize("")
    except ValidationError:
        return ""
    return 'empty is saved as ""'
