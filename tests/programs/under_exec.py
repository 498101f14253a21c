import os, httpx, pytest, requests

URL = "https://app.xtrakit.com/api/v1/customers/1"
KEY = {"Authorization": "Bearer REAL"}


def test_led():
    assert requests.get(URL, headers=KEY).json()["data"]["customer"]["customer_name"] == "Jane Doe"
    with httpx.Client(trust_env=False, verify=os.environ["SSL_CERT_FILE"]) as client:
        assert client.get(URL, headers=KEY).status_code == 200


@pytest.mark.fakekit(intercept=True)
def test_an_account_of_its_own(xtrakit):
    xtrakit.change("customers", 1, customer_name="mine")
    assert requests.get(URL, headers=KEY).json()["data"]["customer"]["customer_name"] == "mine"
