"""The endpoint and the kind of a request that passed, and what the fake is asked in its place."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from json import dumps
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from fakekit.api.content_coding import InvalidCodingError, UnsupportedCodingError
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.pattern import find_endpoints
from fakekit.contract.strict_json import read_json
from fakekit.drift.brotli_coding import decode_body
from fakekit.drift.findings import Place, Situation
from fakekit.drift.observed_stream import PassedRequest
from fakekit.drift.responses import MISSING
from fakekit.resources import ENDPOINTS, RESOURCES
from fakekit.vendor import BASE_PATH

SHADOW_KEY = "fk_shadow"
"""The key with which the fake is asked: a program's own key never reaches it."""
_WRONG_KEY = "made-up"
_ANY_OPERATION = "fetch_customer"
"""The operation to which the requests to paths of no endpoint are counted, as in a run of `fakekit drift`."""
_METHODS = ("GET", "POST", "PUT", "DELETE")
METHOD_NOT_ALLOWED, CONFLICT = 405, 409
NO_VERDICT = (401, 403, METHOD_NOT_ALLOWED, 408, CONFLICT, 411, 413, 414, 415, 416, 429, 431)
"""Statuses below 500 that say nothing about the record that a path names, or about the values of a request.

They depend on the method, the key, the size and the form of a request, on what else was sent, or on the
service's records."""
_ASKED_FOR = {
    206: ("range",),
    304: ("if-none-match", "if-modified-since"),
    412: ("if-match", "if-unmodified-since"),
    416: ("range",),
}
"""Statuses that a request asks for by one of these headers (RFC 9110, 13 and 14)."""


class FakeRequest(NamedTuple):
    """A request to the fake in this process.

    path: ``/api/v1/customers/1``. query: what stands behind the ``?``.
    headers: by name, as they are sent.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


def find_endpoint(passed: PassedRequest) -> Endpoint | None:
    """Return the endpoint of a request that passed, as it is declared, also one that assumptions switch off.

    None for a path or a method that is none's.
    """
    path = passed.target.partition("?")[0]
    return next((e for e in find_endpoints(ENDPOINTS, path) if e.method == passed.method), None)


def find_place(passed: PassedRequest, endpoint: Endpoint | None, assumptions: Assumptions) -> Place | None:
    """Return where a response is compared: its operation and the kind of its request.

    None for what is not compared: a path outside of the API, another method on a path of it, a response that
    depends on the service's records (409) or that the request has asked for by a header (304), and one to a
    path of no endpoint without a valid key.

    endpoint: of the request, see `find_endpoint`; None also for one that assumptions switch off.
    """
    path = passed.target.partition("?")[0]
    if passed.method not in _METHODS or not path.startswith(f"{BASE_PATH}/"):
        return None
    if any(_header(passed, name) is not None for name in _ASKED_FOR.get(passed.status, ())):
        return None
    if endpoint is None:
        is_unknown = passed.method == "GET" and not find_endpoints(ENDPOINTS, path)
        is_compared = is_unknown and has_key(passed) and passed.status not in NO_VERDICT
        return Place(_ANY_OPERATION, Situation.NO_PATH) if is_compared else None
    if not has_key(passed):
        return Place(endpoint.operation, Situation.NO_KEY)
    if passed.status == 401:
        return Place(endpoint.operation, Situation.MADE_UP_KEY)
    if passed.status == CONFLICT:
        return None
    return Place(endpoint.operation, _situation_with_key(passed.status, endpoint, assumptions))


def _situation_with_key(status: int, endpoint: Endpoint, assumptions: Assumptions) -> Situation:
    """Return the kind of a request with a valid key, by the status of the response.

    `Situation.INVALID` is a guess: whether the values were wrong is known when the fake refuses them too.
    """
    is_missing = status in (*MISSING, assumptions["missing.status"])
    is_assumed = status == assumptions["invalid.status"] or (is_missing and bool(endpoint.parameter))
    if not 400 <= status < 500 or (status in NO_VERDICT and not is_assumed):
        return Situation.WITH_KEY
    if endpoint.parameter and (endpoint.method == "GET" or is_missing):
        return Situation.NO_RECORD
    is_path = status in MISSING and status != assumptions["invalid.status"]
    return Situation.WITH_KEY if is_path else Situation.INVALID


def has_key(passed: PassedRequest) -> bool:
    """Return whether a request had a key in Authorization, valid or not.

    Whatever stands there is one where the service accepts it, also without a scheme. Where it refuses, only
    what follows ``Bearer`` is: the contract has another response to any other header.
    """
    scheme, _, key = (_header(passed, "authorization") or "").strip().partition(" ")
    is_bearer = scheme.lower() == "bearer"
    return bool(key) if is_bearer else bool(scheme) and passed.status != 401


class AcceptedKeys:
    """The keys that a service has accepted, as hashes: for these a 401 is no response to a made-up key."""

    def __init__(self) -> None:
        self._hashes: set[bytes] = set()

    def add(self, passed: PassedRequest) -> None:
        """Add the key of a request that passed, if it has one and was successful."""
        if 200 <= passed.status < 300 and has_key(passed):
            self._hashes.add(hash_key(passed))

    def __contains__(self, passed: PassedRequest) -> bool:
        """Whether a request has one of these keys."""
        return hash_key(passed) in self._hashes


def hash_key(passed: PassedRequest) -> bytes:
    """Return the hash of a request's Authorization, or of none."""
    return sha256((_header(passed, "authorization") or "").strip().encode("latin-1")).digest()


def make_fake_request(
    passed: PassedRequest, place: Place, endpoint: Endpoint | None, record_key: str
) -> FakeRequest:
    """Return what the fake is asked in the place of a request that passed.

    It is the same request, but for what only the service knows: the key, the record that the path names and,
    in a write that was accepted, the records that its fields refer to. Those are replaced by ones that the
    fake has, or by a record that it lacks where the service had none.

    record_key: what identifies a record that the fake has in the endpoint's path; empty for a path without.
    """
    path, _, query = passed.target.partition("?")
    if endpoint is not None and endpoint.parameter:
        key = "0" if place.situation is Situation.NO_RECORD else record_key
        path = endpoint.path.replace(f"{{{endpoint.parameter}}}", key)
    names = ("Content-Type", "Content-Encoding")
    headers = {name: value for name in names if (value := _header(passed, name)) is not None}
    if place.situation is not Situation.NO_KEY:
        key = _WRONG_KEY if place.situation is Situation.MADE_UP_KEY else SHADOW_KEY
        headers["Authorization"] = f"Bearer {key}"
    if place.situation is Situation.WITH_KEY and endpoint is not None:
        body = _with_known_references(passed, endpoint)
        if body is not None:
            headers.pop("Content-Encoding", None)
            return FakeRequest(passed.method, path, query, headers, body)
    return FakeRequest(passed.method, path, query, headers, bytes(passed.body))


def read_fields(passed: PassedRequest) -> Mapping[str, Any] | None:
    """Return the fields of a request's body by name; None where it is neither JSON nor a urlencoded form.

    Its content coding is decoded; None for one that is not known here, or is damaged.
    """
    try:
        body = decode_body(bytes(passed.body), _header(passed, "Content-Encoding") or "")
        if _is_form(_header(passed, "Content-Type")):
            return dict(parse_qsl((body or b"").decode("ascii"), keep_blank_values=True))
        fields = read_json(body or b"")
    except (InvalidCodingError, UnsupportedCodingError, ValueError):
        return None
    return fields if isinstance(fields, dict) else None


def _is_form(content_type: str | None) -> bool:
    """Return whether a Content-Type is that of a urlencoded form."""
    return "x-www-form-urlencoded" in (content_type or "").lower()


def _with_known_references(passed: PassedRequest, endpoint: Endpoint) -> bytes | None:
    """Return the body of a request with a record that the fake has in each field that refers to one.

    It has no content coding. None for a body without such fields, or which `read_fields` does not read.
    """
    references = endpoint.body.schema.references if endpoint.body is not None else {}
    fields = read_fields(passed) or {}
    known = {name: int(RESOURCES[field.target].example) for name, field in references.items()}
    changed = {name: known[name] if value and name in known else value for name, value in fields.items()}
    if changed == fields:
        return None
    if _is_form(_header(passed, "Content-Type")):
        return urlencode(changed).encode("ascii")
    return dumps(changed).encode("ascii")


def _header(passed: PassedRequest, name: str) -> str | None:
    """Return the value of a request's header; None without one, the values joined for several."""
    values = [value for key, value in passed.headers if key.lower() == name.lower().encode()]
    return b", ".join(values).decode("latin-1") if values else None
