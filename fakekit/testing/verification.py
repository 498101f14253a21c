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
class Request:
    """One request and its answer, see `fakekit.accounts.journal.Entry`.

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
    def of(cls, shown: Mapping[str, Any]) -> Request:
        """From its JSON."""
        values = dict(shown)
        body = values.pop("body")
        values["time"] = datetime.fromisoformat(values["time"])
        values["assumed"], values["unread"] = tuple(values["assumed"]), tuple(values["unread"])
        return cls(json=_parsed(body), **values)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query.items())
        return f"{self.method} {self.path}{'?' + query if query else ''} -> {self.status}"

    def curl(self, origin: str, key: str) -> str:
        """A line for a shell that asks the same again."""
        how = {"GET": ["-i"], "HEAD": ["-I"]}.get(self.method, ["-i", "-X", self.method])
        if self.size and self.method == "GET":
            how = ["-i", "-X", "GET"]  # else curl makes a POST of what has a body
        parts = ["curl", *how, "-H", shlex.quote(f"Authorization: Bearer {key}")]
        if self.size and self.method != "HEAD":  # with one, curl does not ask at all
            body = self.json if isinstance(self.json, str) else dumps(self.json, ensure_ascii=False)
            parts += ["-H", "'Content-Type: application/json'", "-d", shlex.quote(body)]
        query = "?" + urlencode(self.query) if self.query else ""
        return " ".join([*parts, shlex.quote(f"{origin}{quote(self.path)}{query}")])


def _parsed(body: str) -> Any:
    try:
        return loads(body) if body else None
    except ValueError:  # more than the journal keeps
        return body


@dataclass(frozen=True)
class Wanted:
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

    def differences(self, request: Request) -> list[str]:
        """How a request differs, in a line each; empty when it is as wanted."""
        told = []
        if self._method not in ("", request.method):
            told.append(f"method: {request.method}, not {self._method}")
        if not match_path(self._path, request.path):
            hidden = _may_be_path(self._path, request.path)
            told.append(_hidden("path") if hidden else f"path: {_short(request.path)}, not {self.path}")
        if self.status is not None and self.status != request.status:
            told.append(f"status: {request.status}, not {self.status}")
        query = {name: str(value) for name, value in (self.query or {}).items()}
        told += _fields("query", query, request.query)
        if self.json is not None:
            told += _fields("json", self.json, request.json)
        return told

    def distance(self, request: Request) -> tuple[int, int]:
        """How far a request is from what is wanted: another endpoint is further than any other fields."""
        told = self.differences(request)
        return sum(line.startswith(("method: ", "path: ")) for line in told), len(told)

    def may_be(self, request: Request) -> bool:
        """Whether a request differs only in what the journal does not show, so that nobody can say."""
        told = self.differences(request)
        return bool(told) and all(line.endswith(_IS_HIDDEN) for line in told)

    def __str__(self) -> str:
        told = [f"{self._method or ANY} {self.path}"]
        told += [f"{n}={v!r}" for n in ("query", "json", "status") if (v := getattr(self, n)) is not None]
        return " ".join(told)


def _may_be_path(pattern: str, path: str) -> bool:
    """Whether a path would match but for segments that the journal hides, and that may be the wanted ones."""
    wanted, segments = pattern.split("/"), _short(path).split("/")
    if HIDDEN not in segments or len(wanted) != len(segments):
        return False
    seen = "/".join(
        name if segment == HIDDEN and _is_hidden(name) else segment
        for name, segment in zip(wanted, segments, strict=True)
    )
    return match_path(pattern, f"{BASE_PATH}/{seen}")


def _is_hidden(segment: str) -> bool:
    """Whether the journal hides such a segment, unless it names a record that is there."""
    from fakekit.resources import ENDPOINTS  # takes a while, and few assertions meet what is hidden

    return Redaction(ENDPOINTS).path(segment) == HIDDEN


def _short(path: str) -> str:
    return path.removeprefix(f"{BASE_PATH}/")


def _fields(where: str, wanted: Any, sent: Any) -> list[str]:
    """How what came differs from what has to be in it."""
    if isinstance(wanted, Mapping) and isinstance(sent, Mapping):
        return [
            line
            for name, value in wanted.items()
            for line in (
                _fields(f"{where}.{name}", value, sent[name])
                if name in sent
                else [
                    _hidden(f"{where}.{name}")
                    if HIDDEN in sent
                    else f"{where}.{name}: not sent, not {shown(value)}"
                ]
            )
        ]
    if isinstance(wanted, list) and isinstance(sent, list):
        cut = sent[-1:] == [HIDDEN] and len(wanted) >= len(sent)
        if cut or len(wanted) == len(sent):
            pairs = enumerate(zip(wanted, sent[:-1] if cut else sent, strict=False))
            told = [line for n, (a, b) in pairs for line in _fields(f"{where}[{n}]", a, b)]
            return [*told, _hidden(f"{where}[{len(sent) - 1}]")] if cut else told
    if wanted == sent:
        return []
    if isinstance(sent, str) and sent.endswith(HIDDEN):
        return [_hidden(where)]
    return [f"{where}: {shown(sent)}, not {shown(wanted)}"]


_IS_HIDDEN = "hidden in the journal (no table has it, or it is too long, or looks like a key)"


def _hidden(where: str) -> str:
    return f"{where}: {_IS_HIDDEN}"


def shown(value: Any, limit: int = 80) -> str:
    """A value as JSON, on one line, shortened."""
    text = dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= limit else text[:limit] + HIDDEN


def must_be_count(times: object) -> None:
    """Raises `PatternError` for what is no number of requests."""
    if type(times) is not int or times < 0:
        raise PatternError(Problem("times", "must be a whole number from 0", show(times)))


CLOSEST = 5
"""How many requests an assertion that fails lists."""


def check(
    wanted: Wanted, found: list[Request], asked: list[Request], times: int | None, truncated: bool
) -> None:
    """Raises AssertionError where it was not asked as often as it should have been.

    Raises `PatternError` for a number of times that cannot be.
    """
    if times is not None:
        must_be_count(times)
    if times is None and found:
        return
    unsure = [request for request in asked if wanted.may_be(request)]
    if len(found) == times and not truncated and not unsure:
        return
    often = "at least once" if times is None else f"{times} time{'s' if times != 1 else ''}"
    told = [f"{wanted} was asked {len(found)} time{'s' if len(found) != 1 else ''}, not {often}"]
    if truncated and (times is None or len(found) <= times):
        told = [f"{wanted}: cannot say whether it was asked {often}, since the journal is truncated"]
    elif unsure and len(found) == times:
        told = [f"{wanted}: cannot say whether it was asked {often}, since the journal hides what would tell"]
    numbers = {request.number for request in found}
    others = sorted((r for r in asked if r.number not in numbers), key=wanted.distance)
    if len(found) > (times or 0) and times is not None:
        told += [f"  {request}" for request in found[:CLOSEST]]
    for request in others[:CLOSEST] if len(found) <= (times or 0) else []:
        told.append(f"  {request}")
        told += [f"      {line}" for line in wanted.differences(request)]
    if not asked:
        told.append("  it was asked nothing at all")
    raise AssertionError("\n".join(told))
