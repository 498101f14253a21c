import http.client, json, socket, threading, time, pytest
from contextlib import ExitStack
from unittest import mock

Socket, loads = socket.socket, json.loads


def ask(xtrakit, path="customers/1"):
    """A client that uses nothing which is replaced."""
    host, port = xtrakit.origin.removeprefix("http://").split(":")
    head = f"GET /api/v1/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    with Socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect((host, int(port)))
        client.sendall(f"{head}Authorization: Bearer {xtrakit.api_key}\r\n\r\n".encode())
        answer = b""
        while data := client.recv(65536):
            answer += data
    return int(answer.split()[1])


def no_more(*args, **kwargs):
    raise RuntimeError("replaced")


@pytest.mark.parametrize(
    "name",
    [
        "time.time",
        "time.monotonic",
        "time.perf_counter",
        "time.sleep",
        "json.dumps",
        "json.loads",
        "socket.socket",
        "socket.getaddrinfo",
        "threading.Thread",
        "threading.Event",
        "os.getpid",
        "os.stat",
        "builtins.open",
        "logging.Logger.handle",
        "logging.Logger.makeRecord",
        "http.client.HTTPConnection",
        "subprocess.Popen",
        "http.client.HTTPConnection.request",
        "socket.socket.connect",
        "socket.socket.send",
    ],
)
@pytest.mark.parametrize("replacement", [mock.MagicMock(), no_more], ids=["mock", "raises"])
def test_it_answers_meanwhile_and_afterwards(xtrakit, name, replacement):
    if name == "socket.socket.connect":  # it is the client's too
        with mock.patch(name, replacement):
            assert xtrakit.customer(1)
    else:
        with mock.patch(name, replacement):
            answered = ask(xtrakit)
            xtrakit.add_fault("slow=10ms,times=1")
            found = xtrakit.requests
            xtrakit.clear_faults()
        assert answered == 200
        assert len(found) == 1
    assert ask(xtrakit) == 200
    xtrakit.assert_requested("GET", "customers/1")
