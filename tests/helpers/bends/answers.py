"""Bends of whole answers: envelope, errors, status, headers, bytes, availability."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from fakekit.contract.endpoint import Endpoint
from fakekit.drift.findings import Verdict
from fakekit.drift.responses import NoResponseError, ReceivedResponse
from fakekit.drift.terms import Description, DifferenceKind
from fakekit.resources import ENDPOINTS
from tests.helpers.bends.service import Asked, Bend, Change, document_of, with_document

LEFT = frozenset({Verdict.LEFT_PAGE})
WRONG = frozenset({Verdict.WRONG_ASSUMPTION})
KNOWN = frozenset({Verdict.NOW_KNOWN})
ANY = frozenset(Verdict)
K = DifferenceKind
HTML = "<!DOCTYPE html><html><head><title>Oops</title></head><body><h1>Server Error</h1></body></html>"


def kinds(*found: DifferenceKind) -> frozenset[DifferenceKind]:
    return frozenset(found)


def on(endpoint: Endpoint, change: Callable[[ReceivedResponse], ReceivedResponse]) -> Change:
    """A change of the successful answers of one endpoint."""

    def bend(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        is_meant = asked.operation == endpoint.operation and asked.has_key and response.status == 200
        return change(response) if is_meant and "?" not in asked.request.target else response

    return bend


def in_document(change: Callable[[Any], Any]) -> Callable[[ReceivedResponse], ReceivedResponse]:
    return lambda response: with_document(response, change(document_of(response)))


def with_header(name: str, value: str | None) -> Callable[[ReceivedResponse], ReceivedResponse]:
    """A change of one header; None takes it away."""

    def change(response: ReceivedResponse) -> ReceivedResponse:
        rest = {n: v for n, v in response.headers.items() if n != name}
        return response._replace(headers=rest if value is None else {**rest, name: value})

    return change


def page(status: int, body: str = HTML) -> Callable[[ReceivedResponse], ReceivedResponse]:
    return lambda response: ReceivedResponse(
        status, {"content-type": "text/html; charset=UTF-8"}, body.encode()
    )


def no_response(reason: Description) -> Callable[[ReceivedResponse], ReceivedResponse]:
    def change(response: ReceivedResponse) -> ReceivedResponse:
        raise NoResponseError(reason)

    return change


def paginated(document: Any) -> Any:
    """As Laravel's resources do: at most two records, and where the others are."""
    key, records = next(iter(document["data"].items()))
    meta = {"current_page": 1, "per_page": 2, "total": len(records)}
    return {**document, "data": {**document["data"], key: records[:2]}, "meta": meta, "links": {"next": None}}


def key_of(endpoint: Endpoint) -> str:
    return next(iter(endpoint.envelope.parts))


def list_bends(endpoint: Endpoint) -> Iterator[Bend]:
    """Bends of an endpoint that answers a list."""
    key, operations = endpoint.envelope.list_key, frozenset({endpoint.operation})
    counts = endpoint.envelope.counts
    lists = kinds(K.TYPE)

    def as_object(document: Any) -> Any:
        records = document["data"][key]
        return {**document, "data": {key: records[0]}} if records else document

    def keyed(document: Any) -> Any:
        records = document["data"][key]
        return {**document, "data": {key: {str(r["id"]): r for r in records}}} if records else document

    name = endpoint.operation
    yield Bend(
        f"{name}: one object",
        on(endpoint, in_document(as_object)),
        lists,
        WRONG if counts else LEFT,
        operations,
        "list.shape" if counts else "",
    )
    yield Bend(f"{name}: an object by id", on(endpoint, in_document(keyed)), kinds(*K), ANY, operations)
    yield Bend(
        f"{name}: pages",
        on(endpoint, in_document(paginated)),
        kinds(K.NEW),
        WRONG if endpoint.truth.kind == "assumed" else LEFT,
        operations,
    )
    if counts:
        total = in_document(lambda d: {**d, "message": d["message"].split(":")[0] + ": 4711"})
        yield Bend(
            f"{name}: another number",
            on(endpoint, total),
            kinds(K.COUNT, K.TEXT),
            WRONG,
            operations,
            "list.count",
        )


def envelope_bends(endpoint: Endpoint, random: Random) -> Iterator[Bend]:
    """Bends of the envelope of an endpoint's successful answers."""
    operations, name = frozenset({endpoint.operation}), endpoint.operation
    verdicts = WRONG if endpoint.truth.kind == "assumed" else LEFT
    if endpoint.envelope.parts[key_of(endpoint)].hidden_by is not None:
        verdicts = WRONG | LEFT  # a curl line documents the endpoint, and nothing its data
    key = key_of(endpoint)

    def bend(what: str, change: Callable[[Any], Any], *found: DifferenceKind) -> Bend:
        return Bend(f"{name}: {what}", on(endpoint, in_document(change)), kinds(*found), verdicts, operations)

    yield bend("no status", lambda d: {n: v for n, v in d.items() if n != "status"}, K.MISSING)
    yield bend("status as text", lambda d: {**d, "status": str(d["status"])}, K.TYPE)
    yield bend("no message", lambda d: {n: v for n, v in d.items() if n != "message"}, K.MISSING)
    yield bend("another message", lambda d: {**d, "message": "OK"}, K.TEXT)
    renamed = {"data": "result", "message": "msg", "status": "code"}
    old = random.choice(list(renamed))
    changed = renamed[old]
    yield bend(
        f"{old} is {changed}",
        lambda d: {(changed if n == old else n): v for n, v in d.items()},
        K.RENAMED, K.MISSING, K.NEW,
    )  # fmt: skip
    yield bend("a new key", lambda d: {**d, "success": True}, K.NEW)
    yield bend("data is the value of its key", lambda d: {**d, "data": d["data"][key]}, *K)
    yield bend(
        "another key of data",
        lambda d: {**d, "data": {(f"{n}_list" if n == key else n): v for n, v in d["data"].items()}},
        K.RENAMED, K.MISSING, K.NEW,
    )  # fmt: skip
    yield bend("no envelope", lambda d: d["data"][key], *K)
    yield bend("another order", lambda d: dict(reversed(d.items())), K.ORDER)
    partial = on(endpoint, lambda r: r._replace(status=206))
    yield Bend(f"{name}: status 206", partial, kinds(K.STATUS), verdicts, operations)


def byte_bends(endpoint: Endpoint) -> Iterator[Bend]:
    """Bends of the bytes and headers of an endpoint's successful answers."""
    operations, name = frozenset({endpoint.operation}), endpoint.operation
    page_of = WRONG if endpoint.truth.kind == "assumed" else LEFT

    def bend(
        what: str,
        change: Callable[[ReceivedResponse], ReceivedResponse],
        found: frozenset[DifferenceKind],
        verdicts: frozenset[Verdict] = LEFT,
    ) -> Bend:
        return Bend(f"{name}: {what}", on(endpoint, change), found, verdicts, operations)

    login = ReceivedResponse(302, {"location": "/login", "content-type": "text/html; charset=UTF-8"}, b"")
    yield bend("an HTML error page", page(500), kinds(K.AVAILABILITY), KNOWN)
    yield bend("an HTML page with 200", page(200), kinds(K.BODY))
    yield bend("a redirect to the login", lambda r: login, kinds(K.STATUS), page_of)
    yield bend("a login page with 200", page(200, HTML.replace("Server Error", "Log in")), kinds(K.BODY))
    yield bend("truncated", lambda r: r._replace(body=r.body[: len(r.body) * 2 // 3]), kinds(K.BODY))
    yield bend("empty", lambda r: r._replace(body=b""), kinds(K.BODY))
    yield bend("text in front", lambda r: r._replace(body=b"<br>Notice: x\n" + r.body), kinds(K.BODY))
    yield bend("too slow", no_response(Description.NO_ANSWER), kinds(K.AVAILABILITY), KNOWN)
    broken = no_response(Description.BROKEN)
    yield bend("broken off", broken, kinds(K.AVAILABILITY), KNOWN)
    html = with_header("content-type", "text/html; charset=UTF-8")
    yield bend("JSON as HTML", html, kinds(K.MEDIA_TYPE))
    yield bend("no media type", with_header("content-type", None), kinds(K.MEDIA_TYPE))
    yield bend("another character set", _in_latin_1, kinds(K.CHARSET), KNOWN)
    yield bend(
        "a byte order mark", lambda r: r._replace(body=b"\xef\xbb\xbf" + r.body), kinds(K.CHARSET), KNOWN
    )
    unusual = {
        "a name twice": '"status": 200',
        "half of a pair": '"a": "\\ud83d"',
        "deep": f'"a": {"[" * 600}{"]" * 600}',
    }
    for text_of, text in unusual.items():
        yield bend(text_of, _beginning_with(text), kinds(K.UNUSUAL_JSON), KNOWN)
    yield bend("NaN", _beginning_with('"a": NaN'), kinds(K.BODY))


def _beginning_with(text: str) -> Callable[[ReceivedResponse], ReceivedResponse]:
    """A change that puts the text of a member in front of the others of the document."""
    return lambda response: response._replace(body=b"{%s, %s" % (text.encode(), response.body.lstrip()[1:]))


def _in_latin_1(response: ReceivedResponse) -> ReceivedResponse:
    """The answer in ISO 8859-1, with a letter that shows it."""
    document = document_of(response)
    text = json.dumps({**document, "message": document["message"]}, ensure_ascii=False)
    body = text.encode("latin-1", "replace")
    headers = {**response.headers, "content-type": "application/json; charset=ISO-8859-1"}
    return response._replace(body=body, headers=headers)


def without_key(status: int, change: Callable[[ReceivedResponse], ReceivedResponse]) -> Change:
    """A change of the 401 of a request without a key, or with one that is not valid."""

    def bend(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        return change(response) if not asked.has_key and response.status == status else response

    return bend


def error_bends() -> Iterator[Bend]:
    """Bends of errors: the two 401, a record and a path that do not exist."""
    laravel = {"message": "Unauthenticated."}
    changes: list[tuple[str, Callable[[ReceivedResponse], ReceivedResponse], frozenset[DifferenceKind]]] = [
        ("another text", in_document(lambda d: {**d, "error": "Unauthenticated."}), kinds(K.TEXT)),
        ("Laravel's envelope", in_document(lambda d: laravel), kinds(K.MISSING, K.NEW, K.RENAMED)),
        ("a message beside it", in_document(lambda d: {**d, "message": d["error"]}), kinds(K.NEW)),
        ("status 403", lambda r: r._replace(status=403), kinds(K.STATUS)),
        ("status as text", in_document(lambda d: {**d, "status": "401"}), kinds(K.TYPE)),
        ("HTML", page(401), kinds(K.BODY, K.MEDIA_TYPE)),
        ("redirect", lambda r: ReceivedResponse(302, {"location": "/login"}, b""), kinds(K.STATUS, K.BODY)),
        ("no challenge", with_header("www-authenticate", None), kinds(K.HEADER)),
    ]
    for what, change, found in changes:
        verdicts = KNOWN if what == "no challenge" else LEFT  # which is HTTP's, not the page's
        yield Bend(f"401: {what}", without_key(401, change), found, verdicts)


def missing_record_bends() -> Iterator[Bend]:
    """Bends of the answer to the id of no record, by the assumption that each refutes."""

    def missing(change: Callable[[ReceivedResponse], ReceivedResponse]) -> Change:
        def bend(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
            is_missing = response.status == 404 and asked.endpoint is not None and asked.has_key
            return change(response) if is_missing else response

        return bend

    def status(number: int) -> Callable[[ReceivedResponse], ReceivedResponse]:
        changed = in_document(lambda d: {**d, "status": number})
        return lambda response: changed(response._replace(status=number))

    text = in_document(lambda d: {**d, "error": d["error"].replace("not found", "does not exist")})
    yield Bend(
        "no record: status 400", missing(status(400)), kinds(K.STATUS), WRONG, assumption="missing.status"
    )
    yield Bend(
        "no record: status 410", missing(status(410)), kinds(K.STATUS), WRONG, assumption="missing.status"
    )
    yield Bend("no record: another text", missing(text), kinds(K.TEXT), WRONG, assumption="missing.error")


def availability_bends(random: Random) -> Iterator[Bend]:
    """Bends of the whole service: 429, 5xx now and then, another media type everywhere."""
    start, every = random.randrange(2, 8), random.randrange(3, 6)
    limited = ReceivedResponse(
        429, {"content-type": "application/json"}, b'{"message": "Too Many Attempts."}'
    )

    def rate_limited(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        return limited if asked.has_key and asked.number > start else response

    def failing(asked: Asked, response: ReceivedResponse) -> ReceivedResponse:
        return page(503)(response) if asked.number % every == 0 else response

    limit = kinds(K.AVAILABILITY)
    yield Bend("429", rate_limited, limit, WRONG, assumption="limits.none")
    yield Bend("5xx now and then", failing, kinds(K.AVAILABILITY), KNOWN)


def random_answer_bend(random: Random) -> Bend:
    """A bend of whole answers: of a random endpoint, or of errors, or of the service."""
    endpoint = random.choice([e for e in ENDPOINTS if e.method == "GET" and e.envelope.parts])
    groups: list[list[Bend]] = [
        list(envelope_bends(endpoint, random)),
        list(byte_bends(endpoint)),
        [*error_bends()],
        [*missing_record_bends()],
        [*availability_bends(random)],
    ]
    if endpoint.is_list:
        groups.append(list(list_bends(endpoint)))
    return random.choice(random.choice(groups))
