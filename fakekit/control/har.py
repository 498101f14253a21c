"""Recorded requests as an HTTP Archive (HAR 1.2), which the network panels of browsers import.

The format: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from json import loads
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from fakekit._version import __version__
from fakekit.accounts.journal import EntryJson
from fakekit.contract.refusals import phrase
from fakekit.vendor import vendor_host

_UNANSWERED = {"reset", "close"}
"""The kinds of faults under which a client gets no response."""

_UNKNOWN = -1
"""What HAR says of a size that nobody has counted."""

HarEntry = dict[str, Any]
"""A request and its response as HAR has them; nested objects, whose values differ in type."""


class Archive(TypedDict):
    """The object ``log`` of a HAR file."""

    version: str
    creator: dict[str, str]
    entries: list[HarEntry]


class Har(TypedDict):
    """A HAR file."""

    log: Archive


def make_har(entries: Iterable[EntryJson]) -> Har:
    """Return the HAR of recorded requests, in the order of their numbers.

    It has what the journal has: values that the journal hides are ``...``, of a response there are the first
    characters of its body and fakekit's own headers.
    """
    ordered = sorted(entries, key=lambda entry: entry["number"])
    creator = {"name": "fakekit", "version": __version__}
    return Har(log=Archive(version="1.2", creator=creator, entries=[_har_entry(e) for e in ordered]))


def _har_entry(entry: EntryJson) -> HarEntry:
    """Return one request and its response as HAR has them; ``_number`` is the request's number."""
    milliseconds = entry["milliseconds"]
    return {
        "startedDateTime": entry["time"],
        "time": milliseconds,
        "request": _request(entry),
        "response": _response(entry),
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": entry["note"],
        "_number": entry["number"],
    }


def _request(entry: EntryJson) -> HarEntry:
    """Return the request of an entry as HAR has it; ``postData`` only where it had a body."""
    query = {name: str(value) for name, value in entry["query"].items()}
    request: HarEntry = {
        "method": entry["method"],
        "url": _url(entry, query),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(entry["headers"]),
        "queryString": _pairs(query),
        "headersSize": _UNKNOWN,
        "bodySize": entry["size"],
    }
    if entry["size"]:
        request["postData"] = _post_data(entry)
    return request


def _post_data(entry: EntryJson) -> HarEntry:
    """Return the body of a request as HAR has it: the fields of a form as ``params``, or JSON as text."""
    media = entry["headers"].get("content-type", "application/json")
    with suppress(ValueError):  # cut, or not shown
        fields = loads(entry["body"])
        if "form" in media and isinstance(fields, dict):
            return {"mimeType": media, "params": _pairs({name: str(value) for name, value in fields.items()})}
    return {"mimeType": media, "text": entry["body"]}


def _response(entry: EntryJson) -> HarEntry:
    """Return the response of an entry as HAR has it, with fakekit's headers that say why it is so.

    The status is 0 where a fault closed the connection instead of a response, as browsers write it.
    """
    headers = {"Fakekit-Truth": entry["truth"], "Fakekit-Assumed": ", ".join(entry["assumed"])}
    headers |= {"Fakekit-Note": entry["note"], "Fakekit-Fault": entry["fault"]}
    is_sent = not _UNANSWERED & {re.split("[,=]", fault)[0] for fault in entry["fault"].split("; ")}
    answer = entry["answer"] if is_sent else ""
    return {
        "status": entry["status"] if is_sent else 0,
        "statusText": phrase(entry["status"]) if is_sent else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs({name: value for name, value in headers.items() if value}),
        "content": {
            "size": _UNKNOWN,
            "mimeType": "application/json" if answer[:1] in ("{", "[") else "text/plain",
            "text": answer,
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _url(entry: EntryJson, query: Mapping[str, str]) -> str:
    """Return the URL of a request; that of an intercepted one has the vendor's host, as the client wrote.

    The journal does not have the scheme: it is https for the vendor's hosts, else http.
    """
    host = entry["headers"].get("host", "127.0.0.1")
    scheme = "https" if vendor_host(host) else "http"
    return f"{scheme}://{host}{quote(entry['path'])}{'?' + urlencode(query) if query else ''}"


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return names and values as HAR lists them: ``[{"name": "host", "value": "127.0.0.1"}]``."""
    return [{"name": name, "value": value} for name, value in values.items()]
