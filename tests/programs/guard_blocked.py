import http.client, socket, pytest
from fakekit.intercept.patches import PATCHES


@pytest.mark.fakekit(intercept=True)
@pytest.mark.parametrize("kind", [http.client.HTTPSConnection, http.client.HTTPConnection])
def test_intercepted(kind):
    connection = kind("app.xtrakit.com")
    connection.request("GET", "/api/v1/customers/1", headers={"Authorization": "Bearer REAL"})
    assert connection.getresponse().status == 200
    connection.close()


def test_blocked():
    with socket.socket() as sock, pytest.raises(RuntimeError, match="blocked"):
        sock.connect(("192.0.2.2", 1))


@pytest.mark.parametrize("turn", range(20))
def test_one_layer_for_each_function(turn):
    assert max(map(len, PATCHES._patches.values())) <= 2


def test_still_guarded():
    with pytest.raises(OSError):
        socket.create_connection(("app.xtrakit.com", 80))
