"""A fake in this process, for unittest: a server for the module, a key for each test."""

from __future__ import annotations

import unittest

import requests

import fakekit

server = fakekit.FakeServer(seed=1)


def setUpModule() -> None:
    server.start()


def tearDownModule() -> None:
    server.stop()


class Customers(unittest.TestCase):
    """What a client sees of them."""

    def setUp(self) -> None:
        """A key of this test's own."""
        self.xtrakit = server.account(f"fk_{self._testMethodName}")

    def test_jane(self) -> None:
        """The documented one."""
        answer = requests.get(self.xtrakit.url("customers/1"), headers=self.xtrakit.headers, timeout=5)
        assert answer.json()["data"]["customer"]["customer_name"] == "Jane Doe"

    def test_nobody(self) -> None:
        """One that is gone."""
        self.xtrakit.remove("customers", 1)
        answer = requests.get(self.xtrakit.url("customers/1"), headers=self.xtrakit.headers, timeout=5)
        assert answer.status_code == 404


if __name__ == "__main__":
    unittest.main()
