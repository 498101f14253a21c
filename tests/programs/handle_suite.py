import datetime, pytest, requests
import fakekit


@pytest.fixture
def ask(xtrakit):
    with requests.Session() as session:
        session.headers.update(xtrakit.headers)
        yield lambda path, method="GET", **more: session.request(
            method, xtrakit.url(path), timeout=40, **more
        )


def test_records(xtrakit, ask):
    ama = xtrakit.add_customer(customer_name="Ama")
    assert ask("customers/51").json()["data"]["customer"] == ama == xtrakit.customer(51)
    assert xtrakit.change("customers", 1, customer_name="J")["customer_name"] == "J"
    xtrakit.remove("customers", 2)
    assert ask("customers/2").status_code == 404
    with pytest.raises(fakekit.RefusedRecordError, match="customer_nmae: is not a field"):
        xtrakit.add_customer(customer_nmae="x")
    with pytest.raises(LookupError, match="customers 999: does not exist"):
        xtrakit.customer(999)
    assert xtrakit.sale_items(324232)[0]["item_name"]
    assert "values.null" in xtrakit.assumptions
    xtrakit.reset()
    assert ask("customers/51").status_code == 404


def test_journal(xtrakit, ask):
    assert xtrakit.last_request is None
    ask("customers/add", "POST", json={"customer_name": "Ama"})
    xtrakit.assert_requested("POST", "customers/add", json={"customer_name": "Ama"}, status=422, times=1)
    xtrakit.wait_for("POST", "customers/add", timeout=20)
    with pytest.raises(AssertionError, match="was requested 1 time, not 2 times"):
        xtrakit.assert_requested("POST", "customers/add", times=2)
    xtrakit.forget_requests()
    assert xtrakit.requests == []


def test_faults(xtrakit, ask):
    xtrakit.fail(503, times=2)
    number = xtrakit.respond("GET", "customers/7", json={"x": 1}, times=1)
    assert [ask("customers/1").status_code for _ in range(3)] == [503, 503, 200]
    assert ask("customers/7").json() == {"x": 1}
    assert [fault["used"] for fault in xtrakit.faults] == [2, 1]
    xtrakit.remove_fault(number)
    xtrakit.clear_faults()
    assert xtrakit.faults == []
    with pytest.raises(fakekit.FaultError):
        xtrakit.fail("nonsense")


def test_clock_and_snapshot(xtrakit, ask):
    xtrakit.clock.freeze("2024-08-04 08:23:45")
    before = xtrakit.snapshot()
    ask("customer-groups/add", "POST", json={"group_name": "G", "group_description": "d"})
    assert xtrakit.group(6)["created_at"] == "2024-08-04 08:23:45"
    assert "group_name: G" in xtrakit.export()
    xtrakit.restore(before)
    assert ask("customer-groups/6").status_code == 404


@pytest.mark.fakekit(
    seed=5, customers=3, assumptions={"missing.status": 400}, fixtures="shop.yaml", faults="fail=500,times=1"
)
def test_a_world_of_its_own(xtrakit, ask):
    assert ask("customers/1").status_code == 500
    assert ask("customers/4").status_code == 400
    assert ask("customer-groups/1").text.count("Shop") == 1
    assert ask("customers/3").status_code == 200


@pytest.mark.parametrize("turn", range(3))
def test_alone(xtrakit, turn):
    assert xtrakit.add_customer()["id"] == 51
