"""What pages of other sites, and proxies, may have of the console: a page may lead here, and no more."""

from __future__ import annotations

import pytest
import requests

from fakekit import FakeServer
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE

LINK = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
IMAGE = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FRAME = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


@pytest.mark.parametrize(
    ("site", "headers", "status"),
    [
        ("cross-site", LINK, 200),
        ("cross-site", IMAGE, 403),
        ("cross-site", FRAME, 403),
        ("cross-site", LINK | {"Sec-Purpose": "prefetch"}, 403),
        ("cross-site", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 403),
        ("same-site", IMAGE, 403),
        ("same-origin", {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}, 200),
        ("none", LINK, 200),
    ],
)
def test_a_page_of_another_site_opens_no_account_but_by_a_link(
    site: str, headers: dict[str, str], status: int
) -> None:
    with FakeServer() as fake:
        url = f"{fake.origin}{CONSOLE}/fk_evil/faults"
        answer = requests.get(url, headers={"Sec-Fetch-Site": site, **headers}, timeout=PATIENCE)
        assert answer.status_code == status
        accounts = requests.get(
            f"{fake.origin}/_fakekit/accounts", headers={"Fakekit-Control": "1"}, timeout=PATIENCE
        ).json()
        assert ("fk_evil" in [account["key"] for account in accounts]) == (status == 200)


@pytest.mark.parametrize("line", [{"Forwarded": "for=203.0.113.7"}, {"X-Forwarded-For": "203.0.113.7"}])
@pytest.mark.parametrize("path", [f"{CONSOLE}/fk_demo/world", "/_fakekit/accounts"])
def test_what_a_proxy_forwards_needs_a_token(line: dict[str, str], path: str) -> None:
    with FakeServer() as fake:
        headers = {"Fakekit-Control": "1", **line}
        answer = requests.get(fake.origin + path, headers=headers, timeout=PATIENCE)
        assert answer.status_code == 403
        assert "came through a proxy" in answer.text
        assert "203.0.113.7" not in answer.text
