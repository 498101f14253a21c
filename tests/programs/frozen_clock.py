import pytest, requests
from unittest import mock


@pytest.fixture(autouse=True)
def frozen():
    with mock.patch("time.time", return_value=1e9), mock.patch("time.monotonic", return_value=5.0):
        yield


def test_waiting_ends(xtrakit):
    with pytest.raises(AssertionError, match="requested 0 times, not 1 time"):
        xtrakit.wait_for("GET", "customers/1", timeout=0.2)


def test_a_delay_ends(xtrakit):
    xtrakit.delay(0.1)
    assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=30).ok


def test_a_trickle_ends(xtrakit):
    xtrakit.fail("trickle", seconds=0.1)
    assert requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=30).ok
