"""Requests whose responses the server may remember, and which of them are computed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from fakekit.api.service import Service
from tests.helpers.raw_http import Headers


def get(path: str = "customers/1", key: str = "fk_demo", more: str = "") -> bytes:
    return f"GET /api/v1/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n{more}\r\n".encode()


def name_in(body: bytes) -> str:
    return str(json.loads(body)["data"]["customer"]["customer_name"])


def without_date(headers: Headers) -> Headers:
    return [(name, "" if name == "Date" else value) for name, value in headers]


@contextmanager
def computed() -> Iterator[list[str]]:
    """The paths of the requests that are computed meanwhile; those answered from memory are not among them."""
    paths: list[str] = []
    serve = Service.serve

    def record(self: Service, request: Any) -> Any:
        paths.append(request.path)
        return serve(self, request)

    with mock.patch.object(Service, "serve", record):
        yield paths
