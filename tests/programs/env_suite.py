import os
import app, pytest


def asked(xtrakit):
    paths = [str(request).partition("/v1/")[2] for request in xtrakit.requests]
    return [path for path in paths if not path.startswith("customers/1 ")]  # the session's, in its first test


def test_all_of_them(xtrakit):
    assert os.environ["XTRAKIT_BASE_URL"] == xtrakit.base_url
    key = os.environ["XTRAKIT_API_KEY"]
    assert key.startswith("fk_running_test") and key != xtrakit.api_key
    assert os.environ["CRM_TOKEN"] == key
    assert os.environ["CRM"] == f"{xtrakit.origin}/x?key={key}"
    assert os.environ["XTRAKIT_OLD"] == "new"


@pytest.mark.parametrize("turn", range(3))
def test_the_key_leads_to_this_tests_account(xtrakit, turn):
    assert xtrakit.add_customer(customer_name=f"Ama {turn}")["id"] == 51
    assert app.ask("customers/51").json()["data"]["customer"]["customer_name"] == f"Ama {turn}"
    assert asked(xtrakit) == ["customers/7 -> 200", "customers/51 -> 200"]


@pytest.mark.parametrize("turn", range(3))
def test_also_of_one_that_does_not_ask_for_it(turn):
    group = {"group_name": "G", "group_description": "d"}
    assert app.ask("customer-groups/add", "POST", json=group).json()["data"]["group"]["id"] == 6


def test_or_asks_late(request):
    app.ask("customers/2", "DELETE")
    assert asked(request.getfixturevalue("xtrakit")) == ["customers/7 -> 200", "customers/2 -> 204"]


@pytest.mark.fakekit(customers=8)
def test_marked():
    assert app.ask("customers/9").status_code == 404


@pytest.mark.fakekit(customers=9)
def test_marked_and_asked_for(xtrakit):
    assert app.ask("customers/9").status_code == 200
    assert app.ask("customers/10").status_code == 404
    assert asked(xtrakit)[0] == "customers/7 -> 200"


class TestSettings:
    @pytest.fixture
    def fakekit_settings(self):
        return {"customers": 20}

    def test_fixture(self, xtrakit):
        assert app.ask("customers/21").status_code == 404
        assert app.ask("customers/20").status_code == 200


def test_fails():
    app.ask("customers/999")
    assert 0
