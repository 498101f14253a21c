import fakekit, pytest
from unittest import mock


@pytest.fixture
def fake(request):
    return request.getfixturevalue("xtrakit")


@pytest.fixture(params=["threading.Thread", "json.dumps", "socket.socket", "subprocess.Popen"])
def replaced(request):
    with mock.patch(request.param, side_effect=ZeroDivisionError("replaced")):
        yield


def test_first(replaced, fake):
    assert fake.add_customer()["id"] == 51


def test_then(fake):
    assert fake.customer(1)["customer_name"] == "Jane Doe"


def test_a_server_of_its_own(replaced):
    with fakekit.FakeServer() as server:
        assert server.customer(1)["customer_name"] == "Jane Doe"
