"""A fake that runs elsewhere: in another terminal, a container, on another port. The handle is the same."""

from __future__ import annotations

import os

import requests

import fakekit

url = os.environ.get("FAKEKIT_URL", "http://127.0.0.1:4310")
xtrakit = fakekit.connect(url, f"fk_connected_{os.getpid()}")

xtrakit.change("customers", 1, customer_name="Jane Mensah")
answer = requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5)
print(answer.status_code, answer.json()["data"]["customer"]["customer_name"])
print([f"{request.method} {request.path} {request.status}" for request in xtrakit.requests])
