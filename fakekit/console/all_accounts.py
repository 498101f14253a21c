"""The page of all open accounts, where one can be deleted."""

from __future__ import annotations

from fakekit.console.page import Moved, Page, Rendered
from fakekit.control.arguments import check_key


def show_accounts(page: Page) -> Rendered:
    """Return the page: each open account with its requests and changes, the most recently used first."""
    return Rendered("all_accounts.html", {"open_accounts": page.accounts.list_open()[::-1]})


def close_account(page: Page) -> Moved:
    """Delete the account whose key is in the form, and show those that are left.

    Raises `ControlError` for what is no key.
    """
    page.runner.run("close", {"key": check_key(page.form.get("account", ""))})
    return Moved(page.url("accounts"))
