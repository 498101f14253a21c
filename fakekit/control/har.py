"""Recorded requests as an HTTP Archive (HAR 1.2), which the network panels of browsers import.

The format: http://www.softwareishard.com/blog/har-12-spec/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from json import loads
from typing import Any, TypedDict
from urllib.parse import quote, urlencode

from fakekit._version import __version__
from fakekit.accounts.journal import EntryJson
from fakekit.contract.refusals import phrase

_UNKNOWN = -1
"""What HAR says of a size that nobody has counted."""

HarEntry = dict[str, Any]
"""A request and its response as HAR has them; nested objects, whose values differ in type."""


class HarLog(TypedDict):
    """The object ``log`` of a HAR file."""

    version: str
    creator: dict[str, str]
    entries: list[HarEntry]


class Har(TypedDict):
    """A HAR file."""

    log: HarLog


def make_har(entries: Iterable[EntryJson]) -> Har:
    """Return the HAR of recorded requests, in the order of their numbers.

    It has what the journal has: values that the journal hides are ``...``, of a response there are the first
    characters of its body, its media type and fakekit's own headers.
    """
    ordered = sorted(entries, key=lambda entry: entry["number"])
    creator = {"name": "fakekit", "version": __version__}
    return Har(log=HarLog(version="1.2", creator=creator, entries=[_har_entry(e) for e in ordered]))


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

    The status is 0 where the client got no response, as browsers write it.
    """
    is_sent, media = entry["answered"], entry["media_type"]
    headers = {"Content-Type": media if is_sent else "", "Fakekit-Truth": entry["truth"]}
    headers |= {"Fakekit-Assumed": ", ".join(entry["assumed"]), "Fakekit-Note": entry["note"]}
    headers |= {"Fakekit-Fault": entry["fault"]}
    return {
        "status": entry["status"] if is_sent else 0,
        "statusText": phrase(entry["status"]) if is_sent else "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs({name: value for name, value in headers.items() if value}),
        "content": {
            "size": _UNKNOWN,
            "mimeType": media if is_sent else "",
            "text": entry["answer"] if is_sent else "",
        },
        "redirectURL": "",
        "headersSize": _UNKNOWN,
        "bodySize": _UNKNOWN,
    }


def _url(entry: EntryJson, query: Mapping[str, str]) -> str:
    """Return the URL of a request; that of an intercepted one has the vendor's host, as the client wrote.

    Its scheme is that of the connection to the server; a gateway or proxy in front may have had another.
    """
    host = entry["headers"].get("host", "127.0.0.1")
    return f"{entry['scheme']}://{host}{quote(entry['path'])}{'?' + urlencode(query) if query else ''}"


def _pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Return names and values as HAR lists them: ``[{"name": "host", "value": "127.0.0.1"}]``."""
    return [{"name": name, "value": value} for name, value in values.items()]
