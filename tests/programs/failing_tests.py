import pytest, requests


def get(xtrakit, path, key="", **more):
    key = key or xtrakit.api_key
    return requests.get(xtrakit.url(path), headers={"Authorization": f"Bearer {key}"}, timeout=40, **more)


@pytest.fixture
def bad_setup(xtrakit):
    get(xtrakit, "customer-groups/1")
    assert 0


@pytest.fixture
def bad_teardown(xtrakit):
    yield
    get(xtrakit, "customer-groups/2")
    assert 0


def test_a_passes(xtrakit):
    get(xtrakit, "customer-groups/3")
    get(xtrakit, "customers/1", "fk_demo")


@pytest.mark.fakekit(customers=70)
def test_b_call(xtrakit):
    xtrakit.fail(503, "POST", times=2)
    xtrakit.delay(0.01, "GET", "stores/1")
    get(xtrakit, "customers/999")
    requests.post(
        xtrakit.url("customers/add?a=b"),
        json={"customer_name": "O'Brien", "pin": "7"},
        headers=xtrakit.headers,
    )
    get(xtrakit, "customers/1", "fk_demo")
    get(xtrakit, "customers/1", "API_KEY")
    requests.get(f"{xtrakit.origin}/customers/1", headers=xtrakit.headers, timeout=40)
    assert 0


def test_c_setup(bad_setup):
    pass


def test_d_asks_nothing(xtrakit):
    assert 0


def test_e_does_not_use_it():
    assert 0


def test_f_canaries(xtrakit):
    for key in ("CANARY", "NAMED", "sk_live_51HxQv2eZvKYlo2C"):
        get(xtrakit, f"sales/{key}", params={"q": key, key: "1"})
        get(xtrakit, f"{key}", key)
        body = {"customer_name": f"my key: {key}", "customer_city": f"Bearer {key}", "token": key, key: 1}
        requests.post(xtrakit.url("customers/add"), json=body, headers=xtrakit.headers, timeout=40)
        requests.post(xtrakit.url("customers/add"), data=key, headers=xtrakit.headers, timeout=40)
    pytest.fail("here")


def test_g_many(xtrakit):
    for number in range(1, 26):
        get(xtrakit, f"customer-groups/{number % 5 + 1}")
    pytest.fail("here")


def test_h_teardown(bad_teardown):
    pass
