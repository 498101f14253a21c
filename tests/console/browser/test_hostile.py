"""What others send is text on every page, and a credential of theirs is on none, in no store and in no address."""

from __future__ import annotations

from urllib.parse import quote

import requests

import fakekit
from fakekit.console.views import PLACES
from tests.console.browser.conftest import OpenPage, Watched
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE

CANARY = "sk_live_51CanaryCanaryCanary7f3a9c"
HOSTILE = [
    "<script>window.hit = 1</script>",
    '"><img src=x onerror="window.hit = 1">',
    "' onmouseover='window.hit = 1",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:window.hit=1",
    "</pre></textarea><svg onload=window.hit=1>",
    "\u202eevil\u202c \u0000",
    "x" * 5000,
]


def attack(fake: fakekit.Handle) -> None:
    """Requests that have each text in path, query, body and headers, and a credential wherever one may be."""
    own = {"Authorization": f"Bearer {fake.api_key}"}
    for text in HOSTILE:
        requests.get(fake.url(f"customers/{quote(text[:500], safe='')}"), headers=own, timeout=PATIENCE)
        requests.get(fake.url("customers"), params={text[:200]: text[:500]}, headers=own, timeout=PATIENCE)
        fields = {**fake.customer(42), "customer_name": text[:200], "address1": text}
        del fields["id"]
        requests.post(
            fake.url("customers/add"), json=fields | {text[:50]: text}, headers=own, timeout=PATIENCE
        )
        agent = text.encode("ascii", "replace").decode().replace("\0", "")
        requests.get(fake.url("sales"), headers={**own, "User-Agent": agent}, timeout=PATIENCE)
    requests.get(fake.url("customers/1"), headers={"Authorization": f"Bearer {CANARY}"}, timeout=PATIENCE)
    requests.get(fake.url(f"customers/{CANARY}"), params={"key": CANARY}, headers=own, timeout=PATIENCE)
    requests.get(fake.url("sales"), headers={**own, "X-Api-Key": CANARY, "Cookie": CANARY}, timeout=PATIENCE)


def test_nothing_of_it_is_markup_and_nothing_secret_is_kept(
    console: fakekit.Handle, open_page: OpenPage, watched: Watched
) -> None:
    watched.expected = ("404",)
    attack(console)
    root = f"{console.origin}{CONSOLE}/fk_demo"
    page = open_page(root)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.url} {request.post_data or ''}"))
    places = page.locator("nav a").evaluate_all("links => links.map(link => link.href)")
    assert len(places) == len(PLACES)
    page.goto(f"{root}/requests")
    details = page.locator("#requests a").evaluate_all("links => links.map(link => link.href)")
    unauthenticated = [f"{console.origin}{CONSOLE}/-/requests"]
    records = [f"{root}/world/customers?after=50", f"{root}/world/customers/51", f"{root}/world/customers/52"]
    assert len(details) > 30
    shown = 0
    for url in [*places, *details[::2], *unauthenticated, *records]:
        page.goto(url)
        shown += "window.hit" in page.locator("main").inner_text()
        assert page.evaluate("window.hit") is None, url
        assert page.locator("main script, main img, main svg, main [onload], main [onmouseover]").count() == 0
        assert page.locator("main a[href^='javascript']").count() == 0
        assert CANARY not in page.content(), url
    assert shown >= 5  # as text
    page.goto(unauthenticated[0])
    page.locator("#requests a").first.click()
    page.get_by_role("heading", name="Why").wait_for()
    assert CANARY not in page.content()
    stores = "JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie, history.state])"
    assert CANARY not in page.evaluate(stores)
    assert [request for request in asked if CANARY in request] == []
