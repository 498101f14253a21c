"""A fake and its keys over HTTP: the vendor's API and the control API beside it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

import fakekit
from tests.helpers.processes import PATIENCE

_NUMBERS = itertools.count(1)
AMA = {
    "customer_name": "Ama",
    "customer_phone": "+233401234567",
    "customer_country": "Ghana",
    "customer_city": "Accra",
    "customer_state": "Greater Accra",
    "address1": "1 Ring Road",
    "created_by": "Efua",
}


class Key:
    """A key of a running fake."""

    def __init__(self, origin: str, key: str, session: requests.Session) -> None:
        self.origin, self.key, self.session = origin, key, session

    def control(self, method: str, path: str = "", json: Any = None, **more: Any) -> requests.Response:
        """A control request about this key's account."""
        return controlled(self.session, self.origin, method, f"/{self.key}{path}", json, **more)

    def ask(self, path: str, json: Any = None, method: str = "") -> requests.Response:
        """A request of the vendor's API."""
        return self.session.request(
            method or ("GET" if json is None else "POST"),
            f"{self.origin}/api/v1/{path}",
            json=json,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=PATIENCE,
        )

    def customer(self, key: int) -> Any:
        """A customer, or the status of the answer when there is none."""
        answer = self.ask(f"customers/{key}")
        return answer.json()["data"]["customer"] if answer.ok else answer.status_code


def controlled(
    session: requests.Session, origin: str, method: str, path: str, json: Any = None, **more: Any
) -> requests.Response:
    headers = {"Fakekit-Control": "1", **more.pop("headers", {})}
    return session.request(
        method, f"{origin}/_fakekit/accounts{path}", json=json, headers=headers, timeout=PATIENCE, **more
    )


def problem(answer: requests.Response) -> tuple[int, str, str]:
    """The status, the kind and the first problem of a refusal."""
    told = answer.json()
    first = told["problems"][0]
    return answer.status_code, told["error"], f"{first['where']}: {first['what']}"


class Fake:
    """A running fake and its keys."""

    def __init__(self, origin: str) -> None:
        self.origin, self.session = origin, requests.Session()

    def key(self, name: str = "") -> Key:
        """A key that nobody used before, or a named one."""
        return Key(self.origin, name or f"fk_test_{next(_NUMBERS)}", self.session)

    def control(self, method: str, path: str = "", json: Any = None, **more: Any) -> requests.Response:
        """A control request of the whole server."""
        return controlled(self.session, self.origin, method, path, json, **more)


@contextmanager
def running(**settings: Any) -> Iterator[Fake]:
    """A fake, stopped afterwards."""
    with fakekit.FakeServer(**{"seed": 1, **settings}) as xtrakit:
        fake = Fake(xtrakit.origin)
        with fake.session:
            yield fake


@contextmanager
def asking(origin: str) -> Iterator[Fake]:
    """A fake that runs elsewhere."""
    fake = Fake(origin)
    with fake.session:
        yield fake
