"""A small client of XtraKit's, as an application has one: it knows a base URL and a key, and no fakekit."""

from __future__ import annotations

from typing import Any

import requests


class UnknownCustomerError(Exception):
    """XtraKit knows no such customer."""


class Crm:
    """The customers of a business."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {api_key}"

    def customer(self, customer_id: int) -> dict[str, Any]:
        """A customer's record, with the names of her groups under ``groups``."""
        answer = self.session.get(f"{self.base_url}/customers/{customer_id}", timeout=5)
        if answer.status_code == 404:
            raise UnknownCustomerError(customer_id)
        answer.raise_for_status()
        data = answer.json()["data"]
        return {**data["customer"], "groups": [group["group_name"] for group in data["customer-group"]]}

    def greeting(self, customer_id: int) -> str:
        """How a letter to a customer begins; says so when there is no e-mail address to send it to."""
        customer = self.customer(customer_id)
        how = "by mail" if customer["customer_email"] is None else f"to {customer['customer_email']}"
        return f"Dear {customer['customer_name']} ({how})"
