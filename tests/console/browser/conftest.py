"""A real Chromium, which may reach this machine only. Every test here is slow, and fails by what its page logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route

import fakekit
from tests.helpers.processes import PATIENCE
from tests.helpers.project import ROOT

FOLDER = Path(__file__).parent
OpenPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if FOLDER in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def console() -> Iterator[fakekit.Handle]:
    """A server of the test's own, on loopback."""
    with fakekit.FakeServer(seed=1) as handle:
        yield handle


class Watched:
    """What the pages of a test logged, and whom they asked besides this machine."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.foreign: list[str] = []
        self.expected: tuple[str, ...] = ()
        """Parts of messages that the test itself provokes: the status of an error, a server that is stopped."""

    def log(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(f"{message.type}: {message.text} {message.location.get('url', '')}")

    def let_through(self, route: Route) -> None:
        """Only what goes to this machine."""
        if urlsplit(route.request.url).hostname in ("127.0.0.1", "localhost", "::1"):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def unexpected(self) -> list[str]:
        return [m for m in self.messages if not any(part in m for part in self.expected)]


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Fails the test when a page logged an error, broke its content security policy or asked another host."""
    seen = Watched()
    yield seen
    assert (seen.unexpected(), seen.foreign) == ([], [])


@pytest.fixture
def open_page(browser: Browser, watched: Watched) -> Iterator[OpenPage]:
    """Opens an address in a context of its own; the options are those of playwright's `new_context`."""
    contexts: list[BrowserContext] = []

    def open_in_new_context(url: str, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.route("**/*", watched.let_through)
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("console", watched.log)
        page.on("pageerror", lambda error: watched.messages.append(f"error: {error}"))
        page.goto(url)
        return page

    yield open_in_new_context
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def find_violations() -> Callable[[Page], list[str]]:
    """Returns what axe-core finds on a page: rule, help and the first element of each."""
    source = (ROOT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")

    def run(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("async () => (await axe.run()).violations")
        return [f"{v['id']}: {v['help']}: {v['nodes'][0]['html']}" for v in found]

    return run
