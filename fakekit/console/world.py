"""The place *World*: the records of an account, what it changed in them, and both as a fixture file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING

from fakekit.console.page import Download, Page, Redirect, Rendered
from fakekit.console.record_values import display_name, list_columns, name_fields, show_value
from fakekit.contract.endpoint import Resource
from fakekit.control import ROOT
from fakekit.control.records import find_resource
from fakekit.control.text_search import LARGEST_ID, last_searched_id
from fakekit.errors import ControlError, FakekitError, NoRecordError, Problem, without_secrets
from fakekit.resources import RECORDS

if TYPE_CHECKING:
    from fakekit.control.results import RecordChange, RecordJson

PLACE = "world.show_world"
ROWS = 50
"""How many records a page of the list has."""
FILTERS = ("search", "refers_to", "only", "after")
"""What the address of a list may have; that of a record has the same, for the way back."""


@dataclass(frozen=True)
class Row:
    """One record in the list.

    named: its id or code, as paths have it.
    state: what the account did with it: added, changed or removed; empty for nothing.
    before: the first values of the fields that the account changed; empty unless `state` is changed.
    persona: what makes it hard to handle, for one that is so on purpose; else empty.
    """

    record: RecordJson
    named: str
    state: str = ""
    before: Mapping[str, object] = field(default_factory=dict)
    persona: str = ""


def show_world(page: Page) -> Redirect:
    """Lead to the list of the first resource."""
    return Redirect(page.url("world", next(iter(RECORDS))))


def show_records(page: Page) -> Rendered:
    """Return a page of the records of a resource that pass the filters in the query.

    They are ``search`` (a text), ``refers_to`` (``customers/42``) and ``only`` (changed or personas);
    ``after`` is the id behind which the page begins. A filter that cannot be used is a problem on the page.

    Raises `NoRecordError` for an unknown resource.
    """
    resource = page_resource(page)
    filters = {name: page.query.get(name, "").strip() for name in FILTERS}
    problems: list[Problem] = []
    rows: list[Row] = []
    next_after, sample = "", page.run("records", resource=resource.name, limit=ROWS)
    try:
        _check_search(filters["search"])
        rows, next_after = _find_rows(page, resource, filters)
    except FakekitError as error:
        problems = error.problems
    context = {
        **world_context(page, resource),
        "columns": list_columns(resource, sample),
        "linked": [resource.key_field, *name_fields(resource)],
        "rows": rows,
        "next_after": next_after,
        "is_partial": bool(next_after) and len(rows) < ROWS,
        "filters": {name: without_secrets(value) for name, value in filters.items()},
        "has_personas": bool(resource.personas),
        "export_url": f"{page.origin}{ROOT}/{page.key}/export",
        "problems": problems,
    }
    return Rendered("world.html", context, PLACE, 422 if problems else 200)


def clear_changes(page: Page) -> Redirect:
    """Give all records their first values again, and show those of the resource in the form."""
    page.run("clear_changes")
    return Redirect(page.url("world", page.form.get("resource", "")).rstrip("/"))


def download_records(page: Page) -> Download:
    """Return the changes, or with ``what=world`` all records, as a fixture file: YAML, or ``form=json``.

    Raises `ControlError` for a world that is too large, and for other values of these two.
    """
    what, form = page.query.get("what", "changes"), page.query.get("form", "yaml")
    text = page.run("export", what=what, form=form)
    return Download(text, f"{page.key}-{what}.{form}")


def page_resource(page: Page) -> Resource:
    """Return the resource in the path of a page. Raises `NoRecordError`, which names the nearest one."""
    return find_resource(page.path["resource"], RECORDS)


def world_context(page: Page, resource: Resource) -> dict[str, object]:
    """Return what the templates of all pages of this place need: resources, counts of changes, functions."""
    counts: Mapping[str, int] = page.run("changes", limit=1)["counts"]
    return {
        "resource": resource,
        "resources": RECORDS,
        "counts": counts,
        "changed": sum(counts.values()),
        "show_value": show_value,
        "display_name": display_name,
        "account": page.run("about"),
        "back": list_query(page),
    }


def list_query(page: Page) -> dict[str, str]:
    """Return the filters of the list that led to a page, for the way back; without a credential."""
    given = {name: page.query[name].strip() for name in FILTERS if name in page.query}
    return {name: value for name, value in given.items() if value and value == without_secrets(value)}


def find_personas(page: Page, resource: Resource) -> dict[int, str]:
    """Return by id what makes a record of a resource hard to handle, for those that are so on purpose."""
    return {p["id"]: p["title"] for p in page.run("personas") if p["resource"] == resource.name}


def _check_search(text: str) -> None:
    """Raise `NoRecordError` for a text that looks like a credential, which no page may repeat."""
    if without_secrets(text) != text:
        message = "looks like a credential, so it is neither looked for nor repeated"
        raise NoRecordError(Problem("Search", message))


def _find_rows(page: Page, resource: Resource, filters: Mapping[str, str]) -> tuple[list[Row], str]:
    """Return the rows that pass the filters, and the id behind which the next page begins; empty for none.

    Without a filter, those that the account removed are among them. A page of a search ends at
    `last_searched_id`, with fewer rows. Raises `FakekitError` for a filter that cannot be used.
    """
    personas, after = find_personas(page, resource), filters["after"] or "0"
    given = {name: filters[name] for name in ("search", "refers_to") if filters[name]}
    if filters["only"] not in ("", "changed", "personas"):
        raise ControlError(Problem("Show", "must be all, changed or personas"))
    if filters["only"] == "changed":
        return _changed_rows(page, resource, after, personas)
    last = LARGEST_ID
    if filters["only"] == "personas":
        last = max(personas, default=0)
    elif given:
        first = page.run("records", resource=resource.name, after=after, limit=1)
        last = last_searched_id(first[0]["id"] if first else 0)
    found = page.run("records", resource=resource.name, after=after, limit=ROWS + 1, up_to=last, **given)
    next_after = ""
    if filters["only"] == "personas":
        found = [record for record in found if record["id"] in personas]
    elif len(found) > ROWS:
        found, last = found[:ROWS], found[ROWS - 1]["id"]
        next_after = str(last)
    elif given and page.run("records", resource=resource.name, after=last, limit=1):
        next_after = str(last)
    changes = {c["id"]: c for c in _changes_up_to(page, resource, after, last)}
    rows = [_make_row(resource, record, changes.get(record["id"]), personas) for record in found]
    if not (filters["search"] or filters["refers_to"] or filters["only"]):
        rows += [_change_row(change, personas) for change in changes.values() if change["now"] is None]
        rows.sort(key=lambda row: row.record["id"])
    return rows, next_after


def _changed_rows(
    page: Page, resource: Resource, after: str, personas: Mapping[int, str]
) -> tuple[list[Row], str]:
    """Return the rows of changed records behind the id `after`, and the id for the next page, or empty."""
    found: Sequence[RecordChange] = page.run("changes", resource=resource.name, after=after, limit=ROWS + 1)[
        "changes"
    ]
    next_after = str(found[ROWS - 1]["id"]) if len(found) > ROWS else ""
    return [_change_row(change, personas) for change in found[:ROWS]], next_after


def _make_row(
    resource: Resource,
    record: RecordJson,
    change: RecordChange | None,
    personas: Mapping[int, str],
) -> Row:
    """Return the row of a record that exists. change: what the account did with it; None for nothing."""
    if change is not None:
        return _change_row(change, personas)
    return Row(record, resource.record_key(record), persona=personas.get(record["id"], ""))


def _change_row(change: RecordChange, personas: Mapping[int, str]) -> Row:
    """Return the row of a changed record; a removed one has its first values."""
    now, first = change["now"] or change["before"] or {}, change["before"] or {}
    before = {name: value for name, value in first.items() if value != now.get(name)}
    return Row(now, change["named"], change["state"], before, personas.get(change["id"], ""))


def _changes_up_to(page: Page, resource: Resource, after: str, last: int) -> Iterator[RecordChange]:
    """Yield the changes of records with an id above `after`, up to `last`, ascending by id."""
    while True:
        found = page.run("changes", resource=resource.name, after=after, limit=100)["changes"]
        wanted = list(takewhile(lambda change: change["id"] <= last, found))
        yield from wanted
        if len(wanted) < 100:
            return
        after = str(wanted[-1]["id"])
