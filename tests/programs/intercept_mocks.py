import json
import socket
import ssl
import urllib.request
from unittest import mock

import pytest

REQUEST = urllib.request.Request(
    "https://app.xtrakit.com/api/v1/customers/1", headers={"Authorization": "Bearer API_KEY"}
)
FUNCTIONS = [
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.socket.connect",
    "socket.socket.send",
    "socket.socket.sendall",
    "ssl.SSLContext.wrap_bio",
    "ssl.SSLContext.wrap_socket",
    "ssl.SSLSocket.send",
]


@pytest.fixture(scope="module", autouse=True)
def mocks():
    """The mocks of a module that shall not call anybody, by what they stand for."""
    started = {name: mock.patch(name) for name in FUNCTIONS}
    yield {name: patch.start() for name, patch in started.items()}
    for patch in reversed(started.values()):
        patch.stop()


def name_of_the_customer(request=REQUEST):
    with urllib.request.urlopen(request, timeout=40) as response:
        return json.load(response)["data"]["customer"]["customer_name"]


def call_others(mocks):
    """The mocks get what the caller wrote, not one argument more."""
    context = ssl.create_default_context()
    socket.getaddrinfo("example.org", 80)
    socket.gethostbyname("example.org")
    with socket.socket() as sock:
        sock.connect(("192.0.2.1", 80))
        sock.send(b"a")
        sock.sendall(b"b", 0)
        context.wrap_socket(sock, server_hostname="example.org")
        assert mocks["ssl.SSLContext.wrap_socket"].mock_calls == [
            mock.call(sock, server_hostname="example.org")
        ]
    context.wrap_bio(1, 2)
    assert mocks["socket.getaddrinfo"].mock_calls == [mock.call("example.org", 80)]
    assert mocks["socket.gethostbyname"].mock_calls == [mock.call("example.org")]
    assert mocks["socket.socket.connect"].mock_calls == [mock.call(("192.0.2.1", 80))]
    assert mocks["socket.socket.send"].mock_calls == [mock.call(b"a")]
    assert mocks["socket.socket.sendall"].mock_calls == [mock.call(b"b", 0)]
    assert mocks["ssl.SSLContext.wrap_bio"].mock_calls == [mock.call(1, 2)]
    for function in mocks.values():
        function.reset_mock()


@pytest.mark.fakekit(intercept=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_calls_of_the_vendor_reach_the_fake_and_others_the_mock(turn, xtrakit, mocks):
    xtrakit.change("customers", 1, customer_name="Ama")
    assert name_of_the_customer() == "Ama"
    over_http = urllib.request.Request(REQUEST.full_url.replace("https", "http"), headers=REQUEST.headers)
    assert name_of_the_customer(over_http) == "Ama"
    assert [function.mock_calls for function in mocks.values()] == [[]] * len(mocks)
    call_others(mocks)
    assert socket.getaddrinfo.__wrapped__ is mocks["socket.getaddrinfo"]


def test_elsewhere_the_mocks_stay_as_they_are(mocks):
    assert socket.getaddrinfo is mocks["socket.getaddrinfo"]
    assert socket.socket.connect is mocks["socket.socket.connect"]
    assert ssl.SSLContext.wrap_socket is mocks["ssl.SSLContext.wrap_socket"]
    call_others(mocks)


class Blocked(socket.socket):
    """A socket that connects to nobody, as plugins put it in the place of all others."""

    def connect(self, address):
        raise RuntimeError(f"no connection to {address[0]}")


@pytest.fixture(scope="class")
def blocked():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", Blocked)
        yield


@pytest.mark.usefixtures("blocked")
@pytest.mark.fakekit(intercept=True)
class TestClass:
    @pytest.mark.parametrize("turn", [1, 2])
    def test_a_class_in_the_place_of_the_socket_connects_to_the_fake_only(self, turn, xtrakit):
        assert name_of_the_customer() == xtrakit.customer(1)["customer_name"]
        with socket.socket() as sock, pytest.raises(RuntimeError, match="no connection to 192.0.2.1"):
            sock.connect(("192.0.2.1", 80))
        assert Blocked.connect.__wrapped__.__qualname__ == "Blocked.connect"
