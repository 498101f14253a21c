import threading
import pytest, requests


def name(xtrakit, key):
    answer = requests.get(xtrakit.url(f"customers/{key}"), headers=xtrakit.headers, timeout=40)
    return answer.json()["data"]["customer"]["customer_name"] if answer.ok else answer.status_code


@pytest.mark.parametrize("turn", range(TURNS))
def test_stranger(xtrakit, turn):
    assert name(xtrakit, 51) == 404
    mine = xtrakit.add_customer(customer_name=f"Mine {turn}")
    assert mine["id"] == 51
    assert name(xtrakit, 51) == f"Mine {turn}"
    xtrakit.change("customers", 1, customer_name=f"Changed {turn}")
    xtrakit.remove("customers", 2)
    threads = [threading.Thread(target=xtrakit.add_customer) for _ in range(4)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert (name(xtrakit, 1), name(xtrakit, 2)) == (f"Changed {turn}", 404)
    assert xtrakit.add_customer()["id"] == 56
