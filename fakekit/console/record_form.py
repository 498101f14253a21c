"""The form of a record, made from its schema: an input for each field, with the schema's errors beside it.

A form has text only. A field gives it its type, as it does for an unquoted value of a fixture file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from json import dumps
from typing import TYPE_CHECKING

from fakekit.console.field_hint import hint_for
from fakekit.console.page import Page, Redirect, Rendered
from fakekit.console.record import show_missing_record
from fakekit.console.record_values import display_name
from fakekit.console.world import PLACE, list_query, page_resource, world_context
from fakekit.contract.amounts import Price
from fakekit.contract.endpoint import Resource
from fakekit.contract.fields import Choice
from fakekit.contract.numbers import BinaryNumber, Whole
from fakekit.contract.record_field import RecordField
from fakekit.contract.schema import Records
from fakekit.contract.strict_json import JsonError, read_json
from fakekit.errors import NoRecordError, Problem, RefusedRecordError, show, without_secrets
from fakekit.resources import RECORDS

if TYPE_CHECKING:
    from fakekit.control.results import RecordJson

LONG = 60
"""The length from which a text gets an input of several lines."""
SEEN = "fakekit_seen"
"""The hidden input with the texts of the fields when the form was opened, as JSON."""
MAX_OPTIONS = 100
"""Of how many records at most a field that refers to one of them offers a choice."""


@dataclass(frozen=True)
class FormField:
    """One input of a form.

    kind: ``number``, ``text``, ``select`` or ``textarea``.
    text: what is in it. options: for a select, pairs of value and label.
    hint: what the field takes, and what it means when it is left empty.
    problems: what is wrong with the text that was sent, as sentences.
    """

    name: str
    declared: RecordField
    kind: str
    text: str
    hint: str
    options: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def show_new_form(page: Page) -> Rendered:
    """Return the form to add a record to the resource in the path, filled in with the fields in the query.

    Raises `NoRecordError` for an unknown resource.
    """
    return _render(page, page_resource(page), None, page.query, [])


def add_record(page: Page) -> Rendered | Redirect:
    """Add the record of the form and show it; with problems, show the form again (422), as it was sent.

    Empty fields are left out: required ones get generated values, others null.
    """
    resource = page_resource(page)
    typed = find_typed(resource, page.form, {})
    try:
        record = page.run("add", resource=resource.name, fields=convert_texts(resource, typed))
    except RefusedRecordError as error:
        return _render(page, resource, None, typed, error.problems)
    return Redirect(page.url("world", resource.name, resource.record_key(record)))


def show_edit_form(page: Page) -> Rendered:
    """Return the form of the record in the path; for a missing record, the page on that (404)."""
    resource = page_resource(page)
    try:
        return _render(page, resource, _find_record(page, resource), {}, [])
    except NoRecordError as error:
        return show_missing_record(page, resource, error)


def edit_record(page: Page) -> Rendered | Redirect:
    """Change the fields whose text is not the one that the form was opened with, and show the record.

    The other fields keep their values, which another page or a request may have changed. Where a typed field
    got another value meanwhile, that is a problem; it is written when the form is sent again. With problems,
    show the form again (422) as it was sent; without the record, the page that says why.
    """
    resource = page_resource(page)
    try:
        record = _find_record(page, resource)
        texts = _texts(resource, record)
        typed = find_typed(resource, page.form, texts)
        try:
            _check_conflict(resource, page.form, texts, typed)
            fields = convert_texts(resource, typed)
            changed = page.run("change", resource=resource.name, named=page.path["named"], fields=fields)
        except RefusedRecordError as error:
            return _render(page, resource, record, typed, error.problems)
    except NoRecordError as error:
        return show_missing_record(page, resource, error)
    return Redirect(page.url("world", resource.name, resource.record_key(changed), **list_query(page)))


def find_typed(resource: Resource, form: Mapping[str, str], texts: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form whose text is not the one that was in it when it was opened.

    form: what was sent; `SEEN` in it is the JSON of the texts at that time.
    texts: those of the record now, which count where the form does not say; empty for a new record.
    """
    before = {**texts, **_read_seen(form)}
    names = [name for name in resource.record_schema.record_fields if name in form]
    return {n: text for n in names if (text := _normalize_lines(form[n])) != before.get(n, "")}


def _read_seen(form: Mapping[str, str]) -> dict[str, object]:
    """Return the texts that were in a form when it was opened; empty where it does not say."""
    try:
        seen = read_json(form.get(SEEN, "{}"))
    except JsonError:
        return {}
    return seen if isinstance(seen, dict) else {}


def _check_conflict(
    resource: Resource, form: Mapping[str, str], texts: Mapping[str, str], typed: Mapping[str, str]
) -> None:
    """Raise `RefusedRecordError` where a typed field got another value after the form was opened.

    form: what was sent. texts: those of the record now. typed: the fields of the form that were changed.
    """
    seen = _read_seen(form)
    problems = [
        Problem(
            f"{resource.name}.{name}",
            f"was changed meanwhile to {show(texts.get(name, ''))}; save again to replace that",
        )
        for name, text in typed.items()
        if name in seen and texts.get(name, "") not in (seen[name], text)
    ]
    if problems:
        raise RefusedRecordError(problems)


def convert_texts(resource: Resource, typed: Mapping[str, str]) -> dict[str, object]:
    """Return texts of a form by field in the types of the record.

    Raises `RefusedRecordError` for a list that is not JSON. The rest is for the schema to validate.
    """
    fields = resource.record_schema.record_fields
    values: dict[str, object] = {}
    problems = []
    for name, text in typed.items():
        try:
            values[name] = _to_value(fields[name], text)
        except JsonError:
            problems.append(Problem(f"{resource.name}.{name}", "must be a list of records, as JSON"))
    if problems:
        raise RefusedRecordError(problems)
    return values


def _to_value(record_field: RecordField, text: str) -> object:
    """Return the text of an input as the field's value: null for no text in an optional field.

    Raises `JsonError` for the text of a list that is not JSON.
    """
    if isinstance(record_field, Records):
        return read_json(text or "[]")
    if text == "" and record_field.allow_none:
        return None
    return record_field.from_plain_text(text)


def _normalize_lines(text: str) -> str:
    """Return a text with the line ends of records: browsers send two characters for one."""
    return re.sub("\r\n?", "\n", text)


def _find_record(page: Page, resource: Resource) -> RecordJson:
    """Return the record in the path with its lines. Raises `NoRecordError` when there is none."""
    named = page.path["named"]
    record: RecordJson = page.run("record", resource=resource.name, named=named)
    if resource.nested:
        record[resource.nested] = page.run("lines", resource=resource.name, named=named)
    return record


def _texts(resource: Resource, record: RecordJson) -> dict[str, str]:
    """Return what is in the form of a record: the text of each field, lists as JSON, nothing for null."""
    fields = resource.record_schema.record_fields
    return {name: _normalize_lines(_to_text(value)) for name, value in record.items() if name in fields}


def _to_text(value: object) -> str:
    """Return a value as the text of an input; `_to_value` is the reverse."""
    if value is None:
        return ""
    return dumps(value, indent=2, ensure_ascii=False) if isinstance(value, list) else str(value)


def _render(
    page: Page,
    resource: Resource,
    record: RecordJson | None,
    sent: Mapping[str, str],
    problems: list[Problem],
) -> Rendered:
    """Return the page with the form of a record; None is a new one.

    sent: the texts that were typed, with the problems in them; empty for the form as it is first.
    """
    texts = _texts(resource, record) if record is not None else {}
    by_field: dict[str, list[str]] = {}
    for problem in problems:
        where = problem.where.removeprefix(f"{resource.name}.")
        by_field.setdefault(re.split(r"[.\[]", where)[0], []).append(f"{where} {problem.description}")
    fields = list(_form_fields(page, resource, texts, sent, by_field))
    names = {form_field.name for form_field in fields}
    context = {
        **world_context(page, resource),
        "named": resource.record_key(record) if record is not None else "",
        "title": display_name(resource, record) if record is not None else "",
        "fields": fields,
        "seen": (SEEN, dumps(texts, ensure_ascii=False)),
        "other_problems": [text for name in by_field if name not in names for text in by_field[name]],
    }
    return Rendered("record_form.html", context, PLACE, 422 if problems else 200)


def _form_fields(
    page: Page,
    resource: Resource,
    texts: Mapping[str, str],
    sent: Mapping[str, str],
    by_field: Mapping[str, list[str]],
) -> Iterator[FormField]:
    """Yield the inputs of a form, in the documented order; the id of a record that exists has none.

    texts: what the record has; empty for a new one. by_field: the problems of what was sent.
    """
    for name, record_field in resource.record_schema.record_fields.items():
        if texts and (name == "id" or (name not in texts and not isinstance(record_field, Records))):
            continue
        before, problems = texts.get(name, ""), list(by_field.get(name, []))
        text = _normalize_lines(sent.get(name, before))
        if text != before and without_secrets(text) != text:
            text = ""
            problems.append("What was typed here looks like a credential and is not repeated: type it again.")
        options = _options(page, record_field, text, is_new=not texts)
        yield FormField(
            name,
            record_field,
            "select" if options else _kind(record_field, text),
            text,
            hint_for(record_field, is_new=not texts, has_options=bool(options)),
            options,
            problems,
        )


def _kind(record_field: RecordField, text: str) -> str:
    """Return the kind of input of a field: ``number``, ``textarea`` for lists and long texts, or ``text``."""
    if isinstance(record_field, Whole | Price):
        return "number"
    is_long = len(text) > LONG or "\n" in text or len(str(record_field.example)) > LONG
    return "textarea" if isinstance(record_field, Records) or is_long else "text"


def _options(page: Page, record_field: RecordField, text: str, is_new: bool) -> list[tuple[str, str]]:
    """Return the choice that a field has, as pairs of value and label; empty where any text may be written.

    text: what is in the field, which is always among them. is_new: whether a required field may be left
        empty, too: its value is generated then.
    """
    pairs: list[tuple[str, str]] = []
    if isinstance(record_field, BinaryNumber):
        pairs = [("1", "1 (true)"), ("0", "0 (false)")]
    elif isinstance(record_field, Choice) and not record_field.or_date:
        pairs = [(word, word) for word in record_field.words]
    elif record_field.target:
        target = RECORDS[record_field.target]
        found = page.run("records", resource=target.name, limit=MAX_OPTIONS + 1)
        if 0 < len(found) <= MAX_OPTIONS:
            pairs = [(str(r["id"]), f"{r['id']}: {display_name(target, r)}") for r in found]
    if not pairs:
        return []
    if text and text not in [value for value, _ in pairs]:
        pairs = [(text, f"{text}: there is none"), *pairs]
    if record_field.allow_none:
        return [("", "null"), *pairs]
    return [("", "generated"), *pairs] if is_new else pairs
