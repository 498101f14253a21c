"""The place *Requests*: the recorded requests of an account, or those without a valid key, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from json import dumps, loads
from typing import TYPE_CHECKING

from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.journal import EntryJson
from fakekit.accounts.recorded_request import escape_text
from fakekit.console.page import NO_KEY, Download, Page, Redirect, Rendered
from fakekit.contract.provenance import ASSUMED_REASON
from fakekit.control import ROOT
from fakekit.errors import FakekitError, Problem, without_secrets

if TYPE_CHECKING:
    from fakekit.control.results import RequestList

FILTERS = ("text", "status", "assumption", "only", "before")
"""The filters of the list, in the query of its address; the operation `requests` has the same."""
PLACE = "requests.show_requests"
ROWS = 100
"""How many requests a page of the list has."""


def show_requests(page: Page) -> Rendered:
    """Return the list of requests that pass the filters in the query.

    One that is wrong is a problem on the page, and the list is without it.
    """
    filters = read_filters(page)
    # Before the look at the list: a request that comes in between is in both, not in neither.
    last_number = page.runner.run("strangers", {"since": 10**15})["last_number"]
    found, used, problems = _find_by_filters(page, filters)
    names = {name for entry in found["requests"] for name in entry["assumed"]}
    if page.key != NO_KEY:
        names.update(page.run("about")["assumed"])
    shown = _reverse_requests(found)
    before = shown[ROWS - 1]["number"] if len(shown) > ROWS else ""
    shown_filters = {name: without_secrets(filters.get(name, "")) for name in FILTERS}
    context = {
        **_rows(shown[:ROWS]),
        "older": before,
        "filters": shown_filters,
        "used_filters": {name: without_secrets(value) for name, value in used.items()},
        "is_filtered": bool(filters),
        "assumed_reason": ASSUMED_REASON,
        "assumptions": sorted({*names, shown_filters["assumption"]} - {""}),
        "problems": problems,
        "is_truncated": found["truncated"],
        "limit": ENTRIES,
        "stream": f"{ROOT}/{page.key}/stream",
        "last_number": last_number,
    }
    return Rendered("requests.html", context, PLACE, 422 if problems else 200)


def show_new_rows(page: Page) -> Rendered:
    """Return the rows of the requests after the one of the number ``since`` in the query, and no more.

    They pass the same filters as the list. Raises `FakekitError` for a filter or number that is none.
    """
    since = page.query.get("since", "0")
    return Rendered(
        "request_rows.html", _rows(_reverse_requests(find_requests(page, **read_filters(page), since=since)))
    )


def download_har(page: Page) -> Download:
    """Return the requests that pass the filters in the query as an HTTP Archive, to be saved.

    Raises `FakekitError` for a filter that is none, and for the requests without a valid key.
    """
    content = page.run("requests", format="har", **read_filters(page))
    return Download(dumps(content, indent=1, ensure_ascii=False), f"{page.key}.har")


def forget_requests(page: Page) -> Redirect:
    """Delete the requests of the account, or those without a valid key, and show the empty list."""
    if page.key == NO_KEY:
        page.runner.run("forget_unauthenticated", {})
    else:
        page.run("forget_requests")
    return Redirect(page.url("requests"))


def read_filters(page: Page) -> dict[str, str]:
    """Return the filters in the query of the list's address by name, without those left empty."""
    return {name: value for name in FILTERS if (value := page.query.get(name, "").strip())}


def find_requests(page: Page, **filters: str) -> RequestList:
    """Return the requests that pass the filters, of the account or of those without a valid key.

    Raises `FakekitError` for a filter that is none.
    """
    if page.key == NO_KEY:
        found: RequestList = page.runner.run("strangers", filters)
    else:
        found = page.run("requests", **filters)
    return found


def _find_by_filters(
    page: Page, filters: Mapping[str, str]
) -> tuple[RequestList, Mapping[str, str], list[Problem]]:
    """Return the requests that pass the filters that can be used, these, and what is wrong with others.

    Raises `FakekitError` that no filter is to blame for.
    """
    try:
        return find_requests(page, **filters, limit=str(ROWS + 1)), filters, []
    except FakekitError as error:
        wrong = {problem.where for problem in error.problems}
        valid = {name: value for name, value in filters.items() if name not in wrong}
        if len(valid) == len(filters):
            raise
        found, used, others = _find_by_filters(page, valid)
        return found, used, [*error.problems, *others]


def local_time(entry: EntryJson) -> datetime:
    """Return when a request came, in the time zone of the server, as the terminal shows it."""
    return datetime.fromisoformat(entry["time"]).astimezone()


def query_text(query: Mapping[str, object]) -> str:
    """Return the parameters of a query as a row shows them: ``page=2&sort=name``."""
    return escape_text("&".join(f"{name}={value}" for name, value in query.items()))


def reason(entry: EntryJson) -> str:
    """Return why a response is as it is: its note or, for a refusal without one, its error; else empty.

    A note that only lists the unread names is left out, as the row has them already.
    """
    if entry["note"] == f"not read: {', '.join(entry['unread'])}" or not entry["note"]:
        with suppress(ValueError, TypeError, KeyError):  # no JSON, or cut
            return str(loads(entry["answer"])["error"])
        return ""
    return entry["note"]


def _reverse_requests(found: RequestList) -> list[EntryJson]:
    """Return the requests that were found, the largest number first."""
    return sorted(found["requests"], key=lambda entry: entry["number"], reverse=True)


def _rows(entries: Sequence[EntryJson]) -> dict[str, object]:
    """Return what the template of the rows needs: the requests and some functions."""
    functions = {"local_time": local_time, "query_text": query_text, "reason": reason}
    return {"requests": entries, **functions}
