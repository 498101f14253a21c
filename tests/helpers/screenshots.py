"""The pictures of the console in README and docs: ``python -m tests.helpers.screenshots docs/images``."""

from __future__ import annotations

import sys
from pathlib import Path

import requests
from playwright.sync_api import sync_playwright

import fakekit
from tests.helpers.console import CONSOLE
from tests.helpers.processes import PATIENCE

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""Without the last four Chromium asks hosts elsewhere at its start."""


def use(fake: fakekit.Handle) -> None:
    """Requests as a program in development sends them: most are answered, some show a mistake."""
    headers = {"Authorization": f"Bearer {fake.api_key}"}
    ama = dict(fake.customer(42)) | {"customer_name": "Ama Mensah", "customer_email": "ama@example.com"}
    for name in ("id", "created_at", "updated_at", "user_id", "business_code"):
        del ama[name]
    for path in ("customers/1", "customers?custmer_name=Ama", "customers/9999", "sales", "inventory/items"):
        requests.get(fake.url(path), headers=headers, timeout=PATIENCE)
    requests.post(fake.url("customers/add"), json=ama, headers=headers, timeout=PATIENCE)
    requests.post(fake.url("customers/add"), json={"customer_name": "Ama"}, headers=headers, timeout=PATIENCE)
    fake.fail(503, "GET", "sales", times=1)
    for _ in range(2):
        requests.get(fake.url("sales"), headers=headers, timeout=PATIENCE)
    requests.get(fake.url("customers/1"), headers={"Authorization": "Bearer API_KEY"}, timeout=PATIENCE)


PICTURES = {
    "requests": "requests",
    "request": "requests/3",
    "world": "world/customers",
}
"""By the name of the picture, the page of the account of ``fk_demo``."""


def take(folder: Path) -> None:
    """Write the pictures, at twice the resolution of a page that is 1,100 pixels wide."""
    folder.mkdir(parents=True, exist_ok=True)
    with fakekit.FakeServer(seed=1, port=4310) as fake, sync_playwright() as playwright:
        use(fake)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1100, "height": 620}, device_scale_factor=2)
        for name, path in PICTURES.items():
            page.goto(f"{fake.origin}{CONSOLE}/fk_demo/{path}")
            page.screenshot(path=folder / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1]))
