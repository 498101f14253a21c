"""Requests of a handle's account, and the failures of its assertions."""

from __future__ import annotations

from typing import Any

import pytest
import requests

import fakekit
from tests.helpers.processes import PATIENCE


def ask(xtrakit: fakekit.Handle, path: str, method: str = "GET", **more: Any) -> requests.Response:
    headers = {**xtrakit.headers, **more.pop("headers", {})}
    return requests.request(method, xtrakit.url(path), headers=headers, timeout=PATIENCE, **more)


def control(xtrakit: fakekit.Handle, path: str) -> requests.Response:
    headers = {"Fakekit-Control": "1"}
    return requests.get(f"{xtrakit.origin}/_fakekit/accounts{path}", headers=headers, timeout=PATIENCE)


def missed(act: Any) -> str:
    """What an assertion that fails says."""
    with pytest.raises(AssertionError) as failed:
        act()
    return str(failed.value)
