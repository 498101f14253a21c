"""The page of one record: its values and where they come from, what refers to it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from json import dumps
from typing import TYPE_CHECKING
from urllib.parse import quote

from fakekit.console.page import Page, Redirect, Rendered
from fakekit.console.record_values import (
    ShownField,
    display_name,
    find_named_in,
    find_referrers,
    line_fields,
    lines_target,
    shown_fields,
)
from fakekit.console.world import PLACE, find_personas, list_query, page_resource, world_context
from fakekit.contract.endpoint import Resource
from fakekit.contract.ids import parse_id
from fakekit.errors import FakekitError, NoRecordError, without_secrets
from fakekit.resources import RECORDS

if TYPE_CHECKING:
    from fakekit.control.results import RecordChange, RecordJson


def show_record(page: Page) -> Rendered:
    """Return the page of the record in the path, with its first values where it was changed.

    For a record that does not exist, the page says why (404), and how to bring back one that was removed.
    """
    resource, named = page_resource(page), page.path["named"]
    try:
        record: RecordJson = page.run("record", resource=resource.name, named=named)
    except NoRecordError as error:
        return show_missing_record(page, resource, error)
    change = find_change(page, resource, named)
    before = (change["before"] if change else None) or record
    fields = list(shown_fields(resource, record, before))
    context = {
        **world_context(page, resource),
        "named": resource.record_key(record),
        "record": record,
        "fields": fields,
        "reference_names": _reference_names(page, fields),
        "change": change,
        "persona": find_personas(page, resource).get(record["id"], ""),
        "lines": page.run("lines", resource=resource.name, named=named) if resource.nested else None,
        "lines_before": (change["before"] or {}).get(resource.nested) if change else None,
        "lines_target": lines_target,
        "line_fields": line_fields(resource),
        "referring": list(find_referrers(resource)),
        "naming": list(find_named_in(resource, record)),
        "curl": _curl_text(page, resource, record),
        "json": dumps(record, indent=2, ensure_ascii=False),
    }
    return Rendered("record.html", context, PLACE)


def show_missing_record(page: Page, resource: Resource, error: FakekitError) -> Rendered:
    """Return the page of a record that does not exist: why, and its first values if it was removed here.

    error: what the operation said about it.
    """
    named = page.path["named"]
    context = {
        **world_context(page, resource),
        "named": without_secrets(named),
        "problems": [problem._replace(write="") for problem in error.problems],  # that is for a test
        "can_add": resource.code is None and parse_id(named) is not None,
        "change": find_change(page, resource, named),
    }
    return Rendered("record_missing.html", context, PLACE, error.status)


def delete_record(page: Page) -> Redirect:
    """Delete the record in the path, and show its page, where it can be brought back.

    Raises `NoRecordError` when there is no such record.
    """
    resource, named = page_resource(page), page.path["named"]
    page.run("remove", resource=resource.name, named=named)
    return Redirect(page.url("world", resource.name, named, **list_query(page)))


def restore_record(page: Page) -> Redirect:
    """Give the record in the path its first values again, and show it; for one that was added, the list.

    Raises `NoRecordError` for a record that never existed, `RefusedRecordError` when another one has its
    code.
    """
    resource, named = page_resource(page), page.path["named"]
    change = find_change(page, resource, named)
    page.run("restore_record", resource=resource.name, named=named)
    before = change["before"] if change is not None else None
    if change is not None and before is None:
        return Redirect(page.url("world", resource.name, **list_query(page)))
    named = resource.record_key(before) if before else named
    return Redirect(page.url("world", resource.name, named, **list_query(page)))


def find_change(page: Page, resource: Resource, named: str) -> RecordChange | None:
    """Return what the account did with a record, also with a removed one; None for nothing.

    named: its id or code, or an earlier code.
    """
    try:
        found = page.run("changes", resource=resource.name, named=named)["changes"]
    except NoRecordError:
        return None
    change: RecordChange | None = found[0] if found else None
    return change


def _reference_names(page: Page, fields: Iterable[ShownField]) -> dict[str, str | None]:
    """Return by field the name of the record that it refers to; None for one that does not exist."""
    names: dict[str, str | None] = {}
    for shown in fields:
        if shown.references:
            target, key = shown.references
            try:
                record = page.run("record", resource=target, named=key)
                names[shown.name] = display_name(RECORDS[target], record)
            except NoRecordError:
                names[shown.name] = None
    return names


def _curl_text(page: Page, resource: Resource, record: RecordJson) -> str:
    """Return the curl line by which the vendor's API returns a record; empty where it has no such request."""
    endpoint = resource.fetch_endpoint
    if endpoint is None:
        return ""
    named = quote(resource.record_key(record), safe="")
    path = endpoint.path.replace(f"{{{endpoint.parameter}}}", named)
    return f"curl -i {page.origin}{path} \\\n  -H 'Authorization: Bearer {page.key}'"
