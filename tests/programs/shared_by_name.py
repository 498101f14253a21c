import pytest, requests


@pytest.fixture(scope="session")
def crm(xtrakit_server):
    account = xtrakit_server.account("crm")
    account.add_customer(customer_name="Shared")
    return account


def name_of(account, key):
    answer = requests.get(account.url(f"customers/{key}"), headers=account.headers, timeout=40)
    return answer.json()["data"]["customer"]["customer_name"]


@pytest.mark.parametrize("turn", range(2))
def test_shared(crm, turn):
    assert (crm.api_key.startswith("fk_run--crm"), crm.customer(9)["id"], name_of(crm, 51)) == (
        True,
        9,
        "Shared",
    )


def test_the_same_handle_by_name(xtrakit_server, crm):
    assert xtrakit_server.account("crm") is crm
    assert xtrakit_server.account().api_key.startswith("fk_run--shared")


def test_an_account_of_its_own(xtrakit, crm):
    assert xtrakit.add_customer(customer_name="Own")["id"] == 51
    assert (name_of(xtrakit, 51), name_of(crm, 51)) == ("Own", "Shared")


@pytest.fixture(scope="class")
def rows(xtrakit_server):
    account = xtrakit_server.account("rows")
    account.remove("customers", 1)
    yield account
    account.reset()


class TestClass:
    def test_1(self, rows):
        assert rows.about["changed"]


def test_after_the_class(xtrakit_server):
    assert not xtrakit_server.account("rows").about["changed"]
