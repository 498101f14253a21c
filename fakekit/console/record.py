"""The page of one record: its values and where they come from, what refers to it, and what became of it."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING
from urllib.parse import quote

from fakekit.console.page import Moved, Page, Rendered
from fakekit.console.record_values import lines_target, record_key, referring, shown_fields
from fakekit.console.world import PLACE, find_personas, find_resource, world_context
from fakekit.contract.endpoint import Resource
from fakekit.contract.ids import parse_id
from fakekit.contract.schema import Records
from fakekit.errors import FakekitError, NoRecordError, without_secrets

if TYPE_CHECKING:
    from fakekit.control.results import RecordChange, RecordJson


def show_record(page: Page) -> Rendered:
    """Return the page of the record in the path, with its first values where it was changed.

    For a record that does not exist, the page says why (404), and how to bring back one that was removed.
    """
    resource, named = find_resource(page), page.path["named"]
    try:
        record: RecordJson = page.run("record", resource=resource.name, named=named)
    except NoRecordError as error:
        return show_missing(page, resource, error)
    change = find_change(page, resource, named)
    before = (change["before"] if change else None) or record
    persona = find_personas(page, resource).get(record["id"])
    context = {
        **world_context(page, resource),
        "named": record_key(resource, record),
        "record": record,
        "fields": list(shown_fields(resource, record, record if is_added(change) else before)),
        "change": change,
        "persona": persona["title"] if persona else "",
        "lines": page.run("lines", resource=resource.name, named=named) if resource.nested else None,
        "lines_before": before.get(resource.nested) if change and not is_added(change) else None,
        "lines_target": lines_target,
        "line_fields": _line_fields(resource),
        "referring": list(referring(resource)),
        "curl": _curl_text(page, resource, record),
        "json": dumps(record, indent=1, ensure_ascii=False),
    }
    return Rendered("record.html", context, PLACE)


def show_missing(page: Page, resource: Resource, error: FakekitError) -> Rendered:
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


def delete_record(page: Page) -> Moved:
    """Delete the record in the path, and show its page, where it can be brought back.

    Raises `NoRecordError` when there is no such record.
    """
    resource, named = find_resource(page), page.path["named"]
    page.run("remove", resource=resource.name, named=named)
    return Moved(page.url("world", resource.name, named))


def restore_record(page: Page) -> Moved:
    """Give the record in the path its first values again, and show it; for one that was added, the list.

    Raises `NoRecordError` for a record that never existed, `RefusedRecordError` when another one has its
    code.
    """
    resource, named = find_resource(page), page.path["named"]
    change = find_change(page, resource, named)
    page.run("restore_record", resource=resource.name, named=named)
    before = change["before"] if change is not None else None
    if change is not None and before is None:
        return Moved(page.url("world", resource.name))
    return Moved(page.url("world", resource.name, record_key(resource, before) if before else named))


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


def is_added(change: RecordChange | None) -> bool:
    """Return whether a change is that of a record that the account added."""
    return change is not None and change["before"] is None


def _line_fields(resource: Resource) -> list[str]:
    """Return the fields of the nested records that are not those of the record itself; empty without any."""
    if not resource.nested:
        return []
    field = resource.record_schema.record_fields[resource.nested]
    own = resource.record_schema.record_fields
    return (
        [name for name in field.schema.record_fields if name not in own] if isinstance(field, Records) else []
    )


def _curl_text(page: Page, resource: Resource, record: RecordJson) -> str:
    """Return the curl line by which the vendor's API returns a record; empty where it has no such request."""
    endpoint = resource.fetch_endpoint
    if endpoint is None:
        return ""
    named = quote(record_key(resource, record), safe="")
    path = endpoint.path.replace(f"{{{endpoint.parameter}}}", named)
    return f"curl -s {page.origin}{path} \\\n  -H 'Authorization: Bearer {page.key}'"
