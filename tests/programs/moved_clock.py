import pytest, requests, fakekit.accounts.journal, fakekit.api.exchange
from unittest import mock


def get(xtrakit, path, key):
    requests.get(xtrakit.url(path), headers={"Authorization": f"Bearer {key}"}, timeout=40)


@pytest.mark.parametrize("year", [2040, 2020])
def test_in(xtrakit, year):
    with mock.patch("fakekit.api.exchange.wall_time", lambda: (year - 1970) * 31556952.0):
        get(xtrakit, "customers/1", "fk_demo")
        get(xtrakit, "customers/2", "API_KEY")
    assert 0


def test_later(xtrakit):
    assert 0
