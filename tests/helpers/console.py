"""A browser's view of the console without a browser: its pages as a client without JavaScript gets them."""

from __future__ import annotations

import requests

from fakekit import Handle
from tests.helpers.processes import PATIENCE

CONSOLE = "/_fakekit/console"
HEADER = {"Fakekit-Control": "1"}


def get_page(fake: Handle, path: str, accept: str = "text/html") -> requests.Response:
    """Return the response to a link: without the control header, and redirects followed."""
    return requests.get(fake.origin + path, headers={"Accept": accept}, timeout=PATIENCE)


def send_form(fake: Handle, path: str, **fields: str) -> requests.Response:
    """Return the response to a form that the script of a page sends, with the control header."""
    return requests.post(fake.origin + path, data=fields, headers=HEADER, timeout=PATIENCE)
