import os, pytest, requests, unittest


def add(name):
    headers = {"Authorization": "Bearer " + os.environ["XTRAKIT_API_KEY"]}
    base_url = os.environ["XTRAKIT_BASE_URL"]
    body = {"group_name": name, "group_description": "d"}
    requests.post(
        f"{base_url}/customer-groups/add", json=body, headers=headers, timeout=40
    ).raise_for_status()


@pytest.fixture(scope="session", autouse=True)
def seeded():
    add("by the session")
    yield
    add("by its teardown")


@pytest.mark.parametrize("turn", range(2))
def test_a_group(xtrakit, turn):
    assert xtrakit.requests == []
    add("by the test")
    assert xtrakit.group(6)["group_name"] == "by the test"


class TestClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        add("by the class")

    def test_x(self):
        add("by a test of the class")


def test_what_they_added(xtrakit_server):
    account = xtrakit_server.account("session")
    assert [account.group(key)["group_name"] for key in (6, 7)] == ["by the session", "by the class"]
    account.assert_requested("POST", "customer-groups/add", times=2)
