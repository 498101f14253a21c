"""A fake in this process, for a script or a notebook."""

from __future__ import annotations

import requests

import fakekit

with fakekit.FakeServer(seed=1) as xtrakit:
    ama = xtrakit.add_customer(customer_name="Ama Mensah")
    answer = requests.get(xtrakit.url(f"customers/{ama['id']}"), headers=xtrakit.headers, timeout=5)
    print(answer.status_code, answer.json()["data"]["customer"]["customer_name"])
