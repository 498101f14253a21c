"""Redaction of requests: known names and values are stored, and nothing that looks like a credential.

The log shows less (no values at all), the journal shows this.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from json import dumps
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_plus

from fakekit.accounts.account_key import KEY
from fakekit.accounts.credentials import may_have_credential
from fakekit.accounts.safe_values import is_safe_value
from fakekit.contract.endpoint import Endpoint
from fakekit.contract.ids import ID
from fakekit.contract.pattern import RECORDED_METHODS
from fakekit.contract.similar_names import is_misspelt
from fakekit.errors import CREDENTIAL, HIDDEN, without_secrets

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

MAX_TEXT = 500
"""How many characters of one value are kept."""
MAX_SHORT_TEXT = 60
"""In a text of so many characters a credential is found without a quick look whether there may be one."""
MAX_PATH = 400
"""How many characters of a path are kept."""
MAX_CACHED_PATHS = 1024
"""How many paths are kept as they may be shown."""
MAX_ITEMS = 50
"""How many items of one list are kept, and how many parameters of a query; of an object twice as many."""
MAX_DEPTH = 10
"""How deep in lists and objects a value may stand to be kept."""

_WORD = re.compile(r"[A-Za-z]{2,14}([_-][A-Za-z]{1,14}){0,2}")
"""A path segment that may be a misspelt word of the API's paths."""
_PLACEHOLDER = re.compile(r"\{[a-z_]{1,20}\}")
_NAME = re.compile(
    r"[a-z]{1,14}(([_-][a-z]{1,14})|([A-Z][a-z]{1,13})){0,4}[0-9]{0,2}(\[[0-9]{1,3}\]\.[a-z_]{1,30}[0-9]{0,2})?"
)
_TOKEN_AT_END = re.compile(r"(?<![A-Za-z0-9_=-])[A-Za-z0-9_=-]+\Z")


_SHOWN_HEADERS = frozenset(
    (
        "accept", "accept-encoding", "accept-language", "cache-control", "connection", "content-encoding",
        "content-type", "expect", "host", "if-match", "if-modified-since", "if-none-match", "origin",
        "prefer", "range", "transfer-encoding", "user-agent", "x-requested-with",
    )
)  # fmt: skip
"""The request headers whose values are kept: none of them carries a credential."""
MAX_HEADERS = 60
"""How many headers of a request are kept."""
MORE_HEADERS = f"more than {MAX_HEADERS} headers"
"""The value under the name ``...`` of a request that had more headers than are kept."""


def is_plain_name(name: str) -> bool:
    """Return whether a field name that a client sent can be shown in notes, journal and log.

    It can when it is at most five words of up to 14 letters, in lower case with ``_`` or ``-`` between them
    or in camelCase, with at most two digits at the end; also ``sale_items[0].quantity``. At most 64
    characters, and nothing that looks like a credential.
    """
    return len(name) <= 64 and _NAME.fullmatch(name) is not None and without_secrets(name) == name


def redact_and_truncate(text: str, limit: int, *, is_cut: bool = False) -> str:
    """Return the first `limit` characters of a text without anything that looks like a credential.

    A longer text ends in ``...``; a word that the cut goes through is dropped, as it may be half a
    credential.

    is_cut: whether the text was longer and is cut already.
    """
    if len(text) <= limit and not is_cut:
        is_short = len(text) <= MAX_SHORT_TEXT
        is_safe = not (re.search(CREDENTIAL, text) if is_short else may_have_credential(text))
        return text if is_safe else without_secrets(text)
    return _TOKEN_AT_END.sub("", without_secrets(text[: 2 * limit]))[:limit] + HIDDEN


@lru_cache(MAX_CACHED_PATHS)
def _header_name(variable: str) -> tuple[str, bool]:
    """Return the name of the request header that a variable of WSGI holds, and whether its value is kept.

    The name is in lower case, and empty for a variable that holds no header. Raises ValueError for a name
    that cannot be shown, which is then not remembered.
    """
    if variable != "CONTENT_TYPE" and not variable.startswith("HTTP_"):
        return "", False
    name = variable.removeprefix("HTTP_").replace("_", "-").lower()
    if not is_plain_name(name):
        raise ValueError
    return name, name in _SHOWN_HEADERS


def _check_safe(value: str) -> None:
    """Raise ValueError if the value of a header is long, or has anything that looks like a credential."""
    if redact_and_truncate(value, MAX_TEXT) != value:
        raise ValueError


class RequestHeaders(NamedTuple):
    """The redacted headers of a request, as pairs of name and value.

    is_shared: whether an earlier request had equal ones, which are the same object; their memory is then
        counted for that request only.
    """

    pairs: tuple[tuple[str, str], ...]
    is_shared: bool = True


class Redaction:
    """Decides what the journal and the log show of a request: an allowlist built from the endpoints' tables.

    endpoints: those of the whole API; their path segments and the names of their fields can be shown.
    words: further path segments that can be shown.
    """

    def __init__(self, endpoints: Iterable[Endpoint], words: Iterable[str] = ()) -> None:
        endpoints = list(endpoints)
        known = {segment for endpoint in endpoints for segment in endpoint.path.split("/")}
        self._segments = frozenset({*known, *words})
        body_tables = [endpoint.body for endpoint in endpoints if endpoint.body is not None]
        self._body_tables, self._names = body_tables, frozenset[str]()
        self._cached_path = lru_cache(MAX_CACHED_PATHS)(self._redact_path)
        # Remembers no value that raises: nothing that may be a credential is kept.
        self._check_safe = lru_cache(MAX_CACHED_PATHS)(_check_safe)
        self._shared_headers = lru_cache(MAX_CACHED_PATHS)(RequestHeaders)

    def redact_request(self, method: str, path: str) -> tuple[str, str]:
        """Return method and path for the journal and the log; see `redact_path`.

        ``...`` stands for a method that HTTP does not define.
        """
        return method if method in RECORDED_METHODS else HIDDEN, self.redact_path(path)

    def redact_path(self, path: str, record_keys: Collection[str] = ()) -> str:
        """Return the path with ``...`` for every segment that is not known, an id or an ``fk_`` key.

        A misspelling of a known segment counts as known: ``custmers``.

        record_keys: segments that identify an existing record and are shown for that reason.

        For the journal and the log. Only the first `MAX_PATH` characters of the path are looked at.
        """
        # The cache holds only what is the same for all requests: not with the segments of one record.
        redacted = self._cached_path(path[:MAX_PATH])
        if record_keys and HIDDEN in redacted:
            return self._redact_path(path[:MAX_PATH], frozenset(record_keys))
        return redacted

    def _redact_path(self, path: str, record_keys: Collection[str] = ()) -> str:
        """Return the path with ``...`` for every segment that can neither be shown nor is in `record_keys`.

        `redact_path` caches the results without `record_keys`.
        """
        return "/".join(s if self._can_show(s) or s in record_keys else HIDDEN for s in path.split("/"))

    def _can_show(self, segment: str) -> bool:
        """Return whether a path segment is known, an id of up to 12 digits, a placeholder or a public key.

        A known one may be misspelt.
        """
        if segment in self._segments or (len(segment) < 13 and ID.fullmatch(segment)):
            return True
        if _PLACEHOLDER.fullmatch(segment) or KEY.fullmatch(segment):
            return True
        return _WORD.fullmatch(segment) is not None and is_misspelt(segment, self._segments)

    def redact_headers(self, environ: WSGIEnvironment) -> RequestHeaders:
        """Return the headers of a request, for the journal.

        ``...`` stands for the value of a header that may carry a credential, and for a name that may be one.
        At most `MAX_HEADERS` are returned; of more, ``...`` with the value `MORE_HEADERS` is the last. Equal
        headers of later requests share them: a client sends the same ones again and again.

        environ: the WSGI environment of the request.
        """
        headers = []
        for variable, value in environ.items():
            try:
                name, is_shown = _header_name(variable)
            except ValueError:
                name, is_shown = HIDDEN, False
            if name:
                headers.append((name, self._header_value(value) if is_shown else HIDDEN))
        if len(headers) > MAX_HEADERS:
            headers[MAX_HEADERS:] = [(HIDDEN, MORE_HEADERS)]
        pairs = tuple(headers)
        shared = self._shared_headers(pairs)
        return shared if shared.pairs is not pairs else RequestHeaders(pairs, is_shared=False)

    def _header_value(self, value: str) -> str:
        """Return the value of a header that can be shown, with ``...`` for what looks like a credential.

        At most `MAX_TEXT` characters of it.
        """
        try:
            self._check_safe(value)
        except ValueError:
            return redact_and_truncate(value, MAX_TEXT)
        return value

    def redact_query(self, text: bytes, known: Collection[str]) -> dict[str, object]:
        """Return the parameters of a query by name, for the journal.

        ``...`` stands for the value of an unknown one, unless it is harmless (`is_safe_value`), and for the
        values of one that is repeated.

        text: the query string as it arrived.
        known: the names of the endpoint's filters.

        A parameter without ``=`` is hidden as a whole: it may be a key. At most `MAX_ITEMS` parameters are
        returned.
        """
        redacted: dict[str, object] = {}
        for part in text.split(b"&")[:MAX_ITEMS]:
            raw_name, separator, raw_value = part.partition(b"=")
            name, value = unquote_plus(raw_name.decode("latin-1")), unquote_plus(raw_value.decode("latin-1"))
            safe_name = name if separator and is_plain_name(name) else HIDDEN
            if safe_name in redacted:
                redacted[safe_name] = HIDDEN
            elif name in known:
                redacted[safe_name] = redact_and_truncate(value, MAX_TEXT)
            elif safe_name == name and is_safe_value(name, value, known):
                redacted[safe_name] = value
            else:
                redacted[safe_name] = HIDDEN
        return redacted

    def redact_body(self, fields: Mapping[str, object]) -> dict[str, object]:
        """Return the fields of a request's body, for the journal.

        The value of a field that no endpoint's table has is ``...``, unless it is harmless (`is_safe_value`).
        """
        if not self._names:  # built on first use: most requests have no body
            self._names = frozenset(n for body in self._body_tables for n in _field_names(body.schema.fields))
        return self._redact_fields(fields, MAX_DEPTH)

    def _redact_fields(self, fields: Mapping[str, object], depth: int) -> dict[str, object]:
        """Return a request's body, or an object in it, with its fields redacted.

        depth: how many levels of nested values may follow.

        At most twice `MAX_ITEMS` fields are returned; ``...`` stands for the rest.
        """
        known = self._names
        redacted = {
            name if name in known or is_plain_name(name) else HIDDEN: self._redact_value(value, depth)
            if name in known
            else value
            if is_plain_name(name) and is_safe_value(name, value, known)
            else HIDDEN
            for name, value in list(fields.items())[: 2 * MAX_ITEMS]
        }
        return redacted if len(fields) <= 2 * MAX_ITEMS else {**redacted, HIDDEN: HIDDEN}

    def _redact_value(self, value: object, depth: int) -> object:
        """Return the redacted value of a known field of a request's body.

        depth: how many levels of nested values may follow; at 0, objects and lists become ``...``.
        """
        if isinstance(value, str):
            return redact_and_truncate(value, MAX_TEXT)
        if isinstance(value, Mapping):
            return self._redact_fields(value, depth - 1) if depth else HIDDEN
        if isinstance(value, list):
            items = [self._redact_value(item, depth - 1) for item in value[:MAX_ITEMS]] if depth else []
            return items if len(items) == len(value) else [*items, HIDDEN]
        return HIDDEN if isinstance(value, int) and abs(value) >= 10**15 else value


def _field_names(fields: Mapping[str, object]) -> Iterable[str]:
    """Yield the names of the fields of a body's table, and of those in the records nested below them."""
    for name, field in fields.items():
        yield name
        if hasattr(field, "schema"):
            yield from _field_names(field.schema.fields)


def as_text(value: object, limit: int) -> str:
    """Return the redacted body of a request as JSON, for the journal.

    limit: after so many characters it is cut, and ends in ``...``.
    """
    text = dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[:limit] + HIDDEN
