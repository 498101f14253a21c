import pytest
import requests

from fakekit import Handle

AMA = {
    "customer_name": "Ama Mensah",
    "customer_phone": "+233201112223",
    "customer_country": "Ghana",
    "customer_city": "Kumasi",
    "customer_state": "Ashanti",
    "address1": "4 Harper Road",
}


def ask(xtrakit: Handle, method: str, path: str, body: object = None) -> requests.Response:
    return requests.request(method, xtrakit.url(path), headers=xtrakit.headers, json=body, timeout=40)


def name(xtrakit: Handle, key: int) -> object:
    answer = ask(xtrakit, "GET", f"customers/{key}")
    return answer.json()["data"]["customer"]["customer_name"] if answer.ok else answer.status_code


@pytest.mark.parametrize("number", range(10))
def test_adds(xtrakit: Handle, number: int) -> None:
    for n in range(number):
        assert ask(xtrakit, "POST", "customers/add", AMA).json()["data"]["customer"]["id"] == 51 + n
    assert xtrakit.add_customer(customer_name=f"Ama {number}")["id"] == 51 + number
    assert name(xtrakit, 51 + number) == f"Ama {number}"
    xtrakit.assert_requested("POST", "customers/add", json={"customer_city": "Kumasi"}, times=number)
    assert len(xtrakit.requests) == number + 1


@pytest.mark.parametrize("number", range(10))
def test_changes_and_goes_back(xtrakit: Handle, number: int) -> None:
    xtrakit.change("customers", 1, customer_name=f"Jane {number}")
    before = xtrakit.snapshot()
    xtrakit.remove("customers", 1)
    assert name(xtrakit, 1) == 404
    xtrakit.restore(before)
    assert name(xtrakit, 1) == f"Jane {number}"
    xtrakit.reset()
    assert name(xtrakit, 1) == "Jane Doe"
    assert [request.status for request in xtrakit.requests] == [404, 200, 200]


@pytest.mark.parametrize("number", range(10))
def test_fails(xtrakit: Handle, number: int) -> None:
    xtrakit.fail(503, times=number + 1)
    assert [name(xtrakit, 1) for _ in range(number + 2)] == [503] * (number + 1) + ["Jane Doe"]
    xtrakit.assert_requested("GET", "customers/1", status=503, times=number + 1)


@pytest.mark.parametrize("number", range(10))
def test_is_stubbed_and_late(xtrakit: Handle, number: int) -> None:
    xtrakit.respond("GET", "customers/1", json={"number": number})
    xtrakit.delay(0.02, "GET", "customers/1")
    assert ask(xtrakit, "GET", "customers/1").json() == {"number": number}
    assert name(xtrakit, 2) == xtrakit.customer(2)["customer_name"]


@pytest.mark.parametrize("number", range(10))
def test_has_a_time_of_its_own(xtrakit: Handle, number: int) -> None:
    xtrakit.clock.freeze(f"20{10 + number}-08-04 08:23:45")
    added = ask(xtrakit, "POST", "customers/add", AMA).json()["data"]["customer"]
    assert (added["id"], added["created_at"]) == (51, f"20{10 + number}-08-04 08:23:45")
    xtrakit.clock.advance(60)
    added = ask(xtrakit, "POST", "customers/add", AMA).json()["data"]["customer"]
    assert added["created_at"] == f"20{10 + number}-08-04 08:24:45"


@pytest.mark.fakekit(seed=7, customers=60)
def test_has_a_world_of_its_own(xtrakit: Handle) -> None:
    assert xtrakit.add_customer(customer_name="Ama")["id"] == 61


@pytest.mark.fakekit(faults=["fail=500,times=1"])
def test_has_faults_from_the_start(xtrakit: Handle) -> None:
    assert [name(xtrakit, 1), name(xtrakit, 1)] == [500, "Jane Doe"]
