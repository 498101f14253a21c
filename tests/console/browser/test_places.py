"""Every place in a real browser: two widths, light and dark, without JavaScript, and what axe-core finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import fakekit
from fakekit.console.views import PLACES
from tests.console.browser.conftest import OpenPage
from tests.helpers.console import CONSOLE
from tests.helpers.screenshots import use

FURTHER = ["reference", "accounts"]
"""Pages that have no link at the top."""


@pytest.fixture
def used(console: fakekit.Handle) -> fakekit.Handle:
    use(console)
    return console


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_place_is_accessible_and_fits(
    used: fakekit.Handle,
    open_page: OpenPage,
    find_violations: Callable[[Page], list[str]],
    width: int,
    scheme: str,
) -> None:
    page = open_page(
        f"{used.origin}{CONSOLE}/fk_demo/start",
        viewport={"width": width, "height": 800},
        color_scheme=scheme,
    )
    links = page.locator("nav a").evaluate_all("links => links.map(link => link.href)")
    assert len(links) == len(PLACES)
    found = {}
    for url in [*links, *(f"{used.origin}{CONSOLE}/fk_demo/{path}" for path in FURTHER)]:
        page.goto(url)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found[url] = [*find_violations(page), *([f"{overflow} px too wide"] if overflow > 0 else [])]
    assert {url: violations for url, violations in found.items() if violations} == {}


def test_without_javascript_every_place_can_be_read(used: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(f"{used.origin}{CONSOLE}/fk_demo/start", java_script_enabled=False)
    for title in PLACES.values():
        page.get_by_role("navigation", name="Places").get_by_role("link", name=title, exact=True).click()
        expect(page.locator("nav a[aria-current]")).to_have_text(title)
        expect(page.locator("main")).to_contain_text("Without JavaScript these pages can be read")


def test_the_places_can_be_read_when_htmx_does_not_load(used: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page("about:blank")
    page.route(
        "**/*.min.js", lambda route: route.fulfill(status=200, content_type="text/javascript", body="")
    )
    page.goto(f"{used.origin}{CONSOLE}/fk_demo/start")
    for title in PLACES.values():
        page.locator("nav").get_by_role("link", name=title, exact=True).click()
        expect(page.locator("nav a[aria-current]")).to_have_text(title)
        expect(page.get_by_text("Without JavaScript these pages can be read")).to_be_visible()
        expect(page.locator(".needs-script:visible")).to_have_count(0)
