"""The first page in a real browser: it turns when the first request comes; keys, copying, the keyboard."""

from __future__ import annotations

import requests
from playwright.sync_api import expect

import fakekit
from tests.console.browser.conftest import OpenPage, Watched
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE, free_port


def ask(fake: fakekit.Handle, key: str) -> None:
    requests.get(fake.url("customers/1"), headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)


def test_it_turns_when_the_first_request_comes(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(f"{console.origin}/")
    expect(page.locator("#first")).to_contain_text("Waiting for your first request with the key fk_demo")
    ask(console, "fk_demo")
    expect(page.locator("#first")).to_contain_text("GET /api/v1/customers/1")
    expect(page.get_by_role("heading", level=1)).to_have_text("A request came")
    page.get_by_role("link", name="See this request").click()
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_demo/requests/1")


def test_a_request_without_a_valid_key_is_seen_on_every_page(
    console: fakekit.Handle, open_page: OpenPage
) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/reference")
    ask(console, "API_KEY")
    page.get_by_role("link", name="1 without a valid key").click()
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/-/requests?account=fk_demo")
    expect(page.locator("main")).to_contain_text("401")
    page.get_by_role("navigation").get_by_role("link", name="World").click()
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_demo/world/customers")


def test_the_menu_lists_accounts_and_makes_keys(console: fakekit.Handle, open_page: OpenPage) -> None:
    ask(console, "fk_other")
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/start")
    menu = page.locator("#account-menu")
    menu.locator("summary").click()
    menu.get_by_role("link", name="fk_other").click()
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_other/requests")
    menu = page.locator("#account-menu")
    menu.locator("summary").click()
    menu.get_by_label("Key", exact=True).fill("fk_typed")
    menu.get_by_role("button", name="Open").click()
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_typed/start")
    menu = page.locator("#account-menu")
    menu.locator("summary").click()
    menu.get_by_role("button", name="New key").click()
    expect(page.locator("#first")).to_contain_text("with the key fk_")
    expect(page).not_to_have_url(f"{console.origin}{CONSOLE}/fk_typed/start")


def test_a_block_is_copied(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(
        f"{console.origin}{CONSOLE}/fk_mine/start", permissions=["clipboard-read", "clipboard-write"]
    )
    page.get_by_role("button", name="Copy curl").click()
    expect(page.get_by_role("button", name="Copy curl")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == (
        f"curl -i {console.origin}/api/v1/customers/1 \\\n  -H 'Authorization: Bearer fk_mine'"
    )


def test_the_keyboard_is_enough(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/start")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    expect(dialog.locator("dt:visible")).to_have_text(["1 to 5", "Esc", "?"])
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator("#account-menu summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Key", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Key", exact=True)).to_be_hidden()


def test_keys_open_the_places_and_the_newest_request(console: fakekit.Handle, open_page: OpenPage) -> None:
    ask(console, "fk_demo")
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/start")
    page.keyboard.press("2")
    page.wait_for_url(f"{console.origin}{CONSOLE}/fk_demo/world/customers")  # and for its script
    page.keyboard.press("/")
    page.keyboard.type('1"n')
    expect(page.get_by_label("Search", exact=True)).to_have_value('1"n')
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    page.wait_for_url(f"{console.origin}{CONSOLE}/fk_demo/requests")
    page.keyboard.press("n")
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_demo/requests/1")


def test_a_server_for_other_machines_asks_for_its_token(open_page: OpenPage, watched: Watched) -> None:
    watched.expected = ("403",)
    with fakekit.FakeServer(host="0.0.0.0", control_token="canary-7f3a9c") as fake:
        origin = f"http://127.0.0.1:{fake.origin.rpartition(':')[2]}"
        page = open_page(f"{origin}{CONSOLE}/fk_demo/start")
        expect(page.get_by_role("heading", level=1)).to_have_text("This server asks for its control token")
        assert "fk_demo" not in page.content()
        page.get_by_label("Control token").fill("wrong")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("alert")).to_contain_text("not the token of this server")
        page.get_by_label("Control token").fill("canary-7f3a9c")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Send a first request")
        page.get_by_role("link", name="API reference").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("API reference")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("API reference")
        assert "canary" not in page.content()
        assert page.evaluate("Object.values(sessionStorage)") == ["canary-7f3a9c"]
        assert page.evaluate("localStorage.length") == 0
        assert page.context.cookies() == []


def test_an_open_page_asks_for_the_token_of_a_server_that_was_started_again(
    open_page: OpenPage, watched: Watched
) -> None:
    watched.expected = ("403", "ERR_", "htmx:error", "Failed to fetch")
    port = free_port()
    with fakekit.FakeServer(host="0.0.0.0", port=port, control_token="one"):
        page = open_page(f"http://127.0.0.1:{port}{CONSOLE}/fk_demo/start")
        page.get_by_label("Control token").fill("one")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Send a first request")
    with fakekit.FakeServer(host="0.0.0.0", port=port, control_token="two"):
        expect(page.get_by_role("alert")).to_contain_text("not the token of this server")
        assert page.get_by_label("Control token").count() == 1
        page.get_by_label("Control token").fill("two")
        page.get_by_role("button", name="Open").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Send a first request")


def test_the_page_says_when_the_server_is_gone_and_goes_on_when_it_is_back(
    open_page: OpenPage, watched: Watched
) -> None:
    watched.expected = (
        "ERR_CONNECTION_REFUSED",
        "ERR_CONNECTION_RESET",
        "ERR_EMPTY_RESPONSE",
        "Failed to fetch",
    )
    port = free_port()
    with fakekit.FakeServer(port=port) as fake:
        page = open_page(f"{fake.origin}{CONSOLE}/fk_demo/start")
        expect(page.locator("#first")).to_contain_text("Waiting")
    expect(page.get_by_text("The server does not answer")).to_be_visible()
    with fakekit.FakeServer(port=port) as fake:
        expect(page.get_by_text("The server does not answer")).to_be_hidden()
        expect(page.get_by_text("The server was started again")).to_be_visible()
        ask(fake, "fk_demo")
        expect(page.locator("#first")).to_contain_text("GET /api/v1/customers/1")
        page.get_by_role("link", name="Reload").click()
        expect(page.get_by_text("The server was started again")).to_be_hidden()
