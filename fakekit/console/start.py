"""The place *Start*: what a first visitor sees, the API reference, and the switch between accounts."""

from __future__ import annotations

from http import HTTPStatus
from json import dumps
from shlex import quote
from typing import NamedTuple, NoReturn

from fakekit.accounts.account_key import DEMO_KEY, KEY, KEY_FORM
from fakekit.console.page import NO_KEY, Page, Redirect, Rendered, console_url
from fakekit.contract.assumptions import Assumptions
from fakekit.contract.endpoint import Endpoint, Resource
from fakekit.control.arguments import check_key
from fakekit.documentation import page as documentation_page
from fakekit.errors import ControlError, Problem
from fakekit.resources import RESOURCES
from fakekit.vendor import BASE_PATH, VENDOR_HOSTS

LISTED_ACCOUNTS = 50
"""How many accounts the menu lists; the page of all keys has the others."""


class Example(NamedTuple):
    """An example of a request as a curl command, and of its successful response: status and JSON, or none."""

    curl: str
    status: int
    answer: str


def home(page: Page) -> Redirect:
    """Lead to the account that had the latest request; to that of `DEMO_KEY` where none had any."""
    return Redirect(console_url(page.home))


def show_account(page: Page) -> Redirect:
    """Lead to the requests of an account; to the start page where it had none."""
    return Redirect(page.url("requests" if page.key == NO_KEY or page.run("about")["requests"] else "start"))


def reject_address(page: Page) -> NoReturn:
    """Raise `ControlError` (404) for an address below the console that is no page."""
    raise ControlError(Problem("", "no page has this address"), HTTPStatus.NOT_FOUND)


def find_account(page: Page) -> Redirect:
    """Lead to the account of a key that was typed; it is opened if it is not open yet.

    Raises `ControlError` for what is not a key, and does not repeat it: it may be a real one.
    """
    key = page.query.get("key", "").strip()
    if not KEY.fullmatch(key):
        raise ControlError(Problem("Key", f"is not a key of fakekit, which is {KEY_FORM}", "", DEMO_KEY))
    return Redirect(console_url(key))


def new_account(page: Page) -> Redirect:
    """Open an account with a new random key, and lead to it."""
    return Redirect(console_url(page.runner.run("open", {})["key"], "start"))


def show_account_menu(page: Page) -> Rendered:
    """Return the `LISTED_ACCOUNTS` most recently used accounts, for the menu of every page."""
    accounts = page.accounts.list_open()[::-1]
    listed = {account.key: len(account.journal) for account in accounts[:LISTED_ACCOUNTS]}
    return Rendered("accounts.html", {"accounts": listed, "more": len(accounts) - len(listed)})


def show_accounts(page: Page) -> Rendered:
    """Return the page: each open account with its requests and changes, the most recently used first."""
    return Rendered("all_accounts.html", {"open_accounts": page.accounts.list_open()[::-1]})


def close_account(page: Page) -> Redirect:
    """Delete the account whose key is in the form, and show those that are left.

    Raises `ControlError` for what is no key.
    """
    page.runner.run("close", {"key": check_key(page.form.get("account", ""))})
    return Redirect(page.url("accounts"))


def show_unauthenticated(page: Page) -> Rendered:
    """Return the link to the requests without a valid key, for the top of every page."""
    return Rendered("unauthenticated.html")


def show_start(page: Page) -> Rendered:
    """Return the page of the first request: base URL, key, and how four languages send one."""
    customers = page.run("records", resource="customers", limit=1)
    path = f"{BASE_PATH}/customers/{customers[0]['id']}" if customers else f"{BASE_PATH}/customers"
    context = {"base_url": page.origin + BASE_PATH, "url": page.origin + path, "docs": documentation_page}
    context |= {"vendor_host": VENDOR_HOSTS[0], "is_polled": False}
    return Rendered("start.html", context | _latest(page), place="start.show_start")


def show_first_request(page: Page) -> Rendered:
    """Return whether a first request has come, and how it was answered; the page asks every second."""
    return Rendered("first_request.html", _latest(page) | {"is_polled": True})


def _latest(page: Page) -> dict[str, object]:
    """Return the latest request of the account, of another one, and without a valid key; None for none.

    That of another account only where this one had none: somebody may wait here who uses another key.
    """
    latest = page.run("about")["last_request"]
    listed = [] if latest else page.accounts.list_open()[::-1][:LISTED_ACCOUNTS]
    others = [(account.key, last) for account in listed if (last := account.journal.last()) is not None]
    return {
        "latest": latest,
        "other": max(others, key=lambda pair: pair[1].number, default=None),
        "refused": page.accounts.unauthenticated.last(),
    }


def show_reference(page: Page) -> Rendered:
    """Return the API reference, with an example of each endpoint from the vendor's sample values."""
    examples = {
        endpoint.operation: _example(page, resource, endpoint, page.baseline.assumptions)
        for resource in RESOURCES.values()
        for endpoint in resource.endpoints
    }
    context = {"resources": RESOURCES, "examples": examples}
    return Rendered("reference.html", context, place="start.show_start")


def _example(page: Page, resource: Resource, endpoint: Endpoint, values: Assumptions) -> Example:
    """Return the example of an endpoint under these values of the assumptions."""
    method = "" if endpoint.method == "GET" else f"-X {endpoint.method} "
    path = endpoint.path.replace(f"{{{endpoint.parameter}}}", resource.example)
    lines = [f"curl -i {method}{page.origin}{path}", f"-H 'Authorization: Bearer {page.key}'"]
    if endpoint.body:
        body = dumps(endpoint.body.example(values), indent=2, ensure_ascii=False)
        lines += ["-H 'Content-Type: application/json'", f"-d {quote(body)}"]
    status = int(values[endpoint.status.source]) if endpoint.status else 200
    shape = (endpoint.under(values) or endpoint).shape
    answer = "" if status == 204 else dumps(endpoint.envelope.example(shape), indent=2, ensure_ascii=False)
    return Example(" \\\n  ".join(lines), status, answer)
