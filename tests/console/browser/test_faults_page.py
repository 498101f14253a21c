"""The place *Faults and clock* in a real browser: by keyboard, with live counts, without losing the place."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import Dialog, expect

import fakekit
from tests.console.browser.conftest import OpenPage, Watched
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE


def fetch(fake: fakekit.Handle) -> int:
    return requests.get(fake.url("customers/1"), headers=fake.headers, timeout=PATIENCE).status_code


def test_a_switch_is_pressed_by_keyboard_and_counts_live(
    console: fakekit.Handle, open_page: OpenPage
) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/faults")
    switch = page.get_by_role("button", name="2nd request: 503, once")
    switch.press("Enter")
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(switch).to_be_focused()
    assert [fetch(console) for _ in range(3)] == [200, 503, 200]
    expect(switch).to_contain_text("used up")
    expect(page.locator("#faults")).to_contain_text("used up: 1 time, changes no more requests")
    page.get_by_role("button", name="Every 3rd request: 503").press("Space")
    expect(page.locator("#faults tr")).to_have_count(2)
    page.get_by_role("button", name="Every 3rd request: 503").press("Space")
    expect(page.locator("#faults tr")).to_have_count(1)
    assert [fetch(console) for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("width", [1280, 360])
def test_no_switch_moves_when_one_is_pressed_or_used_up(
    console: fakekit.Handle, open_page: OpenPage, width: int
) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/faults", viewport={"width": width, "height": 2500})
    switches = page.locator(".switches button")
    before = [each.bounding_box() for each in switches.all()]
    switches.filter(has_text="1st request: 429, once").click()
    expect(page.locator("#faults tr")).to_have_count(1)
    assert [each.bounding_box() for each in switches.all()] == before
    assert fetch(console) == 429
    expect(page.locator(".switches")).to_contain_text("used up: press to use it again")
    assert [each.bounding_box() for each in switches.all()] == before
    page.get_by_role("button", name="+1 day").click()  # nothing is in front of it
    expect(page.locator("main")).to_contain_text("runs 1 day, 0:00:00 ahead of the real time")


def test_a_form_leaves_the_page_where_it_is(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/faults", viewport={"width": 800, "height": 400})
    button = page.get_by_role("button", name="+1 day")
    button.hover()  # scrolls to it
    before = page.evaluate("scrollY")
    button.click()
    expect(page.locator("main")).to_contain_text("runs 1 day, 0:00:00 ahead of the real time")
    assert page.evaluate("scrollY") == before > 0
    expect(page.get_by_role("button", name="+1 day")).to_be_focused()


def test_a_wrong_fault_is_mended_and_typing_is_not_disturbed(
    console: fakekit.Handle, open_page: OpenPage, watched: Watched
) -> None:
    watched.expected = ("422",)
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/faults")
    field = page.get_by_label("Fault", exact=True)
    field.fill("fial=503")
    field.press("Enter")
    expect(page.locator("#fault-problems")).to_contain_text("fault: is not a kind of fault; write fail")
    expect(field).to_be_focused()
    field.fill("fail=503")
    console.fail(429, path="stores")
    expect(page.locator("#faults tr")).to_have_count(1)  # without a reload
    expect(field).to_have_value("fail=503")
    field.press("Enter")
    expect(page.locator("#faults tr")).to_have_count(2)
    assert fetch(console) == 503


def test_a_reset_is_found_and_undone(console: fakekit.Handle, open_page: OpenPage) -> None:
    console.remove("customers", 1)
    page = open_page(f"{console.origin}/")
    page.locator("#account-menu summary").click()
    page.get_by_role("link", name="Reset page of fk_demo").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(page.locator("#undo")).to_contain_text("removed 1 changed record.")
    assert fetch(console) == 200
    page.get_by_role("button", name="Undo this reset").click()
    expect(page.locator("#undo")).to_have_count(0)
    assert fetch(console) == 404
    console.reset()


def test_a_reset_that_deletes_requests_asks_first(console: fakekit.Handle, open_page: OpenPage) -> None:
    assert fetch(console) == 200
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/faults")
    questions = []

    def dismiss(dialog: Dialog) -> None:
        questions.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", dismiss)
    button = page.get_by_role("button", name="Reset and delete its requests")
    button.click()
    assert questions == ["Reset fk_demo, and delete all of its requests? They do not come back."]
    page.once("dialog", lambda dialog: dialog.accept())
    assert console.about["requests"] > 0
    with page.expect_response("**/faults/reset"):
        button.click()
    assert console.about["requests"] == 0


def test_the_ledger_is_searched_by_its_shortcut(console: fakekit.Handle, open_page: OpenPage) -> None:
    requests.get(console.url("customers/999"), headers=console.headers, timeout=PATIENCE)
    page = open_page(f"{console.origin}{CONSOLE}/fk_demo/ledger")
    page.keyboard.press("/")
    page.keyboard.type("missing.error")
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{console.origin}{CONSOLE}/fk_demo/ledger?search=missing.error")
    expect(page.locator("details.assumption")).to_have_count(1)
    page.locator("details.assumption summary").click()
    page.get_by_role("link", name="The requests").click()
    expect(page.locator("#requests tr")).to_have_count(1)
