import pytest, requests


def get(xtrakit, path):
    return requests.get(xtrakit.url(path), headers=xtrakit.headers, timeout=40).status_code


def test_documented(xtrakit):
    assert get(xtrakit, "customers/1") == 200


def test_missing(xtrakit):
    assert get(xtrakit, "customers/999") == 404


def test_list(xtrakit):
    assert get(xtrakit, "customer-groups?created_at=2030-01-01") == 200


@pytest.mark.fakekit(assumptions={"missing.status": 410})
def test_set(xtrakit):
    assert get(xtrakit, "customers/999") == 410
    assert xtrakit.assumptions == ("missing.status", "missing.error")
