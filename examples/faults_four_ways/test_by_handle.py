"""1. By the handle: a test says what goes wrong, for its own account alone."""

from __future__ import annotations

import pytest
import requests
from client import customer_name

import fakekit


def test_two_failures_are_survived(xtrakit: fakekit.Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", times=2)
    assert customer_name(xtrakit.base_url, xtrakit.api_key, 1) == "Jane Doe"
    xtrakit.assert_requested("GET", "customers/1", status=503, times=2)
    xtrakit.assert_requested("GET", "customers/1", status=200, times=1)


def test_three_are_not(xtrakit: fakekit.Handle) -> None:
    xtrakit.fail(503, "GET", "customers/1", times=3)
    with pytest.raises(requests.HTTPError):
        customer_name(xtrakit.base_url, xtrakit.api_key, 1)
