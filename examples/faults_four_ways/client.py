"""The program under test: it fetches a customer, and tries again while the service is unavailable."""

from __future__ import annotations

import os

import requests

ATTEMPTS = 3


def customer_name(base_url: str, api_key: str, customer_id: int) -> str:
    """The name of a customer."""
    headers = {"Authorization": f"Bearer {api_key}"}
    for _ in range(ATTEMPTS):
        answer = requests.get(f"{base_url}/customers/{customer_id}", headers=headers, timeout=5)
        print(answer.status_code)
        if answer.status_code != 503:
            break
    answer.raise_for_status()
    return str(answer.json()["data"]["customer"]["customer_name"])


if __name__ == "__main__":
    print(customer_name(os.environ["XTRAKIT_BASE_URL"], os.environ["XTRAKIT_API_KEY"], 1))
