"""Tests that fail after requests to which faults applied."""

import requests


def ask(xtrakit, behind="", path="customers/1"):
    headers = {"Authorization": f"Bearer {xtrakit.api_key}{behind}"}
    return requests.get(xtrakit.url(path), headers=headers, timeout=40).status_code


def test_in_the_key(xtrakit):
    statuses = [ask(xtrakit, "~fail=503,times=1") for _ in range(2)]
    assert statuses == []


def test_by_the_handle(xtrakit):
    xtrakit.fail(429, "GET", "customers/*", times=1)
    assert [ask(xtrakit), ask(xtrakit)] == []


def test_misspelt(xtrakit):
    assert ask(xtrakit, "~fial=503") == 503
