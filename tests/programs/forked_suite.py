import os, pytest, requests


@pytest.fixture(scope="module")
def wide():
    return 1


def test_plain(wide):
    assert 1


def test_by_the_variables():
    headers = {"Authorization": "Bearer " + os.environ["XTRAKIT_API_KEY"]}
    url = os.environ["XTRAKIT_BASE_URL"]
    assert requests.get(f"{url}/customers/1", headers=headers, timeout=40).status_code == 200


def test_by_the_handle(xtrakit):
    pass
