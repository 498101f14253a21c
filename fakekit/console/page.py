"""What a view function of the console gets, a `Page`, and what it may return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fakekit.accounts.account_key import DEMO_KEY, KEY
from fakekit.accounts.baseline import Baseline
from fakekit.accounts.registry import Accounts
from fakekit.console import CONSOLE
from fakekit.control.runner import OperationRunner

NO_KEY = "-"
"""Stands in an address for the requests without a valid key, where an account has its key."""


@dataclass(frozen=True)
class Page:
    """One request for a page of the console.

    key: the key of its account; `NO_KEY` for the page of the requests without a valid key.
    path: the other parameters in its path: ``{"resource": "customers"}``.
    query, form: the parameters of the query and the fields of the form that was sent, the first value of
        each.
    origin: the address of the server as the browser reached it: ``http://127.0.0.1:4310``.
    accounts: the open accounts of the server.
    runner: runs the operations of the control API.
    """

    key: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    origin: str
    accounts: Accounts
    runner: OperationRunner

    def run(self, operation: str, **arguments: object) -> Any:
        """Run an operation of the control API on the page's account, and return its result.

        Raises the `FakekitError` that a client of the control API would get.
        """
        return self.runner.run(operation, {"key": self.key, **arguments})

    def url(self, *segments: str | int, **query: str | int) -> str:
        """Return the address of a page of this account: ``page.url("world", "customers", search="ama")``.

        A parameter of the query with an empty value is left out. A page of the requests without a valid key
        hands on ``account``, see `account`.
        """
        if self.key == NO_KEY and KEY.fullmatch(self.query.get("account", "")):
            query["account"] = self.query["account"]
        return console_url(self.key, *segments, **query)

    @cached_property
    def account(self) -> str:
        """The key of the account whose places the page links: its own; empty for a page without any.

        On a page of the requests without a valid key, that in ``account`` of the query, from whose pages it
        was opened; `home` without it.
        """
        if self.key != NO_KEY:
            return self.key
        named = self.query.get("account", "")
        return named if KEY.fullmatch(named) else self.home

    @property
    def baseline(self) -> Baseline:
        """What the page's account starts from; the server's own baseline where there is no account."""
        account = self.accounts.find(self.key)
        return self.accounts.baseline if account is None else account.baseline

    @property
    def home(self) -> str:
        """The key of the account that had the latest request; `DEMO_KEY` where none had any."""
        accounts = [account for account in self.accounts.list_open() if len(account.journal)]
        last = max(accounts, key=lambda account: account.journal.last_number, default=None)
        return last.key if last else DEMO_KEY


def console_url(*segments: str | int, **query: str | int) -> str:
    """Return the address of a page, of its segments behind `CONSOLE`; empty values of `query` are left out.

    >>> console_url("fk_demo", "world", "customers", search="ama & co", after="")
    '/_fakekit/console/fk_demo/world/customers?search=ama+%26+co'
    """
    path = "/".join([CONSOLE, *(quote(str(segment), safe="") for segment in segments)])
    values = urlencode({name: value for name, value in query.items() if value != ""})
    return f"{path}?{values}" if values else path


@dataclass(frozen=True)
class Rendered:
    """A page to send: a template of the console and the names in it.

    place: the view function, of `PLACES`, whose link is marked as the current one; empty for none.
    """

    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    place: str = ""
    status: int = HTTPStatus.OK


@dataclass(frozen=True)
class Redirect:
    """Another page to show instead, after a form was sent: its address on this server."""

    url: str


@dataclass(frozen=True)
class Download:
    """Text that the browser saves as a file of this name."""

    text: str
    name: str


PageResult = Rendered | Redirect | Download
