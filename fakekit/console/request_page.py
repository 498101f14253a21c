"""The page of one recorded request: why it was answered so, what came, code to copy, sending it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import urlsplit

from flask import current_app

from fakekit.accounts.baseline import Baseline
from fakekit.accounts.journal import MAX_ANSWER, EntryJson
from fakekit.accounts.recorded_request import RecordedRequest, escape_text
from fakekit.accounts.redaction import MAX_ITEMS, MAX_PATH
from fakekit.api.deferred import Deferred
from fakekit.api.response import refuse
from fakekit.console.copy_as import Snippet, sending_snippets, testing_snippets
from fakekit.console.ledger import assumption_row
from fakekit.console.page import NO_KEY, Page, Redirect, Rendered
from fakekit.console.requests import PLACE, find_requests, local_time, query_text, reason
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.pattern import RECORDED_METHODS, find_endpoints
from fakekit.contract.provenance import Truth
from fakekit.contract.refusals import SERVER_ERROR, phrase
from fakekit.documentation import VENDOR_PAGES
from fakekit.documentation import page as documentation_page
from fakekit.errors import HIDDEN, ControlError, NoRecordError, Problem
from fakekit.faults.key_faults import repeat_faults
from fakekit.resources import RECORDS
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.wsgi import call_app, make_environ
from fakekit.unpatched import monotonic

DEFAULT_ORIGIN = "http://127.0.0.1:4310"
"""The address in code to copy where that of the browser cannot be repeated."""
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"?|[{\[]\s*[}\]]|[{}\[\],:]|[^"{}\[\],:]+', re.DOTALL)
"""A string (the last one may lack its end), an empty object or list, a sign, or anything between them."""
_INDENT = "  "


class FieldRow(NamedTuple):
    """A parameter or field that an endpoint reads, and whether the request had it.

    place: ``path``, ``query`` or ``body``.
    """

    name: str
    place: str
    is_required: bool
    was_sent: bool
    truth: Truth


def show_request(page: Page) -> Rendered:
    """Return the page of a request. Raises `FakekitError` for a number that no kept request has."""
    entry, request = _find(page)
    is_account = page.key != NO_KEY
    key = page.account
    again = page.query.get("again", "")
    values = page.baseline.assumptions
    endpoint = _find_endpoint(page.baseline, request)
    problem = _find_missing_part(page, request)
    context = {
        "request": request,
        "time": local_time(entry),
        "reason": reason(entry),
        "status_text": phrase(request.status),
        "is_refused_key": request.status == 401 and not is_account,
        "key": key,
        "query_text": query_text,
        "printable": escape_text,
        "assumptions": [assumption_row(values.table[name], values[name]) for name in request.assumed],
        "unread": [(name, endpoint.nearest_name(name) if endpoint else "") for name in request.unread],
        "body": indent_json(entry["body"]),
        "answer": indent_json(request.answer),
        "is_answer_cut": request.answer.endswith(HIDDEN) and len(request.answer) > MAX_ANSWER // 2,
        "endpoint": endpoint,
        "fields": list(_field_rows(endpoint, request)) if endpoint else [],
        "snippets": list(_snippets(page, request, key)),
        "why_not_complete": problem,
        "docs": documentation_page,
        "vendor_pages": VENDOR_PAGES,
        "is_path_hidden": HIDDEN in request.path.split("/"),
        "missing": _missing_record(endpoint, request),
        "again": again if again.isascii() and again.isdecimal() and len(again) < 16 else "",
    }
    return Rendered("request.html", context, PLACE)


def send_again(page: Page) -> Redirect:
    """Send method, path, query and body once more, with the account's key, and show the new request.

    Raises `ControlError` for a request that would be another one, and the error of `show_request`.
    """
    _, request = _find(page)
    problem = _find_missing_part(page, request)
    if problem:
        raise ControlError(Problem("Send again", f"this request cannot be sent again: {problem}"))
    number = _send_to_app(request, page.key, page.origin)
    return Redirect(page.url("requests", number, again=request.number))


def _find_missing_part(page: Page, request: RecordedRequest) -> str:
    """Return which part of a request cannot be sent again as it was: hidden, cut off, or in another form.

    Empty for a request that can be sent again. A text that has ``...`` in it counts as hidden. A request to
    which a fault applied that a key carried had another key.
    """
    if page.key == NO_KEY:
        return "its key is not kept"
    query = [f"{name}={value}" for name, value in request.query.items()]
    if request.method not in RECORDED_METHODS:
        return "its method is not kept"
    if HIDDEN in request.path or len(request.path) >= MAX_PATH:
        return "a part of its path is not kept"
    if len(query) >= MAX_ITEMS or any(HIDDEN in parameter for parameter in query):
        return "a part of its query is not kept"
    if HIDDEN in request.body_as_json():
        return "a part of its body is not kept"
    if request.size and request.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE and not request.fault:
        return "its body was refused for a header, and would be sent as JSON"
    texts = f"; {request.fault};"
    if any(f"; {fault['text_form']};" in texts for fault in page.run("faults") if not fault["id"]):
        return "its key carried a fault"
    return ""


def _send_to_app(request: RecordedRequest, key: str, origin: str) -> int:
    """Send a request to the app that handles Flask's current request, and return its number in the journal.

    It has method, path, query and body of the recorded one; a form becomes JSON. Faults are applied and
    counted, but those that delay the response or break its connection change nothing here.

    key: the API key to send. origin: of the server, for the header Host.

    Raises `StateError` where accounts are stored and the store does not answer.
    """
    headers = {
        "host": urlsplit(origin).netloc,
        "authorization": f"Bearer {key}",
        "user-agent": "fakekit-console",
    }
    body = request.body_as_json().encode()
    if body:
        headers["content-type"] = "application/json"
    received = ReceivedRequest(
        request.method,
        request.url("").encode(),
        headers=[(name.encode(), value.encode()) for name, value in headers.items()],
        body=bytearray(body),
        size=len(body),
    )
    deferred = Deferred()
    address = ("127.0.0.1", 0)
    environ = make_environ(received, address, address, request.scheme)
    call_app(current_app.wsgi_app, environ, deferred, lambda: refuse(SERVER_ERROR))
    if deferred.entry is not None:
        deferred.exchange.number = current_app.extensions["fakekit"].accounts.write_entry(*deferred.entry)
    if deferred.line is not None:
        deferred.line.write(deferred.exchange.number, monotonic() - deferred.exchange.started)
    return deferred.exchange.number


def _find(page: Page) -> tuple[EntryJson, RecordedRequest]:
    """Return the request of the number in the page's path, as JSON and as an object.

    Raises `NoRecordError` for one that is not kept, and `ControlError` for what is not a number.
    """
    number = page.path["number"]
    found = find_requests(page, number=number)["requests"]
    if not found:
        message = "is not in this list: it was deleted, or dropped for later ones, or has another key"
        raise NoRecordError(Problem(f"Request {number}", message))
    return found[0], RecordedRequest.from_json(found[0])


def _find_endpoint(baseline: Baseline, request: RecordedRequest) -> Endpoint | None:
    """Return the endpoint of a request as it is in the account; None for a path or method of no endpoint."""
    method = "GET" if request.method == "HEAD" else request.method
    found = find_endpoints(baseline.endpoints.values(), request.path)
    return next((endpoint for endpoint in found if endpoint.method == method), None)


def _missing_record(endpoint: Endpoint | None, request: RecordedRequest) -> tuple[str, str] | None:
    """Return resource and id of the record that a request asked for and that does not exist; else None."""
    if endpoint is None or "missing.status" not in request.assumed or endpoint.resource not in RECORDS:
        return None
    pairs = zip(endpoint.path.split("/"), request.path.split("/"), strict=True)
    named = next((segment for part, segment in pairs if part.startswith("{")), HIDDEN)
    is_key = endpoint.parameter == RECORDS[endpoint.resource].key_field
    return (endpoint.resource, named) if is_key and named != HIDDEN else None


def _field_rows(endpoint: Endpoint, request: RecordedRequest) -> Iterator[FieldRow]:
    """Yield the parameters and fields that an endpoint reads: of the path, the query and the body."""
    if endpoint.parameter:
        yield FieldRow(endpoint.parameter, "path", True, True, endpoint.truth)
    for name, field in endpoint.query.schema.record_fields.items():
        yield FieldRow(name, "query", field.required, name in request.query, field.truth)
    if endpoint.body is not None:
        sent = request.json if isinstance(request.json, dict) else {}
        for name, field in endpoint.body.schema.record_fields.items():
            yield FieldRow(name, "body", field.required, name in sent, field.truth)


def _snippets(page: Page, request: RecordedRequest, key: str) -> Iterator[Snippet]:
    """Yield the code to copy; without an account, there is none for tests.

    The key in it carries the faults that applied, but for those that the account has without a limit.
    """
    origin = page.origin or DEFAULT_ORIGIN
    if page.key == NO_KEY:
        yield from sending_snippets(request, origin, key)
        return
    lasting = [fault["text_form"] for fault in page.run("faults") if fault["id"] and "times" not in fault]
    yield from sending_snippets(request, origin, key + repeat_faults(request.fault, lasting))
    yield from testing_snippets(request, key)


def indent_json(text: str) -> str:
    """Return a JSON object or list with a line for each of its values; any other text as it is.

    The text may be cut anywhere. Characters that cannot be printed are escaped as JSON escapes them.

    >>> print(indent_json('{"id": 1, "tags": [], "name": "Am...'))
    {
      "id": 1,
      "tags": [],
      "name": "Am...
    """
    return escape_text(_indent(text) if text[:1] in ("{", "[") else text)


def _indent(text: str) -> str:
    """Return an object or list of JSON with a line for each of its values."""
    parts: list[str] = []
    depth = 0
    for token in _TOKEN.findall(text):
        word = token.strip()
        if word in ("{", "["):
            depth += 1
            parts += [word, "\n", _INDENT * depth]
        elif word in ("}", "]"):
            depth = max(0, depth - 1)
            parts += ["\n", _INDENT * depth, word]
        elif word == ",":
            parts += [word, "\n", _INDENT * depth]
        else:
            parts.append(": " if word == ":" else word)
    return "".join(parts)
