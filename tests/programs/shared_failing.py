import pytest, requests


@pytest.fixture(scope="session")
def crm(xtrakit_server):
    return xtrakit_server.account("crm")


def get(account, path):
    requests.get(account.url(path), headers=account.headers, timeout=40)


def test_a(crm):
    get(crm, "stores/1")
    assert 0


def test_b(crm, xtrakit):
    get(crm, "customers/999")
    get(xtrakit, "customers/998")
    requests.get(crm.url("customers/1"), timeout=40)
    assert 0


def test_c(crm, xtrakit):
    assert 0
