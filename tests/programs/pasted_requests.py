import requests


def test_x(xtrakit):
    with requests.Session() as s:
        s.headers.update(xtrakit.headers)
        s.get(xtrakit.url("customers/999"))
        s.head(xtrakit.url("customers/1"))
        s.get(xtrakit.url("customers/{id}"))
        s.get(xtrakit.url("customers"), params={"created_at": "2024-01-01 & later", "a[0]": "b"})
        s.get(xtrakit.url("inventory/items/ Jce84a50"))
        s.post(
            xtrakit.url("customer-groups/add"),
            json={"group_name": "It's \\ $HOME `x` \n é", "group_description": "%41"},
        )
        s.post(xtrakit.url("customer-groups/add"), json={})
        s.post(xtrakit.url("customer-groups/add"), data="{", headers={"Content-Type": "application/json"})
        s.post(xtrakit.url("customer-groups/add"), data={"group_name": "a form"})
        s.put(xtrakit.url("customers/edit/1"), json={"customer_name": "Ama"})
        s.delete(xtrakit.url("customers/9"))
    assert 0


def test_seed(xtrakit):
    assert (xtrakit.about["seed"], xtrakit.about["own"]) == (7, False)
