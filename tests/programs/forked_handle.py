import os, requests


def test_x(xtrakit):
    child = os.fork()
    if child == 0:
        try:
            added = xtrakit.add_customer(customer_name="Ama")
            requests.get(xtrakit.url(f"customers/{added['id']}"), headers=xtrakit.headers, timeout=40)
            xtrakit.assert_requested("GET", "customers/51", status=200, times=1)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    assert xtrakit.customer(51)["customer_name"] == "Ama"
