"""A fake that serves in a thread of this process: for unittest, notebooks, scripts and the pytest fixture."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from os import getpid
from types import TracebackType
from typing import Any
from warnings import warn

from fakekit.accounts.account import Account
from fakekit.accounts.account_key import DEMO_KEY, check_key
from fakekit.accounts.from_settings import Baselines
from fakekit.accounts.registry import Accounts
from fakekit.app import create_app
from fakekit.control.recorded_requests import list_unread
from fakekit.control.runner import OperationRunner, for_handle
from fakekit.errors import AddressError, ClosedError, Problem, SettingsError, show
from fakekit.server.intercepted_hosts import InterceptedHosts
from fakekit.server.listening import Listener, bind
from fakekit.server.thread import ThreadServer
from fakekit.settings import Settings
from fakekit.testing.account_control import ControlledServer, account_control
from fakekit.testing.handle import Handle
from fakekit.testing.unmet import unread_lines, unused_lines
from fakekit.unpatched import Lock
from fakekit.world.names import load_names


class FakeServer(ControlledServer):
    """A fake that runs in a thread of this process, from `start` or a ``with`` block until `stop`.

    The ``with`` block gives a handle of the account ``fk_demo``.

    >>> import fakekit, requests
    >>> with fakekit.FakeServer(seed=1) as xtrakit:
    ...     requests.get(xtrakit.url("customers/1"), headers=xtrakit.headers, timeout=5).status_code
    200

    settings: a `fakekit.Settings`; None for the defaults and a free port. (A `Settings.of()` has port 4310
        unless it is given another.)
    values: settings by name, over those: ``seed=7``. Neither the environment nor ``pyproject.toml`` is read.

    Raises `fakekit.SettingsError` and `fakekit.FixtureError`. Two servers in one process share nothing.

    control_token: what a request to the control API must carry; empty where the server listens on loopback.
    """

    def __init__(self, settings: Settings | None = None, /, **values: object) -> None:
        if settings is not None and not isinstance(settings, Settings):
            problem = "takes a fakekit.Settings, or settings by name"
            raise SettingsError(Problem("FakeServer", problem, show(settings), "FakeServer(seed=1)"))
        super().__init__()
        self.settings = (settings or Settings.of(port=0)).with_(**values)
        self._app = create_app(self.settings)
        self._accounts: Accounts = self._app.extensions["fakekit"].accounts
        self._baselines: Baselines = self._app.extensions["fakekit-baselines"]
        self._intercepted: InterceptedHosts = self._app.extensions["fakekit-intercepted"]
        self._runner = OperationRunner(self._accounts, self._baselines.for_account, self._intercepted)
        self.control_token: str = self._app.extensions["fakekit-token"]
        self._running: ThreadServer | None = None
        self._lock = Lock()
        self._process_id = getpid()
        self._lines_of_closed: list[tuple[str, str]] = []

    def start(self) -> Handle:
        """Start to serve in a thread, and return a handle of the account ``fk_demo``.

        A server that runs already is not started again. Raises `fakekit.errors.AddressError` when the address
        is in use or cannot be bound.
        """
        with self._lock:
            if self._running is None:
                self._process_id = getpid()
                self._lines_of_closed = []
                load_names()  # imports Faker; in a request's thread that could collide with a test's imports
                try:
                    listener = Listener(bind(self.settings.host, self.settings.port))
                except AddressError as error:
                    raise for_handle(error) from None
                self._running = ThreadServer(self._app, listener)
                self._running.start()
        return self.account(DEMO_KEY)

    def _require_running(self) -> ThreadServer:
        """Return the running server. Raises `ClosedError` when it does not run, or in a forked child."""
        self._check_process()
        running = self._running
        if running is None:
            message = "this FakeServer does not run: call start(), or use it in a with block"
            raise ClosedError(Problem("", message))
        return running

    def _check_process(self) -> None:
        """Raise RuntimeError in a child process that was forked from the one that the server runs in.

        The child has a copy of the accounts; no request sees what it changes there.
        """
        if getpid() != self._process_id:
            message = (
                "this is a forked child, and the fake runs in its parent: the child has only a copy of the "
                "accounts. Use the handle in the parent, or a fake in a process of its own: pytest "
                "--fakekit-server process; outside of pytest, fakekit serve and fakekit.connect(url, "
                "api_key) in the child"
            )
            raise ClosedError(Problem("", message))

    def stop(self) -> None:
        """Close every connection, end the server's threads and delete all accounts; their handles then fail.

        Accounts in a store stay there: the setting `state`. Nothing happens to a server that does not run. It
        can be started again, by default on another port.
        """
        with self._lock:
            if self._running is not None:
                self._running.stop()
                self._running = None
                self._accounts.close_all()

    def account(self, api_key: str, settings: Settings | None = None) -> Handle:
        """Return a handle of the account of a key, which is opened if it is not open yet.

        Raises `fakekit.SettingsError` for a malformed key, `AccountsFullError` when there is no room for
        another, and `ClosedError` when the server does not run.

        api_key: ``fk_`` and 1 to 64 letters, digits, ``_`` or ``-``.
        settings: give the account a world, assumptions and faults of its own; an account that is open is
            deleted first. None for those of the server.
        """
        running = self._require_running()
        check_key(api_key)
        baseline = self._baselines.for_settings(settings) if settings is not None else None
        account = self._accounts.open(api_key, is_permanent=True, baseline=baseline)
        return Handle(running.listener.origin, account.key, account_control(partial(self._run_on, account)))

    def do(self, operation: str, /, **values: object) -> Any:
        """Run a control operation; see `ControlledServer.do`. Raises `ClosedError` in a forked child."""
        self._check_process()
        return self._runner.run(operation, values)

    def _run_on(self, account: Account, operation: str, /, **values: object) -> object:
        """Run a control operation on the account of a handle, and return its result.

        Raises `ClosedError` once the account is closed and in a forked child, and the
        `fakekit.errors.FakekitError` of the operation.
        """
        self._check_process()
        if account.closed:
            message = "this account is closed: its server has stopped, or its test has finished"
            raise ClosedError(Problem("", message))
        return self._runner.run(operation, values, account)

    @property
    def last_number(self) -> int:
        """The number of the latest request that was answered; 0 before the first one.

        Read without an operation, which takes 20 us: the pytest plugin asks before each test. Raises
        `ClosedError` in a forked child.
        """
        self._check_process()
        return self._accounts.last_number()

    def close_account(self, api_key: str) -> None:
        """Delete the account of a key with its changes and journal; nothing happens when it is not open.

        One that handles hold is deleted too; they raise `ClosedError` afterwards. A port that serves the
        vendor's hosts for it is closed. What the end of the ``with`` block has to tell of it is kept.
        """
        if getpid() == self._process_id:  # a forked child has no thread that would close a port
            account = self._accounts.find_used(api_key)
            if account is not None:
                self._lines_of_closed += self._find_lines(account)
            self._intercepted.close(api_key)
        self._accounts.close(api_key)

    def __enter__(self) -> Handle:
        """Start the server, unless it runs, and return a handle of the account ``fk_demo``."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server, also after an exception, which is raised on.

        Raises AssertionError where the setting ``unread`` or ``unused`` is ``fail`` and there is something to
        tell; with ``warn``, warns of it. In a forked child, which has only a copy, there is nothing to tell.
        """
        lines: list[tuple[str, str]] = []
        try:
            if kind is None and getpid() == self._process_id:
                lines += self._lines_of_closed
                for account in reversed(self._accounts.list_used()):
                    lines += self._find_lines(account)
        finally:
            self.stop()
        for action, line in lines:
            if action == "warn":
                warn(line, stacklevel=2)
        if failures := [line for action, line in lines if action == "fail"]:
            raise AssertionError("\n".join(failures))

    def _find_lines(self, account: Account) -> Iterator[tuple[str, str]]:
        """Yield what the ``with`` block has to tell of an account, each with ``warn`` or ``fail``.

        Those are the unread names and unused faults of this run, as the server's settings say, and what
        functions of the test raised while they answered, which is ``fail``. Called for accounts that
        `close_account` closes, and for those that are open at the end; one that the control API deletes, or
        that is opened anew, is left out.
        """
        for text in account.callback_errors:
            yield "fail", text
        unread, unused = self.settings.unread, self.settings.unused
        if unread in ("warn", "fail") or unused in ("warn", "fail"):
            about = self._runner.run("about", {}, account)
            # A store has those of earlier runs, too, which have told them.
            about["unread"] = list_unread(name for name, is_own in account.unread.copy().items() if is_own)
            about["unused"] = [active.as_json() for active in account.unused_faults(own_only=True)]
            yield from ((unread or "", line) for line in unread_lines(about))
            for line in unused_lines(about):
                yield unused or "", f"a fault of {account.key} was not used as often as it might: {line}"
