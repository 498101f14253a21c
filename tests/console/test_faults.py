"""The place *Faults and clock*: switches, any fault as text, what is active, the clock, snapshots, the reset."""

from __future__ import annotations

import re
from html import unescape

import pytest
import requests

from fakekit import FakeServer, Handle
from fakekit.console.faults import PRESETS
from fakekit.faults.registry import read_fault
from tests.helpers.console import CONSOLE, get_page, send_form
from tests.helpers.processes import PATIENCE

FAULTS = f"{CONSOLE}/fk_demo/faults"


def fetch(fake: Handle, key: str = "fk_demo") -> int:
    """The status of a request of the vendor's API with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return requests.get(f"{fake.origin}/api/v1/customers/1", headers=headers, timeout=PATIENCE).status_code


def text_of(answer: requests.Response) -> str:
    """What a page says, without its markup, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_switch_adds_its_fault_and_removes_it_again() -> None:
    with FakeServer() as fake:
        page = send_form(fake, f"{FAULTS}/switch", on="fail=503,times=1,after=1")
        assert page.url == fake.origin + FAULTS
        assert "2nd request: 503, once fail=503,times=1,after=1 on, used 0 of 1 time" in text_of(page)
        assert [fetch(fake) for _ in range(3)] == [200, 503, 200]
        assert "2nd request: 503, once fail=503,times=1,after=1 used up: press to use it again" in text_of(
            get_page(fake, FAULTS)
        )
        page = send_form(fake, f"{FAULTS}/switch", on="fail=503,times=1,after=1")  # in place of the other
        assert page.text.count('aria-pressed="true"') == 1
        assert re.findall(r'<tr id="fault-(\d+)"', page.text) == ["2"]
        page = send_form(fake, f"{FAULTS}/switch", off="fail=503,times=1,after=1")
        assert 'aria-pressed="true"' not in page.text
        assert "None: every request gets its usual answer." in page.text


def test_a_switch_that_is_on_or_off_already_stays_so() -> None:
    with FakeServer() as fake:
        for _ in range(2):  # a double click
            send_form(fake, f"{FAULTS}/switch", on="fail=503")
        assert [fault["text_form"] for fault in fake.faults] == ["fail=503"]
        fake.fail(503)
        for _ in range(2):
            assert send_form(fake, f"{FAULTS}/switch", off="fail=503").status_code == 200
        assert fake.faults == []
        assert send_form(fake, f"{FAULTS}/switch", off="fial").status_code == 422


@pytest.mark.parametrize("preset", PRESETS, ids=[preset.text for preset in PRESETS])
def test_the_text_of_a_switch_is_that_of_its_fault(preset: tuple[str, str]) -> None:
    assert read_fault(preset[1], "fault").as_text() == preset[1]


def test_what_is_wrong_with_a_fault_stands_beside_its_field() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, FAULTS, text="fail=99,tmes=2")
        assert answer.status_code == 422
        assert 'value="fail=99,tmes=2"' in answer.text
        assert "fault: fail: status : must be a whole number from 400 to 599" in text_of(answer)
        assert "fault: fail: tmes : is not a setting of fail; write times" in text_of(answer)
        answer = send_form(fake, FAULTS, text="fail=503,path=sk_live_4eC39HqLyjWDarjtT1")
        assert "sk_live" not in answer.text


def test_active_faults_are_listed_with_their_use_and_a_key_that_carries_them() -> None:
    with FakeServer() as fake:
        fake.fail(503, "GET", "customers/*", times=3)
        fake.delay(0.001)
        fake.respond("GET", "stores", json={"a": "<b>"})
        fetch(fake)
        page = get_page(fake, FAULTS)
        shown = text_of(page)
        assert (
            "1 fail=503,method=GET,path=customers/*,times=3 GET, customers/* used 1 of 3 times, 2 left"
            in shown
        )
        assert "2 slow=0.001s any method, any path used 1 time Remove" in shown
        assert "3 respond=200,method=GET,path=stores GET, stores used 0 times Remove" in shown
        key = "fk_demo~fail=503,method=GET,path=customers/*,times=3~slow=0.001s"
        assert f"<code>{key}</code>" in page.text
        assert fetch(fake, key.replace("fk_demo", "fk_other")) == 503
        fake.fail("content-type", media_type="text/html; charset=latin-1")  # a key has no space
        assert f"<code>{key}</code>" in get_page(fake, FAULTS).text
        assert "None: every request" in send_form(fake, f"{FAULTS}/clear").text
        assert "fail=503 any method, any path, with the key that carries it" in text_of(
            get_page(fake, FAULTS) if fetch(fake, "fk_demo~fail=503") == 503 else page
        )


def test_a_fault_that_is_gone_is_said_to_be_so() -> None:
    with FakeServer() as fake:
        answer = send_form(fake, f"{FAULTS}/7/remove")
        assert (answer.status_code, "no fault has this id" in answer.text) == (422, True)


def test_hostile_text_is_text() -> None:
    hostile = '<script>alert(1)</script>" onmouseover="{{7*7}}\u202e'
    with FakeServer() as fake:
        answer = send_form(fake, FAULTS, text=hostile)
        assert unescape(re.findall(r'id="text"[^>]* value="([^"]*)"', answer.text)[0]) == hostile
        answer = send_form(fake, f"{FAULTS}/clock", freeze=hostile)
        assert unescape(re.findall(r'id="freeze"[^>]* value="([^"]*)"', answer.text)[0]) == hostile
        long = send_form(fake, FAULTS, text="fail=503,path=" + "<i>" * 5000)
        fake.respond("GET", "stores", text=hostile, headers={"X-A": "<img>"})
        for page in (answer.text, long.text, get_page(fake, FAULTS).text):
            assert not [m for m in ("<script>alert", "<img", "<i>", '" onmouseover="') if m in page]


def test_the_clock_is_frozen_moved_and_set_back() -> None:
    with FakeServer() as fake:
        page = send_form(fake, f"{FAULTS}/clock", freeze="2024-08-04 08:23:45")
        assert "2024-08-04 08:23:45 UTC , frozen" in text_of(page)
        page = send_form(fake, f"{FAULTS}/clock", advance="86400")
        assert "2024-08-05 08:23:45 UTC , frozen" in text_of(page)
        page = send_form(fake, f"{FAULTS}/clock")
        assert "UTC , the real time." in text_of(page)
        page = send_form(fake, f"{FAULTS}/clock", advance="3600")
        assert "UTC , runs 1:00:00 ahead of the real time." in text_of(page)
        for field in ({"freeze": "yesterday"}, {"advance": "soon"}, {"advance": "9" * 30}):
            answer = send_form(fake, f"{FAULTS}/clock", **field)
            assert (answer.status_code, "clock" in text_of(answer)) == (422, True)
        assert fake.about["clock"]["offset"] == 3600
        assert 'value="yesterday"' in send_form(fake, f"{FAULTS}/clock", freeze="yesterday").text


def test_snapshots_are_saved_restored_and_deleted() -> None:
    with FakeServer() as fake:
        assert "There are none." in get_page(fake, FAULTS).text
        assert 'aria-label="Restore snapshot s1"' in send_form(fake, f"{FAULTS}/snapshots").text
        fake.remove("customers", 1)
        send_form(fake, f"{FAULTS}/snapshots/s1/restore")
        assert fetch(fake) == 200
        assert "There are none." in send_form(fake, f"{FAULTS}/snapshots/s1/delete").text
        answer = send_form(fake, f"{FAULTS}/snapshots/s1/restore")
        assert (answer.status_code, "no snapshot has this name" in answer.text) == (422, True)


def test_a_reset_is_undone() -> None:
    with FakeServer() as fake:
        assert "Undo this reset" not in send_form(fake, f"{FAULTS}/reset").text
        fake.remove("customers", 1)
        fake.fail(503, path="stores")
        fake.clock.advance(60)
        page = send_form(fake, f"{FAULTS}/reset")
        assert (page.url, fetch(fake)) == (fake.origin + FAULTS, 200)
        removed = r"The reset at \d\d:\d\d:\d\d UTC removed 1 changed record, 1 fault, 1 changed clock\."
        assert re.search(removed, text_of(page))
        page = send_form(fake, f"{FAULTS}/reset/undo")
        assert "fail=503,path=stores" in page.text
        assert "The reset at" not in page.text
        assert fetch(fake) == 404
        answer = send_form(fake, f"{FAULTS}/reset/undo")
        assert (answer.status_code, "there is none that can be undone" in answer.text) == (422, True)


def test_a_reset_deletes_the_requests_too_where_that_is_asked_for() -> None:
    with FakeServer() as fake:
        fetch(fake)
        send_form(fake, f"{FAULTS}/reset")
        assert fake.about["requests"] == 1
        send_form(fake, f"{FAULTS}/reset", requests="delete")
        assert fake.about["requests"] == 0


def polled_part(page: str) -> str:
    """The part of the page of faults that is replaced every two seconds."""
    page, depth = page[page.index('<div id="now"') :], 0
    for tag in re.finditer(r"<(/?)div\b", page):
        depth += -1 if tag[1] else 1
        if not depth:
            return page[: tag.start()]
    raise AssertionError("it has no end")


def test_what_changes_elsewhere_is_replaced_and_what_is_typed_is_not() -> None:
    with FakeServer() as fake:
        fake.remove("customers", 1)
        fake.reset()
        fake.fail(503)
        fake.clock.freeze("2024-08-04T08:23:45Z")
        polled = polled_part(get_page(fake, FAULTS).text)
        for part in ("fk_demo~fail=503", 'datetime="2024-08-04T08:23:45', "frozen", "Undo this reset"):
            assert part in polled
        assert "<input" not in polled


def test_a_request_that_a_fault_changed_leads_to_the_faults() -> None:
    with FakeServer() as fake:
        fake.fail(503)
        fetch(fake)
        page = get_page(fake, f"{CONSOLE}/fk_demo/requests/1")
        assert f'<a href="{FAULTS}">Faults and clock</a>' in page.text


def test_nothing_changes_without_the_control_header() -> None:
    with FakeServer() as fake:
        for path in ("", "/clear", "/switch", "/reset", "/reset/undo", "/clock", "/snapshots", "/1/remove"):
            answer = requests.post(fake.origin + FAULTS + path, data={"text": "fail=503"}, timeout=PATIENCE)
            assert answer.status_code == 403
        assert fake.faults == []
