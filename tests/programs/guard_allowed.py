import contextlib, socket, urllib.request, pytest, requests

session = requests.Session()
URL = "http://app.xtrakit.com/"


@pytest.mark.fakekit(intercept=True)
def test_led():
    socket.kept = socket.getaddrinfo("app.xtrakit.com", 80, socket.AF_INET, socket.SOCK_STREAM)[0][4]


@pytest.mark.fakekit(allow_real=True)
class TestReal:
    def test_calls(self):
        assert session.get(URL).json() == {}

    def test_an_address_that_was_kept(self):
        socket.create_connection(socket.kept).close()

    def test_does_not(self):
        pass

    @pytest.mark.fakekit(allow_real=False)
    def test_closer(self):
        with contextlib.suppress(Exception):
            session.get(URL)


@pytest.mark.fakekit(allow_real=True, seed=3)
def test_beside_settings(xtrakit):
    with pytest.raises(OSError):  # the listener speaks no TLS
        requests.get("https://api.xtrakit.com/", timeout=40)


def test_kept_connection():
    with contextlib.suppress(Exception):
        session.get(URL)


def test_kept_address():
    with contextlib.suppress(Exception):
        socket.create_connection(socket.kept)
