"""Listing the requests in a journal, for the operations `requests` and `strangers`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from fakekit.accounts.journal import ENTRIES, WAIT_SECONDS, Journal, JournalEntry
from fakekit.contract.pattern import RECORDED_METHODS, match_path
from fakekit.contract.value_type import choice, whole_number
from fakekit.control.results import RequestFilters, RequestList, UnreadName
from fakekit.control.values import SINCE
from fakekit.faults.settings import PATH, SECONDS, SettingField
from fakekit.resources import ENDPOINTS

FILTERS: Mapping[str, SettingField] = {
    "method": SettingField(choice(*RECORDED_METHODS), note="only those with this method"),
    "path": SettingField(PATH, note="only those with this path; `*` stands for one segment"),
    "status": SettingField(whole_number(100, 599), note="only those with this response status"),
    "since": SettingField(
        SINCE, note="only those after the request of this number, or from this time on (ISO 8601)"
    ),
    "count": SettingField(whole_number(1, ENTRIES), note="wait until so many requests match"),
    "timeout": SettingField(SECONDS, note="how long to wait for them at most; 5 seconds by default"),
}
"""The arguments of `list_requests`, as clients write them."""


def list_requests(journal: Journal, **filters: Unpack[RequestFilters]) -> RequestList:
    """Return the recorded requests that match all filters as JSON, and whether older ones were dropped.

    journal: the recorded requests of an account, or those without a valid key.
    filters: see `RequestFilters`. With ``count`` the calling thread blocks until so many requests match.
    """
    method, status, path = filters.get("method"), filters.get("status"), filters.get("path", "")
    since = filters.get("since", 0)

    def matches(entry: JournalEntry) -> bool:
        return (
            method in (None, entry.method)
            and status in (None, entry.status)
            and match_path(path, entry.path)
            and (entry.time >= since if isinstance(since, float) else entry.number > since)
        )

    if "count" in filters:
        entries = journal.wait(matches, filters["count"], filters.get("timeout", WAIT_SECONDS))
    else:
        entries = journal.entries(matches)
    return RequestList(requests=[entry.as_json() for entry in entries], truncated=journal.truncated)


def list_unread(unread: Iterable[tuple[str, str]]) -> list[UnreadName]:
    """Return the names in requests of an account that no endpoint read as JSON, with the nearest known ones.

    unread: operation and name of each.
    """
    listed: list[UnreadName] = []
    for operation, name in unread:
        endpoint = next(e for e in ENDPOINTS if e.operation == operation)
        path = f"{endpoint.method} {endpoint.path}"
        listed.append({"endpoint": path, "name": name, "nearest": endpoint.nearest_name(name)})
    return listed
