"""Every action of the console in a real browser, once by the pointer and once by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Locator, Page, expect

import fakekit
from fakekit.console.views import VIEWS
from tests.console.browser.conftest import OpenPage, Watched
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE

Act = Callable[[Locator], None]


def by_pointer(element: Locator) -> None:
    element.click()


def by_keyboard(element: Locator) -> None:
    element.focus()
    element.press("Enter")


def do_requests(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/requests/1")
    act(page.get_by_role("button", name="Send again"))
    expect(page).to_have_url(f"{root}/requests/2?again=1")
    act(page.get_by_role("link", name="All requests"))
    page.once("dialog", lambda dialog: dialog.accept())
    act(page.get_by_role("button", name="Delete all requests"))
    expect(page.locator("main")).to_contain_text("No request with the key fk_demo is recorded")


def do_records(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/world/customers/42")
    act(page.get_by_role("link", name="Edit", exact=True))
    page.get_by_label("customer_phone").fill("+233244999888")
    act(page.get_by_role("button", name="Save"))
    expect(page.locator("main")).to_contain_text("+233244999888")
    expect(page.locator("main del")).not_to_have_count(0)
    act(page.get_by_role("button", name="Back to the seed"))
    expect(page.locator("main del")).to_have_count(0)
    act(page.get_by_role("button", name="Delete", exact=True))
    act(page.get_by_role("button", name="Bring back"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Customer 42: Susan Karikari")
    act(page.get_by_role("link", name=re.compile(r"^customers")).first)
    act(page.get_by_role("link", name="Add", exact=True))
    page.get_by_label("customer_name").fill("Ama of the browser")
    act(page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ama of the browser")
    act(page.get_by_role("link", name=re.compile(r"^customers")).first)
    page.once("dialog", lambda dialog: dialog.accept())
    act(page.get_by_role("button", name="All records back to the seed"))
    expect(page.locator("main")).not_to_contain_text("Ama of the browser")


def do_faults(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/faults")
    act(page.get_by_role("button", name="Down: always 503"))
    expect(page.get_by_role("button", name="Down: always 503")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Fault", exact=True).fill("slow=2s,path=sales")
    page.get_by_label("Fault", exact=True).press("Enter")
    expect(page.locator("#faults tr")).to_have_count(2)
    act(page.get_by_role("button", name="Remove fault").first)
    expect(page.locator("#faults tr")).to_have_count(1)
    act(page.get_by_role("button", name="Remove all"))
    expect(page.locator("#now")).to_contain_text("None: every request gets its usual answer")


def do_clock_and_state(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/faults")
    act(page.get_by_role("button", name="Freeze now"))
    expect(page.locator("main")).to_contain_text("UTC, frozen")
    act(page.get_by_role("button", name="Save a snapshot"))
    expect(page.locator("main")).to_contain_text("s1")
    act(page.get_by_role("button", name=re.compile("Restore")).first)
    act(page.get_by_role("button", name=re.compile("Delete")).first)
    expect(page.locator("main")).to_contain_text("There are none")
    act(page.get_by_role("button", name="Reset", exact=True))
    act(page.get_by_role("button", name=re.compile("Undo")).first)
    expect(page.locator("main")).to_contain_text("UTC, frozen")


def make_key(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/start")
    act(page.locator("#account-menu summary"))
    act(page.get_by_role("button", name="New key"))
    expect(page.locator("#first")).to_contain_text("Waiting for your first request with the key fk_")


def delete_a_key(page: Page, act: Act, root: str) -> None:
    page.goto(f"{root}/start")
    act(page.locator("#account-menu summary"))
    act(page.get_by_role("link", name="All keys"))
    keys = page.locator("#keys tr")
    expect(keys).not_to_have_count(0)
    before = keys.count()
    page.once("dialog", lambda dialog: dialog.accept())
    act(keys.filter(has_not_text="fk_demo").first.get_by_role("button"))
    expect(keys).to_have_count(before - 1)


@pytest.mark.parametrize("act", [by_pointer, by_keyboard])
def test_every_action_is_done(
    console: fakekit.Handle, open_page: OpenPage, watched: Watched, act: Act
) -> None:
    watched.expected = ("404",)  # the page of a deleted record
    requests.get(console.url("customers/1"), headers=console.headers, timeout=PATIENCE)
    root = f"{console.origin}{CONSOLE}/fk_demo"
    page = open_page(root)
    sent: list[str] = []
    page.on("request", lambda r: sent.append(urlsplit(r.url).path) if r.method == "POST" else None)
    for do in (do_requests, do_records, do_faults, do_clock_and_state, make_key, delete_a_key):
        do(page, act, root)
    patterns = {
        view.function: re.sub(r"\\{\w+\\}", "[^/]+", re.escape(CONSOLE + view.path))
        for view in VIEWS
        if view.method == "POST"
    }
    done = {name for name, pattern in patterns.items() if any(re.fullmatch(pattern, path) for path in sent)}
    assert sorted(patterns.keys() - done) == []


def test_a_double_click_adds_one_record(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/world/customers/new")
    page.get_by_label("customer_name", exact=True).fill("Ama Twice")
    page.get_by_role("button", name="Add", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ama Twice")
    page.wait_for_timeout(300)
    assert [record["id"] for record in console.records("customers", customer_name="Ama Twice")] == [51]
