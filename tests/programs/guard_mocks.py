import socket
from unittest import mock

import pytest


@pytest.fixture
def lookup():
    with mock.patch("socket.getaddrinfo", return_value=[]) as lookup:
        yield lookup


def test_a_mock_sees_the_arguments_of_the_caller(lookup):
    assert socket.getaddrinfo("example.org", 80) == []
    socket.getaddrinfo.assert_called_once_with("example.org", 80)


def fake(host, port):
    return host, port


def test_a_function_in_its_place_is_called_directly(replaced_lookup):
    assert socket.getaddrinfo is fake
    assert socket.getaddrinfo("example.org", 80) == ("example.org", 80)


@pytest.fixture
def replaced_lookup(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", fake)


@pytest.fixture
def connect():
    with mock.patch("socket.socket.connect"):
        yield


def test_a_mocked_method_keeps_its_assertions(connect):
    with socket.socket() as sock:
        sock.connect(("192.0.2.1", 80))
    socket.socket.connect.assert_called_once_with(("192.0.2.1", 80))
