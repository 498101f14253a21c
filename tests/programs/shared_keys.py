import os, requests


def name_of(key):
    url, headers = os.environ["XTRAKIT_BASE_URL"], {"Authorization": f"Bearer {key}"}
    answer = requests.get(f"{url}/customers/51", headers=headers, timeout=40)
    return answer.json()["data"]["customer"]["customer_name"]


def test_the_alias(xtrakit, xtrakit_server):
    xtrakit.add_customer(customer_name="Own")
    xtrakit_server.account("running_test").add_customer(customer_name="Shared")
    assert name_of(os.environ["XTRAKIT_API_KEY"]) == "Own"


def test_open(xtrakit_server):
    xtrakit_server.account("test_closed-3").add_customer(customer_name="Shared")


def test_closed(xtrakit, xtrakit_server):
    assert xtrakit.api_key == "fk_test_closed-3"
    assert name_of(xtrakit_server.account("test_closed-3").api_key) == "Shared"
