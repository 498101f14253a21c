import pytest, requests


def ask(xtrakit, method, path, **options):
    return requests.request(method, xtrakit.url(path), headers=xtrakit.headers, timeout=40, **options)


def test_many_things(xtrakit):
    assert ask(xtrakit, "GET", "customers/7").ok
    assert ask(xtrakit, "GET", "customers").ok
    assert ask(xtrakit, "GET", "nonsense").status_code == 404
    assert ask(xtrakit, "POST", "customer-groups/add", json={"group_name": "a"}).ok
    assert ask(xtrakit, "POST", "customer-groups/add", data={"group_name": "b"}).ok
    xtrakit.fail(503, times=1)
    xtrakit.respond("GET", "stores/1", json={})
    xtrakit.clock.freeze("2024-08-04 08:23:45")
    xtrakit.restore(xtrakit.snapshot())
    xtrakit.export()
    xtrakit.export("world", "json")
    xtrakit.wait_for("GET", "customers")
    with pytest.raises(AssertionError):
        xtrakit.assert_requested("GET", "sales")
    for path in ("openapi.json", "health", "accounts", "control-openapi.json"):
        requests.get(f"{xtrakit.origin}/_fakekit/{path}", headers={"Fakekit-Control": "1"}, timeout=40)


@pytest.mark.fakekit(seed=7, faults=["fail=503,times=1"], assumptions={"missing.status": 400})
def test_fails(xtrakit):
    assert ask(xtrakit, "GET", "customers/1").ok
