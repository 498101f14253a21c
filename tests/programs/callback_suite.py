"""Tests with functions that answer requests, and functions that do not."""

import pytest
import requests


def get(xtrakit, path="customers/1"):
    return requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=40)


def test_answers(xtrakit):
    xtrakit.respond("GET", "customers/*", callback=lambda request: {"path": request.path})
    assert get(xtrakit).json() == {"path": "/api/v1/customers/1"}


def test_raises(xtrakit):
    def divide(request):
        return 1 / len(request.content)

    xtrakit.respond("GET", "customers/*", callback=divide, times=1)
    answer = get(xtrakit)
    assert answer.status_code == 500
    assert answer.json() == {"status": 500, "error": "Internal Server Error"}
    assert get(xtrakit).status_code == 200


def test_fails_inside(xtrakit):
    xtrakit.respond("GET", "customers/*", callback=lambda request: pytest.fail("not this one"))
    get(xtrakit)
    get(xtrakit)


def test_returns_nothing(xtrakit):
    xtrakit.respond("GET", "customers/*", callback=lambda request: None)
    get(xtrakit)


def test_is_not_called_again(xtrakit):
    assert get(xtrakit).status_code == 200
