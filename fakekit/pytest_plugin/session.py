"""The server of a pytest run, and the account of each test on it. Imports fakekit when a test asks for it."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import shlex
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest

from fakekit.errors import FakekitError
from fakekit.unpatched import utc_now

if TYPE_CHECKING:
    from fakekit import Handle, Settings
    from fakekit.testing.verification import RecordedRequest

_MODULES = (
    "fakekit.testing.child",
    "fakekit.contract.openapi",
    "fakekit.control.api",
    "fakekit.control.clocks",
    "fakekit.control.openapi",
    "fakekit.control.values",
    "fakekit.faults.registry",
    "fakekit.faults.active",
    "fakekit.pytest_plugin.report",
    "fakekit.testing.remote",
    "fakekit.testing.verification",
    "fakekit.testing.fake_server",
    "fakekit.fixtures.write",
)
"""What the fixture, the server in a thread and the handle import when they are first used."""

_INTERCEPT_MODULES = ("fakekit.intercept.redirect", "trustme", "cryptography.hazmat.primitives.serialization")
"""What the mark ``intercept`` imports likewise."""

_BY_FIXTURE = ("seed", "customers", "strict", "assumptions", "faults")


@dataclass
class Test:
    """One attempt of one test.

    key: of its account.
    started_at: when it did.
    handle: of its account; None until the account is opened.
    settings: what the account was opened with, and who set it.
    about: the account's summary when it was last looked at.
    """

    __test__ = False

    key: str
    started_at: datetime = field(default_factory=utc_now)
    handle: Handle | None = None
    settings: tuple[Settings, Mapping[str, str]] | None = None
    about: dict[str, Any] = field(default_factory=dict)

    def update_about(self) -> None:
        """Store the account's summary in `about`, while the account still exists."""
        if self.handle is not None:
            with suppress(FakekitError, RuntimeError):  # a test may have ended the server itself
                self.about = self.handle.about


class Session:
    """The server of one run, started when it is first needed, and the accounts of its tests.

    warning: that the installed Faker gives another world; empty when it does not.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._server: Any = None
        self._base: Settings | None = None
        self._numbers = itertools.count(1)
        self._run = secrets.token_hex(3)
        self._previous_values: dict[str, str | None] = {}
        self._alias = ""
        self.warning = ""

    @property
    def url(self) -> str:
        """The address of a server that this run did not start (--fakekit-url); empty when it starts one."""
        return str(self._option("url") or "")

    @property
    def _is_in_process(self) -> bool:
        """Whether the server is in this process."""
        return not self.url and self._option("server") != "process"

    def _option(self, name: str) -> Any:
        """Return the value of a command-line option, also before pytest has parsed all of them."""
        early = self._config.known_args_namespace
        return getattr(self._config.option, f"fakekit_{name}", None) or getattr(
            early, f"fakekit_{name}", None
        )

    def prepare(self, read_settings: Callable[[], Settings], *, intercepts: bool) -> None:
        """Import all that tests will need, and start the server, unless it runs elsewhere.

        Called before the first test, which may replace files, sockets, threads or processes. A module that is
        imported while pyfakefs is active sees its file system, and is removed again afterwards.

        read_settings: returns what the environment and files say. What it raises, and that a server does not
            start, is left for the fixture to report.
        intercepts: whether calls to the vendor's names will be led to the server.
        """
        for name in (*_MODULES, *(_INTERCEPT_MODULES if intercepts else ())):
            import_module(name)
        self.warning = import_module("fakekit.world.names").faker_warning()
        if not self.url:
            with suppress(FakekitError):
                self.server(read_settings().with_(host="127.0.0.1", port=0))

    def server(self, settings: Settings) -> Any:
        """Return the server, started on first use with these settings; later calls do not change them.

        Raises `fakekit.errors.FakekitError` when it does not start or answer.
        """
        if self._server is None:
            # An account elsewhere is given what differs, and "as the fixture files say" cannot be said there.
            base = settings if self._is_in_process else replace(settings, customers=None)
            self._server, self._base = self._start_server(base), base
        return self._server

    def _start_server(self, settings: Settings) -> Any:
        """Start a server where the options want it, or connect to the one that runs elsewhere."""
        if self.url:
            from fakekit.testing.remote import RemoteServer

            remote = RemoteServer(self.url, os.environ.get("FAKEKIT_CONTROL_TOKEN"))
            remote.do("strangers", since=0, status=599)  # does it answer, and let us control it?
            return remote
        if not self._is_in_process:
            from fakekit.testing.child import ChildServer

            return ChildServer(settings)
        from fakekit.testing.fake_server import FakeServer

        server = FakeServer(settings)
        server.start()
        return server

    def begin(self, name: str) -> Test:
        """Return a new attempt of the test `name`, with a key that nobody has had, readable in the log."""
        readable_name = re.sub(r"[^A-Za-z0-9_]+", "-", name)[:40].strip("-")
        run_part = f"{self._run}-" if self.url else ""
        return Test(f"fk_{readable_name}-{run_part}{next(self._numbers)}")

    def open(self, test: Test, settings: Settings) -> Handle:
        """Open the account of a test, with a world of its own if its settings say so, and return its handle.

        The same handle when it is open with these settings. Raises `fakekit.errors.FakekitError`.
        """
        if test.handle is not None and test.settings == (settings, settings.sources):
            return test.handle
        handle = self._open_account(test.key, settings)
        test.handle, test.settings = handle, (settings, settings.sources)
        if self._alias:
            self._server.alias(self._alias, test.key)
        return handle

    def _open_account(self, key: str, settings: Settings) -> Handle:
        """Return the handle of a key, opened anew with a world of its own if the server's is another."""
        server = self.server(settings)
        base = None if self.url else self._base
        own = settings if self._is_in_process else dict(_remote_settings(settings, base))
        handle: Handle = server.account(key, own)
        return handle

    def close(self, test: Test) -> None:
        """Forget the account of a test; nothing happens when it has none, or its server is gone."""
        if test.handle is not None and self._server is not None:
            with suppress(FakekitError):  # it was elsewhere, and is gone
                if self._alias:
                    self._server.alias(self._alias, None)
                self._server.close_account(test.key)

    def report(self, test: Test) -> str:
        """Return the section on a test's requests for its report; empty when it has no account any more."""
        with suppress(FakekitError, RuntimeError):
            return self._report(test) if test.handle is not None and self._server is not None else ""
        return ""

    def _report(self, test: Test) -> str:
        """Collect what the section shows; other keys only on a server that nobody else uses."""
        from fakekit.pytest_plugin.report import section
        from fakekit.testing.verification import RecordedRequest

        unauthenticated: list[RecordedRequest] = []
        other_keys: dict[str, int] = {}
        if not self.url:  # on a server that others use as well, they may be theirs
            since = test.started_at.isoformat()
            entries = self._server.do("strangers", since=since)["requests"]
            unauthenticated = [
                RecordedRequest.from_json(entry) for entry in entries if entry["method"] != "OPTIONS"
            ]
            other_keys = dict(self._other_keys(test, since))
        handle: Any = test.handle
        return section(handle, self._serve_command(test), unauthenticated, other_keys)

    def _other_keys(self, test: Test, since: str) -> Iterator[tuple[str, int]]:
        """Yield the other keys that were used since, with their number of requests."""
        for account in self._server.do("accounts"):
            last = account["last_request"]
            if account["key"] != test.key and last is not None and last["time"] >= since:
                yield account["key"], account["requests"]

    def _serve_command(self, test: Test) -> str:
        """Return the command that serves again what a test was served; empty when the server runs on."""
        from fakekit.testing.child import options_of

        if self.url or test.handle is None or test.settings is None:
            return ""
        port = test.handle.origin.rpartition(":")[2]
        return shlex.join(["fakekit", "serve", "--port", port, *options_of(test.settings[0])])

    def set_environment(self, lines: list[str], settings: Settings) -> None:
        """Set variables for the code under test: ``NAME``, or ``NAME = text with {base_url}``.

        They lead to an alias, which each test's account gets in turn; `stop` restores them. Starts the
        server.

        Raises `fakekit.SettingsError` for a text that names something else, and what `server` raises.
        """
        from fakekit.errors import Problem, SettingsError

        self._alias = f"fk_running_test-{self._run}" if self.url else "fk_running_test"
        handle = self._open_account(self._alias, settings)
        values = {"base_url": handle.base_url, "origin": handle.origin, "api_key": handle.api_key}
        for line in filter(str.strip, lines):
            name, separator, text = (part.strip() for part in line.partition("="))
            if not separator:
                text = "{api_key}" if re.search("KEY|TOKEN", name, re.I) else "{base_url}"
            try:
                value = text.format(**values)
            except (KeyError, IndexError, ValueError):
                what = "names what there is not"
                problem = Problem(f"fakekit_env: {name}", what, text, "{base_url} or {api_key}")
                raise SettingsError(problem) from None
            self._previous_values.setdefault(name, os.environ.get(name))
            os.environ[name] = value

    @property
    def sets_environment(self) -> bool:
        """Whether variables lead the code under test to the account of the running test."""
        return bool(self._alias)

    def stop(self) -> None:
        """Stop the server if this run started it, and restore the environment variables."""
        for name, value in self._previous_values.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self._previous_values, self._alias = {}, ""
        if self._server is not None:
            self._server.stop()
            self._server = None


def _remote_settings(settings: Settings, base: Settings | None) -> Iterator[tuple[str, Any]]:
    """Yield the settings that an account on a server elsewhere has to be given.

    base: what the server was started with; None when nobody knows, and only what was set counts.
    """
    from fakekit.fixtures.paths import read_files
    from fakekit.settings.table import BY_NAME

    for name in _BY_FIXTURE:
        value = getattr(settings, name)
        is_set = base is None and settings.sources.get(name, "default") != "default"
        if is_set or value != (getattr(base, name) if base is not None else BY_NAME[name].default):
            yield name, dict(value) if name == "assumptions" else value
    if settings.fixtures and (base is None or settings.fixtures != base.fixtures):
        yield "fixtures", [{"name": name, "text": text} for name, text in read_files(settings.fixtures)]
