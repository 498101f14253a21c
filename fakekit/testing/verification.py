"""Comparing the requests that a fake received with what a test expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from json import dumps
from types import EllipsisType

from fakekit.accounts.recorded_request import RecordedRequest, shorten_json
from fakekit.accounts.redaction import MORE_HEADERS, Redaction, is_plain_name
from fakekit.contract.pattern import ANY, match_path, read_method, read_path
from fakekit.errors import HIDDEN, PatternError, Problem, show
from fakekit.import_lock import IMPORT_LOCK
from fakekit.testing.unmet import format_times
from fakekit.vendor import BASE_PATH

Request = RecordedRequest
"""The public name: `fakekit.Request`."""

MAX_LISTED = 5
"""How many requests the message of a failed assertion lists."""

HeaderPattern = Mapping[str, "str | EllipsisType | None"]
"""Headers by name: a value, ``...`` for any value, or None for a header that must not be there."""

_PARTS = ("query", "json", "headers", "status")
"""The parts of a pattern that its text shows if they are set."""

_HIDDEN_REASON = "hidden in the journal (not in the vendor's tables, too long, or like a key)"
_CUT_REASON = f"{MORE_HEADERS}; cannot be known"
_BASE = f"{BASE_PATH}/"


@dataclass(frozen=True)
class RequestPattern:
    """What a request should be like; a field that is None matches anything.

    method, path: ``*`` alone matches any; in a path ``*`` matches one segment.
    json, query: the fields that the request must have, with these values; it may have others.
    status: of the response.
    headers: that the request must have, by name in any case: their values, ``...`` for any value, or None for
        a header that it must not have.

    Raises `PatternError` for a pattern that no request can match.
    """

    method: str
    path: str
    json: object = None
    query: Mapping[str, object] | None = None
    status: int | None = None
    headers: HeaderPattern | None = None

    def __post_init__(self) -> None:
        """Check the fields. Raises `PatternError` for a value that no request can have."""
        _ = self._method, self._path
        if self.query is not None and not isinstance(self.query, Mapping):
            raise PatternError(Problem("query", "must be values by name", show(self.query), '{"a": "1"}'))
        _check_headers(self.headers)
        # Not isinstance: True is an int.
        if self.status is not None and (type(self.status) is not int or not 100 <= self.status <= 599):
            raise PatternError(Problem("status", "must be a whole number from 100 to 599", show(self.status)))
        try:
            dumps(self.json, allow_nan=False)
        except (TypeError, ValueError):
            write = '{"customer_name": "Ama"}'
            problem = Problem("json", "cannot be written as JSON", show(self.json), write)
            raise PatternError(problem) from None

    @cached_property
    def _method(self) -> str:
        """The method in capitals, empty for ``*``. Raises `PatternError` for one that HTTP does not have."""
        return read_method(self.method)

    @cached_property
    def _path(self) -> str:
        """The path without ``/api/v1/``: ``customers/*``. Raises `PatternError` for a URL or a query."""
        return read_path(self.path)

    def diff(self, request: RecordedRequest) -> list[str]:
        """Return how a request differs from the pattern, a line for each field; empty when it matches.

        A line is like ``json.customer_name: "Ama", not "Kofi"``: what came, then what was expected.
        """
        lines = []
        if self._method not in ("", request.method):
            lines.append(f"method: {request.method}, not {self._method}")
        if not match_path(self._path, request.path):
            lines.append(
                _hidden_line("path")
                if _can_match_path(self._path, request.path)
                else f"path: {request.path.removeprefix(_BASE)}, not {self.path}"
            )
        if self.status is not None and self.status != request.status:
            lines.append(f"status: {request.status}, not {self.status}")
        query = {name: str(value) for name, value in (self.query or {}).items()}
        lines += _diff_values("query", query, request.query)
        if self.json is not None:
            lines += _diff_values("json", self.json, request.json)
        return [*lines, *_diff_headers(self.headers or {}, request.headers)]

    def filter(self, requests: Iterable[RecordedRequest]) -> list[RecordedRequest]:
        """Return the requests that match the pattern."""
        return [request for request in requests if not self.diff(request)]

    def sort_key(self, request: RecordedRequest) -> tuple[int, int]:
        """Return a sort key that puts the requests that are closest to the pattern first.

        It counts the differences in method and path, then all: another endpoint is further than other fields.
        """
        lines = self.diff(request)
        return sum(line.startswith(("method: ", "path: ")) for line in lines), len(lines)

    def can_match(self, request: RecordedRequest) -> bool:
        """Return whether a request differs from the pattern only in values that the journal hides.

        Nobody can say then whether it matches. False for a request that matches.
        """
        lines = self.diff(request)
        return bool(lines) and all(line.endswith((_HIDDEN_REASON, _CUT_REASON)) for line in lines)

    def __str__(self) -> str:
        """Return the pattern for a message: ``POST customers/add json={'customer_name': 'Ama'}``."""
        parts = [f"{self._method or ANY} {self.path}"]
        parts += [f"{n}={v!r}" for n in _PARTS if (v := getattr(self, n)) is not None]
        return " ".join(parts)


def _can_match_path(pattern: str, path: str) -> bool:
    """Return whether a path that does not match may still have matched before the journal hid parts of it.

    pattern: in the form of `read_path`: ``customers/*``.
    path: of a journal entry; a hidden segment is ``...``: ``/api/v1/customers/...``.
    """
    names, segments = pattern.split("/"), path.removeprefix(_BASE).split("/")
    if HIDDEN not in segments or len(names) != len(segments):
        return False
    candidate = "/".join(
        name if segment == HIDDEN and _is_hidden(name) else segment
        for name, segment in zip(names, segments, strict=True)
    )
    return match_path(pattern, f"{_BASE}{candidate}")


def _is_hidden(segment: str) -> bool:
    """Return whether the journal would show this segment of a pattern's path as ``...``.

    It would, unless the segment is part of the API's paths or nearly so, an id or an ``fk_`` key. For
    assertions: such a segment may be what a hidden one was. One that names an existing record is not hidden
    in the journal.
    """
    with IMPORT_LOCK:  # it takes a while, and few assertions meet a hidden segment
        from fakekit.resources import ENDPOINTS

    return Redaction(ENDPOINTS).redact_path(segment) == HIDDEN


def _diff_values(name: str, expected: object, received: object) -> list[str]:
    """Return how a received value differs from the expected one, a line for each difference; [] for none.

    In objects the expected fields are compared and others ignored, in lists every item, both at any depth.

    name: of the value, for the lines: ``json.items[0]``.
    """
    if isinstance(expected, Mapping) and isinstance(received, Mapping):
        return [line for field in expected for line in _diff_field(name, field, expected[field], received)]
    if isinstance(expected, list) and isinstance(received, list):
        # The journal may have cut the end of a list: "..." is its last item then.
        is_cut = received[-1:] == [HIDDEN] and len(expected) >= len(received)
        if is_cut or len(expected) == len(received):
            pairs = enumerate(zip(expected, received[:-1] if is_cut else received, strict=False))
            lines = [line for n, (a, b) in pairs for line in _diff_values(f"{name}[{n}]", a, b)]
            return [*lines, _hidden_line(f"{name}[{len(received) - 1}]")] if is_cut else lines
    if expected == received:
        return []
    if isinstance(received, str) and received.endswith(HIDDEN):
        return [_hidden_line(name)]
    return [f"{name}: {shorten_json(received)}, not {shorten_json(expected)}"]


def _diff_field(name: str, field: str, expected: object, received: Mapping[str, object]) -> list[str]:
    """Return how one field of a received object differs from its expected value, a line each; [] for none.

    name: of the object, for the lines: ``json``.
    """
    if field in received:
        return _diff_values(f"{name}.{field}", expected, received[field])
    if HIDDEN in received:  # stands for names that the journal does not store
        return [_hidden_line(f"{name}.{field}")]
    return [f"{name}.{field}: not sent, not {shorten_json(expected)}"]


def _check_headers(headers: object) -> None:
    """Raise `PatternError` unless the headers of a pattern are None or as `HeaderPattern` says."""
    if headers is None or (
        isinstance(headers, Mapping)
        and all(isinstance(name, str) for name in headers)
        and all(value is None or value is ... or isinstance(value, str) for value in headers.values())
    ):
        return
    write = '{"Content-Type": "application/json"}; ... for any value, None for no such header'
    raise PatternError(Problem("headers", "must be values by name", show(headers), write))


def _diff_headers(expected: HeaderPattern, received: Mapping[str, str]) -> list[str]:
    """Return how the headers of a request differ from the expected ones, a line each; [] for none."""
    lines = []
    for name, value in expected.items():
        lower = name.lower()
        if lower not in received and received.get(HIDDEN) == MORE_HEADERS:
            lines.append(f"headers.{lower}: {_CUT_REASON}")
        elif lower not in received and HIDDEN in received and not is_plain_name(lower):
            lines.append(_hidden_line(f"headers.{lower}"))
        elif value is None or value is ...:
            if (lower in received) == (value is None):
                lines.append(
                    f"headers.{lower}: " + ("not sent" if value is ... else "sent, and should not be")
                )
        else:
            lines += _diff_field("headers", lower, value, received)
    return lines


def _hidden_line(name: str) -> str:
    """Return the line of a diff for a value that the journal hides, so that it cannot be compared."""
    return f"{name}: {_HIDDEN_REASON}"


def check_count(times: object) -> None:
    """Check the argument ``times`` of an assertion. Raises `PatternError` unless it is an int from 0."""
    if type(times) is not int or times < 0:
        raise PatternError(Problem("times", "must be a whole number from 0", show(times)))


def check_timeout(timeout: object) -> None:
    """Check the argument ``timeout`` of `wait_for`. Raises `PatternError` unless it is a number."""
    if type(timeout) not in (int, float):
        raise PatternError(Problem("timeout", "must be a number of seconds", show(timeout), "timeout=5"))


def verify(
    pattern: RequestPattern, times: int | None, requests: list[RecordedRequest], truncated: bool
) -> list[RecordedRequest]:
    """Check that a fake got as many requests of a pattern as expected, and return them.

    `Handle.wait_for` calls it too, when the time is up. Raises AssertionError when it did not, or when the
    journal cannot say, since it has dropped older requests or hides the values that decide; the message lists
    the closest requests and how they differ. Raises `PatternError` for a negative number of times.

    times: how many must match exactly; None for at least one.
    requests: all requests in the journal.
    truncated: whether the journal has dropped older requests.
    """
    if times is not None:
        check_count(times)
    matching = pattern.filter(requests)
    if times is None and matching:
        return matching
    possible = [request for request in requests if pattern.can_match(request)]
    if len(matching) == times and not truncated and not possible:
        return matching
    expected_count = "at least once" if times is None else format_times(times)
    lines = [f"{pattern} was requested {format_times(len(matching))}, not {expected_count}"]
    message = f"{pattern}: cannot say whether it was requested {expected_count}, since the journal"
    if truncated and (times is None or len(matching) <= times):
        lines = [f"{message} is truncated"]
    elif possible and len(matching) == times:
        lines = [f"{message} hides the values that decide it"]
    rest = sorted((request for request in requests if pattern.diff(request)), key=pattern.sort_key)
    if len(matching) > (times or 0) and times is not None:
        lines += [f"  {request}" for request in matching[:MAX_LISTED]]
    for request in rest[:MAX_LISTED] if len(matching) <= (times or 0) else []:
        lines.append(f"  {request}")
        lines += [f"      {line}" for line in pattern.diff(request)]
    if not requests:
        lines.append("  no request came with the key of this account")
    raise AssertionError("\n".join(lines))
