"""Sending a recorded request once more, to the server that recorded it."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import current_app

from fakekit.accounts.recorded_request import RecordedRequest
from fakekit.accounts.redaction import MAX_ITEMS, MAX_PATH
from fakekit.api.deferred import Deferred
from fakekit.api.response import refuse
from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.contract.refusals import SERVER_ERROR
from fakekit.control.results import FaultJson
from fakekit.errors import HIDDEN
from fakekit.server.received_request import ReceivedRequest
from fakekit.server.wsgi import call_app, make_environ
from fakekit.unpatched import monotonic


def why_not_complete(request: RecordedRequest, faults: Iterable[FaultJson]) -> str:
    """Return which part of a request the journal does not have, or would be sent in another way.

    Empty for a request that can be sent again. A text that has ``...`` in it counts as hidden.

    faults: those of the account; a request to which one applied that a key carried had another key.
    """
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
    applied = f"; {request.fault};"
    if any(f"; {fault['text_form']};" in applied for fault in faults if not fault["id"]):
        return "its key carried a fault"
    return ""


def send_again(request: RecordedRequest, key: str, origin: str) -> int:
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
    here = ("127.0.0.1", 0)
    environ = make_environ(received, here, here, request.scheme)
    call_app(current_app.wsgi_app, environ, deferred, lambda: refuse(SERVER_ERROR))
    if deferred.entry is not None:
        deferred.exchange.number = current_app.extensions["fakekit"].accounts.write_entry(*deferred.entry)
    if deferred.line is not None:
        deferred.line.write(deferred.exchange.number, monotonic() - deferred.exchange.started)
    return deferred.exchange.number
