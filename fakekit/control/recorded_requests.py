"""Listing the requests in a journal, for the operations `requests` and `strangers`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Unpack

from fakekit.accounts.capacity import ENTRIES
from fakekit.accounts.journal import WAIT_SECONDS, Journal, JournalEntry
from fakekit.api.event_stream import EventStream
from fakekit.contract.pattern import RECORDED_METHODS, match_path
from fakekit.contract.positions import TABLE
from fakekit.contract.value_type import choice, matching_text, whole_number
from fakekit.control.results import RequestFilters, RequestList, UnreadName
from fakekit.control.text_search import contains_text
from fakekit.control.values import SINCE
from fakekit.faults.settings import PATH, SECONDS, SettingField
from fakekit.resources import ENDPOINTS

_ASSUMPTION = choice(*(assumption.name for assumption in TABLE))._replace(
    expected="the name of an assumption, such as missing.status"
)
_TEXT = matching_text("(?s).{1,200}", "a text of at most 200 characters", {"maxLength": 200})

FILTERS: Mapping[str, SettingField] = {
    "method": SettingField(choice(*RECORDED_METHODS), note="only those with this method"),
    "path": SettingField(PATH, note="only those with this path; `*` stands for one segment"),
    "status": SettingField(whole_number(100, 599), note="only those with this response status"),
    "text": SettingField(
        _TEXT, note="only those with this text in method, path, query, body or note, in upper or lower case"
    ),
    "assumption": SettingField(_ASSUMPTION, note="only those whose response relied on this assumption"),
    "only": SettingField(
        choice("problems"), note="only those refused, changed by a fault or with fields that are not read"
    ),
    "number": SettingField(whole_number(1, 10**15), note="only the one with this number"),
    "since": SettingField(
        SINCE, note="only those after the request of this number, or from this time on (ISO 8601)"
    ),
    "before": SettingField(whole_number(1, 10**15), note="only those before the request of this number"),
    "limit": SettingField(whole_number(1, ENTRIES), note="how many at most, the latest; all by default"),
    "count": SettingField(whole_number(1, ENTRIES), note="wait until so many requests match"),
    "timeout": SettingField(SECONDS, note="how long to wait for them at most; 5 seconds by default"),
}
"""The arguments of `list_requests`, as clients write them."""

STREAM_SINCE = SettingField(
    whole_number(0, 10**15),
    note="only the requests after the one with this number; all, if the server has not reached it",
)
"""The argument of a stream of requests. Clients that connect again send it as the header Last-Event-ID."""


def list_requests(journal: Journal, **filters: Unpack[RequestFilters]) -> RequestList:
    """Return the recorded requests that match all filters as JSON, and whether older ones were dropped.

    journal: the recorded requests of an account, or those without a valid key.
    filters: see `RequestFilters`. With ``count`` the calling thread blocks until so many requests match.
    """
    matches = partial(_matches, filters)
    if "count" in filters:
        entries = journal.wait(matches, filters["count"], filters.get("timeout", WAIT_SECONDS))
    else:
        entries = journal.entries(matches)
    if "limit" in filters:  # by number, as requests may end in another order than they came in
        entries = sorted(entries, key=lambda entry: entry.number)[-filters["limit"] :]
    return RequestList(requests=[entry.as_json() for entry in entries], truncated=journal.truncated)


def _matches(filters: RequestFilters, entry: JournalEntry) -> bool:
    """Return whether a request passes every filter given; ``limit``, ``count`` and ``timeout`` are none."""
    since = filters.get("since", 0)
    return (
        filters.get("number") in (None, entry.number)
        and entry.number < filters.get("before", entry.number + 1)
        and filters.get("method") in (None, entry.method)
        and filters.get("status") in (None, entry.status)
        and match_path(filters.get("path", ""), entry.path)
        and (entry.time >= since if isinstance(since, float) else entry.number > since)
        and ("only" not in filters or entry.is_problem)
        and filters.get("assumption") in (None, *entry.assumed)
        and ("text" not in filters or contains_text(_searched_parts(entry), filters["text"]))
    )


def _searched_parts(entry: JournalEntry) -> tuple[str, ...]:
    """Return the parts of a request in which ``text`` is searched: method, path, query, body and note."""
    query = [f"{name}={value}" for name, value in entry.query]
    return (entry.method, entry.path, *query, entry.body, entry.note)


def open_stream(journal: Journal, since: int, last_number: int) -> EventStream:
    """Return the requests in a journal as a stream of events, for one client.

    since: the number of the last request that the client has got. Where it is larger than `last_number`, the
        largest on this server, it is from before a restart, and all requests are streamed.
    """
    return EventStream(journal, journal.position_after(since if since <= last_number else 0))


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
