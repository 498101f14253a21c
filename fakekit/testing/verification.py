"""Requests that a fake was asked, as tests see them; and how two of them differ."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from json import dumps, loads
from typing import Any
from urllib.parse import quote, urlencode

from fakekit.accounts.redaction import HIDDEN, Redaction
from fakekit.contract.pattern import ANY, match_path, read_method, read_path
from fakekit.errors import PatternError, Problem, show
from fakekit.vendor import BASE_PATH

__tracebackhide__ = True


@dataclass(frozen=True)
class RecordedRequest:
    """One request and its answer, see `fakekit.accounts.journal.JournalEntry`.

    number: counts the requests of a server.
    time: when it came, UTC.
    path: ``/api/v1/customers/1``.
    query, json: what came, as far as it may be kept: a value that no table has is ``...``, and so is a body
        that is neither JSON nor a form.
    size: how many bytes of a body came.
    milliseconds: how long it took, without what faults delay.
    note, truth, assumed, fault: as the headers of the answer say.
    unread: the names of fields that no table has.
    answer: the first of the answer's body.
    """

    number: int
    time: datetime
    method: str
    path: str
    query: Mapping[str, Any]
    json: Any
    size: int
    status: int
    milliseconds: float
    truth: str
    assumed: tuple[str, ...]
    note: str
    unread: tuple[str, ...]
    fault: str
    answer: str

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> RecordedRequest:
        """From its JSON."""
        values = dict(entry)
        body = values.pop("body")
        values["time"] = datetime.fromisoformat(values["time"])
        values["assumed"], values["unread"] = tuple(values["assumed"]), tuple(values["unread"])
        return cls(json=_parse_body(body), **values)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' + query if query else ''} -> {self.status}"

    def curl(self, origin: str, key: str) -> str:
        """A line for a shell that asks the same again."""
        options = {"GET": ["-i"], "HEAD": ["-I"]}.get(self.method, ["-i", "-X", self.method])
        if self.size and self.method == "GET":
            options = ["-i", "-X", "GET"]  # else curl makes a POST of what has a body
        parts = ["curl", *options, "-H", shlex.quote(f"Authorization: Bearer {key}")]
        if self.size and self.method != "HEAD":  # with one, curl does not ask at all
            body = self.json if isinstance(self.json, str) else dumps(self.json, ensure_ascii=False)
            parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(body)]
        query = "?" + urlencode(self.query) if self.query else ""
        return " ".join([*parts, shlex.quote(f"{origin}{quote(self.path)}{query}")])


Request = RecordedRequest
"""The public name: `fakekit.Request`."""


def _parse_body(body: str) -> Any:
    try:
        return loads(body) if body else None
    except ValueError:  # more than the journal keeps
        return body


@dataclass(frozen=True)
class RequestPattern:
    """What a request should be like; what is None may be anything.

    method, path: ``*`` alone is any; in a path it stands for one segment.
    json, query: the fields that it must have, with these values; it may have others.

    Raises `PatternError` for what no request can be.
    """

    method: str
    path: str
    json: Any = None
    query: Mapping[str, Any] | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        _ = self._method, self._path
        if self.query is not None and not isinstance(self.query, Mapping):
            raise PatternError(Problem("query", "must be values by name", show(self.query), '{"a": "1"}'))
        if self.status is not None and (type(self.status) is not int or not 100 <= self.status <= 599):
            what = "must be a whole number from 100 to 599"
            raise PatternError(Problem("status", what, show(self.status)))
        try:
            dumps(self.json, allow_nan=False)
        except (TypeError, ValueError):
            what = "must be what JSON can carry"
            raise PatternError(Problem("json", what, show(self.json), '{"customer_name": "Ama"}')) from None

    @cached_property
    def _method(self) -> str:
        return read_method(self.method)

    @cached_property
    def _path(self) -> str:
        return read_path(self.path)

    def differences(self, request: RecordedRequest) -> list[str]:
        """How a request differs, in a line each; empty when it is as wanted."""
        lines = []
        if self._method not in ("", request.method):
            lines.append(f"method: {request.method}, not {self._method}")
        if not match_path(self._path, request.path):
            is_hidden = _may_match_path(self._path, request.path)
            lines.append(
                _hidden_line("path")
                if is_hidden
                else f"path: {_without_base_path(request.path)}, not {self.path}"
            )
        if self.status is not None and self.status != request.status:
            lines.append(f"status: {request.status}, not {self.status}")
        query = {name: str(value) for name, value in (self.query or {}).items()}
        lines += _field_differences("query", query, request.query)
        if self.json is not None:
            lines += _field_differences("json", self.json, request.json)
        return lines

    def distance(self, request: RecordedRequest) -> tuple[int, int]:
        """How far a request is from what is wanted: another endpoint is further than any other fields."""
        lines = self.differences(request)
        return sum(line.startswith(("method: ", "path: ")) for line in lines), len(lines)

    def may_match(self, request: RecordedRequest) -> bool:
        """Whether a request differs only in what the journal does not show, so that nobody can say."""
        lines = self.differences(request)
        return bool(lines) and all(line.endswith(_HIDDEN_REASON) for line in lines)

    def __str__(self) -> str:
        parts = [f"{self._method or ANY} {self.path}"]
        parts += [f"{n}={v!r}" for n in ("query", "json", "status") if (v := getattr(self, n)) is not None]
        return " ".join(parts)


def _may_match_path(pattern: str, path: str) -> bool:
    """Whether a path would match but for segments that the journal hides, and that may be the wanted ones."""
    names, segments = pattern.split("/"), _without_base_path(path).split("/")
    if HIDDEN not in segments or len(names) != len(segments):
        return False
    candidate = "/".join(
        name if segment == HIDDEN and _is_hidden(name) else segment
        for name, segment in zip(names, segments, strict=True)
    )
    return match_path(pattern, f"{BASE_PATH}/{candidate}")


def _is_hidden(segment: str) -> bool:
    """Whether the journal hides such a segment, unless it names a record that is there."""
    from fakekit.resources import ENDPOINTS  # takes a while, and few assertions meet what is hidden

    return Redaction(ENDPOINTS).redact_path(segment) == HIDDEN


def _without_base_path(path: str) -> str:
    return path.removeprefix(f"{BASE_PATH}/")


def _field_differences(where: str, expected: Any, received: Any) -> list[str]:
    """How what came differs from what has to be in it."""
    if isinstance(expected, Mapping) and isinstance(received, Mapping):
        return [
            line
            for name, value in expected.items()
            for line in (
                _field_differences(f"{where}.{name}", value, received[name])
                if name in received
                else [
                    _hidden_line(f"{where}.{name}")
                    if HIDDEN in received
                    else f"{where}.{name}: not sent, not {shorten_json(value)}"
                ]
            )
        ]
    if isinstance(expected, list) and isinstance(received, list):
        is_cut = received[-1:] == [HIDDEN] and len(expected) >= len(received)
        if is_cut or len(expected) == len(received):
            pairs = enumerate(zip(expected, received[:-1] if is_cut else received, strict=False))
            lines = [line for n, (a, b) in pairs for line in _field_differences(f"{where}[{n}]", a, b)]
            return [*lines, _hidden_line(f"{where}[{len(received) - 1}]")] if is_cut else lines
    if expected == received:
        return []
    if isinstance(received, str) and received.endswith(HIDDEN):
        return [_hidden_line(where)]
    return [f"{where}: {shorten_json(received)}, not {shorten_json(expected)}"]


_HIDDEN_REASON = "hidden in the journal (no table has it, or it is too long, or looks like a key)"


def _hidden_line(where: str) -> str:
    return f"{where}: {_HIDDEN_REASON}"


def shorten_json(value: Any, limit: int = 80) -> str:
    """A value as JSON, on one line, shortened."""
    text = dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else text[:limit] + HIDDEN


def check_count(times: object) -> None:
    """Raises `PatternError` for what is no number of requests."""
    if type(times) is not int or times < 0:
        raise PatternError(Problem("times", "must be a whole number from 0", show(times)))


MAX_LISTED = 5
"""How many requests an assertion that fails lists."""


def verify(
    pattern: RequestPattern,
    matching: list[RecordedRequest],
    recorded: list[RecordedRequest],
    times: int | None,
    truncated: bool,
) -> None:
    """Raises AssertionError where it was not asked as often as it should have been.

    Raises `PatternError` for a number of times that cannot be.
    """
    if times is not None:
        check_count(times)
    if times is None and matching:
        return
    undecided = [request for request in recorded if pattern.may_match(request)]
    if len(matching) == times and not truncated and not undecided:
        return
    often = "at least once" if times is None else f"{times} time{'s' if times != 1 else ''}"
    lines = [f"{pattern} was asked {len(matching)} time{'s' if len(matching) != 1 else ''}, not {often}"]
    if truncated and (times is None or len(matching) <= times):
        lines = [f"{pattern}: cannot say whether it was asked {often}, since the journal is truncated"]
    elif undecided and len(matching) == times:
        lines = [
            f"{pattern}: cannot say whether it was asked {often}, since the journal hides what would tell"
        ]
    numbers = {request.number for request in matching}
    different = sorted((r for r in recorded if r.number not in numbers), key=pattern.distance)
    if len(matching) > (times or 0) and times is not None:
        lines += [f"  {request}" for request in matching[:MAX_LISTED]]
    for request in different[:MAX_LISTED] if len(matching) <= (times or 0) else []:
        lines.append(f"  {request}")
        lines += [f"      {line}" for line in pattern.differences(request)]
    if not recorded:
        lines.append("  it was asked nothing at all")
    raise AssertionError("\n".join(lines))
