"""The place *Ledger*: what is documented, and the assumptions that an account relied on."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote

import pytest
import requests

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, get_page
from tests.helpers.processes import PATIENCE

LEDGER = f"{CONSOLE}/fk_demo/ledger"


def fetch(fake: Handle, *paths: str) -> None:
    """Send a GET request for each path of the vendor's API."""
    for path in paths:
        requests.get(fake.url(path), headers=fake.headers, timeout=PATIENCE)


def page_of(fake: Handle, query: str = "") -> str:
    """What the page says, without its markup, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", get_page(fake, LEDGER + query).text)).split())


def test_endpoints_and_responses_are_counted_by_truth_and_never_summed() -> None:
    with FakeServer() as fake:
        fetch(fake, "customers/1", "customers/1", "customers/999", "nope")
        page = page_of(fake)
        assert "Endpoints ● documented 23 ▲ assumed 11" in page
        assert "Responses ● documented 2 ■ standard 0 ▲ assumed 2 In the recorded requests" in page


def test_the_assumptions_in_use_come_with_count_value_and_how_to_set_them() -> None:
    with FakeServer(assumptions={"missing.error": "No such {noun}"}) as fake:
        assert "None so far." in page_of(fake)
        fetch(fake, "customers/999", "customers/998", "nope")
        page = page_of(fake)
        assert "missing.status=404 default, 2 responses A record that does not exist answers 404." in page
        assert "missing.error=No such {noun} set , 2 responses" in page
        assert "unknown_path.error rule, 1 response A path that is no endpoint" in page
        assert "fakekit serve --assumptions missing.status=400 Copy" in page
        assert "@pytest.mark.fakekit(assumptions={'missing.status': 400}) Copy" in page
        assert "fakekit serve --assumptions 'missing.error=There is no such {noun}'" in page
        fake.forget_requests()
        assert "None so far." in page_of(fake)


def test_the_contradictions_that_matter_here_come_first() -> None:
    with FakeServer() as fake:
        numbers = re.findall(r'id="oddity-(\d+)"', get_page(fake, LEDGER).text)
        assert numbers == [str(number) for number in range(1, 61)]
        fetch(fake, "customers/999")
        numbers = re.findall(r'id="oddity-(\d+)"', get_page(fake, LEDGER).text)
        assert (numbers[:4], numbers[4:6], len(numbers)) == (["6", "10", "17", "18"], ["1", "2"], 60)


def test_a_search_finds_assumptions_and_contradictions() -> None:
    with FakeServer() as fake:
        fetch(fake, "customers/999")
        page = page_of(fake, "?search=MISSING.status")
        assert "missing.status=404" in page
        assert "missing.error=" not in page
        assert (
            "3 of the 60 points have the text MISSING.status , first those of the assumptions above" in page
        )
        hostile = '<script>alert(1)</script>" onmouseover="x{{7*7}}'
        answer = get_page(fake, f"{LEDGER}?search={quote(hostile)}")
        assert not [m for m in ("<script>alert", '" onmouseover="') if m in answer.text]
        assert f"None has the text {hostile} ." in page_of(fake, f"?search={quote(hostile)}")


@pytest.mark.slow  # a second, for a thousand requests
def test_what_the_journal_dropped_is_not_counted_but_listed() -> None:
    with FakeServer() as fake:
        fetch(fake, "customers/999", *["stores/1"] * 1000)
        page = page_of(fake)
        assert "missing.status=404 default, 0 responses" in page
        assert "In the last 1,000 requests at most; older ones were dropped." in page
