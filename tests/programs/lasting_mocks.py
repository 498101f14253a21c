import socket
import ssl
from unittest import mock

import pytest


def fake(host, port):
    return host, port


class Mocked(socket.socket):
    def connect(self, address):
        self.asked = address


connect = Mocked.connect


@pytest.fixture(scope="module", autouse=True)
def lasting():
    with pytest.MonkeyPatch.context() as patch, mock.patch("socket.socket.connect") as connect:
        patch.setattr(socket, "getaddrinfo", fake)
        patch.setattr(socket, "socket", Mocked)
        patch.setattr(ssl.SSLContext, "wrap_bio", connect)
        yield connect


@pytest.mark.parametrize("turn", [1, 2])
def test_they_stay_as_they_are(turn, lasting):
    assert socket.getaddrinfo is fake
    assert socket.socket is Mocked
    assert Mocked.connect is connect
    assert socket.socket.__base__.connect is lasting
    assert ssl.SSLContext.wrap_bio is lasting
