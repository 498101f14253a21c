"""Forms of the console that are too large, or cannot be read: they change nothing, and the page says so."""

from __future__ import annotations

import pytest
import requests

from fakekit import FakeServer, Handle
from tests.helpers.console import CONSOLE, HEADER
from tests.helpers.processes import PATIENCE

EDIT = f"{CONSOLE}/fk_demo/world/customers/1/edit"
URLENCODED = "application/x-www-form-urlencoded"
PARTS = (
    b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' for _ in range(1001))
    + b"--x--\r\n"
)


def send(
    fake: Handle, path: str, body: bytes, media_type: str, headers: dict[str, str] = HEADER
) -> requests.Response:
    return requests.post(
        fake.origin + path,
        data=body,
        headers={"Content-Type": media_type, **headers},
        timeout=PATIENCE,
        allow_redirects=False,
    )


@pytest.mark.parametrize("size", [600_000, 1_100_000])
@pytest.mark.parametrize(
    "path", [EDIT, f"{CONSOLE}/fk_demo/world/customers/new", f"{CONSOLE}/fk_demo/faults/clock"]
)
def test_a_form_that_is_too_large_changes_nothing_and_the_page_says_so(size: int, path: str) -> None:
    with FakeServer() as fake:
        answer = send(fake, path, b"customer_name=" + b"x" * size, URLENCODED)
        assert answer.status_code == 413
        assert "the form is too large" in answer.text
        assert fake.about["changed"] is False


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (PARTS, "multipart/form-data; boundary=x"),
        (b"--y", "multipart/form-data"),
        (b'{"customer_name": "Ama"}', "application/json"),
        (b"customer_name=Ama", ""),
    ],
)
def test_a_body_that_is_no_form_of_a_page_changes_nothing_and_the_page_says_so(
    body: bytes, media_type: str
) -> None:
    with FakeServer() as fake:
        answer = send(fake, EDIT, body, media_type)
        assert answer.status_code == 415
        assert "must be a form" in answer.text
        assert fake.about["changed"] is False


def test_who_sends_a_form_is_asked_before_it_is_read() -> None:
    with FakeServer() as fake:
        assert send(fake, EDIT, PARTS, "multipart/form-data; boundary=x", {}).status_code == 403
        assert send(fake, EDIT, b"a=" + b"x" * 1_100_000, URLENCODED, {}).status_code == 403
