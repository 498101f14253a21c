import http.client, json, os, socket, threading, urllib.request

import httpx, pytest, requests

URL = "https://app.xtrakit.com/api/v1/customers/1"
KEY = {"Authorization": "Bearer REAL"}


def by_urllib(url):
    with urllib.request.urlopen(urllib.request.Request(url, headers=KEY)) as answer:
        return json.load(answer)


WAYS = {
    "requests": lambda url: requests.get(url, headers=KEY).json(),
    "httpx": lambda url: httpx.get(url, headers=KEY).json(),
    "urllib": by_urllib,
}


def name(answer):
    return answer["data"]["customer"]["customer_name"]


def state():
    """Threads and descriptors of this process."""
    return set(threading.enumerate()), set(os.listdir("/proc/self/fd"))


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left():
    before = state()
    yield
    for thread in set(threading.enumerate()) - before[0]:
        thread.join(20)  # that of the log ends a moment after the last line
    after = state()
    assert [now - then for now, then in zip(after, before)] == [set(), set()]


@pytest.mark.fakekit(intercept=True)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("url", [URL, URL.replace("https", "http")])
def test_led(way, url, xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert name(WAYS[way](url)) == "mine"
    assert "fakekit-gateway" not in {thread.name for thread in threading.enumerate()}
    (entry,) = xtrakit.requests
    assert "REAL" not in str(entry)


@pytest.mark.fakekit(intercept=True)
def test_without_a_key_and_with_another():
    assert requests.get(URL).json()["error"] == "Unauthorized: Missing Bearer Token"
    assert requests.get(URL, headers={"Authorization": "Bearer fk_another"}).json()["status"] == 200


def ask(connection):
    connection.request("GET", "/api/v1/customers/1", headers=KEY)
    return json.load(connection.getresponse())


@pytest.fixture(scope="module")
def kept():
    connection = http.client.HTTPSConnection("app.xtrakit.com")
    yield connection
    connection.close()


@pytest.mark.fakekit(intercept=True)
class TestKept:
    """A connection that stays open from one test to the next."""

    def test_it_leads_to_the_account_of_the_test(self, kept, xtrakit):
        xtrakit.change("customers", 1, customer_name="first")
        assert name(ask(kept)) == "first"

    def test_it_has_ended_in_the_next_test(self, kept):
        with pytest.raises((http.client.RemoteDisconnected, OSError)):
            ask(kept)
        kept.close()
        assert name(ask(kept)) == "Jane Doe"


def test_the_guard_stops_a_call_without_the_mark():
    with pytest.raises(OSError, match="fakekit stopped"):
        socket.create_connection(("app.xtrakit.com", 443))
