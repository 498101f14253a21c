"""The list of requests while requests come: what is being read stays where it is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

import fakekit
from tests.console.browser.conftest import OpenPage, Watched
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE, free_port
from tests.helpers.raw_http import exchange, get, port_of, statuses

CLIENT = b"Host: 127.0.0.1\r\nAuthorization: Bearer fk_live\r\n"
HIDE = "() => { Object.defineProperty(document, 'hidden', { configurable: true, get: () => %s }); "
HIDE += "document.dispatchEvent(new Event('visibilitychange')); }"


def send_requests(fake: fakekit.Handle, count: int, path: bytes = b"/api/v1/customers/1") -> None:
    last = get(path, headers=b"Connection: close\r\n", first=CLIENT)
    answers = exchange(port_of(fake.origin), get(path, first=CLIENT) * (count - 1) + last)
    assert len(statuses(answers)) == count


def open_list(fake: fakekit.Handle, open_page: OpenPage, query: str = "") -> Page:
    return open_page(f"{fake.origin}{CONSOLE}/fk_live/requests{query}")


def rows(page: Page) -> list[int]:
    """The numbers of the rows, from the top."""
    listed = page.locator("#requests tr").evaluate_all("rows => rows.map(row => row.id)")
    return [int(row.removeprefix("request-")) for row in listed]


def test_new_requests_are_put_in_at_once_where_nobody_reads(
    console: fakekit.Handle, open_page: OpenPage
) -> None:
    page = open_list(console, open_page)
    send_requests(console, 2)
    expect(page.locator("#requests tr")).to_have_count(2)
    assert rows(page) == [2, 1]
    page.get_by_role("link", name="GET /api/v1/customers/1").first.click()
    expect(page).to_have_url(re.compile("/requests/2$"))


def test_a_thousand_requests_move_no_row_that_is_being_read(
    console: fakekit.Handle, open_page: OpenPage
) -> None:
    send_requests(console, 60)
    page = open_list(console, open_page)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/rows" in request.url else None)
    row = page.locator("#request-20")
    row.scroll_into_view_if_needed()
    before = row.bounding_box()
    send_requests(console, 1000)
    button = page.get_by_role("button", name="1000 new")
    expect(button).to_be_visible()
    assert row.bounding_box() == before
    assert len(rows(page)) == 60
    assert len(fetched) < 40
    button.click()
    expect(page.locator("#requests #request-1060")).to_be_in_viewport()
    assert rows(page) == list(range(1060, 60, -1))
    expect(page.locator("[data-new]")).to_be_hidden()


def test_rows_that_wait_are_not_fetched_again(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_list(console, open_page)
    page.get_by_role("button", name="Pause").click()
    for sent, waiting in ((3, 3), (2, 5)):
        send_requests(console, sent)
        expect(page.get_by_role("button", name=f"{waiting} new")).to_be_visible()
    with page.expect_request("**/rows?*since=5"):  # asked every 5 seconds
        pass
    page.get_by_role("button", name="5 new").click()
    expect(page.locator("#requests tr")).to_have_count(5)
    assert rows(page) == [5, 4, 3, 2, 1]


def test_a_row_with_the_focus_or_the_pointer_stays_where_it_is(
    console: fakekit.Handle, open_page: OpenPage
) -> None:
    send_requests(console, 2)
    page = open_list(console, open_page)
    page.get_by_role("link", name="GET /api/v1/customers/1").first.focus()
    send_requests(console, 1)
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert rows(page) == [2, 1]
    expect(page.get_by_text("The list waits while you read")).to_be_visible()
    page.locator("h1").click()
    expect(page.locator("#requests tr")).to_have_count(3)
    page.locator("#request-1").hover()
    send_requests(console, 1)
    expect(page.get_by_role("button", name="1 new")).to_be_visible()
    assert rows(page) == [3, 2, 1]
    page.locator("h1").hover()
    send_requests(console, 1)
    expect(page.locator("#requests tr")).to_have_count(5)


def test_p_pauses_and_goes_on(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_list(console, open_page)
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    send_requests(console, 3)
    expect(page.get_by_role("button", name="3 new")).to_be_visible()
    assert rows(page) == []
    expect(page.get_by_text("No request with the key")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator("h1").hover()
    expect(page.locator("#requests tr")).to_have_count(3)
    expect(page.locator("[data-new]")).to_be_hidden()


def test_two_tabs_show_the_same_each_with_its_filter(console: fakekit.Handle, open_page: OpenPage) -> None:
    every, problems = open_list(console, open_page), open_list(console, open_page, "?only=problems")
    send_requests(console, 2)
    send_requests(console, 1, b"/api/v1/customers/999")
    expect(every.locator("#requests tr")).to_have_count(3)
    expect(problems.locator("#requests tr")).to_have_count(1)
    assert (rows(every), rows(problems)) == ([3, 2, 1], [3])


def test_a_hidden_page_counts_in_its_title(console: fakekit.Handle, open_page: OpenPage) -> None:
    page = open_list(console, open_page)
    page.evaluate(HIDE % "true")
    send_requests(console, 3)
    expect(page).to_have_title("(3) Requests - fakekit")  # asked every 5 seconds
    page.evaluate(HIDE % "false")
    expect(page).to_have_title("Requests - fakekit")
    expect(page.locator("#requests tr")).to_have_count(3)


def test_a_server_that_is_restarted_is_said_and_its_requests_are_listed(
    open_page: OpenPage, watched: Watched
) -> None:
    watched.expected = ("ERR_", "htmx:error", "htmx:sse:error", "Failed to fetch")
    port = free_port()
    with fakekit.FakeServer(port=port) as fake:
        send_requests(fake, 5)
        page = open_list(fake, open_page)
        send_requests(fake, 1)
        expect(page.locator("#requests tr")).to_have_count(6)
    expect(page.get_by_text("The server does not answer.")).to_be_visible()
    with fakekit.FakeServer(port=port) as fake:
        send_requests(fake, 2)
        # The page waits longer from one attempt to the next, and a busy machine starts the server late.
        expect(page.locator("#requests tr")).to_have_count(2, timeout=4 * PATIENCE * 1000)
        assert rows(page) == [2, 1]
        expect(page.get_by_text("The server does not answer.")).to_be_hidden()
        send_requests(fake, 1)
        expect(page.locator("#requests tr")).to_have_count(3)
