"""Tests that fail, of an account that tests share, after one that sends a request with a wrong key."""

import urllib.error
import urllib.request

import pytest


def get(handle, path, key=None):
    request = urllib.request.Request(handle.url(path))
    request.add_header("Authorization", f"Bearer {key or handle.api_key}")
    urllib.request.urlopen(request, timeout=40).close()


def test_before(xtrakit):
    with pytest.raises(urllib.error.HTTPError, match="401"):
        get(xtrakit, "customers/1", key="wrong")


def test_first(xtrakit_server):
    get(xtrakit_server.account("s"), "customers/2")
    pytest.fail("it is to fail")


def test_second(xtrakit_server):
    get(xtrakit_server.account("s"), "customers/3")
    pytest.fail("it is to fail")
