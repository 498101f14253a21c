import _socket, contextlib, os, shutil, socket, tempfile, threading
from unittest import mock
import httpx, pytest, requests, trap

PROXY = f"http://127.0.0.1:{trap.PORT}"
KEY = {"Authorization": "Bearer REAL"}


@contextlib.contextmanager
def proxied():
    with socket.create_connection(("127.0.0.1", trap.PORT)) as sock, contextlib.suppress(OSError):
        yield sock


def test_name_to_an_http_proxy():
    with contextlib.suppress(httpx.HTTPError), httpx.Client(proxy=PROXY) as client:
        client.get("http://app.xtrakit.com/api/v1/customers/1", headers=KEY, timeout=60)


def test_tunnel_of_an_http_proxy():
    with contextlib.suppress(requests.RequestException):
        requests.get("https://app.xtrakit.com/", headers=KEY, proxies={"https": PROXY}, timeout=60)


def test_name_to_socks5():
    with proxied() as sock:
        sock.sendall(b"\x05\x01\x00\x03\x0fapp.xtrakit.com\x00\x50")


def test_name_to_socks4a():
    with proxied() as sock:
        sock.send(memoryview(b"\x04\x01\x00\x50\x00\x00\x00\x01me\x00app.xtrakit.com\x00"))


def test_lookup_by_the_c_module():
    with contextlib.suppress(OSError):
        _socket.getaddrinfo("app.xtrakit.com", 443)


@pytest.fixture
def no_folder():
    before, folder = os.getcwd(), tempfile.mkdtemp()
    os.chdir(folder)
    shutil.rmtree(folder)
    yield
    os.chdir(before)


def test_without_a_folder(no_folder):
    with contextlib.suppress(OSError):
        socket.getaddrinfo("app.xtrakit.com", 443)


@mock.patch("os.path.relpath", side_effect=ValueError)
@mock.patch("os.getcwd", side_effect=TypeError)
def test_with_a_patched_path(getcwd, relpath):
    with contextlib.suppress(OSError):
        socket.getaddrinfo("app.xtrakit.com", 443)


def test_a_time_out_while_the_line_is_looked_up():
    with mock.patch("fakekit.intercept.guard.find_caller", side_effect=KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            socket.getaddrinfo("app.xtrakit.com", 443)


def test_other_data():
    with proxied() as sock:
        sock.sendall(b"GET /api HTTP/1.1\r\nHost: app.xtrakit.com\r\n\r\n")
        sock.sendall(b"CONNECT app.xtrakit.com.example.org:443 HTTP/1.1\r\n\r\n")
