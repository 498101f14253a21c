"""The server of a pytest run, and the account of each test on it. fakekit is imported on first use."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from os import getpid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from fakekit.addresses import LOOPBACK_HOSTS, read_origin
from fakekit.errors import ControlError, FakekitError, Problem
from fakekit.intercept import no_proxy_variables, set_variables
from fakekit.pytest_plugin.attempt import Attempt
from fakekit.pytest_plugin.late_imports import import_modules
from fakekit.pytest_plugin.run_settings import read_variables, remote_settings
from fakekit.pytest_plugin.shared import SESSION_ACCOUNT

if TYPE_CHECKING:
    from fakekit import Handle, Settings
    from fakekit.control.results import AccountSummary

SESSION = pytest.StashKey["Session"]()
"""Key of the pytest config's stash: the run's `Session`."""


class Session:
    """The server of one pytest run, started when it is first needed, and the accounts of its tests.

    config: pytest's; its options say where the server is.
    running_server: as `server` returns it; None when it does not run yet or was stopped.
    shared: the handles of the accounts that tests share, by name.
    shared_since: the number of the server's latest request when the first of these accounts was opened.
    warning: says that the installed version of Faker generates other records; empty when it does not.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self.running_server: Any = None
        self._base: Settings | None = None
        self._start_error: FakekitError | None = None
        self._has_failed = False
        self._attempt_ids = itertools.count(1)
        self._run_id = secrets.token_hex(3)
        self._variables = ExitStack()  # those that are set in the environment
        self._alias = ""
        self._alias_key: str | None = None
        self.shared: dict[str, Handle] = {}
        self.shared_since = 0
        self._process_id = getpid()
        self.warning = ""

    @property
    def url(self) -> str:
        """The URL of a server that somebody else started (--fakekit-url); empty when this run starts one."""
        return str(self._option("url") or "")

    @property
    def shares_accounts(self) -> bool:
        """Whether other runs may use the accounts of this one: of a server elsewhere, or in a store."""
        return bool(self.url or self._config.getini("fakekit_state"))

    @property
    def is_in_process(self) -> bool:
        """Whether the server runs in a thread of this process, not in a child process or elsewhere."""
        return not self.url and self._option("server") != "process"

    def _option(self, name: str) -> object:
        """Return the value of the option ``--fakekit-NAME``, None when it is not given.

        Works before pytest has parsed all options, too.
        """
        option = f"fakekit_{name}"
        namespace = self._config.known_args_namespace
        return getattr(self._config.option, option, None) or getattr(namespace, option, None)

    def prepare(self, read_settings: Callable[[], Settings], *, with_redirect: bool) -> None:
        """Import the modules that tests will need, and start the server, unless it runs elsewhere.

        Called after collection: a test may replace files, sockets, threads or processes. Under pyfakefs a
        module would be imported with the fake file system, and removed again afterwards.

        read_settings: returns the settings of the environment and files. Its errors, and those of a server
            that does not start, are dropped here: the fixture will meet and report them.
        with_redirect: whether calls to the vendor's hosts will be redirected, which needs further modules.
        """
        self.warning = import_modules(with_redirect=with_redirect)
        if not self.url:
            with suppress(FakekitError):
                self.server(read_settings().with_(host="127.0.0.1", port=0))

    def server(self, settings: Settings) -> Any:
        """Return the server, a `FakeServer` or `RemoteServer`; the first call starts it with these settings.

        Later calls return the same server, whatever their settings. Where a proxy is set in the environment,
        NO_PROXY names the server's host until `stop`. Raises `fakekit.errors.FakekitError` when
        it does not start or answer; a server elsewhere that did not answer is not asked again, and a child
        process that did not start is not started again.
        """
        if self.running_server is None:
            # customers=None is "as many as the fixture files say", which cannot be sent to another process.
            base = settings if self.is_in_process else replace(settings, customers=None)
            if self._start_error is not None:
                raise self._start_error
            try:
                self.running_server, self._base = self._start_server(base), base
            except ControlError as error:
                message = "cannot be reached; the first test that needed it says why"
                self._start_error = (
                    ControlError(Problem(read_origin(self.url), message)) if self.url else error
                )
                raise
            hosts = [urlsplit(self.running_server.origin).hostname or ""] if self.url else LOOPBACK_HOSTS
            self._variables.enter_context(set_variables(no_proxy_variables(os.environ, hosts)))
        return self.running_server

    def _start_server(self, settings: Settings) -> object:
        """Start a server, in a thread or a child process as the options say, or connect to the one elsewhere.

        Called by `server`, until it succeeds. Of `settings`, a server elsewhere is sent the control token and
        has its world compared. Raises `fakekit.errors.FakekitError` when it does not start or answer, or has
        another world.
        """
        if self.url:
            from fakekit.testing.remote import RemoteServer

            remote = RemoteServer(self.url, settings.control_token)
            remote.control.strangers(since=0, status=599)  # raises if it does not answer or rejects our token
            remote.check_world(settings.world)
            return remote
        if not self.is_in_process:
            from fakekit.testing.child import ChildServer

            return ChildServer(settings)
        from fakekit.testing.fake_server import FakeServer

        server = FakeServer(settings)
        server.start()
        return server

    def new_attempt(self, name: str) -> Attempt:
        """Return a new attempt of the test `name`, with a key that no other test has; it has no account yet.

        The key contains the test's name, to be readable in logs: ``fk_test_pay-1``. Where others use the
        accounts as well (--fakekit-url, the ini value fakekit_state) it contains an id of this run, too.
        """
        # At most 64 characters may follow fk_: the others are for the run's id and the number.
        readable_name = re.sub(r"[^A-Za-z0-9_]+", "-", name)[:40].strip("-")
        run_part = f"{self._run_id}-" if self.shares_accounts else ""
        return Attempt(f"fk_{readable_name}-{run_part}{next(self._attempt_ids)}", self._last_number())

    def _last_number(self) -> int:
        """Return the number of the server's latest request, 0 when it does not run or cannot be reached.

        The report of a failed test shows only later requests of accounts that are not the test's own. A
        server that did not answer once is not asked again.
        """
        if self.running_server is None or self._has_failed or (self.url and not self.shared):
            return 0
        try:
            number: int = self.running_server.last_number
        except (FakekitError, RuntimeError):
            self._has_failed = True
            return 0
        return number

    def open(self, attempt: Attempt, settings: Settings) -> Handle:
        """Open the account of an attempt and return its handle; `attempt` gets the handle and the settings.

        The account has a world of its own if its settings differ from the server's. An account that is open
        with the same settings keeps its handle and its changes; with others it is opened anew. With
        ``fakekit_env``, the alias key of the variables leads to the account from now on. Raises
        `fakekit.errors.FakekitError`.
        """
        if attempt.handle is not None and attempt.settings == (settings, settings.sources):
            return attempt.handle
        handle = self._open_account(attempt.key, settings)
        attempt.handle, attempt.settings = handle, (settings, settings.sources)
        if self._alias:
            self._alias_key = attempt.key
            self.running_server.alias(self._alias, attempt.key)
        return handle

    def _open_account(self, key: str, settings: Settings) -> Handle:
        """Open the account of a key with these settings, and return its handle.

        An account that is open under the key is deleted first. Starts the server if it does not run. Raises
        `fakekit.errors.FakekitError`.
        """
        server, base = self.server(settings), None if self.url else self._base
        account_settings = settings if self.is_in_process else dict(remote_settings(settings, base))
        handle: Handle = server.account(key, account_settings)
        return handle

    def close(self, attempt: Attempt) -> None:
        """Delete the account of an attempt, and end the alias key that leads to it.

        Nothing happens when it has no account, or its server is gone.
        """
        if attempt.handle is not None and self.running_server is not None:
            with suppress(FakekitError):  # a server elsewhere is gone
                if self._alias:
                    self._set_alias(None)
                self.running_server.close_account(attempt.key)

    def shared_account(self, name: str, settings: Settings) -> Handle:
        """Return the handle of an account that tests share, and open the account at the first call.

        name: of the account; a part of its key: ``fk_run--crm``, which no key of a test is like. Where others
            use the accounts as well, the key contains an id of this run, too.
        settings: of a new account.

        Raises `fakekit.errors.FakekitError`.
        """
        if name not in self.shared:
            key = f"fk_run--{name}-{self._run_id}" if self.shares_accounts else f"fk_run--{name}"
            self.shared[name] = self._open_account(key, settings)
            if len(self.shared) == 1:
                self.shared_since = self._last_number()
        return self.shared[name]

    @contextmanager
    def shared_environment(self) -> Iterator[None]:
        """Let the variables of ``fakekit_env`` lead to the account `SESSION_ACCOUNT` during the block.

        Afterwards they lead to the account that they led to before. The account must be open.
        """
        before = self._alias_key
        self._set_alias(self.shared[SESSION_ACCOUNT].api_key)
        try:
            yield
        finally:
            self._set_alias(before)

    def _set_alias(self, key: str | None) -> None:
        """Let the alias key of ``fakekit_env`` lead to the account of `key`; None lets it stand for itself.

        Nothing happens to a server elsewhere that is gone, and in a forked child.
        """
        self._alias_key = key
        with suppress(FakekitError, RuntimeError):
            self.running_server.alias(self._alias, key)

    def set_environment(self, lines: list[str], settings: Settings) -> None:
        """Set environment variables that lead the code under test to the account of the running test.

        They contain an alias key, which leads to each test's account in turn. Starts the server. `stop`
        restores the variables.

        lines: of the ini value ``fakekit_env``, as `read_variables` takes them.

        Raises `fakekit.SettingsError` for another name in braces, and `fakekit.FakekitError` when the server
        does not start.
        """
        self._alias = f"fk_running_test-{self._run_id}" if self.shares_accounts else "fk_running_test"
        self.shared_account(SESSION_ACCOUNT, settings)
        handle = self._open_account(self._alias, settings)
        values = {"base_url": handle.base_url, "origin": handle.origin, "api_key": handle.api_key}
        self._variables.enter_context(set_variables(read_variables(lines, values)))

    def shared_accounts(self) -> list[AccountSummary]:
        """Return the summaries of the accounts that tests share; empty when the server is gone."""
        with suppress(FakekitError, RuntimeError):
            return [handle.about for handle in self.shared.values()]
        return []

    @property
    def is_in_parent(self) -> bool:
        """Whether this process was forked from the one that the server runs in: it has only a copy of it."""
        return self.is_in_process and getpid() != self._process_id

    @property
    def uses_environment(self) -> bool:
        """Whether `set_environment` has set variables that lead to the account of the running test."""
        return bool(self._alias)

    def stop(self) -> None:
        """Restore the environment variables, and stop the server if this run started it; only once."""
        self._variables.close()
        self._alias = ""
        if self.running_server is not None:
            with suppress(FakekitError):  # a server elsewhere is gone, or the store
                for handle in self.shared.values() if self.shares_accounts else ():
                    self.running_server.close_account(handle.api_key)
            self.shared = {}
            self.running_server.stop()
            self.running_server = None
