"""A call of code that has the vendor's host written into it, by each HTTP client; for the tests of this folder."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable

import aiohttp
import httpx
import requests

URL = "https://app.xtrakit.com/api/v1/customers/1"
HEADERS = {"Authorization": "Bearer a-key-of-the-real-service"}


async def _by_aiohttp() -> object:
    async with aiohttp.ClientSession(headers=HEADERS) as session, session.get(URL) as answer:
        return await answer.json()


def _by_urllib() -> object:
    with urllib.request.urlopen(urllib.request.Request(URL, headers=HEADERS), timeout=20) as answer:
        return json.load(answer)


CLIENTS: dict[str, Callable[[], object]] = {
    "requests": lambda: requests.get(URL, headers=HEADERS, timeout=20).json(),
    "httpx": lambda: httpx.get(URL, headers=HEADERS, timeout=20).json(),
    "urllib": _by_urllib,
    "aiohttp": lambda: asyncio.run(_by_aiohttp()),
}
"""Functions that fetch customer 1 of the vendor, and return the answer's JSON."""


def name_in(answer: object) -> object:
    """Return the name of the customer in an answer."""
    assert isinstance(answer, dict)
    return answer["data"]["customer"]["customer_name"]
