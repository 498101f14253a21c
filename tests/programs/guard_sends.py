import socket

import pytest

REQUEST = b"GET http://app.xtrakit.com/api/v1/customers HTTP/1.1\r\n\r\n"


@pytest.fixture
def pair():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()) as client, listener.accept()[0] as server:
            yield client, server


def test_a_body_that_is_sent_apart_from_its_head(pair):
    client, server = pair
    server.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    server.sendall(b"See https://app.xtrakit.com/docs for it.")
    assert server.sendmsg(iter([b"", b"SEE app.xtrakit.com"])) == 19
    assert server.sendmsg((b"app.xtrakit.com", b".")) == 16
    server.shutdown(socket.SHUT_WR)
    assert client.makefile("rb").read().endswith(b"docs for it.SEE app.xtrakit.comapp.xtrakit.com.")


def test_unix():
    client, server = socket.socketpair()
    with client, server, pytest.raises(OSError, match="stopped before the request to a proxy"):
        client.sendall(REQUEST)


def test_sendmsg(pair):
    client, server = pair
    with pytest.raises(OSError, match="stopped before the request to a proxy"):
        client.sendmsg(iter([memoryview(REQUEST[:15]), bytearray(REQUEST[15:])]))
    assert server.recv(1) == b""
