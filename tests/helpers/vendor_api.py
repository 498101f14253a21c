"""The vendor's API as tests call it: clients, and bodies that are accepted."""

from __future__ import annotations

import http.client
import json
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from tests.helpers.processes import PATIENCE
from tests.helpers.raw_http import Reply

CUSTOMER: dict[str, Any] = {
    "customer_name": "Ama Mensah",
    "customer_phone": "+233201112223",
    "customer_country": "Ghana",
    "customer_city": "Kumasi",
    "customer_state": "Ashanti",
    "address1": "4 Harper Road",
}
SALE: dict[str, Any] = {
    "invoice_code": "100200",
    "invoice_number": "000123",
    "customer_id": 1,
    "sub_total_amount": "10.00",
    "total_amount": "12.50",
    "amount_paid": "12.50",
    "invoice_type": "pos",
    "payment_type": "Cash",
}
ITEM: dict[str, Any] = {
    "item_name": "Kettle",
    "category_id": 1,
    "unit": "pcs",
    "unit_cost": 40.5,
    "item_price": 55.0,
    "quantity": "12",
    "online": 1,
    "status": "available",
}
EXPENSE = {"expense_type": "Fuel", "expense_amount": "80.00", "payment_method": "Cash", "created_by": "Esi"}


class Api:
    """One key of a running fake, asked over connections that are kept."""

    def __init__(self, origin: str, key: str = "") -> None:
        self.key = key or f"fk_{uuid.uuid4().hex}"
        self.base = f"{origin}/api/v1"
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {self.key}"

    def __enter__(self) -> Api:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(method, f"{self.base}/{path}", json=body, params=query, timeout=PATIENCE)

    def get(self, path: str, **query: Any) -> Any:
        """The data of an answer, or its status."""
        return _data(self.ask("GET", path, **query))

    def one(self, path: str) -> Any:
        """The record of a fetch, or the status."""
        data = self.get(path)
        return data if isinstance(data, int) else next(iter(data.values()))

    def all(self, path: str, **query: Any) -> Any:
        """The records of a list."""
        return next(iter(self.get(path, **query).values()))

    def add(self, path: str, **fields: Any) -> Any:
        answer = self.ask("POST", f"{path}/add", fields)
        assert answer.status_code == 200, answer.text
        return next(iter(answer.json()["data"].values()))

    def edit(self, path: str, **fields: Any) -> Any:
        answer = self.ask("PUT", path, fields)
        assert answer.status_code == 200, answer.text
        return next(iter(answer.json()["data"].values()))

    def delete(self, path: str) -> int:
        answer = self.ask("DELETE", path)
        assert answer.content == b"" or answer.status_code != 204
        return answer.status_code


def _data(answer: requests.Response) -> Any:
    return answer.json()["data"] if answer.ok else answer.status_code


JSON = "application/json"


class Wire:
    """One kept connection, by one key."""

    def __init__(self, port: int) -> None:
        self.http = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.http.connect()
        self.sock = self.http.sock
        self.bearer = f"Bearer fk_{uuid.uuid4().hex}"

    def send(
        self, method: str, path: str, body: bytes | Iterable[bytes] = b"", kind: str | None = JSON
    ) -> Reply:
        headers = {"Authorization": self.bearer}
        if kind is not None:
            headers["Content-Type"] = kind
        self.http.request(
            method, f"/api/v1/{path}", body, headers, encode_chunked=not isinstance(body, bytes)
        )
        answer = self.http.getresponse()
        return Reply(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())

    def add(self, path: str, body: Mapping[str, Any] | bytes, kind: str | None = JSON) -> Reply:
        """What a create answers, held against what holds for all of them; the connection is used again."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        reply = self.checked(self.send("POST", f"{path}/add", data, kind))
        assert self.send("GET", "customers/1").status == 200
        assert self.http.sock is self.sock
        return reply

    def checked(self, reply: Reply) -> Reply:
        assert reply.status < 500
        body: Any = reply.json()
        assert body["status"] == reply.status
        assert list(body) == (["status", "message", "data"] if reply.status == 200 else ["status", "error"])
        return reply

    def kept(self, path: str, body: Mapping[str, Any] | bytes, kind: str | None = JSON) -> Any:
        """The record of a create that must succeed."""
        reply = self.add(path, body, kind)
        assert reply.status == 200, reply.body
        told: Any = reply.json()
        return next(iter(told["data"].values()))

    def refused(self, path: str, body: Mapping[str, Any] | bytes, kind: str | None = JSON) -> str:
        """The error of a create that breaks the tables."""
        reply = self.add(path, body, kind)
        assert reply.status == 422, reply.body
        return error_of(reply)


def error_of(reply: Reply) -> str:
    told: Any = reply.json()
    return str(told["error"])
