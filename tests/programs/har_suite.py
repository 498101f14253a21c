"""A suite of which some tests fail, run with --fakekit-har."""

import urllib.request

import pytest


def get(xtrakit, path, key=None):
    request = urllib.request.Request(xtrakit.url(path))
    request.add_header("Authorization", f"Bearer {key or xtrakit.api_key}")
    with urllib.request.urlopen(request, timeout=40) as response:
        return response.read()


def test_passes(xtrakit):
    get(xtrakit, "customers/1")


def test_fails(xtrakit):
    get(xtrakit, "customers/2")
    with pytest.raises(OSError, match="401"):
        get(xtrakit, "customers/3", key="sk_live_secret")
    pytest.fail("it is to fail")


def test_fails_without_requests(xtrakit):
    pytest.fail("it is to fail")
