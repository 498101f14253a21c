"""Patterns of requests: a method and a path, as faults, assertions, hints and the control API have them.

docs/faults.md says how a path is written.

A pattern that no request can match is rejected: with it, an assertion that something was not requested would
always pass, and a fault would never apply.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

from fakekit.errors import PatternError, Problem, show
from fakekit.vendor import API_ROOT, BASE_PATH

if TYPE_CHECKING:
    from fakekit.contract.endpoint import Endpoint

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
"""The methods of the vendor's API; to a fault, a HEAD counts as a GET."""

RECORDED_METHODS = (*METHODS, "HEAD", "OPTIONS")
"""The methods that HTTP defines for requests to a server, which the journal shows by name."""

ANY = "*"
"""Stands for any method, any path or, as one segment of a path, any segment."""

MAX_PATH_LENGTH = 300
_A_PATH = "must be a path, such as customers/1 or customers/*"
_SEGMENT = re.compile(r"\*|\{[A-Za-z_]{1,40}\}|[A-Za-z0-9._~ -]{1,80}", re.ASCII)


def read_method(value: object, methods: Sequence[str] = RECORDED_METHODS) -> str:
    """Check the method of a request pattern, as faults and assertions have it, and return it in capitals.

    ``*``, which means any method, gives an empty string.
    methods: the methods that are allowed.

    Raises `PatternError` for any other value, also one that is not text.
    """
    method = value.upper() if isinstance(value, str) else ""
    if method not in (ANY, *methods):
        message = f"must be one of {', '.join(methods)}, or * for any"
        raise PatternError(Problem("method", message, show(value)))
    return "" if method == ANY else method


def read_path(value: object) -> str:
    """Check the path of a request pattern, and return it without ``/api/v1/``, ``*`` for each parameter.

    >>> read_path("/api/v1/customers/{id}")
    'customers/*'

    Returns an empty string for ``*``, any path. Raises `PatternError`, with a suggestion where there is one,
    for a URL, a query, percent-encoding and anything else that the path of a request cannot match.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_PATH_LENGTH:
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
    """Return whether the path of a request matches a pattern of a fault, an assertion or a control request.

    path: ``/api/v1/customers/1``.
    pattern: as `read_path` returns it: ``customers/*``; an empty one matches every path. Each ``*`` matches
        one segment that is not empty.
    """
    if not pattern:
        return True
    if not path.startswith(f"{BASE_PATH}/"):
        return False
    names, segments = pattern.split("/"), path[len(BASE_PATH) + 1 :].split("/")
    if len(names) != len(segments):
        return False
    pairs = zip(names, segments, strict=True)
    return all(name == segment or (name == ANY and segment != "") for name, segment in pairs)


def find_endpoints(endpoints: Iterable[Endpoint], path: str) -> list[Endpoint]:
    """Return the endpoints that have the path of a request, each with another method; empty for none.

    ``/customers/add`` is no customer of the id "add": a path without a parameter wins over one with one.

    endpoints: those to look in. path: ``/api/v1/customers/1``.
    """
    matching = [endpoint for endpoint in endpoints if match_path(read_path(endpoint.path), path)]
    return [endpoint for endpoint in matching if not endpoint.parameter] or matching


def _check_path_only(value: str) -> None:
    """Raise `PatternError` if a pattern's path is more than that: a URL, a query, a fragment, an encoding.

    The error suggests the path to write instead.
    """
    if "://" in value or value.startswith("//"):
        try:
            path = urlsplit(value).path
        except ValueError:  # such as an IPv6 address without its closing bracket
            path = ""
        write = _suggested(path) or "a path, such as customers/1, or * for any"
        _reject(value, "is a whole URL, and only paths are compared", write)
    if "?" in value:
        _reject(value, "must be a path without a query", _suggested(value.partition("?")[0]))
    if "#" in value:
        message = "must be a path without a fragment, which no client sends"
        _reject(value, message, _suggested(value.partition("#")[0]))
    if "%" in value:
        message = "is percent-encoded, and paths are compared decoded"
        _reject(value, message, _suggested(unquote(value)))


def _remove_base_path(value: str) -> str:
    """Return a pattern's path without ``/api/v1/`` in front; a path without it is returned as it is.

    Raises `PatternError` for ``/api/v1`` itself, a path of fakekit's own (``/_fakekit/``) and another version
    (``/api/v2/``).
    """
    path = value.strip("/")
    base = BASE_PATH.strip("/")
    if path.startswith("_fakekit/"):
        message = "is fakekit's own, and belongs to no account"
        _reject(value, message, "a path of the vendor's, such as customers/1")
    other_version = re.match(rf"{API_ROOT[1:]}v[0-9]+/", path)
    if other_version and not path.startswith(f"{base}/"):
        message = f"is not below {BASE_PATH}/, and nothing else is the vendor's"
        _reject(value, message, path[other_version.end() :])
    if path == base:
        _reject(value, _A_PATH)
    return path.removeprefix(f"{base}/")


def _suggested(path: str) -> str:
    """Return the path that the error for an invalid pattern suggests: `path` without ``/api/v1/``.

    It is empty when nothing is left.
    """
    return path.strip("/").removeprefix(BASE_PATH.strip("/")).strip("/")


def _reject(value: object, message: str, write: str = "") -> NoReturn:
    """Raise `PatternError` about a pattern's path.

    value: what the user wrote. message: the rest of a sentence about it: "must be a path without a query".
    write: what to write instead; empty for no suggestion.
    """
    raise PatternError(Problem("path", message, show(value), write))
