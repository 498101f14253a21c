"""Calls the service as a script would, with requests, and prints the statuses."""

import os

import requests

URL = "https://app.xtrakit.com/api/v1/"
HEADERS = {"Authorization": f"Bearer {os.environ['XTRAKIT_API_KEY']}"}
statuses = []
for path in ("customers", "customers/1", "customers/2000000000", "sales"):
    statuses.append(requests.get(URL + path, headers=HEADERS, timeout=30).status_code)
group = {"group_name": "VIP", "group_description": "Very"}
statuses.append(
    requests.post(URL + "customer-groups/add", json=group, headers=HEADERS, timeout=30).status_code
)
print(*statuses)
