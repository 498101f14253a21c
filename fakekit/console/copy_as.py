"""A recorded request as code: what sends it again in several languages, asserts it, or makes it fail."""

from __future__ import annotations

import re
from collections.abc import Iterator
from json import dumps
from pprint import pformat
from typing import NamedTuple

from fakekit.accounts.recorded_request import RecordedRequest
from fakekit.contract.pattern import ANY, METHODS, RECORDED_METHODS, match_path, read_path
from fakekit.errors import HIDDEN, PatternError
from fakekit.vendor import BASE_PATH

_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9._-]{1,80}", re.ASCII)
"""A segment that a pattern can have as it is, also in a key with a fault, which has no spaces."""

_WIDTH = 64
"""How long a line with values may be: as wide as a column of the page."""


class Snippet(NamedTuple):
    """Code to copy: its title and its text, and the language for the attribute of the page."""

    title: str
    text: str
    language: str


def sending_snippets(request: RecordedRequest, origin: str, key: str) -> Iterator[Snippet]:
    """Yield the code that sends a request again, in each language. Hidden values are ``...`` in it.

    origin: of the server. key: the API key to send.
    """
    yield Snippet("curl", request.curl(origin, key, " \\\n  "), "shell")
    yield Snippet("Python", _python(request, origin, key), "python")
    yield Snippet("PHP", _php(request, origin, key), "php")
    yield Snippet("axios", _axios(request, origin, key), "javascript")


def testing_snippets(request: RecordedRequest, key: str) -> Iterator[Snippet]:
    """Yield the assertion that a test got such a request, and the key with which such a request fails once.

    Hidden values are left out of the assertion; ``*`` is in the place of a hidden segment of the path.

    key: of the account.
    """
    yield Snippet("pytest", _assertion(request), "python")
    method = "GET" if request.method == "HEAD" else request.method
    if method in METHODS:
        path = path_pattern(request.path)
        limits = f",method={method}" + (f",path={path}" if path != ANY else "")
        yield Snippet("Key with which it fails once", f"{key}~fail=503,times=1{limits}", "")


def path_pattern(path: str) -> str:
    """Return the path pattern of an assertion or a fault that matches a request.

    Without ``/api/v1/``, and with ``*`` for a segment that is hidden or that no pattern can have; only ``*``
    for a path that no other pattern matches.

    >>> path_pattern("/api/v1/sales/..."), path_pattern("/other")
    ('sales/*', '*')
    """
    segments = path.removeprefix(f"{BASE_PATH}/").split("/")
    is_plain = [segment != HIDDEN and _PLAIN_SEGMENT.fullmatch(segment) for segment in segments]
    pattern = "/".join(segment if plain else ANY for segment, plain in zip(segments, is_plain, strict=True))
    try:
        return pattern if match_path(read_path(pattern), path) else ANY
    except PatternError:
        return ANY


def _python(request: RecordedRequest, origin: str, key: str) -> str:
    """Return a Python program that sends the request by the library requests."""
    headers = {"Authorization": f"Bearer {key}"}
    body: list[str] = []
    if request.size and isinstance(request.json, str):
        headers["Content-Type"] = "application/json"
        body = [f"    data={request.json!r},"]
    elif request.size:
        body = [f"    json={_literal(request.json, 9)},"]  # behind "    json="
    lines = ["import requests", "", "answer = requests.request(", f"    {request.method!r},"]
    lines += [f"    {request.url(origin)!r},", f"    headers={headers!r},", *body, "    timeout=5,", ")"]
    return "\n".join([*lines, "print(answer.status_code, answer.text)"])


def _php(request: RecordedRequest, origin: str, key: str) -> str:
    """Return a PHP program that sends the request by its extension curl."""
    headers = [f"Authorization: Bearer {key}"]
    lines = [f"    CURLOPT_CUSTOMREQUEST => {_php_text(request.method)},"]
    if request.method == "HEAD":
        lines = ["    CURLOPT_NOBODY => true,"]
    if request.size:
        headers.append("Content-Type: application/json")
        lines.append(f"    CURLOPT_POSTFIELDS => {_php_text(request.body_as_json())},")
    listed = ", ".join(map(_php_text, headers))
    lines += ["    CURLOPT_RETURNTRANSFER => true,", f"    CURLOPT_HTTPHEADER => [{listed}],"]
    start = ["<?php", f"$handle = curl_init({_php_text(request.url(origin))});"]
    return "\n".join([*start, "curl_setopt_array($handle, [", *lines, "]);", "echo curl_exec($handle);"])


def _php_text(text: str) -> str:
    """Return a string literal of PHP in single quotes, which has escapes for quote and backslash only."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _axios(request: RecordedRequest, origin: str, key: str) -> str:
    """Return a JavaScript module that sends the request by axios."""
    headers = {"Authorization": f"Bearer {key}"}
    body: list[str] = []
    if request.size:
        headers["Content-Type"] = "application/json"
        # JSON in ASCII is also JavaScript; a line may not end in a string, and U+2028 would end one.
        body = [f"  data: {dumps(request.json, indent=2)},".replace("\n", "\n  ")]
    lines = ['import axios from "axios";', "", "const answer = await axios.request({"]
    lines += [f"  method: {dumps(request.method)},", f"  url: {dumps(request.url(origin))},"]
    lines += [f"  headers: {dumps(headers)},", *body, "  validateStatus: () => true,", "});"]
    return "\n".join([*lines, "console.log(answer.status, answer.data);"])


def _assertion(request: RecordedRequest) -> str:
    """Return the line of a test that asserts the request; hidden values are left out."""
    method = request.method if request.method in RECORDED_METHODS else ANY
    arguments = [f'"{method}"', f'"{path_pattern(request.path)}"']
    for name, value in (("json", request.json), ("query", dict(request.query))):
        if isinstance(value, dict) and (known := _without_hidden(value)):
            arguments.append(f"{name}={_literal(known, 8 + len(name))}")
    arguments.append(f"status={request.status}")
    line = f"xtrakit.assert_requested({', '.join(arguments)})"
    if len(line) <= _WIDTH and "\n" not in line:
        return line
    return "xtrakit.assert_requested(\n    " + ",\n    ".join(arguments) + ",\n)"


def _literal(value: object, indent: int) -> str:
    """Return a Python literal; lines behind the first are indented by so many spaces."""
    return pformat(value, width=_WIDTH - indent, sort_dicts=False).replace("\n", "\n" + " " * indent)


def _without_hidden(value: object) -> object:
    """Return a value of the journal without the fields of objects that are hidden in whole or in part."""
    if isinstance(value, dict):
        known = {name: item for name, item in value.items() if name != HIDDEN and not _is_hidden(item)}
        return {name: _without_hidden(item) for name, item in known.items()}
    return [_without_hidden(item) for item in value] if isinstance(value, list) else value


def _is_hidden(value: object) -> bool:
    """Return whether a text is hidden in whole or in part, or an item of a list, which has to be equal."""
    if isinstance(value, list):
        return any(map(_is_hidden, value))
    return isinstance(value, str) and HIDDEN in value
