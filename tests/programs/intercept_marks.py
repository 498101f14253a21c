from intercept_clients import *


@pytest.mark.fakekit(intercept=True, customers=3)
class TestMarks:
    def test_without_the_fixture_and_with_settings(self):
        assert name(by_requests(URL.replace("/1", "/3"), KEY)) != "Customer not found"
        assert name(by_requests(URL.replace("/1", "/4"), KEY)) == "Customer not found"

    @pytest.fixture
    def made(self):
        return by_requests(URL, KEY)

    def test_a_function_scoped_fixture_is_led(self, made):
        assert name(made) == "Jane Doe"

    @pytest.mark.fakekit(intercept=False)
    def test_the_closest_mark_wins(self):
        with pytest.raises(OSError, match="fakekit stopped"):
            by_requests(URL, KEY)


@pytest.fixture(scope="session")
def wide():
    with pytest.raises(OSError, match="fakekit stopped"):
        by_requests(URL, KEY)


@pytest.mark.fakekit(intercept=True)
def test_a_wider_fixture_is_not_led(wide):
    assert name(by_requests(URL, KEY)) == "Jane Doe"


@pytest.mark.fakekit(intercept=True)
def test_threads_are_led(xtrakit):
    from concurrent.futures import ThreadPoolExecutor

    xtrakit.change("customers", 1, customer_name="mine")
    with ThreadPoolExecutor(8) as threads:
        names = threads.map(lambda _: name(by_requests_anew(URL, KEY)), range(8))
    assert set(names) == {"mine"}


@pytest.mark.fakekit(intercept=True)
def test_addresses_of_every_form():
    for family in (socket.AF_INET, socket.AF_INET6):
        (found,) = socket.getaddrinfo("App.xtrakit.com.", "https", family, socket.SOCK_STREAM)
        with socket.socket(family) as sock:
            sock.connect(found[4])
            sock.sendall(b"GET /api/v1/customers/1 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer REAL\r\n\r\n")
            assert sock.recv(15) == b"HTTP/1.1 200 OK"
    with socket.socket() as sock:
        assert sock.connect_ex(("app.xtrakit.com", 443)) == 0
    with socket.create_connection((socket.gethostbyname("api.xtrakit.com"), 443)):
        pass
    assert socket.gethostbyaddr("api.xtrakit.com") == ("api.xtrakit.com", [], ["127.88.75.1"])


@pytest.mark.fakekit(intercept=True)
def test_the_callers_context_is_as_it_was():
    context = ssl.create_default_context()
    before = context.get_ca_certs(), context.verify_mode, context.check_hostname
    with httpx.Client(verify=context) as client:
        assert client.get(URL, headers=KEY).status_code == 200
    assert before == (context.get_ca_certs(), context.verify_mode, context.check_hostname)
    with httpx.Client(verify=False) as client:
        assert client.get(URL, headers=KEY).status_code == 200


@pytest.mark.fakekit(intercept=True)
def test_a_certificate_of_this_run_is_for_the_vendors_hosts_only():
    address = ("app.xtrakit.com", 443)
    with socket.create_connection(address) as sock, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(sock, server_hostname="xtrakit.com")


import unittest


@pytest.mark.fakekit(intercept=True)
class Case(unittest.TestCase):
    def test_case(self):
        self.assertEqual(name(by_httpx(URL, KEY)), "Jane Doe")


@pytest.mark.fakekit(intercept=True)
class AsyncCase(unittest.IsolatedAsyncioTestCase):
    async def test_case(self):
        async with httpx.AsyncClient() as client:
            answer = await client.get(URL, headers=KEY)
        self.assertEqual(answer.status_code, 200)
