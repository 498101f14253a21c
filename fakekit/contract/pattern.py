"""Patterns of requests: which method and path, as faults, assertions and the control API write them.

A pattern that no request can match is refused: an assertion that something was not asked would pass, and a
fault would never be used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from fakekit.errors import PatternError, Problem, show
from fakekit.vendor import BASE_PATH

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods of the vendor's API; a HEAD is a GET to a fault."""

RECORDED_METHODS = (*METHODS, "HEAD", "OPTIONS")
"""The methods that a journal has."""

ANY = "*"
"""Written for any method, any path, or (inside of a path) any one segment."""

LONGEST_PATH = 300
_A_PATH = "must be a path, such as customers/1 or customers/*"
_SEGMENT = re.compile(r"\*|\{[A-Za-z_]{1,40}\}|[A-Za-z0-9._~ -]{1,80}", re.ASCII)


def read_method(value: Any, methods: Sequence[str] = RECORDED_METHODS) -> str:
    """Return a method that a user wrote, in capitals; empty for ``*``, which is any method.

    methods: those that it may be.

    Raises `PatternError` for any other value.
    """
    method = value.upper() if isinstance(value, str) else ""
    if method not in (ANY, *methods):
        what = f"must be one of {', '.join(methods)}, or * for any"
        raise PatternError(Problem("method", what, show(value)))
    return "" if method == ANY else method


def read_path(value: Any) -> str:
    """Return the path as it stands behind ``/api/v1/``, ``*`` for each parameter; empty for any.

    >>> read_path("/api/v1/customers/{id}")
    'customers/*'

    Raises `PatternError`, which says what to write instead.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_PATH:
        _reject(value, _A_PATH)
    if value == ANY:
        return ""
    _check_path_only(value)
    path = _remove_base_path(value)
    segments = path.split("/")
    if any(ANY in segment and segment != ANY for segment in segments):
        write = "/".join(ANY if ANY in segment else segment for segment in segments)
        _reject(value, "must have * in the place of a whole segment", write)
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        _reject(value, _A_PATH)
    return "/".join(ANY if segment.startswith("{") else segment for segment in segments)


def match_path(pattern: str, path: str) -> bool:
    """Return whether the path of a request matches a pattern that `read_path` has read."""
    if not pattern:
        return True
    if not path.startswith(f"{BASE_PATH}/"):
        return False
    names, segments = pattern.split("/"), path[len(BASE_PATH) + 1 :].split("/")
    if len(names) != len(segments):
        return False
    pairs = zip(names, segments, strict=True)
    return all(name == segment or (name == ANY and segment != "") for name, segment in pairs)


def _check_path_only(value: str) -> None:
    """Raise `PatternError` for a URL, a query, a fragment or percent-encoding, with the path to write."""
    if "://" in value or value.startswith("//"):
        try:
            path = urlsplit(value).path
        except ValueError:
            path = ""
        write = _suggested(path) or "a path, such as customers/1, or * for any"
        _reject(value, "is a whole URL, and only paths are compared", write)
    if "?" in value:
        _reject(value, "must be a path without a query", _suggested(value.partition("?")[0]))
    if "#" in value:
        what = "must be a path without a fragment, which no client sends"
        _reject(value, what, _suggested(value.partition("#")[0]))
    if "%" in value:
        what = "is percent-encoded, and paths are compared decoded"
        _reject(value, what, _suggested(unquote(value)))


def _remove_base_path(value: str) -> str:
    """Return the path behind ``/api/v1/``. Raises `PatternError` for fakekit's own and other versions'."""
    path = value.strip("/")
    base = BASE_PATH.strip("/")
    if path.startswith("_fakekit/"):
        what = "is fakekit's own, and belongs to no account"
        _reject(value, what, "a path of the vendor's, such as customers/1")
    other_version = re.match(r"api/v[0-9]+/", path)
    if other_version and not path.startswith(f"{base}/"):
        what = f"is not below {BASE_PATH}/, and nothing else is the vendor's"
        _reject(value, what, path[other_version.end() :])
    if path == base:
        _reject(value, _A_PATH)
    return path.removeprefix(f"{base}/")


def _suggested(path: str) -> str:
    """Return what to write instead: the path behind ``/api/v1/``; empty when there is none."""
    return path.strip("/").removeprefix(BASE_PATH.strip("/")).strip("/")


def _reject(value: Any, what: str, write: str = "") -> NoReturn:
    """Raise `PatternError` for a path; `write` is what to write instead."""
    raise PatternError(Problem("path", what, show(value), write))
