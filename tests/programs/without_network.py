import _socket


def test_answers(xtrakit):
    host, port = xtrakit.origin.removeprefix("http://").split(":")
    with_key = f"GET /api/v1/customers/1 HTTP/1.0\r\nAuthorization: Bearer {xtrakit.api_key}\r\n\r\n"
    client = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    client.settimeout(10)
    client.connect((host, int(port)))
    client.sendall(with_key.encode())
    assert client.recv(12) == b"HTTP/1.0 200"
    client.close()
    xtrakit.wait_for("GET", "customers/1")
