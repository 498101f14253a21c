"""Tests of one shared account: requests with an unread name, and callbacks that do not answer."""

import requests


def get(shared, path):
    return requests.get(shared.url(path), headers=shared.headers, timeout=40).status_code


def test_customers(xtrakit_server):
    assert get(xtrakit_server.account("s"), "customers?page=2") == 200


def test_sales(xtrakit_server):
    assert get(xtrakit_server.account("s"), "sales?page=2") == 200


def test_nothing(xtrakit_server):
    assert get(xtrakit_server.account("s"), "customers") == 200


def test_raises(xtrakit_server):
    shared = xtrakit_server.account("s")
    shared.respond("GET", "customers/*", callback=lambda request: 1 / 0)
    assert get(shared, "customers/1") == 500


def test_raises_again(xtrakit_server):
    assert get(xtrakit_server.account("s"), "customers/1") == 500


def test_is_not_called(xtrakit_server):
    assert get(xtrakit_server.account("s"), "customers") == 200
